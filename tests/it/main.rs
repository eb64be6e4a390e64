//! The integration tests: one crate, one module for each guarantee.

mod report; // the summary's JSON is stable, its text fits a terminal and says what matters
mod sample; // made-up summaries
