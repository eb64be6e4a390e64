//! Quantities beside the verdict: how long things stayed wrong, and how processes ended.

use crate::domain::Process;
use hdrhistogram::Histogram;

/// Longer lags are recorded as this (a day).
const LONGEST_NS: u64 = 86_400_000_000_000;

/// Inconsistency as a quantity.
#[derive(Debug, Default)]
pub struct Harm {
    /// Units × nanoseconds held by orders that became no sale.
    pub stock_unit_ns: u128,
    /// Money × nanoseconds held by payments that failed.
    pub money_won_ns: u128,
    /// From the decision to undo to the last undo's commit, per process, in nanoseconds; none:
    /// nothing was undone.
    pub undo_lag: [Option<Box<Histogram<u64>>>; 5],
    /// Undos that found no effect.
    pub empty_undos: u64,
}

impl Harm {
    /// Lags of a process that undid nothing.
    pub(crate) fn no_lag() -> Histogram<u64> {
        Histogram::new_with_bounds(1, LONGEST_NS, 2).expect("the bounds are valid")
    }

    pub(super) fn hold_stock(&mut self, units: i64, for_ns: u64) {
        self.stock_unit_ns += u128::from(units.unsigned_abs()) * u128::from(for_ns);
    }

    pub(super) fn hold_money(&mut self, money: i64, for_ns: u64) {
        self.money_won_ns += u128::from(money.unsigned_abs()) * u128::from(for_ns);
    }

    pub(super) fn undone(&mut self, process: Process, after_ns: u64) {
        if let Some(lag) = self.undo_lag.get_mut(process as usize) {
            lag.get_or_insert_with(|| Box::new(Harm::no_lag())).saturating_record(after_ns);
        }
    }
}

/// How the runs of one process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ProcessFigures {
    /// Began.
    pub started: u64,
    /// Went through.
    pub completed: u64,
    /// Refused at the first step.
    pub rejected: u64,
    /// Failed later, everything undone.
    pub compensated: u64,
}

impl ProcessFigures {
    /// Neither of the three: still under way, or never to end.
    #[must_use]
    pub const fn stuck(&self) -> u64 {
        self.started.saturating_sub(self.completed + self.rejected + self.compensated)
    }
}

/// Figures per process, indexed by `Process as usize`.
pub type Processes = [ProcessFigures; 5];
