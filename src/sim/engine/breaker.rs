//! Circuit breakers: a service stops calling one that does not answer.
//!
//! One for each caller and callee. It opens after so many calls in a row that were not answered:
//! then a call is Busy without being sent. After a while one call tries; its answer closes the
//! breaker (M. Nygard, "Release It!", 2007).

use crate::domain::Service;
use crate::sim::scenario::Breaker;

/// What one caller knows of one callee.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    /// Calls in a row that were not answered.
    failures: u32,
    /// Nothing is sent before this.
    open_until_ns: u64,
}

/// The breakers of all services.
#[derive(Debug, Default)]
pub(super) struct Breakers {
    settings: Option<Breaker>,
    lines: [[Line; Service::STATIONS]; Service::STATIONS],
    /// Lines with failures: usually none, and then asking costs one comparison.
    failing: u32,
}

impl Breakers {
    pub(super) fn new(settings: Option<Breaker>) -> Self {
        Breakers { settings, ..Breakers::default() }
    }

    /// Whether some call was not answered lately.
    #[inline]
    pub(super) const fn failing(&self) -> bool {
        self.failing > 0
    }

    fn line(&mut self, caller: Service, callee: Service) -> Option<&mut Line> {
        // Customers are many, each with a line of its own that is soon forgotten.
        self.lines.get_mut(caller as usize)?.get_mut(callee as usize)
    }

    /// Whether a call is not to be sent now. After the pause the one that asks is let through.
    pub(super) fn holds(&mut self, caller: Service, callee: Service, now_ns: u64) -> bool {
        let Some(Breaker { failures, open_for_ns }) = self.settings else { return false };
        let Some(line) = self.line(caller, callee) else { return false };
        if line.failures < failures {
            return false;
        }
        if now_ns < line.open_until_ns {
            return true;
        }
        line.open_until_ns = now_ns.saturating_add(open_for_ns);
        false
    }

    /// A call was not answered in time.
    pub(super) fn failed(&mut self, caller: Service, callee: Service, now_ns: u64) {
        let Some(Breaker { failures, open_for_ns }) = self.settings else { return };
        let Some(line) = self.line(caller, callee) else { return };
        line.failures = line.failures.saturating_add(1);
        let first = line.failures == 1;
        if line.failures >= failures {
            line.open_until_ns = now_ns.saturating_add(open_for_ns);
        }
        self.failing += u32::from(first);
    }

    /// A call was answered.
    pub(super) fn answered(&mut self, caller: Service, callee: Service) {
        let Some(line) = self.line(caller, callee) else { return };
        if line.failures > 0 {
            *line = Line::default();
            self.failing -= 1;
        }
    }
}
