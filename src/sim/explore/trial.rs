//! One run with decisions.

use super::class::Class;
use super::decision::Decision;
use crate::domain::{RequestId, Transport};
use crate::sim::check::Law;
use crate::sim::engine::{self, Broken, Driver, Finished, Late, Options, Question, Strike};
use crate::sim::plan::{Focus, Intent, OrderPlan, Plan, Source};
use crate::sim::scenario::Scenario;
use std::sync::Arc;

/// What is varied: one plan, and how its runs are made.
#[derive(Clone, Debug)]
pub struct Theme {
    /// As it runs.
    plan: Arc<Plan>,
    /// With every member and product.
    whole: Arc<Plan>,
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
    /// Arrivals, those that were left out included.
    pub orders: u32,
    /// Events that happened.
    pub events: u64,
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
    pub fn new(mut plan: Plan) -> Self {
        plan.scenario.thresholds.clear();
        let single = plan.single();
        let whole = Arc::new(plan);
        let plan = Arc::new(Plan::clone(&whole).narrowed());
        Theme { plan, whole, single, driver: Driver::Direct }
    }

    /// The same, of which only this happens.
    #[must_use]
    pub fn focused(&self, focus: Focus) -> Self {
        let plan = Plan::clone(&self.whole).focused(focus);
        Theme { driver: self.driver, ..Theme::new(plan) }
    }

    /// Which orders are placed, and how plain they are.
    #[must_use]
    pub fn focus(&self) -> &Focus {
        self.whole.focus()
    }

    /// Whether an order of an open load is another one here than there.
    pub(super) fn differs(&self, other: &Theme, order: u32) -> bool {
        let source = Source::Arrival(order);
        let is = |theme: &Theme| {
            let mut order = theme.whole.order(source);
            if theme.single {
                // Intents are decisions.
                order.intent = Intent::Pay;
            }
            (order, theme.whole.think_ns(source, 0))
        };
        is(self) != is(other)
    }

    /// What an order of an open load is.
    #[must_use]
    pub fn order(&self, order: u32) -> OrderPlan {
        self.whole.order(Source::Arrival(order))
    }

    /// The same, whose runs go through this driver.
    #[must_use]
    pub fn driven(self, driver: Driver) -> Self {
        Theme { driver, ..self }
    }

    /// The same with every member and product: what is found in its runs is told by their own
    /// numbers.
    #[must_use]
    pub fn unnarrowed(&self) -> Self {
        Theme { plan: Arc::clone(&self.whole), ..self.clone() }
    }

    /// What its runs go through.
    #[must_use]
    pub const fn driver(&self) -> Driver {
        self.driver
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
        self.through(self.driver, decisions, listen)
    }

    fn through(
        &self,
        driver: Driver,
        decisions: &[Decision],
        listen: bool,
    ) -> Result<Trial, Broken> {
        let options = Options { listen, few: true, ..Options::default() };
        let options = Planted::of(self.single, decisions).plant(options);
        let cast = engine::cast(&self.plan);
        let run = engine::run(Arc::clone(&self.plan), cast, options, driver)?;
        Ok(trial(run))
    }

    /// Makes one run in [`Theme::CHECKED`] a second time, through the other driver. Whether it was
    /// one of those; which they are depends on what happened in them alone.
    ///
    /// # Errors
    /// The two runs differ, or an actor panicked.
    pub fn check(&self, decisions: &[Decision], trial: &Trial) -> Result<bool, Broken> {
        if !trial.digest.is_multiple_of(Self::CHECKED) {
            return Ok(false);
        }
        let other = match self.driver {
            Driver::Actix => Driver::Direct,
            Driver::Direct => Driver::Actix,
        };
        let again = self.through(other, decisions, true)?;
        if again.digest == trial.digest && again.laws == trial.laws && again.asked == trial.asked {
            return Ok(true);
        }
        Err(Broken::Diverged { one: trial.digest, other: again.digest })
    }

    /// Of so many runs one is made a second time.
    pub const CHECKED: u64 = 64;

    /// What happened to an order in a run with decisions, line by line, postings included.
    ///
    /// # Errors
    /// An actor panicked.
    pub fn story(&self, decisions: &[Decision], order: RequestId) -> Result<Vec<String>, Broken> {
        let options =
            Options { few: true, postings: true, tell: vec![order], ..Options::default() };
        let options = Planted::of(self.single, decisions).plant(options);
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
        orders: run.arrived,
        events: run.events,
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
    /// Messages that are held back.
    pub late: Vec<Late>,
    /// The number of the schedule.
    pub schedule: u32,
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
                Decision::Late(late) => planted.late.push(late),
                Decision::Schedule(number) => planted.schedule = number,
            }
        }
        planted
    }

    /// The options of a run, with these decisions.
    #[must_use]
    pub fn plant(self, options: Options) -> Options {
        let Planted { strikes, intents, late, schedule } = self;
        Options { strikes, intents, late, schedule, ..options }
    }
}
