//! What can be typed.

use crate::domain::Coordination;
use crate::sim::explore::Switch;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, value_parser};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  sagasim run scenarios/checkout.toml
  sagasim run scenarios/checkout.toml --coordination orchestration --seed 7
  sagasim explore scenarios/one-order.toml --without tombstone";

/// Runs a distributed commerce flow and proves what it can lose.
#[derive(Clone, PartialEq, Eq, Debug, Parser)]
#[command(name = "sagasim", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Arguments {
    /// When to use colours.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,
    /// Say more about what happens outside the simulated world (twice: much more).
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// The verb.
    #[command(subcommand)]
    pub command: Command,
}

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    Auto,
    /// Also into files and pipes.
    Always,
    /// Not at all.
    Never,
}

/// The verbs.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Command {
    /// Run scenarios and judge them.
    Run(RunArguments),
    /// Try every fault at every point of one order, alone and together; show the smallest set that
    /// breaks an invariant.
    Explore(ExploreArguments),
    /// Run a counterexample again, exactly.
    Replay(ReplayArguments),
    /// Say everything that is wrong with scenarios, without running them.
    Check(CheckArguments),
    /// List what there is.
    List(ListArguments),
    /// Explain something by its name.
    Explain(ExplainArguments),
}

/// `run`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct RunArguments {
    /// Scenario files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The seed, instead of the scenario's own.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Who coordinates, instead of what the scenario says.
    #[arg(long, value_name = "C", value_parser = coordination())]
    pub coordination: Option<Coordination>,
    /// What goes to stdout; several files give several JSON documents, one after another.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Where to write the run directories.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,
    /// No progress.
    #[arg(short, long)]
    pub quiet: bool,
    /// Also publish to this Redis and read it back, such as `redis://127.0.0.1/`.
    #[arg(long, value_name = "URL")]
    pub redis: Option<String>,
}

/// `explore`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct ExploreArguments {
    /// The scenario file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Faults in one run, at most.
    #[arg(long, value_name = "K", default_value_t = 2, value_parser = value_parser!(u8).range(1..=4))]
    pub faults: u8,
    /// Who coordinates, instead of what the scenario says.
    #[arg(long, value_name = "C", value_parser = coordination())]
    pub coordination: Option<Coordination>,
    /// A protection to switch off; may be given several times.
    #[arg(long, value_name = "PROTECTION", value_parser = switch())]
    pub without: Vec<Switch>,
    /// The seed, instead of the scenario's own.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Draw N runs at random instead of trying everything; several orders in flight are always
    /// drawn (200 runs).
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub samples: Option<u32>,
    /// Also extend runs whose newest fault changed nothing.
    #[arg(long)]
    pub no_reduction: bool,
    /// Threads, instead of one for each processor; the result does not depend on it.
    #[arg(long, value_name = "J", value_parser = value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Where to write the run directories.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,
    /// No progress.
    #[arg(short, long)]
    pub quiet: bool,
}

/// `replay`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct ReplayArguments {
    /// The token (`SG1-…`), or the path of a `repro.toml`.
    #[arg(value_name = "TOKEN")]
    pub token: String,
    /// The scenario file of the token.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Where to write the run directory.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,
    /// No progress.
    #[arg(short, long)]
    pub quiet: bool,
}

/// `check`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct CheckArguments {
    /// Scenario files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `list`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct ListArguments {
    /// Of what.
    #[arg(value_enum, default_value_t = Kind::Scenarios)]
    pub kind: Kind,
}

/// `explain`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct ExplainArguments {
    /// `flow`, `invariants`, `protections`, `exit-codes`, or the name of an invariant, a step, a
    /// compensation or a protection.
    #[arg(value_name = "TOPIC")]
    pub topic: String,
}

/// What goes to stdout.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: `summary.json`.
    Json,
}

/// What can be listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Kind {
    /// The files in `scenarios/`, with their questions.
    Scenarios,
    /// What must hold.
    Invariants,
    /// What services are asked to do.
    Steps,
    /// What can be switched off.
    Protections,
    /// What the program exits with.
    ExitCodes,
}

fn switch() -> impl TypedValueParser<Value = Switch> {
    PossibleValuesParser::new(Switch::ALL.map(Switch::name)).try_map(|name| {
        let found = Switch::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or("no such protection")
    })
}

fn coordination() -> impl TypedValueParser<Value = Coordination> {
    PossibleValuesParser::new(Coordination::ALL.map(Coordination::name)).try_map(|name| {
        let found = Coordination::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or("no such coordination")
    })
}
