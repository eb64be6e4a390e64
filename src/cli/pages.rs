//! What a run writes: the files of its folder.

use super::engine::{Loaded, Ran};
use super::exit::ExitCode;
use super::signals::Stop;
use super::terminal::Clock;
use crate::report::{Summary, render_junit, render_markdown};
use crate::sim::scenario::Verdict;

/// Files of a folder: name and text.
pub(super) type Files = Vec<(&'static str, String)>;

/// All files of a run. `again` is the command that gives it again.
pub(super) fn files_of(
    loaded: &Loaded,
    resolved: String,
    summary: &Summary,
    own: Files,
    again: &str,
) -> Files {
    let mut files = vec![
        ("summary.json", summary.to_json()),
        ("scenario.toml", loaded.text.clone()),
        ("resolved.toml", resolved),
        ("summary.md", render_markdown(summary, again)),
        ("junit.xml", render_junit(summary, again)),
    ];
    files.extend(own);
    files
}

/// Files as they are written.
pub(super) fn bytes(files: &Files) -> Vec<(&str, &[u8])> {
    files.iter().map(|(name, text)| (*name, text.as_bytes())).collect()
}

/// The text of a file.
pub(super) fn text<'a>(files: &'a Files, name: &str) -> &'a str {
    files.iter().find(|(other, _)| *other == name).map_or("", |(_, text)| text)
}

/// Those of the files that a comparison reads, and the scenario.
pub(super) fn of_baseline(files: &Files) -> Vec<(&str, &[u8])> {
    let kept = ["summary.json", "campaign.json", "scenario.toml", "resolved.toml"];
    bytes(files).into_iter().filter(|(name, _)| kept.contains(name)).collect()
}

/// Puts into the summary what only the edge knows. A run that was stopped by a signal proved
/// nothing, unless it had failed already. Where `SOURCE_DATE_EPOCH` says what time it is, no file
/// depends on the wall clock: the same seed gives the same bytes.
pub(super) fn finish(ran: &mut Ran, stop: &Stop, clock: Clock) {
    let summary = &mut ran.summary;
    if let Some(code) = stop.asked().filter(|_| summary.aborted) {
        summary.exit_code = ExitCode::code(code);
        if summary.verdict == Verdict::Passed {
            summary.verdict = Verdict::Inconclusive;
        }
    }
    if let Clock::Fixed(_) = clock {
        summary.time.wall_ns = 0;
        summary.time.events_per_s = 0.0;
    }
}
