//! The two sinks on a real Redis: the *ranking* (units sold by product and day) and the *data
//! platform* (each completed order and each refund once).
//!
//! ```text
//! sagasim:{run}:run             string       claims the name
//! sagasim:{run}:rank:20261122   sorted set   product -> units of that day
//! sagasim:{run}:rank:seen       set          records counted: 17:sale, 17:refund
//! sagasim:{run}:platform        stream       order, kind, day, user, amount, lines
//! sagasim:{run}:platform:seen   set          records published
//! ```
//!
//! All expire after seven days, and all carry one hash tag. Redis 7.0 or newer.
//!
//! - A record is owed until both sinks have acknowledged it. Answers get lost, so a record may be
//!   written several times; each write is one script that marks the record and has its effect in
//!   one atomic step, so the repeats change nothing. The scripts begin with `#!lua`: then Redis
//!   refuses them whole when its memory is full, and refuses keys that were not declared.
//! - Redis being down never fails an order and never disturbs virtual time: the caller only puts
//!   records into a queue. What is missing at the end is said, by name.
//! - No text made here holds the URL or its password.

mod error;
mod keys;
mod link;
mod outage;
mod readback;
mod reader;
mod record;
mod sinks;
mod writer;

pub use error::RedisError;
pub use keys::RunName;
pub use readback::{Difference, SinkReadback};
pub use record::{Receipt, RecordKey, SinkRecord};
pub use sinks::{FINISH_PATIENCE, RedisSinks};
