//! Floor 0: the vocabulary. Pure: no clock, no chance, no I/O, no async, no hash map.

// A new state, message or fact must be thought about everywhere it is matched.
#![warn(clippy::wildcard_enum_match_arm)]

mod at;
mod basket;
mod command;
pub mod coupling;
mod discount;
mod fact;
mod id;
mod ledger;
mod message;
mod outbox;
mod protection;
pub mod route;
pub mod saga;
mod table;

pub use at::{At, Steps};
pub use basket::{Basket, Line, SharedBasket};
pub use command::{
    Cause, CouponCommand, CouponFate, MonolithInput, OrchestratorInput, OrderCommand,
    PaymentCommand, ProductCommand, RankingCommand, Reason, Request, Sale, Undoing, UserCommand,
    Work,
};
pub use discount::Discount;
pub use fact::{Effect, Fact, Offer};
pub use id::{Exchange, Process, RequestId, Service, Step, Turn};
pub use ledger::{Audited, Datum, Move, OrderState, Posting};
pub use message::{Body, Envelope, Transport, Word};
pub use outbox::{After, Effected, Outbox};
pub use protection::{Coordination, Omitted, Protection, UndoPolicy};
pub use table::Table;
