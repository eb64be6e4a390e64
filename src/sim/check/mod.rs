//! The proof: a double-entry ledger, and four sources that share no code held against each other.
//!
//! (1) The plan; (2) the postings seen by the bus at each commit; (3) the owners' audited state;
//! (4) what customers were told and what the sinks hold.

mod books;
pub mod catalogue;
mod findings;
mod isolation;
mod judge;
mod outcome;
mod popular;
mod rest;
mod row;
mod stats;
mod told;

pub(crate) use books::{Books, Opening};
pub use books::{Money, Stock};
pub use findings::{Findings, Law, Violation};
pub use isolation::Anomalies;
pub(crate) use isolation::Isolation;
pub use outcome::{OrderEnd, Outcome, OutcomeCounts};
pub(crate) use rest::Reckoning;
pub use rest::{Leaks, Proof};
pub use stats::{Harm, ProcessFigures, Processes};
