//! A participant: a domain, its gate, and what it says to whom. The durable unit: what it commits
//! is what survives a crash.

use super::Rules;
use super::choreography::{Heard, React};
use super::domain::Domain;
use super::gate::{Gates, Receipt};
use crate::domain::{
    At, Audited, Body, Coordination, Effect, Exchange, Fact, OrchestratorInput, Outbox, Reason,
    Service, Transport, Turn, Work, saga,
};

/// What an actor hosts: a participant, the orchestrator or the monolith. A test's seeded defect
/// stands in for one of them.
pub trait Role<I>: 'static {
    /// Handles one input and writes everything the commit says into `out`. The commit is this
    /// call: a crash before it means it never ran.
    fn receive(&mut self, at: At, heard: &Heard, input: I, out: &mut Outbox) -> Receipt;

    /// The owner's own books.
    fn audit(&self, say: &mut dyn FnMut(Audited));

    /// Drops what is remembered of requests only to recognise them again: a page of orders has
    /// been at rest for longer than any message can be late.
    fn forget(&mut self, page: usize) {
        let _ = page;
    }

    /// The service crashes: what is not in durable storage is gone.
    fn crash(&mut self) {}

    /// Who owns the saga log, for an orchestrator with a standby.
    fn owner(&mut self, owner: Owner) {
        let _ = owner;
    }
}

/// Who an orchestrator's inputs reach.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Owner {
    /// From now on the standby: it has read the saga log.
    Standby,
    /// The next one the orchestrator that was replaced: it does not know.
    Replaced,
}

/// A domain behind its gate.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Participant<D> {
    domain: D,
    gates: Gates,
    rules: Rules,
}

impl<D: Domain> Participant<D>
where
    D::Command: React,
{
    /// A participant that has seen nothing yet.
    pub fn new(domain: D, rules: Rules) -> Self {
        Participant { domain, gates: Gates::default(), rules }
    }
}

/// Runs the domain's step and notes its effect.
#[inline]
fn run<D: Domain>(
    domain: &mut D,
    at: At,
    key: Exchange,
    command: &D::Command,
    out: &mut Outbox,
) -> Fact {
    let fact = if at.refused.contains(key.step()) && saga::refusable(key.step(), key.turn()) {
        Fact::Refused(Reason::BusinessRule)
    } else {
        domain.step(at, key, command, out)
    };
    note_effect(key, &fact, out);
    fact
}

/// Tells whoever has to know: the orchestrator by an answer, everyone else by choreography.
/// Returns a command to do in the same commit, if there is one.
#[inline]
fn follow<D: Domain>(
    rules: &Rules,
    heard: &Heard,
    key: Exchange,
    command: &D::Command,
    fact: Fact,
    out: &mut Outbox,
) -> Option<D::Command>
where
    D::Command: React,
{
    match (rules.coordination, heard.from) {
        (Coordination::Orchestration, Service::Orchestrator) => {
            heard.reply(D::AT, Body::Orchestrator(OrchestratorInput::Answer(fact)), out);
            None
        }
        _ => command.react(heard, key, &fact, rules, out),
    }
}

impl<D: Domain> Role<D::Command> for Participant<D>
where
    D::Command: React,
{
    fn receive(&mut self, at: At, heard: &Heard, input: D::Command, out: &mut Outbox) -> Receipt {
        let (step, turn) = input.work();
        let key = heard.key.to(step, turn);
        let Participant { domain, gates, rules } = self;
        let gate = gates.of(key);
        let receipt = gate.admit(key, heard.transport, rules.on);
        match receipt {
            Receipt::Fresh => {
                let fact = run(domain, at, key, &input, out);
                gate.store(key, &fact);
                let mut next = follow::<D>(rules, heard, key, &input, fact, out);
                // The domain has to change its own state further, in the same commit.
                while let Some(command) = next {
                    let (step, turn) = command.work();
                    let key = key.to(step, turn);
                    let fact = run(domain, at, key, &command, out);
                    gate.store(key, &fact);
                    next = follow::<D>(rules, heard, key, &command, fact, out);
                }
            }
            Receipt::Again | Receipt::Empty => {
                let refusal = gate.refusal(key).map(Fact::Refused);
                let fact = refusal.unwrap_or_else(|| domain.answer(key, &input));
                follow::<D>(rules, heard, key, &input, fact, out);
                keep_answers(out);
                out.empty_undos += u32::from(receipt == Receipt::Empty);
            }
            Receipt::Late => {
                let fact = Fact::Refused(Reason::TooLate);
                follow::<D>(rules, heard, key, &input, fact, out);
                keep_answers(out);
            }
        }
        receipt
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        self.domain.audit(say);
    }

    fn forget(&mut self, page: usize) {
        self.gates.forget(page);
    }
}

/// What was said before is not said again; only the caller gets its answer once more.
fn keep_answers(out: &mut Outbox) {
    out.sends.retain(|envelope| envelope.transport == Transport::Reply);
    out.arm.clear();
    out.disarm.clear();
}

/// Writes the step's effect. An undo that found nothing to give back has none.
pub(super) fn note_effect(key: Exchange, fact: &Fact, out: &mut Outbox) {
    let noted = out.effects.last().map_or(0, |effect| effect.postings_end as usize);
    let empty = key.turn() == Turn::Undo && out.postings.len() == noted && out.moves.is_empty();
    let effect = match fact.effect() {
        Effect::GaveBack if empty => {
            out.empty_undos += 1;
            Effect::Nothing
        }
        effect => effect,
    };
    out.close_effect(key, effect);
}
