//! `compare`: gather the sides, refuse what cannot be compared, run what is not run yet, judge.

use super::again::quoted;
use super::args::{CompareArguments, FailOn, Format, USUAL_FOLDER};
use super::campaign::{How, run_cells};
use super::cells;
use super::engine::Engine;
use super::exit::ExitCode;
use super::run::show;
use super::sides::{Finder, Origin, Side};
use super::terminal::Terminal;
use crate::report::campaign::Cell;
use crate::report::compare::{
    self, COMPARISON_VERSION, CONFIDENCE, Comparison, Difference, Finding, Rule, Sample,
    differences,
};
use crate::report::metric;
use crate::report::{ComparisonOptions, render_comparison};
use std::path::Path;

/// Seeds with which scenarios are run if nobody says how many.
const REPEAT: usize = 10;
/// Parts of a scenario that may differ, because they are what one compares: the system. The rest
/// is the work that both sides must have in common.
const SYSTEM: [&str; 6] = ["flow", "service", "network", "protection", "fault", "run.anomalies"];

/// Compares every side with the first.
pub(super) fn compare(
    arguments: &CompareArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let mut sides = match gathered(arguments, engine, terminal) {
        Ok(sides) => sides,
        Err(said) => {
            said.iter().for_each(|error| terminal.say(&format!("error: {error}")));
            return ExitCode::Usage;
        }
    };
    let chosen = choose_seeds(&mut sides, arguments);
    let samples = match samples(sides, arguments, engine, terminal) {
        Ok(samples) => samples,
        Err(code) => return code,
    };
    let Some(((reference, of_reference), others)) = samples.split_first() else {
        return ExitCode::Usage;
    };
    let judged = if arguments.metric.is_empty() {
        metric::JUDGED.map(str::to_owned).to_vec()
    } else {
        arguments.metric.clone()
    };
    let rule = Rule { noise: arguments.noise, judged: &judged };
    let mut candidates = Vec::new();
    for (side, samples) in others {
        let differs = match comparable(reference, of_reference, side, samples, arguments) {
            Ok(differs) => differs,
            Err(error) => {
                terminal.say(&format!("error: {error}"));
                return ExitCode::Usage;
            }
        };
        let named = compare::Side::new(side.name.clone(), samples);
        candidates.push(compare::compare(of_reference, samples, named, differs, rule));
    }
    let found = |finding| candidates.iter().any(|one| one.finding == finding);
    let failed = |on, finding, code: ExitCode| {
        if arguments.fail_on.contains(&on) && found(finding) { code } else { ExitCode::Passed }
    };
    let code = failed(FailOn::Regression, Finding::Worse, ExitCode::Regression).and(failed(
        FailOn::Inconclusive,
        Finding::Inconclusive,
        ExitCode::Inconclusive,
    ));
    let comparison = Comparison {
        schema_version: COMPARISON_VERSION,
        clock: of_reference.first().map(|sample| sample.clock.clone()).unwrap_or_default(),
        noise: arguments.noise,
        confidence: CONFIDENCE,
        reference: compare::Side::new(reference.name.clone(), of_reference),
        candidates,
        exit_code: code.code(),
    };
    let text = match arguments.format {
        Format::Json => comparison.to_json(),
        Format::Text => {
            let again = again(arguments, chosen);
            let options = ComparisonOptions { charset: terminal.charset, again: &again };
            render_comparison(&comparison, &options)
        }
    };
    code.and(show(terminal, &text))
}

/// All sides, if they can be compared as far as is known before anything runs.
fn gathered(
    arguments: &CompareArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> Result<Vec<Side>, Vec<String>> {
    let known = metric::names();
    if let Some(unknown) = arguments.metric.iter().find(|name| !known.contains(name)) {
        let near = |name: &&String| strsim::damerau_levenshtein(name, unknown);
        let meant = known.iter().min_by_key(near).map(String::as_str).unwrap_or_default();
        return Err(vec![format!("there is no figure `{unknown}`: did you mean `{meant}`?")]);
    }
    let cells = cells::cells(&arguments.matrix).map_err(|error| vec![error])?;
    let finder = Finder { out: &arguments.out, set: &arguments.set, cells: &cells, engine };
    let mut sides = Vec::new();
    // What is wrong with each has been said: all of it, before this stops.
    let mut complete = true;
    let baseline = arguments.baseline.iter().map(|name| finder.baseline(name, terminal));
    for found in baseline.collect::<Vec<_>>() {
        complete &= found.is_some();
        sides.extend(found.into_iter().flatten());
    }
    for word in &arguments.sides {
        let found = finder.find(word, terminal);
        complete &= found.is_some();
        sides.extend(found.into_iter().flatten());
    }
    if !complete {
        return Err(Vec::new());
    }
    let Some((reference, others)) = sides.split_first() else { return Err(Vec::new()) };
    if others.is_empty() {
        return Err(vec!["one side alone cannot be compared: name a second, or a --matrix".into()]);
    }
    let set = !(arguments.set.is_empty() && arguments.matrix.is_empty());
    if set && sides.iter().all(|side| matches!(side.from, Origin::Stored(_))) {
        return Err(vec!["--set and --matrix are for scenarios: what is stored is over".into()]);
    }
    let refused = |side: &Side| comparable(reference, &[], side, &[], arguments).err();
    let refused: Vec<String> = others.iter().filter_map(refused).collect();
    if refused.is_empty() { Ok(sides) } else { Err(refused) }
}

/// Gives scenarios the seeds of the first stored side, so that there are pairs, or seeds of their
/// own; answers those, and how many.
fn choose_seeds(sides: &mut [Side], arguments: &CompareArguments) -> Option<(u64, usize)> {
    let stored = sides.iter().find_map(|side| match &side.from {
        Origin::Stored(samples) => Some(samples.iter().map(|sample| sample.seed).collect()),
        Origin::Scenario(_) => None,
    });
    let asked = arguments.seed.is_some() || arguments.repeat.is_some();
    let own = sides.iter().find_map(|side| match &side.from {
        Origin::Stored(_) => None,
        Origin::Scenario(ready) => Some(ready.loaded.scenario.run.seed),
    })?;
    let (seeds, chosen): (Vec<u64>, _) = match stored.filter(|_| !asked) {
        Some(seeds) => (seeds, None),
        None => {
            let base = arguments.seed.or(own).unwrap_or_else(|| u64::from(rand::random::<u32>()));
            let many = arguments.repeat.unwrap_or(REPEAT);
            (cells::seeds(base, many), Some((base, many)))
        }
    };
    for side in sides {
        if let Origin::Scenario(ready) = &mut side.from {
            ready.seeds.clone_from(&seeds);
        }
    }
    chosen
}

/// Runs what is not run yet.
fn samples(
    sides: Vec<Side>,
    arguments: &CompareArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> Result<Vec<(Side, Vec<Sample>)>, ExitCode> {
    let (mut open, mut to_run) = (Vec::new(), Vec::new());
    for Side { name, settings, resolved, from } in sides {
        let ran = match from {
            Origin::Stored(samples) => Some(samples),
            Origin::Scenario(ready) => {
                to_run.push(*ready);
                None
            }
        };
        open.push((Side { name, settings, resolved, from: Origin::Stored(Vec::new()) }, ran));
    }
    let how = How { jobs: arguments.jobs, quiet: arguments.quiet, redis: None, kept: None };
    let (cells, _) = run_cells(&to_run, how, engine, terminal);
    if let Some(stopped) = terminal.stop.asked() {
        terminal.say("stopped: nothing is compared");
        return Err(stopped);
    }
    let mut cells = cells.iter();
    let mut filled = Vec::new();
    for (side, ran) in open {
        let ran = match ran {
            Some(ran) => ran,
            None => match cells.next().map(of_cell) {
                Some(Ok(ran)) => ran,
                Some(Err((error, code))) => {
                    terminal.say(&format!("error: {}: {error}", side.name));
                    return Err(code);
                }
                None => Vec::new(),
            },
        };
        filled.push((side, ran));
    }
    Ok(filled)
}

fn of_cell(cell: &Cell) -> Result<Vec<Sample>, (String, ExitCode)> {
    let sample = |run: &crate::report::campaign::Run| match (&run.summary, &run.error) {
        (Some(summary), _) => {
            Sample::of_summary(summary).map_err(|error| (error, ExitCode::Internal))
        }
        (None, error) => {
            let code = run.exit_code.and_then(ExitCode::from_code).unwrap_or(ExitCode::Internal);
            Err((error.clone().unwrap_or_default(), code))
        }
    };
    cell.runs.iter().map(sample).collect()
}

/// What differs between the scenarios of two sides, if they can be compared: their work must be
/// the same, apart from what a matrix sets and what is allowed. Without samples only what the
/// scenarios say is judged.
fn comparable(
    reference: &Side,
    of_reference: &[Sample],
    side: &Side,
    of_side: &[Sample],
    arguments: &CompareArguments,
) -> Result<Vec<Difference>, String> {
    let mut differs = match (&reference.resolved, &side.resolved) {
        (Some(one), Some(two)) => differences(one, two)?,
        // Only the digests are left to tell by.
        (None, _) | (_, None) => unnamed(of_reference, of_side),
    };
    if let (Some(one), Some(two)) = (of_reference.first(), of_side.first())
        && one.clock != two.clock
        && !differs.iter().any(|one| one.key == "run.clock")
    {
        let (reference, candidate) = (Some(one.clock.clone()), Some(two.clock.clone()));
        differs.push(Difference { key: "run.clock".to_owned(), reference, candidate });
    }
    let set = reference.settings.iter().chain(&side.settings);
    let set = set.filter_map(|setting| setting.split_once('=')).map(|(key, _)| key);
    let allowed: Vec<String> = set
        .chain(SYSTEM)
        .chain(arguments.allow_different.iter().map(String::as_str))
        .map(plain)
        .collect();
    let below = |key: &str, of: &String| {
        key.strip_prefix(of.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let refused: Vec<&Difference> =
        differs.iter().filter(|one| !allowed.iter().any(|of| below(&one.key, of))).collect();
    if refused.is_empty() {
        return Ok(differs);
    }
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let line = |one: &&Difference| {
        format!("\n  {}: {} / {}", one.key, said(&one.reference), said(&one.candidate))
    };
    let lines: String = refused.iter().map(line).collect();
    let allow = format!("--allow-different {}", quoted(&refused[0].key));
    Err(format!(
        "{} and {} do not do the same work:{lines}\nhelp: {allow} compares them all the same",
        reference.name, side.name
    ))
}

/// A difference without a name, if runs with one seed have different scenarios.
fn unnamed(one: &[Sample], two: &[Sample]) -> Vec<Difference> {
    let same = |a: &Sample| {
        two.iter().find(|b| b.seed == a.seed).is_none_or(|b| a.scenario_digest == b.scenario_digest)
    };
    let paired = one.iter().any(|a| two.iter().any(|b| b.seed == a.seed));
    if one.is_empty() || two.is_empty() || paired && one.iter().all(same) {
        return Vec::new();
    }
    let digest = |side: &[Sample]| side.first().map(|sample| sample.scenario_digest.clone());
    let key = "scenario".to_owned();
    vec![Difference { key, reference: digest(one), candidate: digest(two) }]
}

/// A key as differences write it: `load[0].rate` is `load.0.rate`.
fn plain(key: &str) -> String {
    let bare = key.replace('[', ".").replace([']', '"', '\'', ' '], "");
    bare.trim_matches('.').to_owned()
}

/// The command that gives the same comparison again.
fn again(arguments: &CompareArguments, seeds: Option<(u64, usize)>) -> String {
    let mut text = "sagasim compare".to_owned();
    arguments.sides.iter().for_each(|side| text.push_str(&format!(" {}", quoted(side))));
    let mut flag = |name: &str, value: &str| text.push_str(&format!(" {name} {}", quoted(value)));
    arguments.baseline.iter().for_each(|name| flag("--baseline", name));
    arguments.set.iter().for_each(|setting| flag("--set", setting));
    arguments.matrix.iter().for_each(|axis| flag("--matrix", axis));
    if let Some((base, many)) = seeds {
        flag("--seed", &base.to_string());
        flag("--repeat", &many.to_string());
    }
    if arguments.noise.to_bits() != 0.05_f64.to_bits() {
        flag("--noise", &arguments.noise.to_string());
    }
    if arguments.out != Path::new(USUAL_FOLDER) {
        flag("--out", &arguments.out.display().to_string());
    }
    arguments.metric.iter().for_each(|metric| flag("--metric", metric));
    arguments.allow_different.iter().for_each(|key| flag("--allow-different", key));
    text
}
