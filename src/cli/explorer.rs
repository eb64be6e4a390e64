//! The explorer behind the command line: plan, search, cure, sum up.

use super::engine::{Job, Quest, RunError};
use super::virtual_engine::plan;
use crate::report::summary::{Explored, Inspection, Nearest, SCHEMA_VERSION};
use crate::report::{Exploring, scenario_figures, sum_up};
use crate::sim::engine::Broken;
use crate::sim::explore::{
    Decision, Exploration, Onlooker, Sampling, Switch, Theme, Token, explore as search, sample,
    scenario_digest,
};
use crate::sim::plan::Focus;
use crate::sim::scenario::Scenario;
use std::time::Instant;

/// Walks drawn if several orders are in flight and nothing else is asked for.
const SAMPLES: u32 = 200;

/// Explores, and says of each counterexample which protection would have prevented it.
pub(super) fn explore(quest: &Quest<'_>, watch: &mut Onlooker<'_>) -> Result<Explored, RunError> {
    let mut scenario = quest.scenario.clone();
    scenario.flow.coordination = quest.coordination;
    quest.without.iter().for_each(|switch| switch.set(&mut scenario, false));
    let theme = Theme::new(plan(&scenario, quest.seed)?).driven(quest.through);
    let begin = Instant::now();
    let found = searched(&theme, quest, watch)?;
    let wall_ns = begin.elapsed().as_nanos() as u64;
    let off = || Switch::ALL.into_iter().filter(|switch| !switch.is_on(&scenario));
    let cures: Result<Vec<_>, RunError> = found
        .counterexamples
        .iter()
        .map(|one| cures(&scenario, quest.seed, off().collect(), (&one.focus, &one.decisions)))
        .collect();
    let token = Token {
        version: Token::this_version(),
        scenario: scenario_digest(quest.scenario),
        coordination: quest.coordination,
        off: quest.without.iter().fold(0, |bits, switch| bits | switch.bit()),
        seed: quest.seed,
        digest: 0,
        focus: Focus::default(),
        decisions: Vec::new(),
    };
    Ok(sum_up(
        &found,
        &Exploring {
            theme: &theme,
            scenario: scenario_figures(&scenario),
            token,
            off: off().map(|switch| switch.name().to_owned()).collect(),
            faults: quest.bounds.faults,
            cures: cures?,
            wall_ns,
        },
    ))
}

/// Whether everything is tried; else a sample is drawn.
pub(super) fn exhaustive(theme: &Theme, quest: &Quest<'_>) -> bool {
    theme.single() && quest.samples.is_none()
}

/// Explores a theme as far as the quest says.
pub(super) fn searched(
    theme: &Theme,
    quest: &Quest<'_>,
    watch: &mut Onlooker<'_>,
) -> Result<Exploration, RunError> {
    let found = if exhaustive(theme, quest) {
        search(theme, quest.bounds, watch)
    } else {
        let samples = quest.samples.unwrap_or(SAMPLES);
        let faults = quest.bounds.faults;
        let jobs = quest.bounds.jobs;
        sample(theme, Sampling { samples, faults, seed: quest.seed, jobs }, watch)
    };
    found.map_err(|broken| internal(&broken))
}

/// Tells a counterexample, and the nearest run that passes.
pub(super) fn inspect(job: &Job<'_>) -> Result<Inspection, RunError> {
    let focus = job.focus.cloned().unwrap_or_default();
    let theme = Theme::new(plan(job.scenario, job.seed)?.focused(focus.clone())).unnarrowed();
    let failed = |broken: Broken| internal(&broken);
    let trial = theme.run(job.decisions, true).map_err(failed)?;
    let first = job.decisions.iter().find_map(Decision::order);
    let order = trial.order.or(first).unwrap_or_default();
    let words = |decision: &Decision| decision.describe(trial.transport(decision));
    let mut passing = None;
    // The newest decision first: that run is alike for longest.
    for at in (0..job.decisions.len()).rev() {
        let mut rest = job.decisions.to_vec();
        let without = words(&rest.remove(at));
        if theme.run(&rest, false).map_err(failed)?.clean() {
            let story = theme.story(&rest, order).map_err(failed)?;
            passing = Some(Nearest { without, story });
            break;
        }
    }
    let off = || Switch::ALL.into_iter().filter(|switch| !switch.is_on(job.scenario));
    let cures = if trial.clean() {
        Vec::new()
    } else {
        cures(job.scenario, job.seed, off().collect(), (&focus, job.decisions))?
    };
    let mut laws = trial.laws.iter().map(|law| law.name().to_owned());
    Ok(Inspection {
        schema_version: SCHEMA_VERSION,
        scenario: job.scenario.name.clone(),
        coordination: job.scenario.flow.coordination,
        seed: job.seed,
        token: job.token.unwrap_or_default().to_owned(),
        decisions: job.decisions.iter().map(words).collect(),
        invariant: laws.next(),
        also: laws.collect(),
        detail: trial.detail.clone(),
        cures,
        off: off().map(|switch| switch.name().to_owned()).collect(),
        order: order.0,
        story: theme.story(job.decisions, order).map_err(failed)?,
        passing,
    })
}

/// The protections that are off, each of which alone lets the run pass.
fn cures(
    scenario: &Scenario,
    seed: u64,
    off: Vec<Switch>,
    (focus, decisions): (&Focus, &[Decision]),
) -> Result<Vec<String>, RunError> {
    let mut cures = Vec::new();
    for switch in off {
        let mut cured = scenario.clone();
        switch.set(&mut cured, true);
        let theme = Theme::new(plan(&cured, seed)?.focused(focus.clone()));
        if theme.run(decisions, false).map_err(|broken| internal(&broken))?.clean() {
            cures.push(switch.name().to_owned());
        }
    }
    Ok(cures)
}

pub(super) fn internal(broken: &Broken) -> RunError {
    RunError::Internal(broken.to_string())
}
