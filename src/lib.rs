//! sagasim runs a distributed commerce flow as a system of actix actors and tells the truth about it.
//!
//! A scenario and a seed make a plan: who orders what, when, and what they mean to do. The engine
//! runs the plan in virtual time through five domain actors, coordinated by choreography, by an
//! orchestrator, or as a monolith. The checker holds four sources against each other and says
//! whether stock, money or coupons were lost. The report says so in text, JSON, JUnit or
//! Markdown.
//!
//! In reading order, each floor knowing only those before it:
//!
//! 1. [`domain`]: the vocabulary. Begin with [`domain::saga`], the table of all steps.
//! 2. [`actors`]: what each domain does, what its gate remembers, who coordinates.
//! 3. [`sim`]: [`sim::scenario`] → [`sim::plan`] → [`sim::engine`]; [`sim::check`] is the proof.
//! 4. [`report`]: one flat [`report::Summary`] and what is drawn from it.
//! 5. [`cli`]: what can be typed.
//!
//! What is not there:
//!
//! - No clock, no chance and no I/O in `domain` and in the actors: the bus gives them the time and
//!   takes their outbox away. Only [`actors::redis`], a thread beside the run, talks to the world.
//! - No fault and no latency in an actor: order, time, chance and failure are the engine's alone.
//! - No stream of random numbers: each decision is a hash of the seed and of what is decided.
//! - No rule in `sim::check` taken from an actor: a wrong rule would agree with itself.
//! - No I/O in `report`, no rule of commerce in `cli`.
//! - No actix outside [`actors::host`] and the virtual bus.

pub mod actors;
pub mod cli;
pub mod domain;
pub mod report;
pub mod sim;
