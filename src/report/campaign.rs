//! Many runs of one scenario, by cell and seed, and what their figures are on average.
//!
//! Its JSON (`campaign.json`) is a public interface like that of the summary: keys are only added
//! within a version.

use super::metric::{Better, MetricUnit, readings};
use super::stats::student;
use serde::Serialize;
use serde_json::Value;

/// The version of the JSON.
pub const CAMPAIGN_VERSION: u32 = 1;
/// The confidence of the intervals over the seeds.
pub const CONFIDENCE: f64 = 0.95;

/// Many runs of one scenario.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Campaign {
    /// [`CAMPAIGN_VERSION`].
    pub schema_version: u32,
    /// The scenario's short name.
    pub scenario: String,
    /// The question it asks.
    pub question: String,
    /// The code that speaks for all runs.
    pub exit_code: u8,
    /// True: stopped by a signal, so runs are missing or partial.
    pub aborted: bool,
    /// In the order of the values on the command line, the last key changing fastest.
    pub cells: Vec<Cell>,
}

/// All runs with the same settings.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Cell {
    /// What the matrix set here, `key=value` each; none: there is no matrix.
    pub settings: Vec<String>,
    /// The scenario as it was run, without its seed.
    pub resolved: String,
    /// The key figures over the runs that were not stopped.
    pub figures: Vec<Figure>,
    /// In the order of the seeds.
    pub runs: Vec<Run>,
}

/// A figure over several runs.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Figure {
    /// As comparisons name it.
    pub metric: String,
    /// What it is counted in.
    pub unit: MetricUnit,
    /// Which way is better.
    pub better: Better,
    /// Runs that have the figure.
    pub runs: usize,
    /// Their mean.
    pub mean: f64,
    /// Half of Student's 95 % interval; none: a single run has no interval.
    pub half_width: Option<f64>,
}

/// One run, or why there is none.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Run {
    /// The seed: the cell's scenario and the seed give the same run again.
    pub seed: u64,
    /// What the program would exit with for this run alone; none: it never began.
    pub exit_code: Option<u8>,
    /// Its folder inside the campaign's; none: it has no files.
    pub folder: Option<String>,
    /// Why there is no summary.
    pub error: Option<String>,
    /// Its `summary.json`.
    pub summary: Option<Value>,
}

impl Run {
    /// Its summary, if it was run to its end.
    #[must_use]
    pub fn whole(&self) -> Option<&Value> {
        self.summary.as_ref().filter(|summary| summary["aborted"] == Value::Bool(false))
    }
}

impl Cell {
    /// The cell, with its figures.
    #[must_use]
    pub fn new(settings: Vec<String>, resolved: String, runs: Vec<Run>) -> Cell {
        let mut figures: Vec<(Figure, Vec<f64>)> = Vec::new();
        for reading in runs.iter().filter_map(Run::whole).flat_map(readings) {
            match figures.iter_mut().find(|(figure, _)| figure.metric == reading.name) {
                Some((_, values)) => values.push(reading.value),
                None => {
                    let figure = Figure {
                        metric: reading.name,
                        unit: reading.row.unit,
                        better: reading.row.better,
                        runs: 0,
                        mean: 0.0,
                        half_width: None,
                    };
                    figures.push((figure, vec![reading.value]));
                }
            }
        }
        let over_runs = |(figure, values): (Figure, Vec<f64>)| {
            let interval = student(&values, CONFIDENCE);
            let (mean, half_width) = (interval.mean, interval.half_width);
            Figure { runs: values.len(), mean, half_width, ..figure }
        };
        Cell { settings, resolved, figures: figures.into_iter().map(over_runs).collect(), runs }
    }

    /// The figure of this name.
    #[must_use]
    pub fn figure(&self, metric: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.metric == metric)
    }
}

impl Campaign {
    /// `campaign.json`: two-space indentation and a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self)
            .expect("a campaign has only string keys and finite numbers");
        json.push('\n');
        json
    }
}
