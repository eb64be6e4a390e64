//! What can be compared, and where it comes from: stored runs, campaigns, baselines, scenarios.

use super::campaign::Ready;
use super::engine::Engine;
use super::run::ready;
use super::run_dir;
use super::terminal::Terminal;
use crate::report::compare::Sample;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// One side of a comparison.
#[derive(Debug)]
pub(super) struct Side {
    /// What was typed, with what a matrix set.
    pub(super) name: String,
    /// What a matrix set: it is under test.
    pub(super) settings: Vec<String>,
    /// The scenario with every default; none: it was not kept.
    pub(super) resolved: Option<String>,
    /// Where its runs come from.
    pub(super) from: Origin,
}

/// Where the runs of a side come from.
#[derive(Debug)]
pub(super) enum Origin {
    /// They are over.
    Stored(Vec<Sample>),
    /// They are still to be run.
    Scenario(Box<Ready>),
}

/// What is needed to find sides.
pub(super) struct Finder<'a> {
    /// Where the baselines are.
    pub(super) out: &'a Path,
    /// What is set in scenarios.
    pub(super) set: &'a [String],
    /// The settings of each cell of the matrix.
    pub(super) cells: &'a [Vec<String>],
    /// Who reads scenarios.
    pub(super) engine: &'a dyn Engine,
}

impl Finder<'_> {
    /// The sides that a baseline's name stands for. None: what is wrong has been said.
    pub(super) fn baseline(&self, name: &str, terminal: &mut Terminal<'_>) -> Option<Vec<Side>> {
        let found = run_dir::baseline(self.out, name).and_then(|path| {
            if path.is_dir() {
                return stored(&path, &format!("baseline {name}"));
            }
            let kept = self.baselines();
            let kept = if kept.is_empty() { "none".to_owned() } else { kept.join(", ") };
            let below = path.parent().unwrap_or(&path).display();
            Err(format!("there is no baseline `{name}`; in {below} there are: {kept}"))
        });
        said(found, terminal)
    }

    /// The sides that a word stands for. None: what is wrong has been said.
    pub(super) fn find(&self, word: &str, terminal: &mut Terminal<'_>) -> Option<Vec<Side>> {
        let path = Path::new(word);
        let stored_file = path.extension().is_some_and(|extension| extension == "json");
        if path.is_dir() || stored_file && path.is_file() {
            return said(stored(path, word), terminal);
        }
        if !path.exists() && self.baselines().iter().any(|name| name == word) {
            return self.baseline(word, terminal);
        }
        if !path.exists() && path.extension().is_none() {
            let error = format!(
                "`{word}` is no folder of a run, no summary.json, no scenario file and no baseline"
            );
            return said(Err(error), terminal);
        }
        let ready = ready(path, self.cells, self.set, self.engine, terminal)?;
        let side = |ready: Ready| {
            let mut scenario = ready.loaded.scenario.clone();
            scenario.run.seed = None;
            Side {
                name: named(word, &ready.settings),
                settings: ready.settings.clone(),
                resolved: Some(self.engine.resolved(&scenario)),
                from: Origin::Scenario(Box::new(ready)),
            }
        };
        Some(ready.into_iter().map(side).collect())
    }

    /// The names of the baselines there are, sorted.
    fn baselines(&self) -> Vec<String> {
        let entries = fs::read_dir(self.out.join("baselines")).into_iter().flatten().flatten();
        let name = |entry: fs::DirEntry| entry.file_name().into_string().ok();
        let mut names: Vec<String> =
            entries.filter_map(name).filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names
    }
}

fn said(found: Result<Vec<Side>, String>, terminal: &mut Terminal<'_>) -> Option<Vec<Side>> {
    found.map_err(|error| terminal.say(&format!("error: {error}"))).ok()
}

fn named(word: &str, settings: &[String]) -> String {
    [&[word.to_owned()], settings].concat().join(" ")
}

/// The sides in a folder or a file that was stored by a run or a campaign.
fn stored(path: &Path, word: &str) -> Result<Vec<Side>, String> {
    let file = if path.is_dir() { stored_file(path)? } else { path.to_owned() };
    let wrong = |what: String| format!("{}: {what}", file.display());
    let text = fs::read_to_string(&file).map_err(|error| wrong(error.to_string()))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    match json["cells"].as_array() {
        Some(cells) => {
            let side = |cell| of_cell(cell, word).map_err(&wrong);
            cells.iter().map(side).collect()
        }
        None => {
            let sample = Sample::of_summary(&json).map_err(wrong)?;
            let resolved = fs::read_to_string(file.with_file_name("resolved.toml")).ok();
            let (name, from) = (word.to_owned(), Origin::Stored(vec![sample]));
            Ok(vec![Side { name, settings: Vec::new(), resolved, from }])
        }
    }
}

fn stored_file(folder: &Path) -> Result<PathBuf, String> {
    let names = ["campaign.json", "summary.json"].map(|name| folder.join(name));
    let found = names.into_iter().find(|path| path.is_file());
    found.ok_or_else(|| {
        format!("{}: no summary.json and no campaign.json in this folder", folder.display())
    })
}

fn of_cell(cell: &Value, word: &str) -> Result<Side, String> {
    let settings = cell["settings"].as_array().into_iter().flatten();
    let settings: Vec<String> = settings.filter_map(Value::as_str).map(str::to_owned).collect();
    let runs = cell["runs"].as_array().ok_or("a cell has no runs: no campaign")?;
    let sample = |run: &Value| {
        let what = |error: String| format!("the run with seed {}: {error}", run["seed"]);
        match &run["summary"] {
            Value::Null => Err(what("it has no result".to_owned())),
            summary => Sample::of_summary(summary).map_err(what),
        }
    };
    let samples: Vec<Sample> = runs.iter().map(sample).collect::<Result<_, String>>()?;
    Ok(Side {
        name: named(word, &settings),
        settings,
        resolved: cell["resolved"].as_str().map(str::to_owned),
        from: Origin::Stored(samples),
    })
}
