//! `replay` and `inspect`: a counterexample again, exactly, and as a story.

use super::again::{quoted, set};
use super::args::{Format, InspectArguments, ReplayArguments, WhichRun};
use super::engine::{Engine, Job, Loaded};
use super::exit::ExitCode;
use super::outing::{Outing, Style, failed, usage};
use super::run::show;
use super::terminal::Terminal;
use crate::domain::RequestId;
use crate::report::summary::Inspection;
use crate::report::{Summary, render_inspection};
use crate::sim::explore::{Switch, Token, scenario_digest};
use std::fs;
use std::path::{Path, PathBuf};

/// Runs what a token says; a token that no longer fits is told, and nothing is written.
pub(super) fn replay(
    arguments: &ReplayArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let case = match Case::of(&arguments.which, engine, terminal) {
        Ok(case) => case,
        Err(code) => return code,
    };
    let again = case.command("replay");
    let outing = Outing {
        job: case.job(),
        loaded: &case.loaded,
        same: again.clone(),
        again,
        style: Style { format: arguments.format, out: &arguments.out, quiet: arguments.quiet },
    };
    let accept = |summary: &Summary| same(&case.token, summary);
    outing.run(engine, terminal, &accept, &|_, _| ExitCode::Passed)
}

/// Tells what a token says as a story, or an order of a plain run.
pub(super) fn inspect(
    arguments: &InspectArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    if let Some(order) = arguments.order {
        return tell(arguments, order, engine, terminal);
    }
    let case = match Case::of(&arguments.which, engine, terminal) {
        Ok(case) => case,
        Err(code) => return code,
    };
    let told = match engine.inspect(&case.job()) {
        Ok(told) => told,
        Err(error) => return failed(terminal, &error),
    };
    show_story(&told, arguments.format, &case.command("replay"), terminal)
}

fn show_story(
    told: &Inspection,
    format: Format,
    again: &str,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let text = match format {
        Format::Json => told.to_json(),
        Format::Text => render_inspection(told, terminal.charset, again),
    };
    show(terminal, &text)
}

/// Tells an order of the plain run of a scenario.
fn tell(
    arguments: &InspectArguments,
    order: u32,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let WhichRun { token: name, file, set: settings } = &arguments.which;
    if file.is_some() {
        let wrong = "--order tells a plain run: it takes the scenario file, and no token";
        return usage(terminal, wrong);
    }
    let loaded = engine.load(Path::new(name), settings);
    let mut loaded = match loaded {
        Ok(loaded) => loaded,
        Err(rejected) => {
            terminal.say(rejected.rendered.trim_end());
            return ExitCode::Usage;
        }
    };
    let scenario = &mut loaded.scenario;
    scenario.flow.coordination = arguments.coordination.unwrap_or(scenario.flow.coordination);
    let seed = arguments.seed.unwrap_or_else(|| scenario.seed());
    let (redis, token, focus) = (None, None, None);
    let (others_follow, twice) = (false, false);
    let job = Job { scenario, seed, redis, others_follow, twice, decisions: &[], token, focus };
    let told = match engine.tell(&job, RequestId(order)) {
        Ok(told) => told,
        Err(error) => return failed(terminal, &error),
    };
    let who = scenario.flow.coordination.name();
    let (file, set) = (quoted(name), set(settings));
    let again = format!("sagasim run {file} --seed {seed} --coordination {who}{set}");
    show_story(&told, arguments.format, &again, terminal)
}

/// A token, and the scenario it was made from, set up as it says.
struct Case {
    token: Token,
    word: String,
    file: PathBuf,
    loaded: Loaded,
}

impl Case {
    fn of(
        which: &WhichRun,
        engine: &dyn Engine,
        terminal: &mut Terminal<'_>,
    ) -> Result<Case, ExitCode> {
        let Asked { token, file, settings } =
            asked(which).map_err(|wrong| usage(terminal, &wrong))?;
        let mut loaded = engine.load(&file, &settings).map_err(|rejected| {
            terminal.say(rejected.rendered.trim_end());
            ExitCode::Usage
        })?;
        fits(&token, &loaded, &file).map_err(|stale| usage(terminal, &stale))?;
        let scenario = &mut loaded.scenario;
        scenario.flow.coordination = token.coordination;
        scenario.run.seed = Some(token.seed);
        let off = Switch::ALL.into_iter().filter(|switch| token.off & switch.bit() != 0);
        off.for_each(|switch| switch.set(scenario, false));
        // Thresholds judge a load; one that may stop a run would make it another one.
        scenario.thresholds.clear();
        Ok(Case { word: token.to_string(), token, file, loaded })
    }

    fn job(&self) -> Job<'_> {
        Job {
            scenario: &self.loaded.scenario,
            seed: self.token.seed,
            redis: None,
            twice: false,
            others_follow: false,
            decisions: &self.token.decisions,
            focus: Some(&self.token.focus),
            token: Some(&self.word),
        }
    }

    fn command(&self, verb: &str) -> String {
        let (file, set) = (quoted(&self.file.display().to_string()), set(&self.loaded.settings));
        format!("sagasim {verb} {} {file}{set}", self.word)
    }
}

/// What a case is made of, typed or in a `repro.toml`.
struct Asked {
    token: Token,
    file: PathBuf,
    settings: Vec<String>,
}

fn asked(arguments: &WhichRun) -> Result<Asked, String> {
    let typed = arguments.token.as_str();
    let (word, file, mut settings) = match (&arguments.file, typed.ends_with(".toml")) {
        (Some(file), false) => (typed.to_owned(), file.clone(), Vec::new()),
        (None, true) => repro(Path::new(typed))?,
        (None, false) => {
            return Err("a token needs its scenario: TOKEN FILE".to_owned());
        }
        (Some(_), true) => {
            return Err("a repro.toml names its scenario itself".to_owned());
        }
    };
    settings.extend_from_slice(&arguments.set);
    let token = word.parse::<Token>().map_err(|error| error.to_string())?;
    Ok(Asked { token, file, settings })
}

/// The token, the scenario and the settings of a `repro.toml`.
fn repro(path: &Path) -> Result<(String, PathBuf, Vec<String>), String> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {name}: {error}"))?;
    let table: toml::Table = text.parse().map_err(|error| format!("{name}: {error}"))?;
    let said = |key: &str| {
        let value = table.get(key).and_then(toml::Value::as_str);
        value.ok_or_else(|| format!("{name}: `{key}` is missing, or no text"))
    };
    let texts = |value: &toml::Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
    };
    let settings = table.get("set").map_or_else(|| Some(Vec::new()), texts);
    let settings = settings.ok_or_else(|| format!("{name}: `set` is no list of texts"))?;
    let scenario = path.parent().unwrap_or(Path::new("")).join(said("scenario")?);
    Ok((said("token")?.to_owned(), scenario, settings))
}

/// Whether the token was made from this scenario by this version.
fn fits(token: &Token, loaded: &Loaded, file: &Path) -> Result<(), String> {
    let file = file.display();
    if token.version != Token::this_version() {
        let version = env!("CARGO_PKG_VERSION");
        return Err(format!("the token is stale: it was not made by sagasim {version}"));
    }
    if token.scenario != scenario_digest(&loaded.scenario) {
        return Err(format!(
            "the token is stale: {file} is not the scenario it was made from, or has changed \
             since, or was explored with another --set"
        ));
    }
    Ok(())
}

/// Whether the run is the one that the token was made from.
fn same(token: &Token, summary: &Summary) -> Result<(), String> {
    let digest = u64::from_str_radix(&summary.digest, 16).unwrap_or(0);
    if summary.aborted || (digest >> 48) as u16 == token.digest {
        return Ok(());
    }
    Err(format!(
        "the token is stale: the run has digest {}, the one it was made from began with {:04x}",
        summary.digest, token.digest
    ))
}
