//! The protections as switches of a scenario, to be turned off by name and on again for a cure.

use crate::sim::scenario::{
    BREAKER, Breaker, ProtectionSettings, RETRY, Retry, Scenario, TIMEOUT_NS,
};

/// A protection that can be switched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Switch {
    /// Messages are rows of the commit.
    Outbox,
    /// Events are deduplicated.
    Inbox,
    /// Calls are answered from a stored answer.
    IdempotencyKey,
    /// An undo without effect bars its forward step.
    Tombstone,
    /// Order checks the state it expects.
    SemanticLock,
    /// The orchestrator's records survive a crash.
    SagaLog,
    /// A call ends.
    Timeout,
    /// A call is repeated.
    Retry,
    /// An orchestrator that was replaced cannot write any more.
    Fencing,
    /// A service that does not answer is left alone.
    CircuitBreaker,
}

impl Switch {
    /// Every switch. Tokens count on the order: new ones go to the end.
    pub const ALL: [Switch; 10] = [
        Switch::Outbox,
        Switch::Inbox,
        Switch::IdempotencyKey,
        Switch::Tombstone,
        Switch::SemanticLock,
        Switch::SagaLog,
        Switch::Timeout,
        Switch::Retry,
        Switch::Fencing,
        Switch::CircuitBreaker,
    ];

    /// The name used in scenario files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Switch::Outbox => "outbox",
            Switch::Inbox => "inbox",
            Switch::IdempotencyKey => "idempotency_key",
            Switch::Tombstone => "tombstone",
            Switch::SemanticLock => "semantic_lock",
            Switch::SagaLog => "saga_log",
            Switch::Timeout => "timeout",
            Switch::Retry => "retry",
            Switch::Fencing => "fencing",
            Switch::CircuitBreaker => "circuit_breaker",
        }
    }

    /// Its bit in a token.
    #[must_use]
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }

    fn part(self, of: &mut ProtectionSettings) -> Part<'_> {
        match self {
            Switch::Outbox => Part::Flag(&mut of.switches.outbox),
            Switch::Inbox => Part::Flag(&mut of.switches.inbox),
            Switch::IdempotencyKey => Part::Flag(&mut of.switches.idempotency_key),
            Switch::Tombstone => Part::Flag(&mut of.switches.tombstone),
            Switch::SemanticLock => Part::Flag(&mut of.switches.semantic_lock),
            Switch::SagaLog => Part::Flag(&mut of.switches.saga_log),
            Switch::Timeout => Part::Timeout(&mut of.timeout_ns),
            Switch::Retry => Part::Retry(&mut of.retry),
            Switch::Fencing => Part::Flag(&mut of.switches.fencing),
            Switch::CircuitBreaker => Part::Breaker(&mut of.circuit_breaker),
        }
    }

    /// Whether a scenario has it on.
    #[must_use]
    pub fn is_on(self, scenario: &Scenario) -> bool {
        match self.part(&mut scenario.protection.clone()) {
            Part::Flag(on) => *on,
            Part::Timeout(timeout_ns) => timeout_ns.is_some(),
            Part::Retry(retry) => retry.is_some(),
            Part::Breaker(breaker) => breaker.is_some(),
        }
    }

    /// Switches it; what comes on comes with the default.
    pub fn set(self, scenario: &mut Scenario, on: bool) {
        match self.part(&mut scenario.protection) {
            Part::Flag(flag) => *flag = on,
            Part::Timeout(timeout_ns) => *timeout_ns = on.then_some(TIMEOUT_NS),
            Part::Retry(retry) => *retry = on.then_some(RETRY),
            Part::Breaker(breaker) => *breaker = on.then_some(BREAKER),
        }
    }
}

/// What a switch switches.
enum Part<'a> {
    Flag(&'a mut bool),
    Timeout(&'a mut Option<u64>),
    Retry(&'a mut Option<Retry>),
    Breaker(&'a mut Option<Breaker>),
}
