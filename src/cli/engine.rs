//! What the command line needs from the rest of the tool.

use crate::domain::{Coordination, RequestId};
use crate::report::explain::MatrixRow;
use crate::report::summary::{AblationFigures, Explored, Inspection};
use crate::report::{Charset, Summary};
use crate::sim::engine::Driver;
use crate::sim::explore::{Bounds, Decision, Onlooker, Switch};
use crate::sim::plan::{Confluence, Focus};
use crate::sim::scenario::Scenario;
use std::ops::ControlFlow;
use std::path::Path;

/// Reads scenarios and runs them, several at once if asked from several threads.
pub trait Engine: Sync {
    /// Reads a scenario file, with settings (`key=value`) in the place of what it says.
    ///
    /// # Errors
    /// It cannot be read, or everything that is wrong with it and with the settings.
    fn load(&self, file: &Path, settings: &[String]) -> Result<Loaded, Rejected>;

    /// Draws the plan of a scenario, without running it, and says whether it is confluent.
    ///
    /// # Errors
    /// The scenario names something that cannot be read, such as an order log.
    fn examine(&self, scenario: &Scenario, seed: u64) -> Result<Confluence, RunError>;

    /// What a scenario probably does not mean, in its file.
    ///
    /// # Errors
    /// As [`Engine::examine`].
    fn warnings(&self, file: &Path, loaded: &Loaded, seed: u64) -> Result<Warnings, RunError>;

    /// What would run, for a person. Without a seed one would be drawn.
    ///
    /// # Errors
    /// As [`Engine::examine`].
    fn outlook(
        &self,
        scenario: &Scenario,
        seed: Option<u64>,
        charset: Charset,
    ) -> Result<String, RunError>;

    /// The scenario as a scenario file with every default spelled out.
    fn resolved(&self, scenario: &Scenario) -> String;

    /// Runs a scenario. `watch` is told now and then how far the run is; if it answers `Break`,
    /// the run stops soon and its summary is marked aborted.
    ///
    /// # Errors
    /// There is no summary; a violated invariant is not an error.
    fn run(&self, job: &Job<'_>, watch: &mut Watch<'_>) -> Result<Ran, RunError>;

    /// Tries every fault at every point. `watch` is told now and then how far the search is; if it
    /// answers `Break`, the search stops soon and its result is marked aborted.
    ///
    /// # Errors
    /// There is no result; a counterexample is not an error.
    fn explore(&self, quest: &Quest<'_>, watch: &mut Onlooker<'_>) -> Result<Explored, RunError>;

    /// Explores a scenario as it is, without each protection and with each other undo policy; the
    /// quest's `without` is left out of account. `watch` as for [`Engine::explore`].
    ///
    /// # Errors
    /// There is no result; a counterexample is not an error.
    fn ablate(
        &self,
        quest: &Quest<'_>,
        watch: &mut Onlooker<'_>,
    ) -> Result<AblationFigures, RunError>;

    /// Tells a counterexample as a story, and the nearest run that passes.
    ///
    /// # Errors
    /// It cannot be run.
    fn inspect(&self, job: &Job<'_>) -> Result<Inspection, RunError>;

    /// Tells an order of a plain run as a story.
    ///
    /// # Errors
    /// It cannot be run, or has no such order.
    fn tell(&self, job: &Job<'_>, order: RequestId) -> Result<Inspection, RunError>;

    /// The rows of the saga table.
    fn flow(&self) -> Vec<MatrixRow>;
}

/// A run that is over.
#[derive(Clone, PartialEq, Debug)]
pub struct Ran {
    /// What it found out.
    pub summary: Summary,
    /// Files of its folder besides the summary and the scenario: name and text.
    pub files: Vec<(&'static str, String)>,
}

/// Called with how far the run is; says whether to go on.
pub type Watch<'a> = dyn FnMut(Moment) -> ControlFlow<()> + 'a;

/// A scenario file that can be run.
#[derive(Clone, PartialEq, Debug)]
pub struct Loaded {
    /// What it says.
    pub scenario: Scenario,
    /// Its text, unchanged.
    pub text: String,
    /// What was set in the place of what the text says.
    pub settings: Vec<String>,
}

/// A scenario file that cannot be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rejected {
    /// Everything that is wrong, for a person, with places; may carry colours.
    pub rendered: String,
    /// The same for a program.
    pub problems: Vec<Problem>,
}

/// What a scenario that can be run probably does not mean.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Warnings {
    /// All of it, for a person, with places; may carry colours. Empty if there is nothing.
    pub rendered: String,
    /// The same for a program.
    pub problems: Vec<Problem>,
}

/// One mistake in a scenario file, or one warning.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Problem {
    /// From 1; none: the file as a whole.
    pub line: Option<usize>,
    /// From 1, in characters; none: the file as a whole.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// The name of the warning; none: it is an error.
    pub lint: Option<&'static str>,
    /// The setting (`key=value`) that line and column are in; none: the file.
    pub setting: Option<String>,
}

/// One run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Job<'a> {
    /// What to run; the coordination is already the wanted one.
    pub scenario: &'a Scenario,
    /// The seed, wherever it came from.
    pub seed: u64,
    /// The real Redis to publish to; none: not asked for.
    pub redis: Option<&'a str>,
    /// What makes it another run than the seed's.
    pub decisions: &'a [Decision],
    /// Which orders are placed, and how plain they are; none: all, as planned.
    pub focus: Option<&'a Focus>,
    /// The same in a word.
    pub token: Option<&'a str>,
    /// Run it twice and compare, also if it does not fail: what fails is run twice anyway.
    pub twice: bool,
    /// Other runs follow, so the memory of this one is given back before it is answered.
    pub others_follow: bool,
}

/// One exploration.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Quest<'a> {
    /// What to explore, as its file says it.
    pub scenario: &'a Scenario,
    /// Who coordinates.
    pub coordination: Coordination,
    /// The seed, wherever it came from.
    pub seed: u64,
    /// Protections to switch off.
    pub without: &'a [Switch],
    /// How far.
    pub bounds: Bounds,
    /// How messages reach the actors.
    pub through: Driver,
    /// Draw this many walks instead of trying everything.
    pub samples: Option<u32>,
}

/// How far a run is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Moment {
    /// Of the planned time, 0 to 1.
    pub fraction: f64,
    /// Virtual time.
    pub simulated_ns: u64,
    /// Orders started so far.
    pub orders: u64,
}

/// Why a run has no summary.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RunError {
    /// A fault of this program.
    #[error("internal error: {0}")]
    Internal(String),
    /// The scenario names something that cannot be read, or asks for what cannot be.
    #[error("{0}")]
    Input(String),
    /// Something outside is missing.
    #[error("{0}")]
    Environment(String),
}
