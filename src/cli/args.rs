//! What can be typed.

use crate::domain::Coordination;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  sagasim run scenarios/checkout.toml
  sagasim run scenarios/checkout.toml --coordination orchestration --seed 7";

/// Runs a distributed commerce flow and proves what it can lose.
#[derive(Clone, PartialEq, Debug, Parser)]
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
#[derive(Clone, PartialEq, Debug, Subcommand)]
pub enum Command {
    /// Run scenarios and judge them.
    Run(RunArguments),
    /// Say whether runs differ: stored ones, baselines, scenarios (run for it), or a matrix.
    Compare(CompareArguments),
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
    /// A value in place of the scenario's, such as `service.payment.workers=4`; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Run with each of these values; repeated: with every combination.
    #[arg(long, value_name = "KEY=A,B")]
    pub matrix: Vec<String>,
    /// Run with this many seeds: the first is the scenario's own, the others follow from it.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = many())]
    pub repeat: usize,
    /// How many runs go on at once [default: one for each core].
    #[arg(long, value_name = "J", value_parser = many())]
    pub jobs: Option<usize>,
    /// Keep the result under this name, to compare later runs with it.
    #[arg(long, value_name = "NAME")]
    pub save_baseline: Option<String>,
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

/// `compare`.
#[derive(Clone, PartialEq, Debug, Args)]
pub struct CompareArguments {
    /// Folders of runs or campaigns, `summary.json` files, baselines, or scenario files. The first
    /// is what the others are compared with.
    #[arg(value_name = "SIDE", required_unless_present = "baseline")]
    pub sides: Vec<String>,
    /// Compare with this baseline.
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// A value in place of the scenarios' own, such as `load[0].rate=50/s`; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Run scenarios with each of these values, the first being the reference; repeated: with
    /// every combination.
    #[arg(long, value_name = "KEY=A,B")]
    pub matrix: Vec<String>,
    /// The first seed of scenarios that are run.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// With how many seeds scenarios are run [default: the seeds of the first stored side, or 10].
    #[arg(long, value_name = "N", value_parser = many())]
    pub repeat: Option<usize>,
    /// How many runs go on at once [default: one for each core].
    #[arg(long, value_name = "J", value_parser = many())]
    pub jobs: Option<usize>,
    /// Less is no difference: a share, such as `5%` or `0.05`.
    #[arg(long, value_name = "SHARE", default_value = "5%", value_parser = share)]
    pub noise: f64,
    /// Judge by this figure, such as `place placed p99`, instead of by the usual ones; may be
    /// repeated.
    #[arg(long, value_name = "FIGURE")]
    pub metric: Vec<String>,
    /// Compare although this key of the scenarios differs; may be repeated.
    #[arg(long, value_name = "KEY")]
    pub allow_different: Vec<String>,
    /// What else than an error fails: a regression exits with 5, too few runs to tell with 6.
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Where the baselines are.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,
    /// No progress.
    #[arg(short, long)]
    pub quiet: bool,
}

/// What makes a comparison fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum FailOn {
    /// A judged figure got worse.
    Regression,
    /// There are too few runs to tell.
    Inconclusive,
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
    /// What runs are compared by.
    Figures,
    /// What the program exits with.
    ExitCodes,
}

/// A share, as percent or as a number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let (number, unit) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim(), 100.0),
        None => (text, 1.0),
    };
    match number.parse::<f64>().map(|number| number / unit) {
        Ok(share) if (0.0..1.0).contains(&share) => Ok(share.abs()),
        Ok(share) if share >= 1.0 && unit == 1.0 => Err(format!("did you mean {text}%?")),
        Ok(_) | Err(_) => Err("expected a share, such as 5% or 0.05".to_owned()),
    }
}

/// How many of something: 1 to 10 000.
fn many() -> impl TypedValueParser<Value = usize> {
    clap::value_parser!(u64).range(1..=10_000).map(|many| many as usize)
}

fn coordination() -> impl TypedValueParser<Value = Coordination> {
    PossibleValuesParser::new(Coordination::ALL.map(Coordination::name)).try_map(|name| {
        let found = Coordination::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or("no such coordination")
    })
}
