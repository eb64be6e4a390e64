//! Every order of events in small worlds: a second opinion beside the explorer, searched by
//! [`stateright`] (J. Nadal), breadth first and to the end.
//!
//! The explorer breaks exchanges of a run in virtual time: of each fault it sees one timing. Here
//! time is gone. What is on its way arrives in any order, a payment window ends whenever it likes,
//! and a customer acts at any moment. The handlers are the engine's own, called directly, and the
//! verdict is that of `sim::check`: its ledger is part of each moment, its reckoning judges each
//! moment at rest. Only bus and customers are written a second time, without a clock.
//!
//! What bounds the worlds, beside the orders in them:
//!
//! - One fault: a message arrives twice; a service crashes (before it handles what is on its way
//!   to it, or after the commit and before anything is published) and is up again at once; a
//!   request or an answer is lost; or one call is late, so that all its attempts may time out
//!   although request and answer are still to come. For one order in a choreography also a
//!   duplicate and a crash together.
//! - A call that may end unanswered has two attempts.
//! - A customer's patience is longer than everything else.
//! - With two orders and a fault, one customer never pays. With two orders, what is on its way to
//!   a sink, the word that a request was accepted, and an answer nobody waits for any more arrive
//!   before anything else; and a service that crashes loses all that is on its way to it. The
//!   world of one order has none of these bounds.

mod actor;
mod bus;
mod customer;
mod ledger;
mod model;
mod moment;
mod numbers;
mod protections;
mod sound;
mod teeth;
mod town;
