//! The ablation behind the command line: each variant explored, and each of their smallest faults
//! tried in all of them.

use super::engine::{Quest, RunError};
use super::explorer::{exhaustive, internal, searched};
use super::virtual_engine::plan;
use crate::report::summary::{AblationFigures, VariantFigures};
use crate::report::violation;
use crate::sim::check::Law;
use crate::sim::explore::{
    Class, Counterexample, Exploration, Onlooker, Pace, Theme, Token, Variant, certify,
    scenario_digest,
};
use crate::sim::plan::Focus;
use crate::sim::scenario::Scenario;

/// A variant, and what was found.
struct Tried {
    variant: Variant,
    scenario: Scenario,
    theme: Theme,
    idle: Option<&'static str>,
    /// None: it is idle, or the search was stopped before it.
    found: Option<Exploration>,
}

impl Tried {
    fn counterexamples(&self) -> &[Counterexample] {
        self.found.as_ref().map_or(&[], |found| &found.counterexamples)
    }

    /// Where a counterexample is tried.
    fn ground(&self, one: &Counterexample) -> Theme {
        if self.theme.single() { self.theme.clone() } else { self.theme.focused(one.focus.clone()) }
    }

    /// Its own counterexamples. A sample may have drawn none, though what another variant's sample
    /// found breaks this one as well: then those.
    fn broken(&self, columns: &[&Counterexample]) -> Result<Vec<Counterexample>, RunError> {
        let mut all = self.counterexamples().to_vec();
        if !all.is_empty() || self.found.is_none() {
            return Ok(all);
        }
        for column in columns {
            let (theme, set) = (self.ground(column), &column.decisions);
            let failed = |broken| internal(&broken);
            if let Some(&law) = theme.run(set, false).map_err(failed)?.laws.first() {
                all.push(certify(&theme, set, law).map_err(failed)?);
            }
        }
        Ok(all)
    }

    /// What the decisions of a counterexample come to here; none: this variant was not tried. One
    /// order is the whole one, whatever was spared of it when it was found: a row shows what it
    /// breaks on the same order in each variant. Of several orders those that are left are placed.
    fn outcome(&self, one: &Counterexample) -> Result<Option<&'static str>, RunError> {
        if self.found.is_none() {
            return Ok(None);
        }
        let trial =
            self.ground(one).run(&one.decisions, true).map_err(|broken| internal(&broken))?;
        let reached = trial.struck && trial.missed(&one.decisions).is_none();
        Ok(Some(if reached || !trial.clean() { trial.class().name() } else { "unreached" }))
    }
}

/// Explores each variant of a scenario, and tries the smallest fault of each in all of them.
pub(super) fn ablate(
    quest: &Quest<'_>,
    watch: &mut Onlooker<'_>,
) -> Result<AblationFigures, RunError> {
    let mut scenario = quest.scenario.clone();
    scenario.flow.coordination = quest.coordination;
    let tried = try_all(quest, &scenario, watch)?;
    let mut columns: Vec<&Counterexample> = Vec::new();
    for one in tried.iter().filter_map(|tried| tried.counterexamples().first()) {
        if !columns.iter().any(|other| alike(other, one, &tried[0])) {
            columns.push(one);
        }
    }
    let variants: Result<Vec<_>, RunError> =
        tried.iter().map(|one| figures(one, &tried[0], &columns, quest)).collect();
    let words = |one: &&Counterexample| {
        let both = one.decisions.iter().zip(&one.transports);
        both.map(|(decision, transport)| decision.describe(*transport)).collect()
    };
    let declared = scenario.faults.iter().filter(|fault| fault.applies(quest.coordination));
    Ok(AblationFigures {
        coordination: quest.coordination,
        compensate: scenario.protection.compensate.name().to_owned(),
        declared: declared.map(|fault| fault.name.clone()).collect(),
        faults: columns.iter().map(words).collect(),
        variants: variants?,
        exhaustive: exhaustive(&tried[0].theme, quest),
        aborted: tried.iter().any(|one| match &one.found {
            Some(found) => found.aborted,
            None => one.idle.is_none(),
        }),
    })
}

/// Whether two counterexamples make one column.
fn alike(one: &Counterexample, other: &Counterexample, whole: &Tried) -> bool {
    one.decisions == other.decisions && (whole.theme.single() || one.focus == other.focus)
}

/// Explores one variant after another; a search that was stopped is the last.
fn try_all(
    quest: &Quest<'_>,
    scenario: &Scenario,
    watch: &mut Onlooker<'_>,
) -> Result<Vec<Tried>, RunError> {
    let variants = Variant::of(scenario);
    let (all, mut before, mut stopped) = (variants.len() as f64, 0, false);
    let mut tried = Vec::with_capacity(variants.len());
    for (at, variant) in variants.into_iter().enumerate() {
        let idle = variant.idle(scenario);
        let own = variant.apply(scenario);
        let theme = Theme::new(plan(&own, quest.seed)?);
        let mut within = |pace: Pace| {
            let fraction = (at as f64 + pace.fraction) / all;
            watch(Pace { fraction, runs: before + pace.runs, ..pace })
        };
        let found = if idle.is_some() || stopped {
            None
        } else {
            Some(searched(&theme, quest, &mut within)?)
        };
        before += found.as_ref().map_or(0, |found| found.runs.total());
        stopped |= found.as_ref().is_some_and(|found| found.aborted);
        tried.push(Tried { variant, scenario: own, theme, idle, found });
    }
    Ok(tried)
}

/// One row of the table.
fn figures(
    one: &Tried,
    whole: &Tried,
    columns: &[&Counterexample],
    quest: &Quest<'_>,
) -> Result<VariantFigures, RunError> {
    let token = token(one, quest);
    let all = one.broken(columns)?;
    let smallest = all.first();
    let mut breaks: Vec<Law> = Vec::new();
    let mut violations = Vec::new();
    for found in &all {
        let known = breaks.len();
        for law in [found.law].into_iter().chain(found.also.iter().copied()) {
            if !breaks.contains(&law) {
                breaks.push(law);
            }
        }
        if breaks.len() > known {
            let cured = whole.outcome(found)? == Some(Class::Clean.name());
            let cures: Vec<String> = cured.then(|| cure(one.variant, whole)).into_iter().collect();
            violations.push(violation(found, &cures, &token, &one.theme));
        }
    }
    let mut outcomes = Vec::new();
    for column in columns {
        outcomes.extend(one.outcome(column)?.map(str::to_owned));
    }
    let needs = match smallest {
        Some(smallest) => needed(one, quest, smallest)?,
        None => Vec::new(),
    };
    let same = |smallest: &Counterexample| {
        columns.iter().position(|column| alike(column, smallest, whole))
    };
    let found = one.found.as_ref();
    Ok(VariantFigures {
        name: one.variant.name().to_owned(),
        kind: one.variant.kind().to_owned(),
        setting: one.variant.setting(),
        not_applicable: one.idle.map(str::to_owned),
        runs: found.map_or(0, |found| found.runs.total()),
        points: found.map_or(0, |found| found.points.len() as u64),
        counterexamples: found.map_or(0, |found| match found.drawn {
            // Of a sample, walks that failed are counted there.
            Some(_) => all.len() as u64,
            None => found.broken.values().sum(),
        }),
        breaks: breaks.into_iter().map(|law| law.name().to_owned()).collect(),
        smallest: smallest.and_then(same),
        needs,
        outcomes,
        violations,
    })
}

/// The protection, or the undo policy, that a variant lacks.
fn cure(variant: Variant, whole: &Tried) -> String {
    match variant {
        Variant::Whole | Variant::Without(_) => variant.name().to_owned(),
        Variant::Undoing(_) => whole.scenario.protection.compensate.name().to_owned(),
    }
}

/// Declared faults without which the decisions break nothing.
fn needed(
    one: &Tried,
    quest: &Quest<'_>,
    smallest: &Counterexample,
) -> Result<Vec<String>, RunError> {
    let mut needed = Vec::new();
    for (at, fault) in one.scenario.faults.iter().enumerate() {
        let mut less = one.scenario.clone();
        less.faults.remove(at);
        let theme = Theme::new(plan(&less, quest.seed)?.focused(smallest.focus.clone()));
        if theme.run(&smallest.decisions, false).map_err(|broken| internal(&broken))?.clean() {
            needed.push(fault.name.clone());
        }
    }
    Ok(needed)
}

/// The token of a run of this variant without decisions. One without a protection names it; what
/// has another undo policy is another scenario.
fn token(one: &Tried, quest: &Quest<'_>) -> Token {
    let (scenario, off) = match one.variant {
        Variant::Whole => (scenario_digest(quest.scenario), 0),
        Variant::Without(switch) => (scenario_digest(quest.scenario), switch.bit()),
        Variant::Undoing(_) => (scenario_digest(&one.variant.apply(quest.scenario)), 0),
    };
    Token {
        version: Token::this_version(),
        scenario,
        coordination: quest.coordination,
        off,
        seed: quest.seed,
        digest: 0,
        focus: Focus::default(),
        decisions: Vec::new(),
    }
}
