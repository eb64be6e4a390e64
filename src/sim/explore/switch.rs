//! The protections as switches of a scenario, to be turned off by name and on again for a cure.

use crate::domain::Protection;
use crate::sim::scenario::{RETRY, Scenario, TIMEOUT_NS};

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
}

impl Switch {
    /// Every switch. Tokens count on the order: new ones go to the end.
    pub const ALL: [Switch; 8] = [
        Switch::Outbox,
        Switch::Inbox,
        Switch::IdempotencyKey,
        Switch::Tombstone,
        Switch::SemanticLock,
        Switch::SagaLog,
        Switch::Timeout,
        Switch::Retry,
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
        }
    }

    /// Its bit in a token.
    #[must_use]
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }

    fn flag(self, on: &mut Protection) -> Option<&mut bool> {
        match self {
            Switch::Outbox => Some(&mut on.outbox),
            Switch::Inbox => Some(&mut on.inbox),
            Switch::IdempotencyKey => Some(&mut on.idempotency_key),
            Switch::Tombstone => Some(&mut on.tombstone),
            Switch::SemanticLock => Some(&mut on.semantic_lock),
            Switch::SagaLog => Some(&mut on.saga_log),
            Switch::Timeout | Switch::Retry => None,
        }
    }

    /// Whether a scenario has it on.
    #[must_use]
    pub fn is_on(self, scenario: &Scenario) -> bool {
        let protection = &scenario.protection;
        let mut switches = protection.switches;
        match (self, self.flag(&mut switches)) {
            (_, Some(on)) => *on,
            (Switch::Retry, None) => protection.retry.is_some(),
            (_, None) => protection.timeout_ns.is_some(),
        }
    }

    /// Switches it; what comes on comes with the default.
    pub fn set(self, scenario: &mut Scenario, on: bool) {
        let protection = &mut scenario.protection;
        match (self, self.flag(&mut protection.switches)) {
            (_, Some(flag)) => *flag = on,
            (Switch::Retry, None) => protection.retry = on.then_some(RETRY),
            (_, None) => protection.timeout_ns = on.then_some(TIMEOUT_NS),
        }
    }
}
