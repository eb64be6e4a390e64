//! `[[load]]`: who arrives when.

use super::Dist;
use std::path::PathBuf;

/// `[[load]]`: one of several that run beside each other.
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// Shown in reports; none: the executor's name.
    pub name: Option<String>,
    /// When it begins.
    pub start_ns: u64,
    /// How long it lasts; none: as long as its stages, or else to the end of the run.
    pub duration_ns: Option<u64>,
    /// What it does.
    pub load: Load,
}

impl From<Load> for Block {
    /// From time 0, for as long as the load itself says.
    fn from(load: Load) -> Self {
        Block { name: None, start_ns: 0, duration_ns: None, load }
    }
}

impl Block {
    /// When it ends by itself; none: with the run, or with its log.
    #[must_use]
    pub fn end_ns(&self) -> Option<u64> {
        let total = |durations: &mut dyn Iterator<Item = u64>| {
            durations.fold(0, |sum: u64, duration_ns| sum.saturating_add(duration_ns))
        };
        let length_ns = match &self.load {
            Load::RampingArrivalRate { stages, .. } => {
                Some(total(&mut stages.iter().map(|stage| stage.duration_ns)))
            }
            Load::RampingUsers { stages, .. } => {
                Some(total(&mut stages.iter().map(|stage| stage.duration_ns)))
            }
            Load::ConstantArrivalRate { .. }
            | Load::ConstantUsers { .. }
            | Load::FixedOrders { .. }
            | Load::OrderLog(_) => self.duration_ns,
        };
        length_ns.map(|length_ns| self.start_ns.saturating_add(length_ns))
    }
}

/// What a `[[load]]` does: its executor.
#[derive(Clone, PartialEq, Debug)]
pub enum Load {
    /// Arrivals independent of completions.
    ConstantArrivalRate {
        /// Orders per second.
        rate_per_s: f64,
        /// Even or Poisson.
        spacing: Spacing,
    },
    /// The same at a rate that changes linearly from stage to stage.
    RampingArrivalRate {
        /// Orders per second at the start.
        start_rate_per_s: f64,
        /// The rate to reach, and in what time.
        stages: Vec<Stage<f64>>,
        /// Even or Poisson.
        spacing: Spacing,
    },
    /// Each user orders, waits for the final word, thinks, orders again.
    ConstantUsers {
        /// How many at once.
        users: u32,
        /// Between the end of one order and the next.
        pause: Dist,
    },
    /// The same with a number of users that changes linearly from stage to stage. Who is too many
    /// finishes the order begun, and places no other.
    RampingUsers {
        /// How many at the start.
        start_users: u32,
        /// The number to reach, and in what time.
        stages: Vec<Stage<u32>>,
        /// Between the end of one order and the next.
        pause: Dist,
    },
    /// Users as before, until so many orders have been placed.
    FixedOrders {
        /// How many at once.
        users: u32,
        /// How many orders.
        quota: Quota,
        /// Between the end of one order and the next.
        pause: Dist,
    },
    /// A real log.
    OrderLog(LogSettings),
}

impl Load {
    /// The executor's name, as scenario files have it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Load::ConstantArrivalRate { .. } => "constant-arrival-rate",
            Load::RampingArrivalRate { .. } => "ramping-arrival-rate",
            Load::ConstantUsers { .. } => "constant-users",
            Load::RampingUsers { .. } => "ramping-users",
            Load::FixedOrders { .. } => "fixed-orders",
            Load::OrderLog(_) => "order-log",
        }
    }

    /// Most users at once; 0 for loads that do not wait for their orders.
    #[must_use]
    pub fn users(&self) -> u32 {
        match self {
            Load::ConstantUsers { users, .. } | Load::FixedOrders { users, .. } => *users,
            Load::RampingUsers { start_users, stages, .. } => {
                stages.iter().map(|stage| stage.target).fold(*start_users, u32::max)
            }
            Load::ConstantArrivalRate { .. }
            | Load::RampingArrivalRate { .. }
            | Load::OrderLog(_) => 0,
        }
    }
}

/// A stretch of time in which a rate or a number of users changes linearly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stage<T> {
    /// Reached at its end.
    pub target: T,
    /// How long it takes; 0: a jump.
    pub duration_ns: u64,
}

/// How many orders a load places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quota {
    /// So many in all: the next one is placed by whoever is free first.
    Shared(u32),
    /// So many by each user.
    Each(u32),
}

impl Quota {
    /// By all users together.
    #[must_use]
    pub const fn total(self, users: u32) -> u64 {
        match self {
            Quota::Shared(orders) => orders as u64,
            Quota::Each(orders) => orders as u64 * users as u64,
        }
    }
}

/// The gaps between arrivals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Spacing {
    /// Equal, at an equal rate.
    Even,
    /// Exponential, at an equal rate.
    Poisson,
}

/// `[load.log]`: which column is what.
#[derive(Clone, PartialEq, Debug)]
pub struct LogSettings {
    /// The CSV file; relative paths are resolved against the scenario's folder.
    pub file: PathBuf,
    /// Column of the order id.
    pub order: String,
    /// Column of the user id.
    pub user: String,
    /// Column of the product id.
    pub product: String,
    /// Column of the quantity.
    pub quantity: String,
    /// Where a line's amount comes from.
    pub amount: LogAmount,
    /// Column of the time (`2017-11-20T00:04:10`, `2017-11-20 00:04:10`, with or without offset).
    pub time: String,
    /// Orders whose id starts with this are cancellations.
    pub cancel_prefix: Option<String>,
    /// How much faster than the log, above 0.
    pub speed: f64,
}

/// Where a log line's amount comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogAmount {
    /// Column with the total of the line, whole smallest units.
    LineAmount(String),
    /// Column with the price of a unit, whole smallest units.
    UnitPrice(String),
}
