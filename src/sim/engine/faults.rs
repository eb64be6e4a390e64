//! Declared faults of kind `error`: a business rule refuses a step before its effect.

use super::chance::{Chance, Site};
use crate::domain::{Exchange, Step, Steps, Turn, saga};
use crate::sim::decide::unit;
use crate::sim::scenario::{Fault, Trigger};
use rustc_hash::FxHashSet;

/// A declared fault and what became of it.
#[derive(Debug)]
struct Declared {
    fault: Fault,
    hits: u64,
    seen: FxHashSet<u64>,
    struck: Option<u64>,
}

/// The declared faults of a run.
#[derive(Debug, Default)]
pub(super) struct Faults {
    declared: Vec<Declared>,
    forward: Steps,
    backward: Steps,
    duration_ns: u64,
}

impl Faults {
    pub(super) fn new(faults: &[Fault], duration_ns: u64) -> Self {
        let steps = |undo: bool| {
            let steps = faults.iter().filter(|fault| fault.undo == undo).map(|fault| fault.step);
            steps.fold(Steps::NONE, Steps::with)
        };
        let declared = |fault: &Fault| Declared {
            fault: fault.clone(),
            hits: 0,
            seen: FxHashSet::default(),
            struck: None,
        };
        Faults {
            forward: steps(false),
            backward: steps(true),
            declared: faults.iter().map(declared).collect(),
            duration_ns,
        }
    }

    /// Which of the step(s) of a delivery are refused.
    #[inline]
    pub(super) fn refused(&mut self, key: Exchange, now_ns: u64, chance: &Chance) -> Steps {
        if key.turn != Turn::Do || !self.forward.contains(key.step) {
            return Steps::NONE;
        }
        let strikes = saga::refusable(key.step, key.turn) && self.strikes(key, now_ns, chance);
        if strikes { Steps::NONE.with(key.step) } else { Steps::NONE }
    }

    /// The same for the rows of a process: a monolith's transaction, which goes no further than
    /// the first refusal. Without a coupon there is none to use.
    pub(super) fn refused_in(
        &mut self,
        first: Exchange,
        coupon: bool,
        now_ns: u64,
        chance: &Chance,
    ) -> Steps {
        let mut refused = Steps::NONE;
        if self.forward.is_empty() {
            return refused;
        }
        for row in saga::rows(first.process) {
            if row.step == Step::UseCoupon && !coupon {
                continue;
            }
            let key = first.to(row.step, row.turn);
            if self.would_refuse(key, now_ns, chance) {
                refused = refused.with(row.step);
                break;
            }
        }
        refused
    }

    /// Whether the step is refused if it is reached: an n-th occurrence is counted once it is.
    fn would_refuse(&self, key: Exchange, now_ns: u64, chance: &Chance) -> bool {
        let strikes = |(declared, index): (&Declared, u8)| {
            declared.speaks_of(key) && declared.would_strike(key, now_ns, chance, index)
        };
        saga::refusable(key.step, key.turn)
            && self.forward.contains(key.step)
            && self.declared.iter().zip(0u8..).any(strikes)
    }

    /// A monolith's transaction reached this row and went no further, or to the end of the process.
    pub(super) fn reached(&mut self, last: Exchange, coupon: bool) {
        if self.forward.is_empty() {
            return;
        }
        for row in saga::rows(last.process) {
            if row.step != Step::UseCoupon || coupon {
                let key = last.to(row.step, row.turn);
                let mine = self.declared.iter_mut().filter(|declared| declared.speaks_of(key));
                mine.for_each(|declared| declared.count(key.identity()));
            }
            if (row.step, row.turn) == (last.step, last.turn) {
                return;
            }
        }
    }

    /// Whether a step that cannot be refused for good is not to be done now.
    #[inline]
    pub(super) fn not_now(&mut self, key: Exchange, now_ns: u64, chance: &Chance) -> bool {
        let steps = if key.turn == Turn::Undo { self.backward } else { self.forward };
        let strikes = matches!(key.turn, Turn::Do | Turn::Undo)
            && steps.contains(key.step)
            && !saga::refusable(key.step, key.turn)
            && now_ns < self.duration_ns
            && self.strikes(key, now_ns, chance);
        if strikes {
            self.hit(key, now_ns, chance);
        }
        strikes
    }

    /// A refusal that was ruled took place: its faults have hit.
    pub(super) fn hit(&mut self, key: Exchange, now_ns: u64, chance: &Chance) {
        for (declared, index) in self.declared.iter_mut().zip(0u8..) {
            if declared.speaks_of(key) && declared.strikes(key, now_ns, chance, index) {
                declared.hits += 1;
            }
        }
    }

    #[cold]
    fn strikes(&mut self, key: Exchange, now_ns: u64, chance: &Chance) -> bool {
        let mut struck = false;
        for (declared, index) in self.declared.iter_mut().zip(0u8..) {
            struck |= declared.speaks_of(key) && declared.strikes(key, now_ns, chance, index);
        }
        struck
    }

    /// Name and hits of each fault.
    pub(super) fn hits(&self) -> Vec<(String, u64)> {
        self.declared.iter().map(|d| (d.fault.name.clone(), d.hits)).collect()
    }
}

impl Declared {
    fn speaks_of(&self, key: Exchange) -> bool {
        self.fault.step == key.step && self.fault.undo == (key.turn == Turn::Undo)
    }

    /// The answer is the same on every retry of the same key.
    fn strikes(&mut self, key: Exchange, now_ns: u64, chance: &Chance, index: u8) -> bool {
        self.count(key.identity());
        self.would_strike(key, now_ns, chance, index)
    }

    /// Notes an occurrence, if it matters.
    fn count(&mut self, identity: u64) {
        if let Trigger::Nth(nth) = self.fault.trigger
            && self.seen.insert(identity)
            && self.seen.len() as u64 == nth
        {
            self.struck = Some(identity);
        }
    }

    /// The answer, if this occurrence is the next one.
    fn would_strike(&self, key: Exchange, now_ns: u64, chance: &Chance, index: u8) -> bool {
        let identity = key.identity();
        match self.fault.trigger {
            Trigger::Probability { probability, from_ns, until_ns } => {
                let key = Exchange { attempt: 0, ..key };
                (from_ns..until_ns).contains(&now_ns)
                    && unit(chance.draw(Site::Fault, key, index)) < probability
            }
            Trigger::Nth(nth) => {
                let next = self.struck.is_none()
                    && !self.seen.contains(&identity)
                    && self.seen.len() as u64 + 1 == nth;
                next || self.struck == Some(identity)
            }
            Trigger::Exact { order, n } => key.request.0 == order && n.is_none_or(|n| n == key.n),
        }
    }
}
