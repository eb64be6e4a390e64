//! The figures about load: time, orders, messages, services, processes, sinks.

use super::Latency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long it took, in both worlds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Time {
    /// From time 0 until nothing was left to do.
    pub simulated_ns: u64,
    /// On the wall clock: the one figure that differs from run to run (and `events_per_s`). Both
    /// are 0 where `SOURCE_DATE_EPOCH` asks for files that are the same byte for byte.
    pub wall_ns: u64,
    /// Deliveries and timers handled by actors.
    pub events: u64,
    /// Events per second of wall clock.
    pub events_per_s: f64,
}

/// How orders ended. Every started order is in exactly one of completed, rejected, compensated,
/// cancelled, expired, stuck.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Orders {
    /// Planned.
    pub offered: u64,
    /// Sent.
    pub started: u64,
    /// Never sent: offered = started + dropped.
    pub dropped: u64,
    /// Passed the pivot of a payment; refunded ones are a subset.
    pub completed: u64,
    /// Refused for lack of stock, or never reached Product: nothing to undo.
    pub rejected: u64,
    /// Failed after stock was taken, and undone.
    pub compensated: u64,
    /// Taken back by the customer before paying.
    pub cancelled: u64,
    /// Not paid within the payment window.
    pub expired: u64,
    /// Completed and taken back later.
    pub refunded: u64,
    /// Not settled at the end. In a run that was stopped: still in flight.
    pub stuck: u64,
}

/// The orders of one `[[load]]`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LoadFigures {
    /// As the scenario calls it, or else its executor.
    pub name: String,
    /// What it does: `ramping-arrival-rate` and the like.
    pub executor: String,
    /// Planned.
    pub offered: u64,
    /// Sent; less than offered where the run ended before a fixed number of orders was placed.
    pub started: u64,
}

/// What went between the services.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Messages {
    /// Handed to the network, retries and redeliveries included.
    pub sent: u64,
    /// Reached their receiver.
    pub delivered: u64,
    /// Lost on the way.
    pub dropped: u64,
    /// Delivered a second time by the network.
    pub duplicated: u64,
    /// Sent again from an outbox.
    pub redelivered: u64,
    /// Calls sent again after a timeout or a busy answer.
    pub retried: u64,
    /// Turned away by a full queue.
    pub refused_by_full_queue: u64,
    /// Replies to calls that were closed already.
    pub ignored_replies: u64,
    /// Sent, divided by started orders; 0 without orders.
    pub per_order: f64,
}

/// One service: its workers and its queue.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ServiceFigures {
    /// Its name.
    pub name: String,
    /// Messages served at once.
    pub workers: u32,
    /// Messages served.
    pub handled: u64,
    /// Share of the workers' time spent working, 0 to 1.
    pub utilization: f64,
    /// Mean time in the queue.
    pub wait_mean_ns: u64,
    /// Mean time at a worker.
    pub service_mean_ns: u64,
    /// Longest queue, without those being served.
    pub queue_max: u64,
    /// Area under the number of messages present over time, in message-nanoseconds.
    pub little_area_ns: u64,
    /// Sum of the times the messages were present, summed message by message.
    pub little_sojourn_ns: u64,
    /// Little's law: both are the same integer.
    pub little_law_holds: bool,
}

/// How the runs through one process ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProcessFigures {
    /// `order`, `payment`, `expiry`, `cancel` or `refund`.
    pub name: String,
    /// Begun.
    pub started: u64,
    /// Reached the end.
    pub completed: u64,
    /// Refused at the first step: nothing to undo.
    pub rejected: u64,
    /// Failed later, and undone.
    pub compensated: u64,
    /// Not settled at the end.
    pub stuck: u64,
    /// How long customers waited for it, however it ended; none: nobody asks for an expiry, or
    /// nobody did.
    pub latency: Option<Latency>,
}

/// A popular product.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Ranked {
    /// Its id.
    pub product: u32,
    /// Units sold in three days, today included, refunds taken off.
    pub units: i64,
}

/// How the order log was read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct OrderLog {
    /// Lines, the header not counted.
    pub lines: u64,
    /// Lines that became part of an order.
    pub accepted: u64,
    /// Lines that did not, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Orders made of the accepted lines.
    pub orders: u64,
}

/// What the real Redis holds after the run, against what the run sold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RedisFigures {
    /// Answered to the end.
    pub reachable: bool,
    /// Records handed over.
    pub sent: u64,
    /// Records Redis confirmed.
    pub acknowledged: u64,
    /// Records not found afterwards.
    pub missing: u64,
    /// The ranking read back equals the run's.
    pub ranking_equal: bool,
    /// The sales read back equal the run's.
    pub platform_equal: bool,
}
