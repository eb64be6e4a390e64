//! What can be typed.

pub use super::ablate::AblateArguments;
use crate::domain::Coordination;
use crate::sim::explore::Switch;
use crate::sim::lint::Lint;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, value_parser};
use clap_complete::Shell;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  sagasim run scenarios/checkout.toml
  sagasim run scenarios/checkout.toml --coordination orchestration --seed 7
  sagasim explore scenarios/one-order.toml --without tombstone
  sagasim ablate scenarios/one-order.toml --price scenarios/checkout.toml";

/// What `--deny` calls all warnings together.
pub const ALL_WARNINGS: &str = "warnings";
/// Where run directories are written unless `--out` says otherwise.
pub const USUAL_FOLDER: &str = "reports";

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
    /// Try every fault at every point of one order, alone and together; show the smallest set that
    /// breaks an invariant.
    Explore(ExploreArguments),
    /// Explore without each protection in turn: which fault it cures, and what it costs.
    Ablate(AblateArguments),
    /// Run a counterexample again, exactly.
    Replay(ReplayArguments),
    /// Tell a counterexample as a story, beside the nearest run that passes.
    Inspect(InspectArguments),
    /// Say whether runs differ: stored ones, baselines, scenarios (run for it), or a matrix.
    Compare(CompareArguments),
    /// Run what is behind each claim of the design, and say what came of it.
    Claims(ClaimsArguments),
    /// Say everything that is wrong with scenarios, without running them.
    Check(CheckArguments),
    /// List what there is.
    List(ListArguments),
    /// Explain something by its name.
    Explain(ExplainArguments),
    /// Write a commented scenario file to begin with.
    Init(InitArguments),
    /// Print the JSON Schema of scenario files or of summary.json.
    Schema(SchemaArguments),
    /// Print what a shell needs to complete these words.
    Completions(CompletionsArguments),
    /// Print the manual page, or write one page for each command into a folder.
    Man(ManArguments),
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
    /// What goes to stdout; several files give several documents, one after another.
    #[arg(long, value_enum, default_value_t = RunFormat::Text)]
    pub format: RunFormat,
    /// Where to write the run directories.
    #[arg(long, value_name = "DIR", default_value = USUAL_FOLDER)]
    pub out: PathBuf,
    /// No progress.
    #[arg(short, long)]
    pub quiet: bool,
    /// Say what would run, and run nothing: load, faults, how busy the services would get.
    #[arg(long)]
    pub dry_run: bool,
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
    /// A value in place of the scenario's, as for `run`; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// A protection to switch off; may be given several times.
    #[arg(long, value_name = "PROTECTION", value_parser = switch())]
    pub without: Vec<Switch>,
    /// The seed, instead of the scenario's own.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Draw N walks at random instead of trying everything: schedules, late messages, faults.
    /// Several orders in flight are always drawn (200 walks).
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub samples: Option<u32>,
    /// Also extend runs whose newest fault changed nothing.
    #[arg(long)]
    pub no_reduction: bool,
    /// Threads, instead of one for each processor; the result does not depend on it.
    #[arg(long, value_name = "J", value_parser = value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// How messages reach the actors; one run in 64 is made again in the other way, and is to be
    /// the same.
    #[arg(long, value_enum, default_value_t = Through::Direct)]
    pub through: Through,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Where to write the run directories.
    #[arg(long, value_name = "DIR", default_value = USUAL_FOLDER)]
    pub out: PathBuf,
    /// No progress.
    #[arg(short, long)]
    pub quiet: bool,
}

/// How messages reach the actors of an exploration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Through {
    /// By direct calls of their handlers, which is faster.
    Direct,
    /// Through actix mailboxes, in a fresh system for each run.
    Actix,
}

/// Which run to run again.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct WhichRun {
    /// The token (`SG1-…`), or the path of a `repro.toml`.
    #[arg(value_name = "TOKEN")]
    pub token: String,
    /// The scenario file of the token.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What was set when the token was made, again; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// `replay`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct ReplayArguments {
    /// What to replay.
    #[command(flatten)]
    pub which: WhichRun,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = RunFormat::Text)]
    pub format: RunFormat,
    /// Where to write the run directory.
    #[arg(long, value_name = "DIR", default_value = USUAL_FOLDER)]
    pub out: PathBuf,
    /// No progress.
    #[arg(short, long)]
    pub quiet: bool,
}

/// `inspect`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct InspectArguments {
    /// What to tell.
    #[command(flatten)]
    pub which: WhichRun,
    /// Tell this order of the plain run of a scenario, which then stands in the place of TOKEN.
    #[arg(long, value_name = "N")]
    pub order: Option<u32>,
    /// The seed of the plain run, instead of the scenario's own.
    #[arg(long, value_name = "N", requires = "order")]
    pub seed: Option<u64>,
    /// Who coordinates the plain run, instead of what the scenario says.
    #[arg(long, value_name = "C", requires = "order", value_parser = coordination())]
    pub coordination: Option<Coordination>,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
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
    #[arg(long, value_name = "DIR", default_value = USUAL_FOLDER)]
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

/// `claims`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct ClaimsArguments {
    /// Write the page into this file instead of printing it, such as `docs/claims.md`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How many runs go on at once [default: one for each core].
    #[arg(long, value_name = "J", value_parser = many())]
    pub jobs: Option<usize>,
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
    /// A value in place of the scenarios' own, as for `run`; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Exit with 2 on these: `warnings` for all, or the name of one; may be repeated.
    #[arg(long, value_name = "WHAT", value_parser = deniable())]
    pub deny: Vec<String>,
}

/// `init`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct InitArguments {
    /// The scenario's name; its file is `NAME.toml`, in the folder `scenarios` if there is one.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// What to begin with.
    #[arg(long, value_enum, default_value_t = Template::Checkout)]
    pub template: Template,
    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// What a scenario may begin with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Template {
    /// An ordinary day: every branch of the flow, a fault, a warm-up.
    Checkout,
    /// Little stock, few coupons, full queues, every protection spelled out.
    FlashSale,
    /// A fixed number of customers who come back again and again.
    Regulars,
    /// A CSV file of orders, replayed.
    OrderLog,
}

impl Template {
    /// Every template.
    pub const ALL: [Template; 4] =
        [Template::Checkout, Template::FlashSale, Template::Regulars, Template::OrderLog];
}

/// `schema`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct SchemaArguments {
    /// Of what.
    #[arg(value_enum, default_value_t = Document::Scenario)]
    pub document: Document,
}

/// What has a schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Document {
    /// Scenario files: editors complete and check them by it.
    Scenario,
    /// What a run writes, and prints with `--format json`.
    Summary,
}

/// `completions`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct CompletionsArguments {
    /// Which shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `man`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct ManArguments {
    /// Where to write `sagasim.1`, `sagasim-run.1` and so on, instead of printing one page.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
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
    /// `flow`, `invariants`, `metrics`, `protections`, `lints`, `defects`, `exit-codes`, or the
    /// name of an invariant, a metric, a step, a compensation, a protection, a lint or a defect.
    #[arg(value_name = "TOPIC")]
    pub topic: String,
}

/// What a run writes to stdout.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum RunFormat {
    /// For people.
    Text,
    /// For programs: `summary.json`, or `campaign.json` of many runs.
    Json,
    /// For build servers: `junit.xml`, of one file; a suite for each run.
    Junit,
    /// For pages: `summary.md`, or `campaign.md` of many runs.
    Markdown,
}

/// What goes to stdout.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
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
    /// What `check` warns of.
    Lints,
    /// What can be planted.
    Defects,
    /// What runs are compared by.
    Figures,
    /// What the program exits with.
    ExitCodes,
}

fn deniable() -> PossibleValuesParser {
    PossibleValuesParser::new([ALL_WARNINGS].into_iter().chain(Lint::ALL.map(Lint::name)))
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

fn switch() -> impl TypedValueParser<Value = Switch> {
    PossibleValuesParser::new(Switch::ALL.map(Switch::name)).try_map(|name| {
        let found = Switch::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or("no such protection")
    })
}

pub(super) fn coordination() -> impl TypedValueParser<Value = Coordination> {
    PossibleValuesParser::new(Coordination::ALL.map(Coordination::name)).try_map(|name| {
        let found = Coordination::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or("no such coordination")
    })
}
