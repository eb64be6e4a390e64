//! The edge: what can be typed, files, streams, the wall clock, exit codes.
//!
//! stdout is for the result, stderr for everything else. No rule of commerce lives here.

mod ablate;
mod ablator;
mod again;
pub mod args;
mod campaign;
mod cells;
mod check;
mod claims;
mod compare;
mod dry;
pub mod engine;
pub mod exit;
mod explain;
mod explore;
mod explorer;
mod init;
mod list;
mod outing;
mod pages;
mod pool;
pub mod progress;
mod replay;
mod run;
pub mod run_dir;
mod shell;
mod sides;
pub mod signals;
mod sinks;
mod teller;
pub mod terminal;
pub mod virtual_engine;

pub use engine::Engine;
pub use exit::ExitCode;
pub use terminal::Terminal;

use crate::report::schema::{scenario_schema, summary_schema};
use args::{Arguments, Color, Command};
use clap::Parser;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use terminal::Clock;
use tracing_subscriber::EnvFilter;

/// Does what was typed, on the real streams.
pub fn main(engine: &dyn Engine) -> std::process::ExitCode {
    let arguments = Arguments::parse();
    choose_colors(arguments.color);
    log(arguments.verbose);
    let variable = |name: &str| std::env::var(name).ok();
    let clock = match Clock::of_source_date_epoch(variable("SOURCE_DATE_EPOCH").as_deref()) {
        Ok(clock) => clock,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            return ExitCode::Usage.into();
        }
    };
    let stop = signals::Stop::default();
    let listens = matches!(
        arguments.command,
        Command::Run(_)
            | Command::Compare(_)
            | Command::Explore(_)
            | Command::Ablate(_)
            | Command::Replay(_)
            | Command::Claims(_)
    );
    if listens {
        signals::listen(stop.clone());
    }
    let mut terminal = Terminal {
        out: &mut anstream::stdout(),
        err: &mut anstream::stderr(),
        charset: terminal::charset_of(variable),
        progress: terminal::progress_of(variable),
        clock,
        stop,
        scenarios: PathBuf::from("scenarios"),
    };
    // The hook has said what broke; the code must not be the one of a violated invariant.
    let code = catch_unwind(AssertUnwindSafe(|| dispatch(&arguments, engine, &mut terminal)));
    code.unwrap_or(ExitCode::Internal).into()
}

/// Does what was typed, on any streams.
pub fn dispatch(
    arguments: &Arguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    match &arguments.command {
        Command::Run(arguments) => run::run(arguments, engine, terminal),
        Command::Explore(arguments) => explore::explore(arguments, engine, terminal),
        Command::Ablate(arguments) => ablate::ablate(arguments, engine, terminal),
        Command::Replay(arguments) => replay::replay(arguments, engine, terminal),
        Command::Inspect(arguments) => replay::inspect(arguments, engine, terminal),
        Command::Compare(arguments) => compare::compare(arguments, engine, terminal),
        Command::Claims(arguments) => claims::claims_page(arguments, engine, terminal),
        Command::Check(arguments) => check::check(arguments, engine, terminal),
        Command::List(arguments) => list::list(arguments, terminal),
        Command::Explain(arguments) => explain::explain(arguments, engine, terminal),
        Command::Init(arguments) => init::init(arguments, terminal),
        Command::Schema(arguments) => {
            let text = match arguments.document {
                args::Document::Scenario => scenario_schema(),
                args::Document::Summary => summary_schema(),
            };
            run::show(terminal, &text)
        }
        Command::Completions(arguments) => shell::completions(arguments, terminal),
        Command::Man(arguments) => shell::man(arguments, terminal),
    }
}

fn choose_colors(color: Color) {
    let choice = match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// `RUST_LOG` says more precisely what `-v` says roughly.
fn log(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let ansi = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(ansi)
        .without_time()
        .init();
}
