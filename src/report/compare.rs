//! Whether one set of runs differs from another, and by how much.
//!
//! The run is the unit: a run of each side with the same seed meets the same customers, so their
//! difference is free of most chance. A difference counts if the whole interval of the mean
//! difference lies beyond the noise threshold; there is none if the whole interval lies within it
//! (the confidence-interval form of two one-sided tests: D. J. Schuirmann, Journal of
//! Pharmacokinetics and Biopharmaceutics 15, 1987, 657–680). Between the two, the runs are too few
//! to tell.

use super::metric::{Better, MetricUnit, Noise, Reading, Row, readings};
use super::stats::{Interval, mean, student, welch};
use super::summary::SCHEMA_VERSION;
use serde::Serialize;
use serde_json::Value;

/// The version of the JSON.
pub const COMPARISON_VERSION: u32 = 1;
/// That no judged figure of two equal sides lies outside of its interval is at least so likely.
pub const CONFIDENCE: f64 = 0.95;

/// One run, as far as it is compared.
#[derive(Clone, PartialEq, Debug)]
pub struct Sample {
    /// Its seed.
    pub seed: u64,
    /// Its digest: equal digests, equal runs.
    pub digest: String,
    /// The digest of its scenario, the seed included.
    pub scenario_digest: String,
    /// What time was.
    pub clock: String,
    /// Whether it passed.
    pub passed: bool,
    /// Its figures.
    pub readings: Vec<Reading>,
}

impl Sample {
    /// Takes a summary of any origin.
    ///
    /// # Errors
    /// It is no summary, one of another schema version, or one of a run that was stopped.
    pub fn of_summary(summary: &Value) -> Result<Sample, String> {
        let text = |pointer: &str| {
            let found = summary.pointer(pointer).and_then(Value::as_str);
            found.map(str::to_owned).ok_or_else(|| format!("it has no {pointer}: no run's summary"))
        };
        match summary["schema_version"].as_u64() {
            Some(version) if version == u64::from(SCHEMA_VERSION) => {}
            Some(version) => {
                return Err(format!(
                    "schema_version differs: it is {version}, this program compares \
                     {SCHEMA_VERSION}"
                ));
            }
            None => return Err("it has no schema_version: no run's summary".to_owned()),
        }
        if summary["aborted"] == Value::Bool(true) {
            return Err("the run was stopped, so its figures are partial".to_owned());
        }
        let seed = summary["seed"].as_u64().ok_or("it has no seed: no run's summary")?;
        Ok(Sample {
            seed,
            digest: text("/digest")?,
            scenario_digest: text("/scenario/digest")?,
            clock: text("/clock")?,
            passed: text("/verdict")? == "passed",
            readings: readings(summary),
        })
    }

    fn value(&self, metric: &str) -> Option<f64> {
        self.readings.iter().find(|reading| reading.name == metric).map(|reading| reading.value)
    }
}

/// What a side is in the report.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Side {
    /// A file, a folder, a baseline, with what a matrix set.
    pub name: String,
    /// How many runs it has.
    pub runs: usize,
    /// How many of them passed.
    pub passed: usize,
    /// Their seeds.
    pub seeds: Vec<u64>,
}

/// A key of the scenario that is not the same on both sides.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Difference {
    /// Dotted, with the number of an item of a list: `load.0.rate`.
    pub key: String,
    /// What the reference has there; none: nothing.
    pub reference: Option<String>,
    /// What the other has there.
    pub candidate: Option<String>,
}

/// What a comparison says, of a figure or of all judged ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// A judged figure got worse beyond the noise threshold.
    Worse,
    /// It got better beyond the noise threshold.
    Better,
    /// Whatever difference there is lies within the noise threshold.
    NoDifference,
    /// The runs are too few to tell.
    Inconclusive,
}

impl Finding {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Finding::Worse => "worse",
            Finding::Better => "better",
            Finding::NoDifference => "no difference",
            Finding::Inconclusive => "inconclusive",
        }
    }
}

/// One figure, compared.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Compared {
    /// As in campaigns.
    pub metric: String,
    /// What it is counted in.
    pub unit: MetricUnit,
    /// Which way is better.
    pub better: Better,
    /// Whether it counts for the verdict.
    pub judged: bool,
    /// Pairs of runs, or runs of the smaller side if there are no pairs.
    pub runs: usize,
    /// Mean of the reference.
    pub reference: f64,
    /// Mean of the candidate.
    pub candidate: f64,
    /// The mean difference, candidate less reference, as a share of the reference; none: the
    /// reference is 0.
    pub relative: Option<f64>,
    /// Half of the interval's width, as a share of the reference; none: no interval, or the
    /// reference is 0.
    pub relative_half_width: Option<f64>,
    /// What that means.
    pub finding: Finding,
}

/// One side against the reference.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Candidate {
    /// The side.
    pub side: Side,
    /// What differs in the scenario: what is under test.
    pub differs: Vec<Difference>,
    /// Runs with the same seed on both sides; 0: compared without pairs, which is less sharp.
    pub pairs: usize,
    /// All pairs are the same run, event by event.
    pub identical: bool,
    /// The confidence of each interval, so that all judged ones hold together.
    pub confidence_each: f64,
    /// The figures.
    pub metrics: Vec<Compared>,
    /// What the judged ones say together.
    pub finding: Finding,
}

/// All sides against the first.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Comparison {
    /// [`COMPARISON_VERSION`].
    pub schema_version: u32,
    /// What time was.
    pub clock: String,
    /// The noise threshold, as a share.
    pub noise: f64,
    /// The confidence of all judged intervals together.
    pub confidence: f64,
    /// What the others are compared with.
    pub reference: Side,
    /// The others.
    pub candidates: Vec<Candidate>,
    /// What the program exits with.
    pub exit_code: u8,
}

impl Comparison {
    /// Two-space indentation and a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self)
            .expect("a comparison has only string keys and finite numbers");
        json.push('\n');
        json
    }
}

impl Side {
    /// The side with these runs.
    #[must_use]
    pub fn new(name: String, samples: &[Sample]) -> Side {
        let passed = samples.iter().filter(|sample| sample.passed).count();
        let seeds = samples.iter().map(|sample| sample.seed).collect();
        Side { name, runs: samples.len(), passed, seeds }
    }
}

/// How to compare.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rule<'a> {
    /// The noise threshold, as a share: less is no difference.
    pub noise: f64,
    /// The figures the verdict is made of.
    pub judged: &'a [String],
}

/// Compares the runs of a side with those of the reference.
#[must_use]
pub fn compare(
    reference: &[Sample],
    candidate: &[Sample],
    side: Side,
    differs: Vec<Difference>,
    rule: Rule<'_>,
) -> Candidate {
    let twin = |one: &Sample| candidate.iter().find(|other| other.seed == one.seed);
    let pairs: Vec<(&Sample, &Sample)> =
        reference.iter().filter_map(|one| Some((one, twin(one)?))).collect();
    let identical = !pairs.is_empty() && pairs.iter().all(|(one, two)| one.digest == two.digest);
    let mut rows: Vec<(String, Row)> = Vec::new();
    for reading in reference.iter().chain(candidate).flat_map(|sample| &sample.readings) {
        if !rows.iter().any(|(name, _)| *name == reading.name) {
            rows.push((reading.name.clone(), reading.row));
        }
    }
    let judged = |name: &String| rule.judged.contains(name);
    // Bonferroni: each of m intervals may miss with a share of the whole doubt only.
    let uncertain = rows.iter().filter(|(name, row)| judged(name) && row.noise == Noise::Varies);
    let confidence_each = 1.0 - (1.0 - CONFIDENCE) / uncertain.count().max(1) as f64;
    let metrics: Vec<Compared> = rows
        .iter()
        .filter_map(|(name, row)| {
            let values = if pairs.is_empty() {
                Values::Apart(known(reference, name), known(candidate, name))
            } else {
                let both = |(one, two): &(&Sample, &Sample)| one.value(name).zip(two.value(name));
                Values::Paired(pairs.iter().filter_map(both).collect())
            };
            compared(name, row, &values, identical, confidence_each, rule)
        })
        .collect();
    let finding = together(&metrics);
    Candidate { side, differs, pairs: pairs.len(), identical, confidence_each, metrics, finding }
}

fn known(samples: &[Sample], name: &str) -> Vec<f64> {
    samples.iter().filter_map(|sample| sample.value(name)).collect()
}

/// A figure's values on both sides.
enum Values {
    Paired(Vec<(f64, f64)>),
    Apart(Vec<f64>, Vec<f64>),
}

impl Values {
    fn sides(&self) -> (Vec<f64>, Vec<f64>) {
        match self {
            Values::Paired(pairs) => pairs.iter().copied().unzip(),
            Values::Apart(one, two) => (one.clone(), two.clone()),
        }
    }

    fn difference(&self, confidence: f64) -> Interval {
        match self {
            Values::Paired(pairs) => {
                let differences: Vec<f64> = pairs.iter().map(|(one, two)| two - one).collect();
                student(&differences, confidence)
            }
            Values::Apart(one, two) => welch(one, two, confidence),
        }
    }
}

/// Compares one figure; none: the runs have no values to compare.
fn compared(
    name: &str,
    row: &Row,
    values: &Values,
    identical: bool,
    confidence: f64,
    rule: Rule<'_>,
) -> Option<Compared> {
    let (one, two) = values.sides();
    if one.is_empty() || two.is_empty() {
        return None;
    }
    let mut difference = values.difference(confidence);
    if identical {
        difference.half_width = Some(0.0);
    }
    let (reference, candidate) = (mean(&one), mean(&two));
    let relative = (reference != 0.0).then(|| difference.divided_by(reference));
    let none = |values: &[f64]| values.iter().all(|value| *value == 0.0);
    let appeared = row.noise == Noise::Exact && none(&one) && !none(&two);
    let finding = if none(&one) && none(&two) {
        Finding::NoDifference
    } else if appeared {
        toward(row.better, true)
    } else {
        // Of nothing there is no share: then any difference is one.
        let (interval, noise) = relative.map_or((difference, 0.0), |share| (share, rule.noise));
        found(interval, noise, row.better)
    };
    Some(Compared {
        metric: name.to_owned(),
        unit: row.unit,
        better: row.better,
        judged: rule.judged.iter().any(|judged| judged == name),
        runs: one.len().min(two.len()),
        reference,
        candidate,
        relative: relative.map(|interval| interval.mean),
        relative_half_width: relative.and_then(|interval| interval.half_width),
        finding,
    })
}

fn found(interval: Interval, noise: f64, better: Better) -> Finding {
    match interval.ends() {
        Some((low, _)) if low > noise => toward(better, true),
        Some((_, high)) if high < -noise => toward(better, false),
        Some((low, high)) if -noise <= low && high <= noise => Finding::NoDifference,
        None | Some(_) => Finding::Inconclusive,
    }
}

const fn toward(better: Better, more: bool) -> Finding {
    match (better, more) {
        (Better::Higher, true) | (Better::Lower, false) => Finding::Better,
        (Better::Higher, false) | (Better::Lower, true) => Finding::Worse,
    }
}

/// One judged figure that got worse makes all of it worse; one that got better does if none did;
/// one that is uncertain keeps "no difference" from being said.
fn together(metrics: &[Compared]) -> Finding {
    let mut judged = metrics.iter().filter(|metric| metric.judged).peekable();
    if judged.peek().is_none() {
        return Finding::Inconclusive;
    }
    let judged: Vec<Finding> = judged.map(|metric| metric.finding).collect();
    let order = [Finding::Worse, Finding::Better, Finding::Inconclusive];
    order.into_iter().find(|one| judged.contains(one)).unwrap_or(Finding::NoDifference)
}

/// The keys in which two resolved scenarios differ, apart from the seed and from what is said
/// about the scenario only: what is expected, what is judged.
///
/// # Errors
/// One of them is not TOML.
pub fn differences(reference: &str, candidate: &str) -> Result<Vec<Difference>, String> {
    let flat = |text: &str| {
        let table = text.parse::<toml::Table>().map_err(|error| error.message().to_owned())?;
        let mut flat = Vec::new();
        flatten("", &toml::Value::Table(table), &mut flat);
        Ok::<_, String>(flat)
    };
    let (one, two) = (flat(reference)?, flat(candidate)?);
    let of = |side: &[(String, String)], key: &str| {
        side.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone())
    };
    let mut found: Vec<Difference> = Vec::new();
    for (key, _) in one.iter().chain(&two) {
        let told = ["name", "question", "answer", "run.seed"].contains(&key.as_str())
            || ["expect.", "lint.", "threshold."].iter().any(|table| key.starts_with(table));
        let (reference, candidate) = (of(&one, key), of(&two, key));
        if !told && reference != candidate && !found.iter().any(|one| one.key == *key) {
            found.push(Difference { key: key.clone(), reference, candidate });
        }
    }
    Ok(found)
}

/// Tables and lists of tables down to the values they hold.
fn flatten(key: &str, value: &toml::Value, flat: &mut Vec<(String, String)>) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        toml::Value::Table(table) if !table.is_empty() => {
            table.iter().for_each(|(name, value)| flatten(&below(name), value, flat));
        }
        toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
            let items = items.iter().enumerate();
            items.for_each(|(at, item)| flatten(&below(&at.to_string()), item, flat));
        }
        toml::Value::Table(_)
        | toml::Value::Array(_)
        | toml::Value::String(_)
        | toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => flat.push((key.to_owned(), value.to_string())),
    }
}
