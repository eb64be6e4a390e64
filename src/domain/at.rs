//! What the bus gives a handler instead of a clock and a business rule.

use super::Step;

/// A set of steps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Steps(u32);

impl Steps {
    /// No step.
    pub const NONE: Steps = Steps(0);

    /// This set and one more step.
    #[must_use]
    pub const fn with(self, step: Step) -> Steps {
        Steps(self.0 | 1 << step as u32)
    }

    /// Whether the step is in it.
    #[must_use]
    pub const fn contains(self, step: Step) -> bool {
        self.0 & (1 << step as u32) != 0
    }

    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Time and rulings, given as data with each delivery.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct At {
    /// The bus's time, in nanoseconds since the start of the run.
    pub now_ns: u64,
    /// Days since 1970-01-01 on the scenario's calendar.
    pub day: i32,
    /// Steps that a business rule refuses in this delivery.
    pub refused: Steps,
}
