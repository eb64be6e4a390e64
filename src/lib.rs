//! sagasim runs a distributed commerce flow as a system of actix actors and tells the truth about it.

pub mod actors;
pub mod cli;
pub mod domain;
pub mod report;
pub mod sim;
