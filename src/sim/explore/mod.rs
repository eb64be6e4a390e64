//! The explorer: every fault at every point that a run reaches, alone and together, by running
//! again and again from the beginning with strikes planted.
//!
//! A run is (plan, decisions). Which decisions there are is not listed anywhere: each run reports
//! the questions it asked, in the order of asking, and is extended by each answer to a question
//! that comes after its last decision. So each set of decisions that can happen is run, in the
//! order in which it happens, and run once; points that only a failure reveals join in.

mod class;
mod decision;
mod map;
mod sample;
mod search;
mod share;
mod shrink;
mod switch;
mod token;
mod trial;
mod variant;

pub use class::Class;
pub use decision::{Decision, step_name};
pub use map::{Cell, Column, Map, MapRow, NotApplicable};
pub use sample::{Drawn, Sampling, sample};
pub use search::{Bounds, Exploration, Onlooker, Pace, Point, Runs, explore};
pub use shrink::{Certificate, Counterexample, Same, certify, minimise, shrink};
pub use switch::Switch;
pub use token::{Token, TokenError, scenario_digest};
pub use trial::{Planted, Theme, Trial};
pub use variant::Variant;
