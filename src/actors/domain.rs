//! What all domains have in common.

use crate::domain::{At, Audited, Exchange, Fact, Outbox, Service, Work};

/// State × command → fact, one visible `match`. Deliberately not idempotent: the participant
/// around it is, so that every protection can be switched off and its absence seen.
pub trait Domain: 'static {
    /// What it can be asked to do.
    type Command: Work + 'static;
    /// Which service it is.
    const AT: Service;

    /// Does the step. Writes postings and moves of state into `out`, nothing else.
    fn step(&mut self, at: At, key: Exchange, command: &Self::Command, out: &mut Outbox) -> Fact;

    /// The answer the command got when it took effect, read from the rows and the command: a
    /// repeated call must be answered like the first.
    fn answer(&self, key: Exchange, command: &Self::Command) -> Fact;

    /// The owner's own books, compared with the checker's at rest.
    fn audit(&self, say: &mut dyn FnMut(Audited));
}
