//! Seeded defects: bugs that shops have had, each a role that stands in for a sound one.
//!
//! A scenario plants one with `[flow] defect`, so a defect is run, explored, shrunk and replayed
//! like anything else. The tests hold the checker to all of them: `docs/kill-matrix.md` says which
//! invariant catches which defect, and how soon.

pub use bend::{hears, shows};

mod bend;
mod coordinator;
mod coupon;
mod money;
mod order;
mod sink;
mod stock;

use crate::actors::host::Cast;
use crate::domain::Coordination;
use crate::sim::check::Law;
use crate::sim::plan::Plan;
use std::fmt;

/// Lets something else play a part.
type Bend = fn(Cast, &Plan) -> Cast;

/// Runs of every branch of the business over one order.
const BRANCHES: u32 = 16;

/// Where services talk to each other, in any way.
const SAGAS: &[Coordination] = &[Coordination::Choreography, Coordination::Orchestration];
const CHOREOGRAPHY: &[Coordination] = &[Coordination::Choreography];
const ORCHESTRATION: &[Coordination] = &[Coordination::Orchestration];
const MONOLITH: &[Coordination] = &[Coordination::Monolith];
const EVERYWHERE: &[Coordination] = &Coordination::ALL;

/// A defect that can be planted.
pub struct Defect {
    /// The name used in scenario files.
    pub name: &'static str,
    /// What is wrong, in one sentence.
    pub meaning: &'static str,
    /// The public bug or the kind of bug that it stands for.
    pub stands_for: &'static str,
    /// The invariant that has to catch it.
    pub law: Law,
    /// The coordinations in which the actor plays that it stands in for.
    pub plays: &'static [Coordination],
    /// The fewest decisions (intents, refusals, faults) over one order that pays, which show it;
    /// none: one order cannot show it.
    pub optimum: Option<u8>,
    /// Runs within which trying everything over one order has to catch it; if one order cannot show
    /// it, runs of a world that can.
    pub budget: u32,
    bend: Bend,
}

impl PartialEq for Defect {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Defect {}

impl fmt::Debug for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Defect {
    /// A defect between services that any run of its world shows.
    const fn new(
        name: &'static str,
        law: Law,
        bend: Bend,
        meaning: &'static str,
        stands_for: &'static str,
    ) -> Self {
        let (plays, optimum, budget) = (SAGAS, None, 1);
        Defect { name, meaning, stands_for, law, plays, optimum, budget, bend }
    }

    /// Plays in these coordinations only.
    const fn at(self, plays: &'static [Coordination]) -> Self {
        Defect { plays, ..self }
    }

    /// So many decisions over one order show it: none, or a branch of the business.
    const fn by(self, decisions: u8) -> Self {
        let budget = if decisions == 0 { 1 } else { BRANCHES };
        Defect { optimum: Some(decisions), budget, ..self }
    }

    /// Only a fault shows it, so it takes up to so many runs.
    const fn within(self, runs: u32) -> Self {
        Defect { budget: runs, ..self }
    }

    /// Whether only a fault shows it.
    #[must_use]
    pub const fn takes_a_fault(&self) -> bool {
        self.budget > BRANCHES
    }

    /// The defect of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Defect> {
        Defect::all().find(|defect| defect.name == name)
    }

    /// Every defect.
    pub fn all() -> impl Iterator<Item = &'static Defect> {
        [
            stock::DEFECTS,
            money::DEFECTS,
            coupon::DEFECTS,
            order::DEFECTS,
            sink::DEFECTS,
            coordinator::DEFECTS,
        ]
        .into_iter()
        .flatten()
    }

    /// The cast with the defect in it; where it does not play, the cast as it is.
    #[must_use]
    pub fn plant(&self, cast: Cast, plan: &Plan) -> Cast {
        if self.plays.contains(&plan.scenario.flow.coordination) {
            (self.bend)(cast, plan)
        } else {
            cast
        }
    }
}
