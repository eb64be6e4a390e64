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
mod standing;
mod stats;
mod told;

pub use books::{Books, Money, Opening, Stock};
pub use findings::{Findings, Law, Violation};
pub use isolation::Anomalies;
pub(crate) use isolation::Isolation;
pub use outcome::{OrderEnd, Outcome, OutcomeCounts};
pub use rest::{Leaks, Proof, Reckoning};
pub use standing::Standing;
pub use stats::{Harm, ProcessFigures, Processes};
