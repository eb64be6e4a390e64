//! One order of a plain run, told as a story.

use super::engine::{Job, RunError};
use super::explorer::internal;
use super::virtual_engine::plan;
use crate::domain::RequestId;
use crate::report::summary::{Inspection, SCHEMA_VERSION};
use crate::sim::check::Law;
use crate::sim::engine::{self as sim, Driver, Finished, Options};
use crate::sim::explore::Switch;
use crate::sim::scenario::Scenario;
use std::sync::Arc;

/// Tells an order of the plain run of a seed: what happened to it, and what it broke.
pub(super) fn tell(job: &Job<'_>, order: RequestId) -> Result<Inspection, RunError> {
    let mut run = plain(job.scenario, job.seed, order)?;
    if u64::from(order.0) >= run.started {
        let started = run.started;
        let wrong = format!("there is no order {}: the run has {started}, counted from 0", order.0);
        return Err(RunError::Input(wrong));
    }
    let laws = broken(&run, order);
    let mut names = laws.iter().map(|law| law.name().to_owned());
    let mine = run.proof.findings.kept().iter().find(|one| one.order == Some(order));
    let off = || Switch::ALL.into_iter().filter(|switch| !switch.is_on(job.scenario));
    let mut cures = Vec::new();
    for switch in off().filter(|_| !laws.is_empty()) {
        let mut cured = job.scenario.clone();
        switch.set(&mut cured, true);
        if broken(&plain(&cured, job.seed, order)?, order).is_empty() {
            cures.push(switch.name().to_owned());
        }
    }
    Ok(Inspection {
        schema_version: SCHEMA_VERSION,
        scenario: job.scenario.name.clone(),
        coordination: job.scenario.flow.coordination,
        seed: job.seed,
        token: String::new(),
        decisions: Vec::new(),
        invariant: names.next(),
        also: names.collect(),
        detail: mine.map_or_else(String::new, |one| one.detail.clone()),
        cures,
        off: off().map(|switch| switch.name().to_owned()).collect(),
        order: order.0,
        story: run.stories.remove(&order).unwrap_or_default(),
        passing: None,
    })
}

fn plain(scenario: &Scenario, seed: u64, order: RequestId) -> Result<Finished, RunError> {
    let mut scenario = scenario.clone();
    // One that may stop a run would cut the story off.
    scenario.thresholds.clear();
    let plan = Arc::new(plan(&scenario, seed)?);
    let options = Options { tell: vec![order], postings: true, ..Options::default() };
    let cast = sim::cast(&plan);
    sim::run(plan, cast, options, Driver::Direct).map_err(|broken| internal(&broken))
}

/// What an order broke, the first invariant first; each once.
fn broken(run: &Finished, order: RequestId) -> Vec<Law> {
    let mut laws: Vec<Law> = Vec::new();
    for one in run.proof.findings.kept().iter().filter(|one| one.order == Some(order)) {
        if !laws.contains(&one.law) {
            laws.push(one.law);
        }
    }
    laws
}
