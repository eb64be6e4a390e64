//! Shrinking: the fewest orders, the fewest decisions and the plainest orders that still break the
//! same invariant, and the proof that nothing of it can be spared.

use super::decision::Decision;
use super::trial::{Theme, Trial};
use crate::domain::Transport;
use crate::sim::check::Law;
use crate::sim::engine::{Broken, Late, Strike};
use crate::sim::plan::{Ease, Focus};
use std::collections::{BTreeMap, BTreeSet};

/// A set of decisions that breaks an invariant.
#[derive(Clone, PartialEq, Debug)]
pub struct Counterexample {
    /// The orders that are placed, and how plain they are.
    pub focus: Focus,
    /// The decisions, in the order in which they happen.
    pub decisions: Vec<Decision>,
    /// The messages they are about.
    pub transports: Vec<Option<Transport>>,
    /// The invariant that names the failure.
    pub law: Law,
    /// What else broke.
    pub also: Vec<Law>,
    /// What was found, and what should have been.
    pub detail: String,
    /// Identifies everything that happened.
    pub digest: u64,
    /// The proof that it is as small as it can be.
    pub certificate: Certificate,
}

/// What happens without each part of a counterexample, found by running.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// The invariant that breaks first without the decision at this place; none: all hold.
    pub without: Vec<Option<Law>>,
    /// The same without each of the orders, and what is decided about it. Empty if all orders are
    /// placed.
    pub without_order: Vec<(u32, Option<Law>)>,
}

impl Certificate {
    /// Whether every run without one of the decisions, or one of the orders, passes.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.without.iter().all(Option::is_none)
            && self.without_order.iter().all(|(_, law)| law.is_none())
    }
}

/// Whether a run fails in the same way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Same(pub Law);

impl Same {
    fn holds(self, trial: &Trial) -> bool {
        trial.laws.contains(&self.0)
    }
}

/// Runs a counterexample, and again without each of its decisions and orders.
///
/// # Errors
/// An actor panicked.
pub fn certify(theme: &Theme, set: &[Decision], law: Law) -> Result<Counterexample, Broken> {
    let trial = theme.run(set, true)?;
    let mut without = Vec::with_capacity(set.len());
    for at in 0..set.len() {
        let mut rest = set.to_vec();
        rest.remove(at);
        without.push(theme.run(&rest, false)?.laws.first().copied());
    }
    let mut without_order = Vec::new();
    let orders = theme.focus().orders.iter().flatten();
    for (order, _) in orders.filter(|_| !theme.single()) {
        let mut rest = theme.focus().clone();
        rest.orders.iter_mut().for_each(|orders| orders.retain(|other, _| other != order));
        let set = about(&rest, set);
        let trial = theme.focused(rest).run(&set, false)?;
        without_order.push((*order, trial.laws.first().copied()));
    }
    let transports = set.iter().map(|decision| trial.transport(decision)).collect();
    let also = trial.laws.iter().copied().filter(|other| *other != law).collect();
    Ok(Counterexample {
        focus: theme.focus().clone(),
        decisions: set.to_vec(),
        transports,
        law,
        also,
        detail: theme.unnarrowed().run(set, false)?.detail,
        digest: trial.digest,
        certificate: Certificate { without, without_order },
    })
}

/// Spares decisions while the run still fails in the same way, then makes those that are left
/// milder.
///
/// # Errors
/// An actor panicked.
pub fn shrink(theme: &Theme, set: &[Decision], same: Same) -> Result<Vec<Decision>, Broken> {
    let mut smallest = Smallest::new(theme, set, same)?;
    smallest.fewer_decisions()?;
    Ok(smallest.set)
}

/// Makes the orders of a run plainer, as long as it still fails in the same way.
///
/// # Errors
/// An actor panicked.
pub(super) fn plainest(theme: &Theme, set: &[Decision], same: Same) -> Result<Theme, Broken> {
    let mut smallest = Smallest::new(theme, set, same)?;
    smallest.plainer()?;
    Ok(smallest.theme)
}

/// Spares orders, then decisions, then makes the orders plainer, as long as the run still fails in
/// the same way. Orders keep their numbers, so whatever is drawn for the others stays what it was.
/// In a closed load orders follow each other: there only decisions are spared.
///
/// # Errors
/// An actor panicked.
pub fn minimise(
    theme: &Theme,
    set: &[Decision],
    same: Same,
) -> Result<(Theme, Vec<Decision>), Broken> {
    let mut smallest = Smallest::new(theme, set, same)?;
    let open = theme.plan().crowds.is_empty();
    loop {
        let before = (smallest.theme.focus().clone(), smallest.set.clone());
        if open && !theme.single() {
            smallest.fewer_orders()?;
        }
        smallest.fewer_decisions()?;
        if open {
            smallest.plainer()?;
        }
        if before == (smallest.theme.focus().clone(), smallest.set.clone()) {
            return Ok((smallest.theme, smallest.set));
        }
    }
}

/// Shrinking ends after so many events, in about ten seconds; the smallest found so far is kept.
const EVENTS_AT_MOST: u64 = 20_000_000;
/// What making a world costs, in events.
const EVENTS_OF_A_WORLD: u64 = 50;

/// The smallest run so far that still fails in the same way.
struct Smallest {
    theme: Theme,
    set: Vec<Decision>,
    same: Same,
    /// The invariant was broken before any other, and is to be.
    first: bool,
    events_left: u64,
}

impl Smallest {
    fn new(theme: &Theme, set: &[Decision], same: Same) -> Result<Self, Broken> {
        let first = theme.run(set, false)?.laws.first() == Some(&same.0);
        let (theme, set) = (theme.clone(), set.to_vec());
        Ok(Smallest { theme, set, same, first, events_left: EVENTS_AT_MOST })
    }

    fn fails(&mut self, theme: &Theme, set: &[Decision]) -> Result<bool, Broken> {
        if self.events_left == 0 {
            return Ok(false);
        }
        let trial = theme.run(set, false)?;
        self.events_left = self.events_left.saturating_sub(trial.events + EVENTS_OF_A_WORLD);
        Ok(self.same.holds(&trial) && (!self.first || trial.laws.first() == Some(&self.same.0)))
    }

    /// The orders there are, each with how plain it is, and the one that something was found of.
    fn orders(&self) -> Result<(BTreeMap<u32, u8>, Option<u32>), Broken> {
        let trial = self.theme.run(&self.set, false)?;
        let all = || (0..trial.orders).map(|order| (order, 0)).collect();
        let orders = self.theme.focus().orders.clone().unwrap_or_else(all);
        Ok((orders, trial.order.map(|order| order.0)))
    }

    fn fewer_orders(&mut self) -> Result<(), Broken> {
        let (orders, found) = self.orders()?;
        let focus = |kept: &[u32]| Focus {
            orders: Some(kept.iter().map(|order| (*order, orders[order])).collect()),
        };
        let (theme, set) = (self.theme.clone(), self.set.clone());
        let mut fails = |kept: &[u32]| {
            let focus = focus(kept);
            let set = about(&focus, &set);
            Ok(!kept.is_empty() && self.fails(&theme.focused(focus), &set)?)
        };
        // Most of the time those that were spoken of are all it takes.
        let named = set.iter().filter_map(|decision| decision.order().map(|order| order.0));
        let named: BTreeSet<u32> =
            named.chain(found).filter(|of| orders.contains_key(of)).collect();
        let named: Vec<u32> = named.into_iter().collect();
        let all: Vec<u32> = orders.keys().copied().collect();
        let enough = named.len() < all.len() && fails(&named)?;
        let kept = ddmin(if enough { &named } else { &all }, &mut fails)?;
        if kept.len() < all.len() {
            let focus = focus(&kept);
            self.set = about(&focus, &set);
            self.theme = theme.focused(focus);
        }
        Ok(())
    }

    fn fewer_decisions(&mut self) -> Result<(), Broken> {
        let theme = self.theme.clone();
        self.set = ddmin(&self.set.clone(), &mut |set| self.fails(&theme, set))?;
        for at in 0..self.set.len() {
            while let Some(milder) = milder(self.set[at]) {
                let mut other = self.set.clone();
                other[at] = milder;
                if !self.fails(&theme, &other)? {
                    break;
                }
                self.set = other;
            }
        }
        Ok(())
    }

    /// Makes each order plainer, wherever that changes it.
    fn plainer(&mut self) -> Result<(), Broken> {
        let (orders, _) = self.orders()?;
        if orders.len() > PLAINER_AT_MOST {
            return Ok(());
        }
        let mut focus = Focus { orders: Some(orders.clone()) };
        for (order, ease) in orders.keys().flat_map(|order| Ease::ALL.map(|ease| (*order, ease))) {
            let mut other = focus.clone();
            let eased = other.orders.iter_mut().filter_map(|orders| orders.get_mut(&order));
            eased.for_each(|eased| *eased |= ease.bit());
            let theme = self.theme.focused(other.clone());
            if other == focus || !theme.differs(&self.theme, order) {
                continue;
            }
            let set = self.set.clone();
            if self.fails(&theme, &set)? {
                (self.theme, focus) = (theme, other);
            }
        }
        Ok(())
    }
}

/// More orders than this are not made plainer one by one.
const PLAINER_AT_MOST: usize = 64;

/// Decisions about orders that are placed.
fn about(focus: &Focus, set: &[Decision]) -> Vec<Decision> {
    let placed = |order: u32| focus.orders.as_ref().is_none_or(|all| all.contains_key(&order));
    let about = |decision: &&Decision| decision.order().is_none_or(|order| placed(order.0));
    set.iter().filter(about).copied().collect()
}

/// Delta debugging (A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing
/// Input", IEEE TSE 28(2), 2002), algorithm ddmin. What is left fails, and without any one of it it
/// does not.
fn ddmin<T: Clone>(
    whole: &[T],
    fails: &mut dyn FnMut(&[T]) -> Result<bool, Broken>,
) -> Result<Vec<T>, Broken> {
    let mut best = whole.to_vec();
    let mut parts = 2;
    while best.len() > 1 {
        let size = best.len().div_ceil(parts);
        let mut smaller = None;
        for at in (0..best.len()).step_by(size) {
            let mut rest = best.clone();
            rest.drain(at..(at + size).min(best.len()));
            if fails(&rest)? {
                smaller = Some(rest);
                break;
            }
        }
        match smaller {
            Some(rest) => {
                best = rest;
                parts = parts.saturating_sub(1).max(2);
            }
            None if size > 1 => parts = (parts * 2).min(best.len()),
            None => break,
        }
    }
    if best.len() == 1 && fails(&[])? {
        best.clear();
    }
    Ok(best)
}

/// The same fault on the first attempt only; the same message, less late.
fn milder(decision: Decision) -> Option<Decision> {
    match decision {
        Decision::Strikes(strike) if decision.lasts() => {
            Some(Decision::Strikes(Strike { every_attempt: false, ..strike }))
        }
        Decision::Late(late) if late.by_ms > 1 => {
            Some(Decision::Late(Late { by_ms: late.by_ms / 2, ..late }))
        }
        Decision::Strikes(_)
        | Decision::Wants { .. }
        | Decision::Late(_)
        | Decision::Schedule(_) => None,
    }
}
