//! Shrinking: the fewest decisions that still break the same invariant, and the proof that none of
//! them can be spared.

use super::decision::Decision;
use super::trial::{Theme, Trial};
use crate::domain::Transport;
use crate::sim::check::Law;
use crate::sim::engine::{Broken, Strike};

/// A set of decisions that breaks an invariant.
#[derive(Clone, PartialEq, Debug)]
pub struct Counterexample {
    /// The decisions, in the order in which they happen.
    pub decisions: Vec<Decision>,
    /// The messages they are about.
    pub transports: Vec<Option<Transport>>,
    /// The invariant that names the failure.
    pub law: Law,
    /// What else broke.
    pub also: Vec<Law>,
    /// What was found, and what should have been.
    pub detail: String,
    /// Identifies everything that happened.
    pub digest: u64,
    /// The proof that it is as small as it can be.
    pub certificate: Certificate,
}

/// What happens without each decision of a counterexample, found by running.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// The invariant that breaks first without the decision at this place; none: all hold.
    pub without: Vec<Option<Law>>,
}

impl Certificate {
    /// Whether every run without one of the decisions passes.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.without.iter().all(Option::is_none)
    }
}

/// Whether a run fails in the same way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Same(pub Law);

impl Same {
    fn holds(self, trial: &Trial) -> bool {
        trial.laws.contains(&self.0)
    }
}

/// Runs a counterexample, and again without each of its decisions.
///
/// # Errors
/// An actor panicked.
pub fn certify(theme: &Theme, set: &[Decision], law: Law) -> Result<Counterexample, Broken> {
    let trial = theme.run(set, true)?;
    let mut without = Vec::with_capacity(set.len());
    for at in 0..set.len() {
        let mut rest = set.to_vec();
        rest.remove(at);
        without.push(theme.run(&rest, false)?.laws.first().copied());
    }
    let transports = set.iter().map(|decision| trial.transport(decision)).collect();
    let also = trial.laws.iter().copied().filter(|other| *other != law).collect();
    Ok(Counterexample {
        decisions: set.to_vec(),
        transports,
        law,
        also,
        detail: trial.detail,
        digest: trial.digest,
        certificate: Certificate { without },
    })
}

/// Spares decisions while the run still fails in the same way, then makes those that are left
/// milder. Delta debugging (A. Zeller and R. Hildebrandt, "Simplifying and Isolating
/// Failure-Inducing Input", IEEE TSE 28(2), 2002), algorithm ddmin.
///
/// # Errors
/// An actor panicked.
pub fn shrink(theme: &Theme, set: &[Decision], same: Same) -> Result<Vec<Decision>, Broken> {
    let fails = |set: &[Decision]| theme.run(set, false).map(|trial| same.holds(&trial));
    let mut best = set.to_vec();
    let mut parts = 2;
    while best.len() > 1 {
        let size = best.len().div_ceil(parts);
        let mut smaller = None;
        for at in (0..best.len()).step_by(size) {
            let mut rest = best.clone();
            rest.drain(at..(at + size).min(best.len()));
            if fails(&rest)? {
                smaller = Some(rest);
                break;
            }
        }
        match smaller {
            Some(rest) => {
                best = rest;
                parts = parts.saturating_sub(1).max(2);
            }
            None if size > 1 => parts = (parts * 2).min(best.len()),
            None => break,
        }
    }
    if best.len() == 1 && fails(&[])? {
        best.clear();
    }
    for at in 0..best.len() {
        if let Some(milder) = milder(best[at]) {
            let mut other = best.clone();
            other[at] = milder;
            if fails(&other)? {
                best = other;
            }
        }
    }
    Ok(best)
}

/// The same fault on the first attempt only.
fn milder(decision: Decision) -> Option<Decision> {
    match decision {
        Decision::Strikes(strike) if decision.lasts() => {
            Some(Decision::Strikes(Strike { every_attempt: false, ..strike }))
        }
        Decision::Strikes(_) | Decision::Wants { .. } => None,
    }
}
