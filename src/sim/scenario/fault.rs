//! Declared faults: what happens, to whom, and when.

use crate::domain::{
    Coordination, Process, Service, Step, Turn,
    route::{Route, routes},
    saga,
};

/// `[[fault]]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Fault {
    /// Shown in reports.
    pub name: String,
    /// What happens.
    pub kind: FaultKind,
    /// To whom.
    pub target: Target,
    /// When it strikes.
    pub trigger: Trigger,
    /// Its window comes again.
    pub repeat: Option<Repeat>,
    /// All attempts of a call share one decision; otherwise each is decided by itself, and a fault
    /// of one order strikes the first.
    pub every_attempt: bool,
}

/// What a fault does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum FaultKind {
    /// A business rule refuses the step before its effect.
    Error,
    /// The service loses its line and what it works on; what it committed is kept.
    Crash {
        /// Up again after this, in nanoseconds; none: when the window ends.
        restart_ns: Option<u64>,
    },
    /// The service stands still: nothing is lost, nothing goes on.
    Pause,
    /// Service times grow.
    Slow {
        /// Above 0.
        factor: f64,
    },
    /// Messages take longer.
    Latency {
        /// Always, in nanoseconds.
        add_ns: u64,
        /// Drawn evenly up to this on top, in nanoseconds.
        jitter_ns: u64,
    },
    /// Messages are lost.
    Drop,
    /// Messages arrive twice.
    Duplicate {
        /// The copy is later by this, in nanoseconds.
        delay_ns: u64,
    },
    /// Messages are held back, and may be overtaken by later ones of the same order.
    Reorder {
        /// By up to this, drawn evenly, in nanoseconds.
        within_ns: u64,
    },
    /// Nothing gets through.
    Partition {
        /// Seen from the services that are cut off; a link says it by its arrow.
        direction: Direction,
    },
    /// The queue refuses whatever comes, as if it were full.
    QueueFull,
    /// The ranking's Redis refuses connections.
    RedisDown,
    /// The data platform refuses connections.
    PlatformDown,
}

impl FaultKind {
    /// The key under `[[fault]]`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            FaultKind::Error => "error",
            FaultKind::Crash { .. } => "crash",
            FaultKind::Pause => "pause",
            FaultKind::Slow { .. } => "slow",
            FaultKind::Latency { .. } => "latency",
            FaultKind::Drop => "drop",
            FaultKind::Duplicate { .. } => "duplicate",
            FaultKind::Reorder { .. } => "reorder",
            FaultKind::Partition { .. } => "partition",
            FaultKind::QueueFull => "queue-full",
            FaultKind::RedisDown => "redis-down",
            FaultKind::PlatformDown => "platform-down",
        }
    }
}

/// Which way a partition cuts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// Nothing reaches them.
    In,
    /// Nothing leaves them.
    Out,
    /// Neither.
    Both,
}

/// To whom a fault happens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    /// A step or its compensation.
    Step {
        /// The step.
        step: Step,
        /// True: its compensation.
        undo: bool,
        /// Where in the exchange.
        position: FaultPosition,
    },
    /// Messages between two services.
    Link {
        /// Sender.
        from: Service,
        /// Receiver.
        to: Service,
        /// Also the other way.
        both: bool,
    },
    /// Services: what they do, or what they send and receive.
    Services(Services),
}

/// Where in an exchange a fault strikes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FaultPosition {
    /// The message that asks for the step.
    Request,
    /// The receiver, before it commits the step.
    BeforeCommit,
    /// The receiver, after it committed the step, before it publishes or replies.
    AfterCommit,
    /// The answer to the call that asks for the step.
    Reply,
}

impl FaultPosition {
    /// All four, in the order of an exchange.
    pub const ALL: [FaultPosition; 4] = [
        FaultPosition::Request,
        FaultPosition::BeforeCommit,
        FaultPosition::AfterCommit,
        FaultPosition::Reply,
    ];

    /// The name used in scenario files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            FaultPosition::Request => "request",
            FaultPosition::BeforeCommit => "before-commit",
            FaultPosition::AfterCommit => "after-commit",
            FaultPosition::Reply => "reply",
        }
    }
}

/// A set of services.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Services(u16);

impl Services {
    /// This set and one more service.
    #[must_use]
    pub const fn with(self, service: Service) -> Services {
        Services(self.0 | 1 << service as u16)
    }

    /// The set of one service.
    #[must_use]
    pub const fn one(service: Service) -> Services {
        Services(0).with(service)
    }

    /// Whether the service is in it.
    #[must_use]
    pub const fn contains(self, service: Service) -> bool {
        self.0 & 1 << service as u16 != 0
    }

    /// Its services, in declaration order.
    pub fn iter(self) -> impl Iterator<Item = Service> {
        Service::ALL.into_iter().filter(move |service| self.contains(*service))
    }
}

/// When a fault strikes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Trigger {
    /// Each exchange with this probability, between the two instants.
    Probability {
        /// 0 to 1.
        probability: f64,
        /// From.
        from_ns: u64,
        /// Until, not included; `u64::MAX`: to the end.
        until_ns: u64,
    },
    /// The n-th time the step is about to be done, or the message sent, from 1.
    Nth(u64),
    /// This order; in a payment, this payment.
    Exact {
        /// Order id.
        order: u32,
        /// Payment number; none: every payment.
        n: Option<u8>,
    },
}

/// A window that comes again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Repeat {
    /// From the beginning of one window to the beginning of the next, in nanoseconds.
    pub every_ns: u64,
    /// How many windows there are in all; none: as many as the load has room for.
    pub times: Option<u32>,
}

impl Fault {
    /// A business rule that refuses a step, or its compensation.
    #[must_use]
    pub fn error(name: impl Into<String>, step: Step, undo: bool, trigger: Trigger) -> Fault {
        let target = Target::Step { step, undo, position: FaultPosition::BeforeCommit };
        let (repeat, every_attempt) = (None, false);
        Fault { name: name.into(), kind: FaultKind::Error, target, trigger, repeat, every_attempt }
    }

    /// The step that is hit, and whether it is the compensation.
    #[must_use]
    pub const fn step(&self) -> Option<(Step, bool)> {
        match self.target {
            Target::Step { step, undo, .. } => Some((step, undo)),
            Target::Link { .. } | Target::Services(_) => None,
        }
    }

    /// Whether it holds for whole windows of time, whatever happens in them.
    #[must_use]
    pub fn lasting(&self) -> bool {
        let always = matches!(self.trigger, Trigger::Probability { probability, .. }
            if probability >= 1.0);
        always && matches!(self.target, Target::Services(_))
    }

    /// The windows in which it may strike, (from, until) in nanoseconds, within a load of this
    /// length. None for a fault of one order, or of the n-th time.
    pub fn windows(&self, load_ns: u64) -> impl Iterator<Item = (u64, u64)> + use<> {
        self.windows_after(0, load_ns)
    }

    /// Those of its windows that end after an instant.
    pub fn windows_after(
        &self,
        now_ns: u64,
        load_ns: u64,
    ) -> impl Iterator<Item = (u64, u64)> + use<> {
        let (first, times) = match self.trigger {
            Trigger::Probability { from_ns, until_ns, .. } => {
                ((from_ns, until_ns), self.repeat.map_or(1, |r| r.times.unwrap_or(u32::MAX)))
            }
            Trigger::Nth(_) | Trigger::Exact { .. } => ((u64::MAX, u64::MAX), 0),
        };
        let every_ns = self.repeat.map_or(0, |repeat| repeat.every_ns);
        let passed = now_ns.saturating_sub(first.0).checked_div(every_ns).unwrap_or(0);
        let k = u32::try_from(passed).unwrap_or(u32::MAX);
        let window = move |k: u32| {
            let later_ns = every_ns.saturating_mul(u64::from(k));
            (first.0.saturating_add(later_ns), first.1.saturating_add(later_ns).min(load_ns))
        };
        let begun = move |window: &(u64, u64)| window.0 < load_ns;
        (k..times).map(window).take_while(begun).filter(move |(_, until_ns)| *until_ns > now_ns)
    }

    /// Whether the fault may strike at this instant of a load of this length.
    #[must_use]
    pub fn open(&self, now_ns: u64, load_ns: u64) -> bool {
        let Trigger::Probability { from_ns, until_ns, .. } = self.trigger else { return false };
        if now_ns < from_ns || now_ns >= load_ns {
            return false;
        }
        let Some(Repeat { every_ns, times }) = self.repeat else { return now_ns < until_ns };
        let (k, into_ns) = ((now_ns - from_ns) / every_ns, (now_ns - from_ns) % every_ns);
        times.is_none_or(|times| k < u64::from(times)) && into_ns < until_ns - from_ns
    }

    /// Whether this coordination has what the fault names. If not, the fault is listed and judged
    /// no further.
    #[must_use]
    pub fn applies(&self, coordination: Coordination) -> bool {
        let routes = routes(coordination);
        match self.target {
            Target::Services(services) => services.iter().any(|one| one.takes_part(coordination)),
            Target::Link { from, to, both } => {
                let joins = |route: &Route| route.joins(from, to) || both && route.joins(to, from);
                routes.iter().any(joins)
            }
            Target::Step { step, undo, position } => {
                let asks = |route: &&Route| asks_for(route, step, undo);
                let mut asking = routes.iter().filter(asks);
                match position {
                    FaultPosition::Request => asking.next().is_some(),
                    FaultPosition::Reply => asking.any(Route::answered),
                    FaultPosition::BeforeCommit | FaultPosition::AfterCommit => {
                        // A transaction commits all of its rows at once. A refusal drops it; what
                        // must happen sooner or later is not refused there.
                        let refusable = saga::refusable(step, turn(undo));
                        let row = saga::table().any(|r| (r.step, r.turn) == (step, turn(undo)));
                        let together = coordination == Coordination::Monolith && row;
                        let together = together && (self.kind != FaultKind::Error || refusable);
                        asking.next().is_some() || together || step == Step::CloseOrder && !undo
                    }
                }
            }
        }
    }
}

/// The direction of a step or of its compensation.
#[must_use]
pub const fn turn(undo: bool) -> Turn {
    if undo { Turn::Undo } else { Turn::Do }
}

/// Whether a message asks for the step. The monolith's request asks for the first step of its
/// process, and brings the others with it.
fn asks_for(route: &Route, step: Step, undo: bool) -> bool {
    let here = route.step == step;
    let asked = route.turn == Turn::Ask && route.to == Service::Monolith && !undo;
    here && (route.turn == turn(undo) || asked)
}

/// Whether a process has this step, or this compensation as a row of its own.
#[must_use]
pub fn contains(process: Process, step: Step, undo: bool) -> bool {
    saga::rows(process).iter().any(|row| (row.step, row.turn) == (step, turn(undo)))
}
