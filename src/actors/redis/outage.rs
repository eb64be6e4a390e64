//! When to try again after a failure, and how often to speak of it.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The first wait; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_millis(20);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// The time between two warnings of one outage.
const WARN_EVERY: Duration = Duration::from_secs(10);

/// The outage under way, if any.
#[derive(Default)]
pub(super) struct Outage {
    now: Option<Trouble>,
    /// Not before: the next warning, of this outage or another.
    warn_at: Option<Instant>,
}

struct Trouble {
    wait: Duration,
    retry_at: Instant,
    /// Someone was told, and will want to know of the end.
    warned: bool,
    reason: String,
}

impl Outage {
    /// When the next attempt is due; none without an outage.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.now.as_ref().map(|trouble| trouble.retry_at)
    }

    /// What went wrong last; none without an outage.
    pub(super) fn reason(&self) -> Option<&str> {
        self.now.as_ref().map(|trouble| trouble.reason.as_str())
    }

    /// Waits for the next attempt. `false`: there is none before the deadline.
    pub(super) async fn wait(&self, until: Instant) -> bool {
        if let Some(at) = self.retry_at() {
            sleep_until(at.min(until)).await;
        }
        Instant::now() < until
    }

    /// An attempt failed.
    pub(super) fn failed(&mut self, address: &str, reason: String, owed: usize) {
        let now = Instant::now();
        let (wait, mut warned) = match &self.now {
            None => (FIRST_WAIT, false),
            Some(before) => ((before.wait * 2).min(LONGEST_WAIT), before.warned),
        };
        if self.warn_at.is_none_or(|at| at <= now) {
            tracing::warn!(address, reason, owed, "Redis does not take records; they wait");
            self.warn_at = Some(now + WARN_EVERY);
            warned = true;
        }
        self.now = Some(Trouble { wait, retry_at: now + wait, warned, reason });
    }

    /// An attempt went well.
    pub(super) fn over(&mut self, address: &str, owed: usize) {
        if self.now.take().is_some_and(|trouble| trouble.warned) {
            tracing::info!(address, owed, "Redis takes records again");
        }
    }
}
