//! One run with decisions.

use super::class::Class;
use super::decision::Decision;
use crate::domain::{RequestId, Transport};
use crate::sim::check::Law;
use crate::sim::engine::{self, Broken, Driver, Finished, Options, Question, Strike};
use crate::sim::plan::{Intent, Plan};
use crate::sim::scenario::Scenario;
use std::sync::Arc;

/// What is varied: one plan, and how its runs are made.
#[derive(Clone, Debug)]
pub struct Theme {
    plan: Arc<Plan>,
    /// One order: its customer's intent is a decision, and pays if nothing is decided.
    single: bool,
    driver: Driver,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The invariants that it broke, the first one first; each once.
    pub laws: Vec<Law>,
    /// What was found first.
    pub detail: String,
    /// The order that it was found of.
    pub order: Option<RequestId>,
    /// Identifies everything that happened.
    pub digest: u64,
    /// Every planted strike struck.
    pub struck: bool,
    /// Where it could have gone another way.
    pub asked: Vec<Question>,
}

impl Trial {
    /// What it comes to: the first broken invariant names the failure.
    #[must_use]
    pub fn class(&self) -> Class {
        self.laws.first().map_or(Class::Clean, |law| Class::of(*law))
    }

    /// Whether every invariant held.
    #[must_use]
    pub const fn clean(&self) -> bool {
        self.laws.is_empty()
    }

    /// A decision that never came to pass, if there is one.
    #[must_use]
    pub fn missed(&self, decisions: &[Decision]) -> Option<Decision> {
        let never =
            |decision: &&Decision| !self.asked.iter().any(|question| decision.answers(question));
        decisions.iter().find(never).copied()
    }

    /// The message that a strike broke.
    #[must_use]
    pub fn transport(&self, decision: &Decision) -> Option<Transport> {
        let answered = self.asked.iter().find(|question| decision.answers(question));
        match answered {
            Some(Question::Break { transport, .. }) => Some(*transport),
            Some(Question::Placed(_) | Question::Paid(_)) | None => None,
        }
    }
}

impl Theme {
    /// The theme of a plan. Members and products that no order names are left out, no latency is
    /// measured and no threshold judged: none of it changes what happens.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let single = plan.single();
        let mut plan = plan.narrowed();
        plan.scenario.thresholds.clear();
        Theme { plan: Arc::new(plan), single, driver: Driver::Direct }
    }

    /// The same, whose runs go through this driver.
    #[must_use]
    pub fn driven(self, driver: Driver) -> Self {
        Theme { driver, ..self }
    }

    /// Whether there is exactly one order, so that everything can be tried.
    #[must_use]
    pub const fn single(&self) -> bool {
        self.single
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.plan.scenario
    }

    /// Runs with decisions.
    ///
    /// # Errors
    /// An actor panicked.
    pub fn run(&self, decisions: &[Decision], listen: bool) -> Result<Trial, Broken> {
        let Planted { strikes, intents } = Planted::of(self.single, decisions);
        let options = Options { strikes, intents, listen, few: true, ..Options::default() };
        let cast = engine::cast(&self.plan);
        let run = engine::run(Arc::clone(&self.plan), cast, options, self.driver)?;
        Ok(trial(run))
    }

    /// What happened to an order in a run with decisions, line by line, postings included.
    ///
    /// # Errors
    /// An actor panicked.
    pub fn story(&self, decisions: &[Decision], order: RequestId) -> Result<Vec<String>, Broken> {
        let Planted { strikes, intents } = Planted::of(self.single, decisions);
        let plain = Options { few: true, postings: true, ..Options::default() };
        let options = Options { strikes, intents, tell: vec![order], ..plain };
        let cast = engine::cast(&self.plan);
        let mut run = engine::run(Arc::clone(&self.plan), cast, options, self.driver)?;
        Ok(run.stories.remove(&order).unwrap_or_default())
    }
}

fn trial(run: Finished) -> Trial {
    let findings = &run.proof.findings;
    let mut laws: Vec<Law> = Vec::new();
    for violation in findings.kept() {
        if !laws.contains(&violation.law) {
            laws.push(violation.law);
        }
    }
    Trial {
        order: findings.kept().first().and_then(|first| first.order),
        detail: findings.kept().first().map_or_else(String::new, |first| first.detail.clone()),
        laws,
        digest: run.digest,
        struck: run.strikes.iter().all(|(_, hits)| *hits > 0),
        asked: run.asked,
    }
}

/// What to tell the engine, so that a run has these decisions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Planted {
    /// Strikes.
    pub strikes: Vec<Strike>,
    /// What customers want instead of what the plan says.
    pub intents: Vec<(RequestId, Intent)>,
}

impl Planted {
    /// The same for the run of a whole plan.
    #[must_use]
    pub fn in_plan(plan: &Plan, decisions: &[Decision]) -> Self {
        Planted::of(plan.single(), decisions)
    }

    /// A single customer pays, if nothing else is decided.
    fn of(single: bool, decisions: &[Decision]) -> Self {
        let mut planted = Planted::default();
        if single {
            planted.intents.push((RequestId(0), Intent::Pay));
        }
        for decision in decisions {
            match *decision {
                Decision::Wants { order, intent } => {
                    planted.intents.retain(|(of, _)| *of != order);
                    planted.intents.push((order, intent));
                }
                Decision::Strikes(strike) => planted.strikes.push(strike),
            }
        }
        planted
    }
}
