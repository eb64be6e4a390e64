//! Declared faults. Each stage of an exchange asks for a ruling; a run without faults of a stage
//! does not ask.

mod error;
mod passage;
mod station;

pub(super) use passage::Passage;

use super::chance::{Chance, Site};
use super::world::work;
use crate::domain::{
    Coordination, Envelope, Exchange, Process, Service, Step, Steps, Transport, Turn,
};
use crate::sim::decide::unit;
use crate::sim::plan::Plan;
use crate::sim::scenario::{Fault, FaultKind, Trigger, contains, turn};
use rustc_hash::FxHashSet;

/// A declared fault and what became of it.
#[derive(Debug)]
struct Declared {
    fault: Fault,
    /// This coordination has what the fault names.
    applies: bool,
    hits: u64,
    /// Business refusals count each exchange once.
    seen: FxHashSet<u64>,
    /// Everything else counts what happens for the first time.
    count: u64,
    struck: Option<u64>,
}

/// The declared faults of a run.
#[derive(Debug, Default)]
pub(super) struct Faults {
    declared: Vec<Declared>,
    forward: Steps,
    backward: Steps,
    load_ns: u64,
    lease_ns: Option<u64>,
    /// Nothing but business refusals is declared that this coordination has.
    calm: bool,
}

/// Something that a fault may strike.
#[derive(Clone, Copy, Debug)]
struct Occasion {
    key: Exchange,
    /// How often the bus itself delivered it again.
    copy: u8,
    answer: bool,
}

impl Occasion {
    fn of(envelope: &Envelope, copy: u8) -> Self {
        let answer = envelope.transport == Transport::Reply;
        Occasion { key: envelope.key, copy, answer }
    }

    const fn fresh(&self) -> bool {
        self.copy == 0 && self.key.attempt() == 0
    }
}

impl Faults {
    pub(super) fn new(plan: &Plan) -> Self {
        let faults = &plan.scenario.faults;
        let coordination = plan.scenario.flow.coordination;
        let errors = faults.iter().filter(|fault| fault.kind == FaultKind::Error);
        let steps = |undo: bool| {
            let steps = errors.clone().filter_map(Fault::step);
            let mine = steps.filter(|(_, undone)| *undone == undo);
            mine.fold(Steps::NONE, |steps, (step, _)| steps.with(step))
        };
        let declared = |fault: &Fault| Declared {
            fault: fault.clone(),
            applies: fault.applies(coordination),
            hits: 0,
            seen: FxHashSet::default(),
            count: 0,
            struck: None,
        };
        let error = |fault: &Fault| fault.kind == FaultKind::Error;
        Faults {
            forward: steps(false),
            backward: steps(true),
            load_ns: plan.duration_ns,
            lease_ns: standby(plan, coordination),
            calm: faults.iter().all(|fault| error(fault) || !fault.applies(coordination)),
            declared: faults.iter().map(declared).collect(),
        }
    }

    /// Whether nothing is declared but business refusals: then no other stage has to ask.
    pub(super) const fn calm(&self) -> bool {
        self.calm
    }

    /// Name and hits of each fault.
    pub(super) fn hits(&self) -> Vec<(String, u64)> {
        self.declared.iter().map(|d| (d.fault.name.clone(), d.hits)).collect()
    }

    /// The faults of a kind, each with what makes its decisions its own.
    fn each(&mut self) -> impl Iterator<Item = (&mut Declared, u8)> {
        self.declared.iter_mut().zip(0u8..)
    }
}

/// How long the orchestrator may be silent before its standby takes over, if there is one.
fn standby(plan: &Plan, coordination: Coordination) -> Option<u64> {
    plan.scenario.protection.lease_ns.filter(|_| coordination == Coordination::Orchestration)
}

impl Declared {
    /// The luck of the occasion, if the fault strikes it. Counts it, whether it does or not.
    fn strikes(
        &mut self,
        occasion: Occasion,
        now_ns: u64,
        load_ns: u64,
        (chance, index): (&Chance, u8),
    ) -> Option<u64> {
        let every = self.fault.every_attempt;
        let Occasion { key, copy, answer } = occasion;
        let attempt = if every { 0 } else { key.attempt() };
        let told = if answer { Turn::Said } else { key.turn() };
        let decided = key.with_attempt(attempt).with_part(copy).with_turn(told);
        let strikes = match self.fault.trigger {
            Trigger::Probability { probability, .. } => {
                self.fault.open(now_ns, load_ns)
                    && unit(chance.draw(Site::Fault, decided, index)) < probability
            }
            Trigger::Nth(nth) => {
                let identity = decided.identity();
                self.count += u64::from(occasion.fresh());
                if occasion.fresh() && self.count == nth {
                    self.struck = Some(identity);
                }
                let again = every && copy == 0 && self.count >= nth;
                self.struck == Some(identity) && (occasion.fresh() && self.count == nth || again)
            }
            Trigger::Exact { order, n } => {
                let mine = key.process() != Process::Traffic && key.request().0 == order;
                mine && n.is_none_or(|n| n == key.n()) && copy == 0 && (every || key.attempt() == 0)
            }
        };
        strikes.then(|| chance.draw(Site::Fault, decided, index))
    }
}

/// Whether a message asks for the step, or answers it. The request to a monolith asks for the
/// first step of its process.
fn asks(envelope: &Envelope, step: Step, undo: bool, answer: bool) -> bool {
    if (envelope.transport == Transport::Reply) != answer {
        return false;
    }
    let key = if answer { envelope.key } else { work(envelope) };
    let monolith = envelope.body.to() == Service::Monolith || envelope.from == Service::Monolith;
    let asked = key.turn() == Turn::Ask && monolith && !undo;
    key.step() == step && (key.turn() == turn(undo) || asked)
}

/// Whether handling a message does the step: in a monolith all steps of the process are done.
fn does(envelope: &Envelope, step: Step, undo: bool, coupon: bool) -> bool {
    if envelope.transport == Transport::Reply {
        return false;
    }
    if envelope.body.to() == Service::Monolith && envelope.key.process() != Process::Traffic {
        let skipped = step == Step::UseCoupon && !coupon;
        return !skipped && contains(envelope.key.process(), step, undo);
    }
    let key = work(envelope);
    (key.step(), key.turn()) == (step, turn(undo))
}
