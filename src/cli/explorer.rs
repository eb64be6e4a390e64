//! The explorer behind the command line: plan, search, cure, sum up.

use super::engine::{Quest, RunError};
use super::virtual_engine::plan;
use crate::report::summary::Explored;
use crate::report::{Exploring, scenario_figures, sum_up};
use crate::sim::engine::Broken;
use crate::sim::explore::{
    Counterexample, Onlooker, Sampling, Switch, Theme, Token, explore as search, sample,
    scenario_digest,
};
use crate::sim::scenario::Scenario;
use std::time::Instant;

/// Runs drawn if several orders are in flight and nothing else is asked for.
const SAMPLES: u32 = 200;

/// Explores, and says of each counterexample which protection would have prevented it.
pub(super) fn explore(quest: &Quest<'_>, watch: &mut Onlooker<'_>) -> Result<Explored, RunError> {
    let mut scenario = quest.scenario.clone();
    scenario.flow.coordination = quest.coordination;
    quest.without.iter().for_each(|switch| switch.set(&mut scenario, false));
    let theme = Theme::new(plan(&scenario, quest.seed)?);
    let begin = Instant::now();
    let exhaustive = theme.single() && quest.samples.is_none();
    let found = if exhaustive {
        search(&theme, quest.bounds, watch)
    } else {
        let samples = quest.samples.unwrap_or(SAMPLES);
        let faults = quest.bounds.faults;
        sample(&theme, Sampling { samples, faults, seed: quest.seed }, watch)
    };
    let found = found.map_err(|broken| internal(&broken))?;
    let wall_ns = begin.elapsed().as_nanos() as u64;
    let off = || Switch::ALL.into_iter().filter(|switch| !switch.is_on(&scenario));
    let cures: Result<Vec<_>, RunError> = found
        .counterexamples
        .iter()
        .map(|one| cures(&scenario, quest.seed, off().collect(), one))
        .collect();
    let token = Token {
        version: Token::this_version(),
        scenario: scenario_digest(quest.scenario),
        coordination: quest.coordination,
        off: quest.without.iter().fold(0, |bits, switch| bits | switch.bit()),
        seed: quest.seed,
        digest: 0,
        decisions: Vec::new(),
    };
    Ok(sum_up(
        &found,
        &Exploring {
            theme: &theme,
            scenario: scenario_figures(&scenario),
            token,
            off: off().map(|switch| switch.name().to_owned()).collect(),
            exhaustive,
            faults: quest.bounds.faults,
            cures: cures?,
            wall_ns,
        },
    ))
}

/// The protections that are off, each of which alone lets the run pass.
fn cures(
    scenario: &Scenario,
    seed: u64,
    off: Vec<Switch>,
    one: &Counterexample,
) -> Result<Vec<String>, RunError> {
    let mut cures = Vec::new();
    for switch in off {
        let mut cured = scenario.clone();
        switch.set(&mut cured, true);
        let theme = Theme::new(plan(&cured, seed)?);
        if theme.run(&one.decisions, false).map_err(|broken| internal(&broken))?.clean() {
            cures.push(switch.name().to_owned());
        }
    }
    Ok(cures)
}

fn internal(broken: &Broken) -> RunError {
    RunError::Internal(broken.to_string())
}
