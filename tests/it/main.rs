//! The one integration crate: one line per file.

// The command line: exit codes, messages, run directories, progress.
mod cli;
// The summary's JSON is stable, its text fits a terminal and says what matters.
mod report;
// Made-up scenarios and summaries.
mod sample;
