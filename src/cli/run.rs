//! `run`: read, run, write, show.

use super::args::{RunArguments, RunFormat, USUAL_FOLDER};
use super::dry;
use super::engine::{Engine, Job, Loaded, Ran, RunError};
use super::exit::ExitCode;
use super::progress::{Mode, Progress};
use super::run_dir::RunDir;
use super::terminal::{Clock, Terminal};
use crate::actors::redis::RedisSinks;
use crate::report::{Summary, TextOptions, render_junit, render_markdown, render_text};
use crate::sim::scenario::{Load, Verdict};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Runs every scenario, one after another. Nothing runs if one of them is invalid.
pub(super) fn run(
    arguments: &RunArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let url = arguments.redis.as_deref();
    if let Some(Err(error)) = url.map(RedisSinks::understand) {
        terminal.say(&format!("error: {error}"));
        return ExitCode::Usage;
    }
    if arguments.format == RunFormat::Junit && arguments.files.len() > 1 {
        terminal.say("error: `--format junit` is one document, so it takes one file");
        terminal.say("help: each run's directory has its own junit.xml");
        return ExitCode::Usage;
    }
    let mut scenarios = Vec::new();
    for file in &arguments.files {
        match engine.load(file) {
            Ok(mut loaded) => {
                if let Some(coordination) = arguments.coordination {
                    loaded.scenario.flow.coordination = coordination;
                }
                scenarios.push((file, loaded));
            }
            Err(rejected) => terminal.say(rejected.rendered.trim_end()),
        }
    }
    if scenarios.len() < arguments.files.len() || !readable(&scenarios, engine, terminal) {
        return ExitCode::Usage;
    }
    if arguments.dry_run {
        return dry::run(&scenarios, arguments, engine, terminal);
    }
    let mut code = ExitCode::Passed;
    for (at, (file, loaded)) in scenarios.iter_mut().enumerate() {
        if at > 0 && matches!(arguments.format, RunFormat::Text | RunFormat::Markdown) {
            code = code.and(show(terminal, "\n"));
        }
        code = code.and(one(file, loaded, arguments, engine, terminal));
        if let Some(stopped) = terminal.stop.asked() {
            return code.and(stopped);
        }
    }
    code
}

/// Whether the logs of several scenarios can be read; a single one finds out when it runs.
fn readable(
    scenarios: &[(&PathBuf, Loaded)],
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> bool {
    if scenarios.len() == 1 {
        return true;
    }
    let mut readable = true;
    for (file, Loaded { scenario, .. }) in scenarios {
        let replays = matches!(scenario.load, Load::OrderLog(_));
        if replays && let Err(error) = engine.examine(scenario, scenario.run.seed.unwrap_or(0)) {
            terminal.say(&format!("error: {}: {error}", file.display()));
            readable = false;
        }
    }
    readable
}

/// Runs one scenario, writes its files and shows its summary.
fn one(
    file: &Path,
    loaded: &mut Loaded,
    arguments: &RunArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let scenario = &mut loaded.scenario;
    // 32 bits are enough to be different every time, and short enough to type.
    let seed =
        arguments.seed.or(scenario.run.seed).unwrap_or_else(|| u64::from(rand::random::<u32>()));
    scenario.run.seed = Some(seed);
    if !arguments.quiet {
        dry::warn(file, loaded, seed, engine, terminal);
    }
    let scenario = &mut loaded.scenario;
    let begin = terminal.clock.now();
    let folder = match RunDir::prepare(&arguments.out, &scenario.name, seed, begin) {
        Ok(folder) => folder,
        Err(error) => {
            terminal.say(&format!("error: {error}"));
            return ExitCode::Usage;
        }
    };
    let job = Job { scenario, seed, redis: arguments.redis.as_deref() };
    let Ran { mut summary, files } = match watched(&job, arguments.quiet, engine, terminal) {
        Ok(ran) => ran,
        Err(error) => {
            terminal.say(&format!("error: {error}"));
            return code_of(&error);
        }
    };
    mark_aborted(&mut summary, terminal);
    forget_wall_time(&mut summary, terminal);
    let mut code = ExitCode::from_code(summary.exit_code).unwrap_or(ExitCode::Internal);
    let resolved = engine.resolved(scenario);
    // A file does not say where it was written: the same run gives the same bytes anywhere.
    let pages = Pages::of(&summary, &same(file, seed, arguments));
    let again = again(file, seed, arguments);
    let mut all = vec![
        ("summary.json", pages.json.as_bytes()),
        ("summary.md", pages.markdown.as_bytes()),
        ("junit.xml", pages.junit.as_bytes()),
        ("scenario.toml", loaded.text.as_bytes()),
        ("resolved.toml", resolved.as_bytes()),
    ];
    all.extend(files.iter().map(|(name, text)| (*name, text.as_bytes())));
    let written = folder.publish(&all);
    let path = match written {
        Ok(published) => {
            if let Some(warning) = published.warning {
                terminal.say(&format!("warning: {warning}"));
            }
            Some(published.path)
        }
        Err(error) => {
            terminal.say(&format!("error: {error}"));
            code = code.and(ExitCode::Internal);
            None
        }
    };
    code.and(result(&summary, pages, path, &again, arguments, terminal))
}

/// The reports that are files.
struct Pages {
    json: String,
    markdown: String,
    junit: String,
}

impl Pages {
    fn of(summary: &Summary, again: &str) -> Pages {
        Pages {
            json: summary.to_json(),
            markdown: render_markdown(summary, again),
            junit: render_junit(summary, again),
        }
    }
}

/// What the program exits with where there is no summary.
pub(super) const fn code_of(error: &RunError) -> ExitCode {
    match error {
        RunError::Internal(_) => ExitCode::Internal,
        RunError::Input(_) => ExitCode::Usage,
        RunError::Environment(_) => ExitCode::Environment,
    }
}

/// Runs with progress, and stops when a signal asks for it.
fn watched(
    job: &Job<'_>,
    quiet: bool,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> Result<Ran, RunError> {
    let mode = if quiet { Mode::Off } else { terminal.progress };
    let stop = terminal.stop.clone();
    let mut progress = Progress::new(mode, terminal.err);
    let ran = engine.run(job, &mut |moment| {
        progress.tick(moment);
        if stop.asked().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    ran
}

/// A run that was stopped proved nothing, unless it had failed already.
fn mark_aborted(summary: &mut Summary, terminal: &Terminal<'_>) {
    let Some(code) = terminal.stop.asked().filter(|_| summary.aborted) else { return };
    summary.exit_code = code.code();
    if summary.verdict == Verdict::Passed {
        summary.verdict = Verdict::Inconclusive;
    }
}

/// Where `SOURCE_DATE_EPOCH` says what time it is, no file depends on the wall clock: the same
/// seed gives the same bytes.
fn forget_wall_time(summary: &mut Summary, terminal: &Terminal<'_>) {
    if let Clock::Fixed(_) = terminal.clock {
        summary.time.wall_ns = 0;
        summary.time.events_per_s = 0.0;
    }
}

fn result(
    summary: &Summary,
    pages: Pages,
    path: Option<PathBuf>,
    again: &str,
    arguments: &RunArguments,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let path = path.map(|path| path.display().to_string());
    let text = match arguments.format {
        RunFormat::Json => pages.json,
        RunFormat::Markdown => pages.markdown,
        RunFormat::Junit => pages.junit,
        RunFormat::Text => {
            let charset = terminal.charset;
            render_text(summary, &TextOptions { charset, report: path.as_deref(), again })
        }
    };
    if let (false, false, Some(path)) =
        (arguments.format == RunFormat::Text, arguments.quiet, &path)
    {
        terminal.say(&format!("report  {path}\nagain   {again}"));
    }
    show(terminal, &text)
}

/// Prints; what cannot be printed is an I/O error.
pub(super) fn show(terminal: &mut Terminal<'_>, text: &str) -> ExitCode {
    match terminal.print(text) {
        Ok(()) => ExitCode::Passed,
        Err(error) => {
            terminal.say(&format!("error: cannot write the result: {error}"));
            ExitCode::Internal
        }
    }
}

/// The command that gives the same run again, into the same folder.
fn again(file: &Path, seed: u64, arguments: &RunArguments) -> String {
    let mut again = same(file, seed, arguments);
    if arguments.out != Path::new(USUAL_FOLDER) {
        again += &format!(" --out {}", quoted(&arguments.out.display().to_string()));
    }
    again
}

/// The command that gives the same run. A password in the URL of Redis is not repeated.
fn same(file: &Path, seed: u64, arguments: &RunArguments) -> String {
    let mut again = format!("sagasim run {} --seed {seed}", quoted(&file.display().to_string()));
    if let Some(coordination) = arguments.coordination {
        again += &format!(" --coordination {}", coordination.name());
    }
    if let Some(url) = &arguments.redis {
        again += &format!(" --redis {}", quoted(&without_password(url)));
    }
    again
}

/// A URL with the word `PASSWORD` where its password stands.
fn without_password(url: &str) -> String {
    let (before, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let (place, query) = rest.split_once('?').map_or((rest, None), |(a, b)| (a, Some(b)));
    let place = match place.rsplit_once('@') {
        Some((who, host)) => match who.split_once(':') {
            Some((user, _)) => format!("{user}:PASSWORD@{host}"),
            None => place.to_owned(),
        },
        None => place.to_owned(),
    };
    let query = query.map_or_else(String::new, |query| {
        let shown = |pair: &str| match pair.split_once('=') {
            Some(("pass", _)) => "pass=PASSWORD".to_owned(),
            Some(_) | None => pair.to_owned(),
        };
        format!("?{}", query.split('&').map(shown).collect::<Vec<_>>().join("&"))
    });
    format!("{before}://{place}{query}")
}

/// A word as a shell takes it for one word.
pub(super) fn quoted(word: &str) -> String {
    let harmless = |c: char| c.is_alphanumeric() || "-_./+:@%,=".contains(c);
    if !word.is_empty() && word.chars().all(harmless) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::{again, quoted, without_password};
    use crate::cli::args::{Arguments, Command};
    use clap::Parser;

    #[test]
    fn files_of_any_name_can_be_pasted() {
        assert_eq!(quoted("scenarios/flash-sale.toml"), "scenarios/flash-sale.toml");
        assert_eq!(quoted("my run.toml"), "'my run.toml'");
        assert_eq!(quoted("it's.toml"), "'it'\\''s.toml'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn what_is_as_usual_need_not_be_typed_again() {
        let typed = ["sagasim", "run", "a.toml", "--seed", "7", "--quiet"];
        let Command::Run(arguments) = Arguments::parse_from(typed).command else {
            panic!("it is `run`")
        };
        assert_eq!(again("a.toml".as_ref(), 7, &arguments), "sagasim run a.toml --seed 7");
    }

    #[test]
    fn no_password_is_shown() {
        assert_eq!(without_password("redis://h:1/2"), "redis://h:1/2");
        assert_eq!(without_password("rediss://me@h"), "rediss://me@h");
        assert_eq!(without_password("redis://me:p@ss:w@h/1"), "redis://me:PASSWORD@h/1");
        let socket = "unix:///s.sock?db=2&pass=secret&user=me";
        assert_eq!(without_password(socket), "unix:///s.sock?db=2&pass=PASSWORD&user=me");
    }
}
