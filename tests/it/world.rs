//! Small worlds to prove things on, and a spy that writes down what every actor hears and sends.

use sagasim::actors::choreography::Heard;
use sagasim::actors::gate::Receipt;
use sagasim::actors::host::Cast;
use sagasim::actors::{Owner, Role};
use sagasim::domain::{
    At, Audited, Coordination, Exchange, Outbox, Process, RequestId, Service, Step, Transport, Turn,
};
use sagasim::sim::check::{Law, Outcome};
use sagasim::sim::engine::{self, Driver, Finished, Options, Strike};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::{
    Dist, Fault, Intents, Load, Paint, Scenario, Spacing, Trigger, parse,
};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// A millisecond in nanoseconds.
pub(crate) const MS: u64 = 1_000_000;
/// A second in nanoseconds.
pub(crate) const SECOND: u64 = 1_000 * MS;

/// Two orders for the same product, half a second apart, each with a coupon, paid after 2 s; all
/// services take 2 ms, all hops 1 ms.
const SMALL: &str = r#"
version  = 1
name     = "small-world"
question = "What happens?"
[run]
seed     = 7
duration = "1s"
drain    = "20m"
[users]
count = 1_000
[products]
count = 1
[[coupon]]
name     = "ten-percent"
discount = { percent = 10 }
quantity = 100
issue    = "before"
[basket]
coupon_rate = 1.0
[[load]]
executor = "constant-arrival-rate"
rate     = "2/s"
spacing  = "even"
"#;

/// Reads the text of a scenario that must be valid.
pub(crate) fn read(text: &str) -> Scenario {
    parse(Path::new("world.toml"), text)
        .unwrap_or_else(|wrong| panic!("{}", wrong.render(Paint::Plain)))
}

/// The small world.
pub(crate) fn small(coordination: Coordination) -> Scenario {
    let mut scenario = read(SMALL);
    scenario.flow.coordination = coordination;
    scenario
}

/// The small world with this many orders at (nearly) the same instant.
pub(crate) fn rush(coordination: Coordination, orders: u32) -> Scenario {
    let mut scenario = small(coordination);
    scenario.run.duration_ns = Some(u64::from(orders));
    let load = Load::ConstantArrivalRate { rate_per_s: 1e9, spacing: Spacing::Even };
    scenario.loads = vec![load.into()];
    scenario
}

/// Everyone wants the same.
pub(crate) fn all(intent: &str) -> Intents {
    let share = |name: &str| f64::from(u8::from(name == intent));
    Intents {
        pay: share("pay"),
        abandon: share("abandon"),
        cancel: share("cancel"),
        cancel_while_paying: share("cancel-while-paying"),
        pay_then_refund: share("pay-then-refund"),
    }
}

/// A business rule that always refuses the step.
pub(crate) fn refused(step: Step) -> Fault {
    let trigger = Trigger::Probability { probability: 1.0, from_ns: 0, until_ns: u64::MAX };
    Fault::error(format!("{} refused", step.name()), step, false, trigger)
}

/// A service with this many workers that takes this long.
pub(crate) fn station(scenario: &mut Scenario, service: Service, workers: u32, takes_ns: u64) {
    let settings = &mut scenario.services[service as usize];
    settings.workers = workers;
    settings.service_time = Dist::Fixed(takes_ns as i64);
}

/// The plan of a scenario under its own seed, or 7.
pub(crate) fn plan(scenario: &Scenario) -> Arc<Plan> {
    let seed = scenario.run.seed.unwrap_or(7);
    Arc::new(Plan::new(scenario.clone(), seed).expect("no order log to read"))
}

/// Runs a scenario by direct calls.
pub(crate) fn run(scenario: &Scenario) -> Finished {
    struck(scenario, &[])
}

/// Runs a scenario with planted strikes by direct calls.
pub(crate) fn struck(scenario: &Scenario, strikes: &[Strike]) -> Finished {
    let plan = plan(scenario);
    let cast = engine::cast(&plan);
    let options = Options { strikes: strikes.to_vec(), ..Options::default() };
    engine::run(plan, cast, options, Driver::Direct).expect("no handler panics")
}

/// Runs a scenario under the eyes of a spy.
pub(crate) fn watched(scenario: &Scenario, strikes: &[Strike]) -> (Finished, Vec<Seen>) {
    let plan = plan(scenario);
    let notes = Notes::default();
    let cast = spied(engine::cast(&plan), &notes);
    let options = Options { strikes: strikes.to_vec(), ..Options::default() };
    let run = engine::run(plan, cast, options, Driver::Direct).expect("no handler panics");
    let seen = notes.borrow().clone();
    (run, seen)
}

/// What is wrong with a run: violations, stuck orders, figures that do not add up. None: nothing.
pub(crate) fn wrong(run: &Finished) -> Option<String> {
    let findings = &run.proof.findings;
    if let Some(first) = findings.kept().first() {
        return Some(format!("{}: {} ({:?})", first.law.name(), first.detail, first.key));
    }
    let stuck = run.proof.outcomes.of(Outcome::Stuck);
    if !findings.clean() || stuck != 0 {
        return Some(format!("{stuck} orders are stuck"));
    }
    for (station, service) in run.stations.iter().zip(Service::ALL) {
        if station.area_ns != station.sojourn_ns || station.present != 0 {
            let (area, sojourn) = (station.area_ns, station.sojourn_ns);
            let (name, left) = (service.name(), station.present);
            return Some(format!("Little's law at {name}: {area} is not {sojourn}, {left} left"));
        }
    }
    None
}

/// How often each invariant was violated, by name.
pub(crate) fn violated(run: &Finished) -> Vec<&'static str> {
    let broken = |law: &Law| run.proof.findings.violated(*law) > 0;
    Law::ALL.into_iter().filter(broken).map(Law::name).collect()
}

/// The exchange of a step of order 0.
pub(crate) const fn key(process: Process, n: u8, step: Step, turn: Turn) -> Exchange {
    Exchange::new(RequestId(0), process, n, step, turn)
}

/// One message, as the spy saw it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Hop {
    pub(crate) key: Exchange,
    pub(crate) from: Service,
    pub(crate) to: Service,
    pub(crate) transport: Transport,
}

/// One commit, as the spy saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// When.
    pub(crate) now_ns: u64,
    /// What was handled.
    pub(crate) heard: Hop,
    /// What the gate said.
    pub(crate) receipt: Receipt,
    /// What was sent.
    pub(crate) sent: Vec<Hop>,
}

/// What the spies of a cast share.
pub(crate) type Notes = Rc<RefCell<Vec<Seen>>>;

struct Spy<I> {
    role: Box<dyn Role<I>>,
    at: Service,
    notes: Notes,
}

impl<I: 'static> Role<I> for Spy<I> {
    fn receive(&mut self, at: At, heard: &Heard, input: I, out: &mut Outbox) -> Receipt {
        let receipt = self.role.receive(at, heard, input, out);
        let Heard { from, key, transport } = *heard;
        let sent = out.sends.iter().map(|envelope| Hop {
            key: envelope.key,
            from: envelope.from,
            to: envelope.body.to(),
            transport: envelope.transport,
        });
        let heard = Hop { key, from, to: self.at, transport };
        let seen = Seen { now_ns: at.now_ns, heard, receipt, sent: sent.collect() };
        self.notes.borrow_mut().push(seen);
        receipt
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        self.role.audit(say);
    }

    fn crash(&mut self) {
        self.role.crash();
    }

    fn owner(&mut self, owner: Owner) {
        self.role.owner(owner);
    }
}

fn spied(cast: Cast, notes: &Notes) -> Cast {
    fn spy<I: 'static>(at: Service, role: Box<dyn Role<I>>, notes: &Notes) -> Box<dyn Role<I>> {
        Box::new(Spy { role, at, notes: Rc::clone(notes) })
    }
    Cast {
        product: spy(Service::Product, cast.product, notes),
        order: spy(Service::Order, cast.order, notes),
        coupon: spy(Service::Coupon, cast.coupon, notes),
        user: spy(Service::User, cast.user, notes),
        payment: spy(Service::Payment, cast.payment, notes),
        orchestrator: spy(Service::Orchestrator, cast.orchestrator, notes),
        monolith: spy(Service::Monolith, cast.monolith, notes),
        platform: spy(Service::Platform, cast.platform, notes),
        ranking: spy(Service::Ranking, cast.ranking, notes),
        ..cast
    }
}
