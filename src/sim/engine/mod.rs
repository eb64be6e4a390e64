//! The virtual engine: its own nanosecond clock, service stations, network, timers, keyed
//! decisions, and the actors in between.

mod accepted;
mod breaker;
mod calls;
mod cast;
mod chance;
mod close;
mod commit;
mod customer;
mod direct;
mod faults;
mod lanes;
mod latency;
mod locks;
mod look;
mod outage;
mod parts;
mod phases;
mod planted;
mod queue;
mod series;
mod station;
mod steps;
mod story;
mod traffic;
mod transit;
mod twice;
mod virtual_bus;
pub mod wheel;
mod wire;
mod world;

pub use cast::{cast, open, rules};
pub use chance::{Late, Position, Strike};
pub use latency::{LONGEST_NS, Latencies, Latency, Metric, PartSums, PhaseLatencies};
pub use phases::{Phase, PhaseKind};
pub use planted::Question;
pub use series::{Interval, IntervalFeed};
pub use station::{StationFigures, StationMoment};
pub use steps::StepTimes;
pub use twice::{Divergence, divergence};
pub use world::{MessageFigures, StepFigures};

use crate::actors::host::Cast;
use crate::domain::{Exchange, RequestId, Sale, Service, Step};
use crate::sim::check::{Anomalies, Proof, Reckoning};
use crate::sim::plan::{Intent, Plan};
use crate::sim::threshold::{Stopped, Tally};
use std::collections::BTreeMap;
use std::sync::Arc;
use world::World;

/// Told (simulated nanoseconds, orders) now and then; true asks the run to stop.
pub type Progress = Box<dyn FnMut(u64, u64) -> bool>;
/// Told each sale and each refund that the data platform takes.
pub type SaleFeed = Box<dyn FnMut(RequestId, &Sale)>;

/// One message at one station.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visit {
    /// Where.
    pub service: Service,
    /// What for.
    pub key: Exchange,
    /// When it came, in nanoseconds.
    pub arrived_ns: u64,
    /// When a worker took it up.
    pub begun_ns: u64,
    /// When its service ended.
    pub done_ns: u64,
}

/// Told each visit of a station when it ends.
pub type VisitFeed = Box<dyn FnMut(&Visit)>;

/// Who looks on while a run goes on.
pub struct Watch {
    /// Progress, and whether to stop.
    pub progress: Progress,
    /// Sales, for sinks outside the simulated world.
    pub sale: Option<SaleFeed>,
    /// Visits, for those who check the stations.
    pub visit: Option<VisitFeed>,
}

impl Default for Watch {
    fn default() -> Self {
        Watch { progress: Box::new(|_, _| false), sale: None, visit: None }
    }
}

/// What a run is told besides its plan.
#[derive(Default)]
pub struct Options {
    /// Planted strikes.
    pub strikes: Vec<Strike>,
    /// What customers want instead of what the plan says.
    pub intents: Vec<(RequestId, Intent)>,
    /// Messages that are held back.
    pub late: Vec<Late>,
    /// Which schedule: latencies, service times and ties are drawn by it. 0: the plan's own.
    pub schedule: u32,
    /// Whether to note where the run could have gone another way.
    pub listen: bool,
    /// A run of a few orders, one of very many: tables that are made large for long runs are made
    /// small, and no times are kept.
    pub few: bool,
    /// Orders whose story is told.
    pub tell: Vec<RequestId>,
    /// Whether stories also say what is posted, and what is sent.
    pub postings: bool,
    /// Who looks on.
    pub watch: Watch,
    /// Told of each interval of virtual time; none: there are no intervals.
    pub intervals: Option<IntervalFeed>,
}

/// How inputs reach the handlers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Driver {
    /// Through actix mailboxes.
    Actix,
    /// By direct calls of the same handlers.
    Direct,
}

/// A run that is over.
#[derive(Debug)]
pub struct Finished {
    /// What the checker says.
    pub proof: Proof,
    /// Latency as customers felt it.
    pub latencies: Latencies,
    /// Times by process, step and turn; what never happened is left out.
    pub times: Vec<StepTimes>,
    /// Figures per station, indexed by `Service as usize`.
    pub stations: [StationFigures; Service::STATIONS],
    /// What became of the messages.
    pub messages: MessageFigures,
    /// How often each step took effect, indexed by `Step as usize`.
    pub steps: [StepFigures; Step::ALL.len()],
    /// Name and hits of each declared fault.
    pub faults: Vec<(String, u64)>,
    /// Hits of each planted strike.
    pub strikes: Vec<(Strike, u64)>,
    /// Where it could have gone another way, in the order of asking, if somebody listened.
    pub asked: Vec<Question>,
    /// What happened to the orders that were listened to, line by line.
    pub stories: BTreeMap<RequestId, Vec<String>>,
    /// Identifies everything that happened.
    pub digest: u64,
    /// Events that happened.
    pub events: u64,
    /// Orders that were sent.
    pub started: u64,
    /// Numbers that orders were given, of those that were left out too.
    pub arrived: u32,
    /// Orders of each load, as the scenario lists them.
    pub loads: Vec<LoadFigures>,
    /// When the last event happened, in nanoseconds.
    pub end_ns: u64,
    /// It was stopped before its end.
    pub aborted: bool,
    /// By thresholds, and by these.
    pub stopped: Option<Stopped>,
    /// What had been counted when the warm-up ended.
    pub warm: Tally,
    /// Isolation anomalies; none: nobody asked for them.
    pub anomalies: Option<Anomalies>,
}

/// The orders of one load.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LoadFigures {
    /// Planned: more than were sent if the run ended before a fixed number of orders was placed.
    pub offered: u64,
    /// Sent.
    pub started: u64,
}

/// Why a run broke off.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Broken {
    /// An actor's handler panicked.
    #[error("the {} actor panicked at {at_ns} ns of simulated time", service.name())]
    Panicked {
        /// Whose handler.
        service: Service,
        /// When.
        at_ns: u64,
    },
    /// Actors in mailboxes and direct calls of the same handlers did not do the same.
    #[error("one run has digest {one:016x} through one driver and {other:016x} through the other")]
    Diverged {
        /// The digest first.
        one: u64,
        /// The digest of the same run through the other driver.
        other: u64,
    },
}

/// Runs a plan to its end.
///
/// # Errors
/// An actor's handler panicked.
pub fn run(
    plan: Arc<Plan>,
    cast: Cast,
    options: Options,
    driver: Driver,
) -> Result<Finished, Broken> {
    let mut result = None;
    run_then(plan, cast, options, driver, |run| result = Some(run));
    result.expect("a run ends in one way or the other")
}

/// The same, but tells the result before the world is taken down: freeing a million orders takes
/// time that nobody has to wait for.
pub fn run_then(
    plan: Arc<Plan>,
    cast: Cast,
    options: Options,
    driver: Driver,
    then: impl FnOnce(Result<Finished, Broken>),
) {
    let world = World::new(plan, options);
    match driver {
        Driver::Actix => virtual_bus::run(world, cast, then),
        Driver::Direct => then(Ok(direct::Direct::new(world, cast).run())),
    }
}

impl World {
    /// Begins the reckoning: every order is judged against the plan. Then each owner shows its
    /// books, and the run is finished.
    fn reckon(&mut self) -> Reckoning {
        let leaks = self.leaks();
        self.end_series();
        self.close_stations();
        self.put_away();
        let books = std::mem::take(&mut self.books);
        self.anomalies = self.isolation.take().map(|isolation| isolation.finish(&books));
        self.found = self.aborted.then(|| books.findings.clone());
        let plan = Arc::clone(&self.plan);
        Reckoning::new(books, plan, self.now_ns, &leaks, &|order| self.source(order))
    }

    fn load_figures(&self) -> Vec<LoadFigures> {
        let plan = &self.plan;
        let mut loads = vec![LoadFigures::default(); plan.scenario.loads.len()];
        let omitted = plan.omitted(self.arrivals.passed());
        for (block, arrived) in self.arrivals.by_block(plan) {
            let orders = u64::from(arrived) - omitted[block];
            loads[block] = LoadFigures { offered: orders, started: orders };
        }
        for (crowd, placed) in plan.crowds.iter().zip(&self.placed) {
            let started = u64::from(*placed);
            let offered = crowd.quota.map(|quota| quota.total(crowd.users.len() as u32));
            loads[crowd.block] = LoadFigures { offered: offered.unwrap_or(started), started };
        }
        loads
    }

    fn finish(mut self, reckoning: Reckoning) -> Finished {
        let loads = self.load_figures();
        let mut proof = reckoning.finish();
        // A world that was stopped is not at rest: only what was found on the way is true.
        if let Some(found) = self.found {
            proof.findings = found;
        }
        let (strikes, asked) = self.strikes.into_figures();
        self.latencies.sum_up();
        let mut stations = self.stations.map(|station| station.figures);
        self.times.add_to(&mut stations);
        Finished {
            proof,
            latencies: self.latencies,
            times: self.times.times(),
            stations,
            messages: self.messages,
            steps: self.steps,
            faults: self.faults.hits(),
            strikes,
            asked,
            stories: self.stories.into_lines(),
            digest: self.digest,
            events: self.events,
            arrived: self.orders,
            started: loads.iter().map(|load| load.started).sum(),
            loads,
            end_ns: self.now_ns,
            aborted: self.aborted,
            stopped: self.looks.stopped,
            warm: self.looks.warm,
            anomalies: self.anomalies,
        }
    }
}
