//! The checker's own ledger beside the actors: judged by `sim::check` and by nothing else.
//!
//! How it stands belongs to the moment: two histories that lead to equal actors and unequal
//! ledgers are two moments. A ledger is kept as the entry that led to it and made again by
//! entering everything from the beginning, because only few have to be continued.

use super::actor::Actor;
use super::numbers::Numbers;
use rustc_hash::FxHashMap;
use sagasim::domain::{
    Discount, Effected, Exchange, OrderState, Outbox, Posting, RequestId, Service, Word,
};
use sagasim::sim::check::{
    Books, Findings, Law, Leaks, Opening, Outcome, Proof, Reckoning, Standing,
};
use sagasim::sim::plan::{OrderPlan, Plan, Source};
use std::sync::Arc;

/// What the ledger is told.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Entry {
    /// A commit, as far as it is judged.
    Commit {
        from: Service,
        key: Exchange,
        effects: Vec<Effected>,
        postings: Vec<Posting>,
        moves: Vec<(OrderState, OrderState)>,
    },
    /// A customer hears a word.
    Told { key: Exchange, word: Word },
    /// A payment window runs out, maybe one whose owner has yet to hear that it is void.
    Window { order: RequestId, unheard: bool },
}

impl Entry {
    /// The part of a commit that is judged; none if nothing is.
    pub(super) fn commit(from: Service, key: Exchange, out: &mut Outbox) -> Option<Self> {
        let effects = std::mem::take(&mut out.effects);
        let postings = std::mem::take(&mut out.postings);
        let moves = std::mem::take(&mut out.moves);
        let silent = effects.is_empty() && postings.is_empty() && moves.is_empty();
        (!silent).then_some(Entry::Commit { from, key, effects, postings, moves })
    }
}

/// Ledgers by number.
pub(super) struct Ledgers {
    plan: Arc<Plan>,
    orders: u32,
    entries: Numbers<Entry>,
    standings: Numbers<Standing>,
    /// The ledger before, and the entry that led here; none for the first.
    came: Vec<Option<(u32, u32)>>,
    /// What is broken, a bit an invariant.
    broken: Vec<u32>,
    after: FxHashMap<(u32, u32), u32>,
}

impl Ledgers {
    /// The ledger number 0: every order is placed, nothing has happened.
    pub(super) fn new(plan: &Arc<Plan>, orders: u32) -> Self {
        let mut ledgers = Ledgers {
            plan: Arc::clone(plan),
            orders,
            entries: Numbers::default(),
            standings: Numbers::default(),
            came: Vec::new(),
            broken: Vec::new(),
            after: FxHashMap::default(),
        };
        let books = opened(plan, orders);
        ledgers.number(&books, None);
        ledgers
    }

    fn number(&mut self, books: &Books, came: Option<(u32, u32)>) -> u32 {
        let number = self.standings.of(books.standing());
        if number as usize == self.came.len() {
            self.came.push(came);
            self.broken.push(broken(&books.findings));
        }
        number
    }

    /// The ledger after an entry.
    pub(super) fn enter(&mut self, ledger: u32, entry: Entry) -> u32 {
        let entry = self.entries.of(entry);
        if let Some(after) = self.after.get(&(ledger, entry)) {
            return *after;
        }
        let mut books = self.books(ledger);
        write(&mut books, &self.plan, self.entries.get(entry));
        let after = self.number(&books, Some((ledger, entry)));
        self.after.insert((ledger, entry), after);
        after
    }

    /// What a ledger has found broken so far, a bit an invariant.
    pub(super) fn broken(&self, ledger: u32) -> u32 {
        self.broken[ledger as usize]
    }

    /// Makes a ledger again.
    fn books(&self, ledger: u32) -> Books {
        let mut entries = Vec::new();
        let mut at = ledger;
        while let Some((before, entry)) = self.came[at as usize] {
            entries.push(entry);
            at = before;
        }
        let mut books = opened(&self.plan, self.orders);
        for entry in entries.into_iter().rev() {
            write(&mut books, &self.plan, self.entries.get(entry));
        }
        books
    }

    /// The reckoning at rest: the ledger against the plan, the actors' own books and the leaks.
    pub(super) fn reckon<'a>(
        &self,
        ledger: u32,
        leaks: &Leaks,
        actors: impl Iterator<Item = &'a Arc<Actor>>,
    ) -> Proof {
        let (books, plan) = (self.books(ledger), Arc::clone(&self.plan));
        let mut reckoning = Reckoning::new(books, plan, 0, leaks, &Source::Arrival);
        for actor in actors {
            actor.audit(&mut |row| reckoning.audited(row));
        }
        reckoning.finish()
    }
}

/// A ledger in which the orders of the plan are placed.
fn opened(plan: &Plan, orders: u32) -> Books {
    let mut books = Books::open(plan);
    for order in 0..orders {
        let planned = plan.order(Source::Arrival(order));
        let presents = presented(plan, &planned).is_some();
        let opening = Opening { lines: &planned.lines, due: due(plan, &planned), presents };
        books.place(RequestId(order), &opening);
    }
    books
}

/// The coupon that a customer presents: the one wished for, if it was issued.
pub(super) fn presented(plan: &Plan, planned: &OrderPlan) -> Option<u32> {
    planned.wish.filter(|coupon| plan.issued_before(*coupon, planned.user))
}

/// What an order costs.
fn due(plan: &Plan, planned: &OrderPlan) -> i64 {
    let subtotal: i64 = planned.lines.iter().map(|line| line.line_amount).sum();
    let discount =
        presented(plan, planned).map(|coupon| plan.scenario.coupons[coupon as usize].discount);
    subtotal
        - match discount {
            None => 0,
            Some(Discount::Percent(percent)) => subtotal * i64::from(percent) / 100,
            Some(Discount::Amount(amount)) => amount.min(subtotal),
        }
}

fn write(books: &mut Books, plan: &Plan, entry: &Entry) {
    match entry.clone() {
        Entry::Commit { from, key, effects, postings, moves } => {
            let mut out = Outbox { effects, postings, moves, ..Outbox::default() };
            books.commit(0, from, key, &plan.calendar, &mut out);
        }
        Entry::Told { key, word } => books.told(0, key, &word),
        Entry::Window { order, unheard } => books.window_closes(0, order, || unheard),
    }
}

/// What was found broken, a bit an invariant.
pub(super) fn broken(findings: &Findings) -> u32 {
    let violated = |law: &&Law| findings.violated(**law) > 0;
    Law::ALL.iter().filter(violated).fold(0, |bits, law| bits | 1 << *law as u32)
}

/// How orders ended, a bit an outcome.
pub(super) fn ends(proof: &Proof) -> u8 {
    let some = |outcome: &&Outcome| proof.outcomes.of(**outcome) > 0;
    Outcome::ALL.iter().filter(some).fold(0, |bits, outcome| bits | 1 << *outcome as u8)
}
