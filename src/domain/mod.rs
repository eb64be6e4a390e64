//! Floor 0: the vocabulary. Pure: no clock, no chance, no I/O, no async, no hash map.

mod basket;
mod id;
mod protection;

pub use basket::{Basket, Line, SharedBasket};
pub use id::{Exchange, Process, RequestId, Service, Step, Turn};
pub use protection::{Coordination, Omitted, Protection, UndoPolicy};
