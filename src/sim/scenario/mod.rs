//! A scenario: one question, everything resolved, nothing textual left.
//!
//! Durations are nanoseconds, money is in the smallest unit, probabilities are 0 to 1.

pub use crate::domain::Discount;
mod check;
mod defaults;
mod diagnostics;
mod dist;
mod empirical;
mod fault;
mod file;
pub mod format;
mod hlog;
mod limits;
mod load;
mod names;
mod parse;
mod quantity;
mod read;
mod resolve;
mod set;
mod sink;
mod source;
mod value;
mod write;
mod write_fault;
mod writer;

pub(in crate::sim) use check::Settling;
pub use defaults::{BREAKER, RETRY, TIMEOUT_NS};
pub use diagnostics::{Diagnostic, Diagnostics, Paint};
pub use fault::{
    Direction, Fault, FaultKind, FaultPosition, Repeat, Services, Target, Trigger, contains, turn,
};
pub use load::{Block, Load, LogAmount, LogSettings, Quota, Spacing, Stage};
pub(super) use names::advice;
pub use names::{INVARIANTS, sometimes};
pub use parse::{load, load_with, parse, parse_with};
pub use quantity::{
    HIGHEST_RATE_PER_S, LONGEST_NS, Refusal, format_duration, format_rate, parse_duration,
    parse_rate,
};
pub use resolve::REFUSABLE;
pub(in crate::sim) use set::Setting;
pub(super) use sink::percent_as_share;
pub(in crate::sim) use source::Sources;
pub use write::resolved_toml;

use super::defect::Defect;
use super::lint::Lint;
use crate::domain::{Coordination, Omitted, Protection, Service, UndoPolicy};
use crate::sim::threshold::Threshold;
use std::path::PathBuf;
use std::sync::Arc;

/// A scenario as the engine needs it. Made by parsing a file; the text is not needed afterwards.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// Short name; also the folder of its reports.
    pub name: String,
    /// The question this scenario asks.
    pub question: String,
    /// What is expected, in one sentence.
    pub answer: String,
    /// What is expected, for the tests and for the verdict.
    pub expect: Expect,
    /// Warnings that are not to be given.
    pub allowed: Vec<Lint>,
    /// Seed, durations, calendar.
    pub run: Run,
    /// Coordination, payment window, what is left out.
    pub flow: Flow,
    /// How customers behave.
    pub customers: Customers,
    /// The domains' other duties.
    pub traffic: Traffic,
    /// Members.
    pub users: Users,
    /// Catalogue.
    pub products: Products,
    /// Campaigns; the index is the campaign's id.
    pub coupons: Vec<Campaign>,
    /// Baskets.
    pub basket: BasketShape,
    /// One entry per station, indexed by `Service as usize`.
    pub services: [ServiceSettings; Service::STATIONS],
    /// One-way latency of a hop.
    pub network_latency: Dist,
    /// Who arrives when: at least one; an order log is alone.
    pub loads: Vec<Block>,
    /// Switches and numbers of the protections.
    pub protection: ProtectionSettings,
    /// Declared faults.
    pub faults: Vec<Fault>,
    /// Limits on figures.
    pub thresholds: Vec<Threshold>,
}

impl Scenario {
    /// The order log, if there is one.
    #[must_use]
    pub fn order_log(&self) -> Option<&LogSettings> {
        self.loads.iter().find_map(|block| match &block.load {
            Load::OrderLog(settings) => Some(settings),
            _ => None,
        })
    }

    /// When arrivals stop, in nanoseconds: as `[run]` says, or when the last load ends. None: only
    /// the order log knows.
    #[must_use]
    pub fn arrivals_end_ns(&self) -> Option<u64> {
        let ends = self.loads.iter().map(Block::end_ns);
        self.run.duration_ns.or_else(|| ends.collect::<Option<Vec<u64>>>()?.into_iter().max())
    }

    /// The seed it names, or 0 if it leaves it open.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.run.seed.unwrap_or(0)
    }
}

/// `[expect]`: the answer the scenario's author expects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expect {
    /// The verdict (default passed). Checked by the tests, not by `run`.
    pub verdict: Verdict,
    /// Invariants expected to be violated, by name.
    pub violated: Vec<String>,
    /// Things that must happen at least once, or the verdict is inconclusive: names of steps
    /// and undo steps (`restore-coupon`), outcomes (`expired`), `retry`, `queue-full`.
    pub sometimes: Vec<String>,
}

/// What a run proved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// Every invariant and threshold held and everything that had to happen did.
    Passed,
    /// An invariant was violated, or a threshold failed.
    Failed,
    /// Nothing failed, but what had to be exercised or measured was not.
    Inconclusive,
}

impl Verdict {
    /// The name used in scenario files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}

/// `[run]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// Omitted: drawn at random and printed.
    pub seed: Option<u64>,
    /// Arrivals stop after this. If omitted: when the last load ends by itself; an order log
    /// lasts as long as it is, at its speed.
    pub duration_ns: Option<u64>,
    /// Orders arriving before this are executed and checked, but left out of latency figures.
    pub warmup_ns: u64,
    /// After the load everything must settle within this.
    pub drain_ns: u64,
    /// Local date and time at virtual time 0, in nanoseconds since 1970-01-01T00:00 local time:
    /// the offset only names the zone, days are counted on the local calendar.
    pub epoch_local_ns: i64,
    /// Offset of the local time from UTC, in seconds.
    pub epoch_offset_s: i32,
    /// Whether handlers note what they read, and isolation anomalies are counted from that.
    pub anomalies: bool,
}

/// `[flow]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flow {
    /// Who coordinates.
    pub coordination: Coordination,
    /// From the set-final-amount commit until the order expires.
    pub payment_window_ns: u64,
    /// What the flow leaves out.
    pub omit: Omitted,
    /// The seeded defect that is planted.
    pub defect: Option<&'static Defect>,
}

/// `[customers]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Customers {
    /// Between Placed and the next action.
    pub think_time: Dist,
    /// Shares of the intents; they sum to 1.
    pub intents: Intents,
    /// From Paid until the refund is asked for.
    pub refund_delay: Dist,
    /// Payments tried per order, at least 1.
    pub pay_attempts: u8,
    /// After "balance too low": charge the balance, try again.
    pub top_up: bool,
    /// Without a final word for this long the customer gives up.
    pub patience_ns: u64,
}

/// Shares of what customers mean to do, 0 to 1, summing to 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Intents {
    /// Pays after thinking.
    pub pay: f64,
    /// Never pays.
    pub abandon: f64,
    /// Cancels instead of paying.
    pub cancel: f64,
    /// Pays and cancels at the same moment.
    pub cancel_while_paying: f64,
    /// Pays, and takes it back later.
    pub pay_then_refund: f64,
}

/// `[traffic]`: rates per second, 0 = none.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Traffic {
    /// Customers charging their balance.
    pub top_up_per_s: f64,
    /// Customers listing their coupons.
    pub list_coupons_per_s: f64,
    /// Customers listing products.
    pub list_products_per_s: f64,
    /// Customers asking for the popular products.
    pub popular_products_per_s: f64,
    /// The shop changing a price.
    pub change_price_per_s: f64,
}

/// `[users]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Users {
    /// How many.
    pub count: u32,
    /// Balance at the start.
    pub balance: Dist,
}

/// `[products]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Products {
    /// How many.
    pub count: u32,
    /// Units at the start.
    pub stock: Dist,
    /// Price of a unit.
    pub price: Dist,
    /// Which product a basket line names.
    pub popularity: Popularity,
}

/// How likely each product is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Popularity {
    /// All alike.
    Uniform,
    /// Product of rank k with weight k^-exponent; rank 1 is product 0.
    Zipf {
        /// At least 0.
        exponent: f64,
    },
}

/// `[[coupon]]`: a campaign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Campaign {
    /// Unique.
    pub name: String,
    /// What a coupon takes off.
    pub discount: Discount,
    /// How many may be issued, one to a user.
    pub quantity: u32,
    /// When they are issued.
    pub issue: Issue,
}

/// When coupons are issued.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Issue {
    /// At time 0, in the order of the plan.
    Before,
    /// Asked for right before ordering: first come, first served.
    OnDemand,
}

/// `[basket]`.
#[derive(Clone, PartialEq, Debug)]
pub struct BasketShape {
    /// Lines of a basket, at least 1.
    pub lines: Dist,
    /// Units of a line, at least 1.
    pub quantity: Dist,
    /// Share of the orders whose customer would like to use a coupon.
    pub coupon_rate: f64,
}

/// `[service.NAME]`.
#[derive(Clone, PartialEq, Debug)]
pub struct ServiceSettings {
    /// Messages served at once, at least 1.
    pub workers: u32,
    /// Messages that may wait; none: no limit. A full queue refuses.
    pub queue_capacity: Option<u32>,
    /// Time one message takes.
    pub service_time: Dist,
}

/// A distribution of whole numbers (nanoseconds, units of money, pieces).
#[derive(Clone, PartialEq, Debug)]
pub enum Dist {
    /// Always the same.
    Fixed(i64),
    /// Every whole number from min to max, both included.
    Uniform {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// Exponential.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Normal, cut off at 0.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        stddev: f64,
    },
    /// Lognormal.
    Lognormal {
        /// Half of the draws are below.
        median: f64,
        /// 99 % of the draws are below.
        p99: f64,
    },
    /// Pareto of type I: a share (scale / x)^shape of the draws is above x.
    Pareto {
        /// No draw is below.
        scale: f64,
        /// Above 1: at 1 and below the mean is infinite.
        shape: f64,
    },
    /// Zipf: the whole number k with weight k^-exponent.
    Zipf {
        /// At least 0.
        exponent: f64,
        /// The smallest number is 1, this is the largest.
        max: u32,
    },
    /// As it was measured.
    Empirical(Arc<Empirical>),
}

/// Measured values, spread evenly between the known ones.
#[derive(Clone, PartialEq, Debug)]
pub enum Empirical {
    /// (Percent, value below which so many of the draws lie): from 0 to 100, values never falling.
    Percentiles(Vec<(f64, i64)>),
    /// The histograms of an HdrHistogram interval log, added up.
    Log(HdrLog),
}

/// What was read from an interval log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HdrLog {
    /// The file; relative paths are resolved against the scenario's folder.
    pub file: PathBuf,
    /// What a recorded 1 stands for: nanoseconds in a distribution of durations, else 1.
    pub unit: i64,
    /// Only intervals with this tag were read (empty: those without one); none: all are alike.
    pub tag: Option<String>,
    /// Upwards, at least one.
    pub buckets: Vec<Bucket>,
}

/// Recorded values that the histogram cannot tell apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bucket {
    /// How many, at least 1.
    pub count: u64,
    /// Smallest.
    pub low: i64,
    /// Largest.
    pub high: i64,
}

/// `[protection]`: the switches, and the numbers behind them.
#[derive(Clone, PartialEq, Debug)]
pub struct ProtectionSettings {
    /// The switches the actors need to know.
    pub switches: Protection,
    /// Which steps are undone after an unclear failure.
    pub compensate: UndoPolicy,
    /// Without an answer for this long a call is sent again; none: never.
    pub timeout_ns: Option<u64>,
    /// How calls are retried; none: never.
    pub retry: Option<Retry>,
    /// What was lost or refused by a full queue comes again after this.
    pub relay_interval_ns: u64,
    /// How long marks, answers and tombstones are kept after the order is terminal.
    pub mark_retention_ns: u64,
    /// An orchestrator that was silent for this long is replaced by its standby; none: there is no
    /// standby.
    pub lease_ns: Option<u64>,
    /// Services stop calling one that does not answer; none: never.
    pub circuit_breaker: Option<Breaker>,
}

/// `[protection] circuit_breaker`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Breaker {
    /// Opens after this many calls in a row that were not answered, at least 1.
    pub failures: u32,
    /// Then nothing is sent for this long, in nanoseconds; after it one call tries.
    pub open_for_ns: u64,
}

impl ProtectionSettings {
    /// The longest that all attempts of a call may take together: timeouts, and pauses without
    /// jitter.
    pub(in crate::sim) fn longest_call_ns(&self) -> u64 {
        let attempts = self.retry.map_or(1, |retry| retry.max_attempts);
        let waiting = u64::from(attempts).saturating_mul(self.timeout_ns.unwrap_or(0));
        let Some(retry) = self.retry else { return waiting };
        let mut pause = retry.initial_ns as f64;
        let mut total: u64 = 0;
        for _ in 1..retry.max_attempts {
            // A cast from a double saturates.
            total = total.saturating_add((pause as u64).min(retry.max_ns));
            pause *= retry.multiplier;
        }
        waiting.saturating_add(total)
    }
}

/// `[protection] retry`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Retry {
    /// Attempts in all, at least 1.
    pub max_attempts: u8,
    /// First pause.
    pub initial_ns: u64,
    /// Factor from pause to pause, at least 1.
    pub multiplier: f64,
    /// Longest pause.
    pub max_ns: u64,
    /// True: the pause is drawn evenly between 0 and its length.
    pub full_jitter: bool,
}
