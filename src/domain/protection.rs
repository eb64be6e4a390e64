//! The protections: each switch adds exactly one thing to the bare handlers.

/// Which protections are on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Protection {
    /// Messages are rows of the commit, owed until the receiver has committed.
    pub outbox: bool,
    /// Events are deduplicated by id.
    pub inbox: bool,
    /// Calls are answered from a stored answer when the same key comes again.
    pub idempotency_key: bool,
    /// An undo that found no effect bars its forward key.
    pub tombstone: bool,
    /// Order checks the state it expects; the orchestrator runs one process per order at a time.
    pub semantic_lock: bool,
    /// The orchestrator's records survive a crash.
    pub saga_log: bool,
    /// An orchestrator that was replaced by its standby cannot write to the saga log any more.
    pub fencing: bool,
}

impl Protection {
    /// Everything on: the default.
    pub const ALL: Protection = Protection {
        outbox: true,
        inbox: true,
        idempotency_key: true,
        tombstone: true,
        semantic_lock: true,
        saga_log: true,
        fencing: true,
    };
}

/// Which steps are undone after an unclear failure.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UndoPolicy {
    /// Only steps answered Ok.
    Completed,
    /// Also a step left Unknown: the default.
    UnknownToo,
    /// The undo is stored before the step is sent, so it runs also for a refused one.
    RegisterBefore,
}

impl UndoPolicy {
    /// All three, in the order reports show them.
    pub const ALL: [UndoPolicy; 3] =
        [UndoPolicy::Completed, UndoPolicy::UnknownToo, UndoPolicy::RegisterBefore];

    /// The name used in scenario files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            UndoPolicy::Completed => "completed",
            UndoPolicy::UnknownToo => "unknown-too",
            UndoPolicy::RegisterBefore => "register-before",
        }
    }
}

/// How the flow is coordinated.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Coordination {
    /// Each domain reacts to events.
    Choreography,
    /// An orchestrator with a saga log sends commands and awaits answers.
    Orchestration,
    /// One actor, one database, local transactions, row locks.
    Monolith,
}

impl Coordination {
    /// All three, in the order reports show them.
    pub const ALL: [Coordination; 3] =
        [Coordination::Choreography, Coordination::Orchestration, Coordination::Monolith];

    /// The name used in scenario files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Coordination::Choreography => "choreography",
            Coordination::Orchestration => "orchestration",
            Coordination::Monolith => "monolith",
        }
    }
}

/// What the flow leaves out, so that its absence can be seen (`[flow] omit`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Omitted {
    /// The coupon is never given back (`restore-coupon`).
    pub restore_coupon: bool,
    /// The payment window never closes (`expiry`).
    pub expiry: bool,
    /// A failed final amount undoes nothing (`undo-final-amount`).
    pub undo_final_amount: bool,
}
