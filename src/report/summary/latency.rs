//! The figures about time spent: latency, its parts, phases, steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long customers waited for one kind of thing that ended one way.
///
/// Counted from the *intended* start, so a request that had to wait to be sent counts in full;
/// the uncorrected figures count from the moment a service first began to work on it. A percentile
/// is `null` where fewer than 10 samples lie above it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// `place`, `pay`, `cancel`, `refund`, `checkout` (place and pay, thinking excluded) or `undo`.
    pub metric: String,
    /// How it ended, or `any`.
    pub outcome: String,
    /// Samples, at least 1; the warm-up is left out.
    pub count: u64,
    /// Exact.
    pub min_ns: u64,
    /// Half are at or below.
    pub p50_ns: Option<u64>,
    /// 90 % are at or below.
    pub p90_ns: Option<u64>,
    /// 99 % are at or below.
    pub p99_ns: Option<u64>,
    /// 99.9 % are at or below.
    pub p999_ns: Option<u64>,
    /// 99.99 % are at or below.
    pub p9999_ns: Option<u64>,
    /// Exact.
    pub max_ns: u64,
    /// Rounded down.
    pub mean_ns: u64,
    /// As `p50_ns`, from the actual start.
    pub uncorrected_p50_ns: Option<u64>,
    /// As `p99_ns`, from the actual start.
    pub uncorrected_p99_ns: Option<u64>,
    /// Exact.
    pub sum_ns: u64,
    /// Where it went: the four sums are `sum_ns`, exactly.
    pub parts: Parts,
}

/// Where the latencies went. The messages from a request to its final word are a chain, and each
/// nanosecond of it is in one part.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Parts {
    /// In the lines of services.
    pub wait: Part,
    /// At a worker; in the monolith with the waits for its row locks.
    pub service: Part,
    /// On the network.
    pub network: Part,
    /// The rest: lost to timeouts, back-off, redelivery and restarts, or held until another
    /// process of the same order was over. A request without a final word is all of this.
    pub retry: Part,
}

/// One part of all latencies of a row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// Exact.
    pub sum_ns: u64,
    /// Per request, rounded down.
    pub mean_ns: u64,
    /// Of the latencies, 0 to 1.
    pub share: f64,
}

/// A span of the run. A request belongs to the phase of its intended start, and all requests of
/// an order that arrived during the warm-up belong to the warm-up.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PhaseFigures {
    /// `warm-up`, `steady`, `during …` or `after …` with the names of the faults.
    pub name: String,
    /// `warm-up`, `steady`, `during` or `after`. The warm-up is in no figure outside of `phases`.
    pub kind: String,
    /// The faults whose windows these are, or have just ended.
    pub faults: Vec<String>,
    /// From, in virtual time.
    pub from_ns: u64,
    /// Until, not included; `null`: to the end.
    pub until_ns: Option<u64>,
    /// As in the summary, of this phase.
    pub latency: Vec<Latency>,
}

/// What the messages of one step spent, the warm-up, duplicates and refusals included.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StepFigures {
    /// `order`, `payment`, `expiry`, `cancel`, `refund`, `issue` or `traffic`.
    pub process: String,
    /// The step, or its undo, by name.
    pub step: String,
    /// `do`, `undo`, or what a coordinator handles: `ask` (a customer's request; in the monolith
    /// the whole process), `timer`, `said`.
    pub direction: String,
    /// Who did it. The orchestrator's rows are the answers it handles.
    pub service: String,
    /// Messages served.
    pub count: u64,
    /// Mean time in the line, rounded down.
    pub wait_mean_ns: u64,
    /// Mean time at a worker, rounded down.
    pub service_mean_ns: u64,
    /// Mean time on the network, rounded down.
    pub network_mean_ns: u64,
}
