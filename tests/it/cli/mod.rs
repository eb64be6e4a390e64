//! The command line, with an engine that only pretends to run.

mod binary;
mod campaign;
mod check;
mod claims;
mod compare;
mod folders;
mod init;
mod run;
mod shell;
mod words;

use crate::sample::{passing, scenario};
use clap::Parser;
use sagasim::cli::args::Arguments;
use sagasim::cli::engine::{
    Engine, Job, Loaded, Moment, Problem, Quest, Ran, Rejected, RunError, Warnings, Watch,
};
use sagasim::cli::progress::Mode;
use sagasim::cli::signals::Stop;
use sagasim::cli::terminal::Clock;
use sagasim::cli::virtual_engine::VirtualEngine;
use sagasim::cli::{ExitCode, Terminal, dispatch};
use sagasim::domain::RequestId;
use sagasim::report::explain::MatrixRow;
use sagasim::report::summary::{AblationFigures, Explored, Inspection};
use sagasim::report::{Charset, Summary};
use sagasim::sim::explore::{Onlooker, Pace};
use sagasim::sim::plan::Confluence;
use sagasim::sim::scenario::Scenario;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Answers every run with a summary that was made up before. Files named `bad…` are
/// invalid, those named `seedless…` leave the seed open, those named `logless…` have no log, those
/// named `odd…` give a warning.
struct Pretend {
    answer: Result<Summary, RunError>,
    /// The scenarios it ran.
    ran: Mutex<Vec<Scenario>>,
    /// Done in the middle of a run.
    meanwhile: Box<dyn Fn() + Send + Sync>,
    /// Whether the last run was asked to stop.
    stopped: AtomicBool,
}

impl Pretend {
    fn new(answer: Result<Summary, RunError>) -> Self {
        Pretend {
            answer,
            ran: Mutex::new(Vec::new()),
            meanwhile: Box::new(|| ()),
            stopped: AtomicBool::new(false),
        }
    }

    fn passing() -> Self {
        Pretend::new(Ok(passing()))
    }

    /// The scenarios it ran.
    fn ran(&self) -> Vec<Scenario> {
        self.ran.lock().expect("nobody panicked").clone()
    }
}

impl Engine for Pretend {
    fn load(&self, file: &Path, settings: &[String]) -> Result<Loaded, Rejected> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("bad") {
            return Err(Rejected {
                rendered: format!("error: unknown key `sed`\n --> {name}:7:1\n"),
                problems: vec![Problem {
                    line: Some(7),
                    column: Some(1),
                    message: "unknown key `sed`".to_owned(),
                    help: Some("did you mean `seed`?".to_owned()),
                    lint: None,
                    setting: None,
                }],
            });
        }
        let mut scenario = scenario();
        if name.starts_with("seedless") {
            scenario.run.seed = None;
        }
        if name.starts_with("logless") {
            scenario.name = "logless".to_owned();
        }
        Ok(Loaded { scenario, text: "# as written\n".to_owned(), settings: settings.to_vec() })
    }

    fn examine(&self, scenario: &Scenario, seed: u64) -> Result<Confluence, RunError> {
        match (scenario.name.as_str(), seed) {
            ("logless", _) => Err(RunError::Input("cannot open the order log a.csv".to_owned())),
            (_, 0) => Ok(Confluence::Confluent),
            _ => {
                let reasons = ["calls time out", "customers top up"];
                Ok(Confluence::Contended(reasons.map(str::to_owned).to_vec()))
            }
        }
    }

    fn warnings(&self, file: &Path, _: &Loaded, _: u64) -> Result<Warnings, RunError> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with("odd") {
            return Ok(Warnings::default());
        }
        let problem = Problem {
            line: Some(3),
            column: Some(5),
            message: "`order` is offered 2 times what its 1 worker can do".to_owned(),
            help: Some("write `workers = 3` or more".to_owned()),
            lint: Some("overload"),
            setting: None,
        };
        let rendered = format!("warning[overload]: too much\n --> {name}:3:5\n");
        Ok(Warnings { rendered, problems: vec![problem] })
    }

    fn outlook(
        &self,
        scenario: &Scenario,
        seed: Option<u64>,
        _: Charset,
    ) -> Result<String, RunError> {
        self.examine(scenario, seed.unwrap_or(0))?;
        Ok(format!("DRY RUN  {} {seed:?}\n", scenario.name))
    }

    fn resolved(&self, scenario: &Scenario) -> String {
        format!("coordination = \"{}\"\n", scenario.flow.coordination.name())
    }

    fn run(&self, job: &Job<'_>, watch: &mut Watch<'_>) -> Result<Ran, RunError> {
        self.ran.lock().expect("nobody panicked").push(job.scenario.clone());
        (self.meanwhile)();
        let moment = Moment { fraction: 0.5, simulated_ns: 1_000_000_000, orders: 7 };
        let stopped = watch(moment).is_break();
        self.stopped.store(stopped, Ordering::Relaxed);
        let mut summary = self.answer.clone()?;
        summary.seed = job.seed;
        summary.aborted = stopped;
        Ok(Ran { summary, files: vec![("series.csv", "from_ns\n".to_owned())] })
    }

    fn explore(&self, quest: &Quest<'_>, watch: &mut Onlooker<'_>) -> Result<Explored, RunError> {
        (self.meanwhile)();
        let stopped = watch(Pace { fraction: 0.5, faults: 1, runs: 7 }).is_break();
        self.stopped.store(stopped, Ordering::Relaxed);
        let mut explored = VirtualEngine.explore(quest, &mut |_| ControlFlow::Continue(()))?;
        explored.aborted = stopped;
        Ok(explored)
    }

    fn ablate(
        &self,
        quest: &Quest<'_>,
        watch: &mut Onlooker<'_>,
    ) -> Result<AblationFigures, RunError> {
        (self.meanwhile)();
        VirtualEngine.ablate(quest, watch)
    }

    fn inspect(&self, job: &Job<'_>) -> Result<Inspection, RunError> {
        VirtualEngine.inspect(job)
    }

    fn tell(&self, job: &Job<'_>, order: RequestId) -> Result<Inspection, RunError> {
        VirtualEngine.tell(job, order)
    }

    fn flow(&self) -> Vec<MatrixRow> {
        let row =
            |step, service, kind, undo| MatrixRow { process: "payment", step, service, kind, undo };
        vec![
            row("deduct-balance", "user", "compensatable", Some("restore-balance")),
            row("create-payment", "payment", "compensatable", Some("cancel-payment")),
            row("complete-order", "order", "pivot", None),
        ]
    }
}

/// What a command did.
struct Did {
    code: ExitCode,
    out: String,
    err: String,
}

/// A place to type commands in.
struct Shell {
    clock: Clock,
    stop: Stop,
    scenarios: PathBuf,
}

impl Shell {
    fn new() -> Self {
        let clock = Clock::of_source_date_epoch(Some("1795335302")).expect("seconds");
        Shell { clock, stop: Stop::default(), scenarios: PathBuf::from("scenarios") }
    }

    fn does(&self, words: &[&str], engine: &dyn Engine) -> Did {
        let typed = ["sagasim"].iter().chain(words);
        let arguments = Arguments::try_parse_from(typed).expect("valid words");
        let mut out = anstream::StripStream::new(Vec::new());
        let mut err = anstream::StripStream::new(Vec::new());
        let code = dispatch(
            &arguments,
            engine,
            &mut Terminal {
                out: &mut out,
                err: &mut err,
                charset: Charset::Ascii,
                progress: Mode::Plain,
                clock: self.clock,
                stop: self.stop.clone(),
                scenarios: self.scenarios.clone(),
            },
        );
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Did { code, out: text(out.into_inner()), err: text(err.into_inner()) }
    }
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("an entry").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}
