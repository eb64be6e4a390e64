//! What can be typed.

use crate::domain::Coordination;
use crate::sim::lint::Lint;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  sagasim run scenarios/checkout.toml
  sagasim run scenarios/checkout.toml --coordination orchestration --seed 7";

/// What `--deny` calls all warnings together.
pub const ALL_WARNINGS: &str = "warnings";
/// Where run directories are written unless `--out` says otherwise.
pub const USUAL_FOLDER: &str = "reports";

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

/// `check`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct CheckArguments {
    /// Scenario files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
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
    /// `flow`, `invariants`, `metrics`, `protections`, `lints`, `exit-codes`, or the name of an
    /// invariant, a metric, a step, a compensation, a protection or a lint.
    #[arg(value_name = "TOPIC")]
    pub topic: String,
}

/// What a run writes to stdout.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum RunFormat {
    /// For people.
    Text,
    /// For programs: `summary.json`.
    Json,
    /// For build servers: `junit.xml`, of one file.
    Junit,
    /// For pages: `summary.md`.
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
    /// What the program exits with.
    ExitCodes,
}

fn deniable() -> PossibleValuesParser {
    PossibleValuesParser::new([ALL_WARNINGS].into_iter().chain(Lint::ALL.map(Lint::name)))
}

fn coordination() -> impl TypedValueParser<Value = Coordination> {
    PossibleValuesParser::new(Coordination::ALL.map(Coordination::name)).try_map(|name| {
        let found = Coordination::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or("no such coordination")
    })
}
