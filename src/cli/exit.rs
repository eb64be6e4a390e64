//! What the program exits with: a public interface.

use super::engine::RunError;
use crate::report::explain::wrapped;

/// An exit code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum ExitCode {
    /// Ran, and everything that was asked for held.
    Passed = 0,
    /// Internal error, a run that is not the same when run again, or a file could not be written
    /// after the run.
    Internal = 1,
    /// Wrong usage, an invalid scenario, a warning that `check --deny` names, a report folder that
    /// cannot be written: nothing ran.
    Usage = 2,
    /// An invariant was violated.
    InvariantViolated = 3,
    /// A threshold failed.
    ThresholdFailed = 4,
    /// A comparison found a regression, and that was to fail.
    Regression = 5,
    /// Nothing was violated, but what had to be exercised was not.
    Inconclusive = 6,
    /// Something outside is missing: Redis, a port.
    Environment = 7,
    /// Stopped by SIGINT (Ctrl-C).
    Interrupted = 130,
    /// Stopped by SIGTERM.
    Terminated = 143,
}

impl ExitCode {
    /// All codes, in ascending order.
    pub const ALL: [ExitCode; 10] = [
        ExitCode::Passed,
        ExitCode::Internal,
        ExitCode::Usage,
        ExitCode::InvariantViolated,
        ExitCode::ThresholdFailed,
        ExitCode::Regression,
        ExitCode::Inconclusive,
        ExitCode::Environment,
        ExitCode::Interrupted,
        ExitCode::Terminated,
    ];

    /// The number the program exits with.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The code with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<ExitCode> {
        ExitCode::ALL.into_iter().find(|one| one.code() == code)
    }

    /// What it means, in words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            ExitCode::Passed => "passed: ran, and everything held",
            ExitCode::Internal => {
                "internal error, a run that is not the same when it is run again, or a file that \
                 could not be written after the run"
            }
            ExitCode::Usage => {
                "wrong usage, an invalid scenario, a denied warning, or a report folder that \
                 cannot be written: nothing ran"
            }
            ExitCode::InvariantViolated => "an invariant was violated",
            ExitCode::ThresholdFailed => "a threshold failed, and no invariant was violated",
            ExitCode::Regression => {
                "a comparison found a regression, and `--fail-on regression` was asked for"
            }
            ExitCode::Inconclusive => {
                "inconclusive: nothing failed, but what had to be exercised was not: a required \
                 event never happened, a fault never struck, a threshold had too few samples, or a \
                 comparison (`--fail-on inconclusive`) too few runs"
            }
            ExitCode::Environment => "the environment: Redis unreachable, a port taken",
            ExitCode::Interrupted => {
                "stopped by SIGINT (Ctrl-C): the report is partial and marked aborted"
            }
            ExitCode::Terminated => "stopped by SIGTERM: the report is partial and marked aborted",
        }
    }

    /// The code of a run that gave no summary.
    #[must_use]
    pub const fn of_error(error: &RunError) -> ExitCode {
        match error {
            RunError::Internal(_) => ExitCode::Internal,
            RunError::Input(_) => ExitCode::Usage,
            RunError::Environment(_) => ExitCode::Environment,
        }
    }

    /// The code that speaks for both: signals first, then what kept a run from happening, then
    /// the smallest of 3, 4, 5, 6.
    #[must_use]
    pub fn and(self, other: ExitCode) -> ExitCode {
        if other.weight() > self.weight() { other } else { self }
    }

    const fn weight(self) -> u8 {
        match self {
            ExitCode::Passed => 0,
            ExitCode::Inconclusive => 1,
            ExitCode::Regression => 2,
            ExitCode::ThresholdFailed => 3,
            ExitCode::InvariantViolated => 4,
            ExitCode::Environment => 5,
            ExitCode::Usage => 6,
            ExitCode::Internal => 7,
            ExitCode::Terminated => 8,
            ExitCode::Interrupted => 9,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        std::process::ExitCode::from(code.code())
    }
}

/// All codes with their meanings.
#[must_use]
pub fn explain_exit_codes() -> String {
    let mut text = String::new();
    for one in ExitCode::ALL {
        let meaning = wrapped(one.meaning(), 6);
        text.push_str(&format!("{:>4}  {}", one.code(), meaning.trim_start()));
    }
    let mut first: Vec<ExitCode> = ExitCode::ALL.to_vec();
    first.sort_by_key(|one| std::cmp::Reverse(one.weight()));
    let first: Vec<String> = first.iter().map(|one| one.code().to_string()).collect();
    let rule = format!("When several apply, it is the first of {}.", first.join(", "));
    text.push_str(&format!("\n{}", wrapped(&rule, 0)));
    text
}
