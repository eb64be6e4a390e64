//! Floor 1: the actors. The five domains, their gates, the coordinations, the sinks; and the thin
//! actix shell around them.
//!
//! No actor reads a clock, draws a random number, does I/O or knows of a fault. A handler takes
//! (state, message) and writes postings, answers and events into an outbox.

pub mod choreography;
mod coupon;
mod domain;
pub mod gate;
pub mod host;
mod monolith;
mod orchestrator;
mod order;
mod participant;
mod payment;
mod platform;
mod product;
mod ranking;
pub mod redis;
mod user;
mod walk;

pub use coupon::Coupons;
pub use domain::Domain;
pub use monolith::{Database, Monolith};
pub use orchestrator::Orchestrator;
pub use order::Orders;
pub use participant::{Owner, Participant, Role};
pub use payment::Payments;
pub use platform::Platform;
pub use product::{Article, Products};
pub use ranking::Ranking;
pub use user::Users;

use crate::domain::{Coordination, Omitted, Protection, UndoPolicy};

/// The settings every actor of a run shares.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rules {
    /// Who coordinates.
    pub coordination: Coordination,
    /// Which steps are undone after an unclear failure.
    pub compensate: UndoPolicy,
    /// What the flow leaves out.
    pub omit: Omitted,
    /// Which protections are on.
    pub on: Protection,
}
