//! The worlds as stateright sees them, and what a search of one comes to.

use super::bus::{Change, reckon};
use super::moment::{Event, Moment};
use super::town::{Known, Town};
use sagasim::domain::{Exchange, RequestId, Transport, Turn};
use sagasim::sim::check::{Law, Outcome};
use stateright::{Checker, Model, Property};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::PoisonError;

/// A property for each invariant, and one for each way an order may end.
macro_rules! properties {
    (always: $($law:ident)+, sometimes: $($outcome:ident)+) => {
        vec![
            $(Property::always(Law::$law.name(), |_, now: &Moment| {
                now.broken & 1 << Law::$law as u32 == 0
            }),)+
            $(Property::sometimes(Outcome::$outcome.name(), |_, now: &Moment| {
                now.ends & 1 << Outcome::$outcome as u8 != 0
            }),)+
        ]
    };
}

impl Model for Town {
    type State = Moment;
    type Action = Event;

    fn init_states(&self) -> Vec<Moment> {
        let known = &mut *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = |branch| {
            let now = self.dawn(branch, known);
            let mut change = Change { town: self, known, now };
            (0..self.orders).for_each(|order| change.place(RequestId(order)));
            change.now
        };
        (0..self.branches.len() as u8).map(begin).collect()
    }

    fn actions(&self, now: &Moment, events: &mut Vec<Event>) {
        let known = &*self.known.lock().unwrap_or_else(PoisonError::into_inner);
        events.extend(self.possible(known, now));
    }

    fn next_state(&self, now: &Moment, event: Event) -> Option<Moment> {
        let known = &mut *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Change { town: self, known, now: now.clone() }.make(event))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties! {
            always: StockNeverNegative StockConserved BalanceNeverNegative MoneyConserved
                CouponUsedAtMostOnce CouponIssueWithinLimit ChargedAtMostOnce RefundWithinCharge
                UndoFollowsItsEffect UndoInReverseOrder OrderStateMachine
                NothingPublishedBeforePivot EveryOrderTerminal NothingHeld CompletedMeansPaidOnce
                UndoneLeftNoTrace CouponUsedIffCompleted RankingEqualsSales
                PlatformGotEachCompletedOnce NoLeakedLockTimerCallOrRow ClientToldTheTruth
                AmountsAsPlanned,
            sometimes: Completed Rejected Compensated Cancelled Expired Stuck
        }
    }
}

/// What every order of events of a world comes to.
#[derive(Debug)]
pub(super) struct Searched {
    /// Different moments.
    pub(super) moments: usize,
    /// The invariants that are broken, each with a story of how.
    pub(super) broken: Vec<(Law, String)>,
    /// How orders can end.
    pub(super) ends: BTreeSet<Outcome>,
}

impl Searched {
    /// The invariants that are broken.
    pub(super) fn laws(&self) -> BTreeSet<Law> {
        self.broken.iter().map(|(law, _)| *law).collect()
    }
}

/// Searches a world to its end.
pub(super) fn search(town: Town) -> Searched {
    search_until(town, usize::MAX)
}

/// The shortest way to break an invariant: `stateright` keeps the last one it finds.
pub(super) fn shortest(town: impl Fn() -> Town, law: Law) -> Option<String> {
    let whole = search(town());
    whole.broken.iter().find(|(broken, _)| *broken == law)?;
    let within = |depth| search_until(town(), depth).broken.into_iter();
    (1..).find_map(|depth| within(depth).find(|(broken, _)| *broken == law)).map(|(_, told)| told)
}

/// Searches the moments that this many events lead to, the beginning counted.
fn search_until(town: Town, depth: usize) -> Searched {
    let properties = town.properties().len();
    assert_eq!(properties, Law::ALL.len() + Outcome::ALL.len(), "a property is missing");
    let checker = town.checker().target_max_depth(depth).spawn_bfs().join();
    let mut found = checker.discoveries();
    let ended = |outcome: &Outcome| found.contains_key(outcome.name());
    let ends = Outcome::ALL.into_iter().filter(ended).collect();
    let town = checker.model();
    let mut broken = Vec::new();
    for law in Law::ALL {
        if let Some(path) = found.remove(law.name()) {
            broken.push((law, story(town, path.into_vec())));
        }
    }
    Searched { moments: checker.unique_state_count(), broken, ends }
}

/// A way through a world, event by event, and what is found at its end.
fn story(town: &Town, way: Vec<(Moment, Option<Event>)>) -> String {
    let known = &*town.known.lock().unwrap_or_else(PoisonError::into_inner);
    let mut said = String::new();
    let Some((last, _)) = way.last().cloned() else { return said };
    for (number, event) in way.into_iter().filter_map(|(_, event)| event).enumerate() {
        let line = line(known, event);
        writeln!(said, "{:>3} {line}", number + 1).expect("a string takes everything");
    }
    for found in reckon(known, &last).findings.kept() {
        let (name, detail) = (found.law.name(), &found.detail);
        writeln!(said, "  {name}: {detail}").expect("a string takes everything");
    }
    said
}

/// An event, for people.
fn line(known: &Known, event: Event) -> String {
    let message = |number| {
        let envelope = known.messages.get(number);
        let (from, to) = (envelope.from.name(), envelope.body.to().name());
        let what = match envelope.transport {
            Transport::Reply => format!("answer to {}", exchange(envelope.key)),
            Transport::Timer => "the payment window has ended".to_owned(),
            Transport::Event | Transport::Call | Transport::HeldCall => exchange(envelope.key),
        };
        format!("order {}: {from} -> {to}: {what}", envelope.key.request().0)
    };
    match event {
        Event::Arrives(number) => message(number),
        Event::ArrivesTwice(number) => format!("{}, and it will come again", message(number)),
        Event::ArrivesBeforeCrash(number) => format!("{}, then a crash", message(number)),
        Event::IsLost(number) => format!("{} is lost", message(number)),
        Event::WindowEnds(timer) => {
            format!("order {}: the payment window ends", known.messages.get(timer).key.request().0)
        }
        Event::TimesOut(key) => format!("order {}: {} times out", key.request().0, exchange(key)),
        Event::Acts(order) => format!("order {order}: the customer acts"),
        Event::Despairs(order, process) => {
            format!("order {order}: the customer gives up on {}", process.name())
        }
        Event::Crashes { service, with_line: true } => {
            format!("{} crashes, and all that is on its way to it is lost", service.name())
        }
        Event::Crashes { service, with_line: false } => format!("{} crashes", service.name()),
    }
}

/// What an exchange is about.
fn exchange(key: Exchange) -> String {
    let step = key.step();
    match key.turn() {
        Turn::Do | Turn::Timer => step.name().to_owned(),
        Turn::Undo => step.undo_name().unwrap_or(step.name()).to_owned(),
        Turn::Said => format!("word on {}", step.name()),
        Turn::Ask => format!("request for {}", step.name()),
    }
}
