//! Declared faults of kind `error`: a business rule refuses a step before its effect.

use super::{Declared, Faults};
use crate::domain::{Exchange, Step, Steps, Turn, saga};
use crate::sim::decide::unit;
use crate::sim::engine::chance::{Chance, Site};
use crate::sim::scenario::{FaultKind, Trigger};

impl Faults {
    /// Which of the step(s) of a delivery are refused.
    #[inline]
    pub(in crate::sim::engine) fn refused(
        &mut self,
        key: Exchange,
        now_ns: u64,
        chance: &Chance,
    ) -> Steps {
        if key.turn() != Turn::Do || !self.forward.contains(key.step()) {
            return Steps::NONE;
        }
        let strikes = saga::refusable(key.step(), key.turn()) && self.refuses(key, now_ns, chance);
        if strikes { Steps::NONE.with(key.step()) } else { Steps::NONE }
    }

    /// The same for the rows of a process: a monolith's transaction, which goes no further than
    /// the first refusal. Without a coupon there is none to use.
    pub(in crate::sim::engine) fn refused_in(
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
        for row in saga::rows(first.process()) {
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
            declared.speaks_of(key) && declared.would_refuse(key, now_ns, chance, index)
        };
        saga::refusable(key.step(), key.turn())
            && self.forward.contains(key.step())
            && self.declared.iter().zip(0u8..).any(strikes)
    }

    /// A monolith's transaction reached this row and went no further, or to the end of the process.
    pub(in crate::sim::engine) fn reached(&mut self, last: Exchange, coupon: bool) {
        if self.forward.is_empty() {
            return;
        }
        for row in saga::rows(last.process()) {
            if row.step != Step::UseCoupon || coupon {
                let key = last.to(row.step, row.turn);
                let mine = self.declared.iter_mut().filter(|declared| declared.speaks_of(key));
                mine.for_each(|declared| declared.count(key.identity()));
            }
            if (row.step, row.turn) == (last.step(), last.turn()) {
                return;
            }
        }
    }

    /// Whether a step that cannot be refused for good is not to be done now.
    #[inline]
    pub(in crate::sim::engine) fn not_now(
        &mut self,
        key: Exchange,
        now_ns: u64,
        chance: &Chance,
    ) -> bool {
        let steps = if key.turn() == Turn::Undo { self.backward } else { self.forward };
        let strikes = matches!(key.turn(), Turn::Do | Turn::Undo)
            && steps.contains(key.step())
            && !saga::refusable(key.step(), key.turn())
            && now_ns < self.load_ns
            && self.refuses(key, now_ns, chance);
        if strikes {
            self.hit(key, now_ns, chance);
        }
        strikes
    }

    /// A refusal that was ruled took place: its faults have hit.
    pub(in crate::sim::engine) fn hit(&mut self, key: Exchange, now_ns: u64, chance: &Chance) {
        for (declared, index) in self.declared.iter_mut().zip(0u8..) {
            if declared.speaks_of(key) && declared.refuses(key, now_ns, chance, index) {
                declared.hits += 1;
            }
        }
    }

    #[cold]
    fn refuses(&mut self, key: Exchange, now_ns: u64, chance: &Chance) -> bool {
        let mut struck = false;
        for (declared, index) in self.declared.iter_mut().zip(0u8..) {
            struck |= declared.speaks_of(key) && declared.refuses(key, now_ns, chance, index);
        }
        struck
    }
}

impl Declared {
    fn speaks_of(&self, key: Exchange) -> bool {
        let undo = key.turn() == Turn::Undo;
        self.fault.kind == FaultKind::Error && self.fault.step() == Some((key.step(), undo))
    }

    /// The answer is the same on every retry of the same key.
    fn refuses(&mut self, key: Exchange, now_ns: u64, chance: &Chance, index: u8) -> bool {
        self.count(key.identity());
        self.would_refuse(key, now_ns, chance, index)
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
    fn would_refuse(&self, key: Exchange, now_ns: u64, chance: &Chance, index: u8) -> bool {
        let identity = key.identity();
        match self.fault.trigger {
            Trigger::Probability { probability, .. } => {
                let key = key.with_attempt(0);
                // A refusal is part of the load, and lasts as long as its customers do.
                self.fault.open(now_ns, u64::MAX)
                    && unit(chance.draw(Site::Fault, key, index)) < probability
            }
            Trigger::Nth(nth) => {
                let next = self.struck.is_none()
                    && !self.seen.contains(&identity)
                    && self.seen.len() as u64 + 1 == nth;
                next || self.struck == Some(identity)
            }
            Trigger::Exact { order, n } => {
                key.request().0 == order && n.is_none_or(|n| n == key.n())
            }
        }
    }
}
