//! Isolation anomalies, counted from the reads that handlers record.
//!
//! A saga has no isolation: what one step commits, others see before the saga ends. Each commit
//! names the rows its steps have read; what it writes is known from its postings and moves. The
//! versions are counted here: each write of a row makes the next one. The tests are those of the
//! literature (Garcia-Molina and Salem, Sagas, 1987; Frank and Zahle, Semantic ACID properties,
//! 1998), said at each counter.
//!
//! Nobody is asked for reads, and nothing of this is paid for, unless `[run] anomalies` is on.

use super::books::Books;
use crate::domain::{
    Datum, Effect, Exchange, Move, OrderState, Outbox, Process, RequestId, Step, Turn,
};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// How often each anomaly happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Anomalies {
    /// Reads of a version that was written by a step of another order, and later undone by that
    /// step's own process.
    pub dirty_reads: u64,
    /// Of these, reads on which somebody was refused.
    pub refused_by_dirty_reads: u64,
    /// An order reads a row a second time, and another has written it in between.
    pub fuzzy_reads: u64,
    /// An order's state is written by a process that has not read it for this write, although
    /// another process has written it since the one that writes had its knowledge of it.
    pub lost_updates: u64,
    /// Orders of which a sink holds a sale, and that are no sale in the end and never were taken
    /// back.
    pub premature_publications: u64,
    /// Undos whose own effect is undone already, and that found the effect of another payment.
    pub foreign_undos: u64,
}

/// A run through a process.
type Run = (RequestId, Process, u8);

/// The newest version of a row.
#[derive(Clone, Copy, Debug, Default)]
struct Newest {
    version: u32,
    /// The step that wrote it; none: an undo, or nobody.
    by: Option<Exchange>,
}

/// Reads of what one step has written.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    reads: u64,
    refused: u64,
}

/// The versions of an order's own row.
#[derive(Clone, Copy, Debug, Default)]
struct OrderRow {
    version: u32,
    /// As customers were told that it is placed: what payments, cancels and the window go by.
    placed: u32,
    /// As they were told that it is paid: what refunds go by.
    completed: u32,
}

/// The log of reads and writes, folded as it grows.
#[derive(Debug, Default)]
pub(crate) struct Isolation {
    newest: FxHashMap<Datum, Newest>,
    /// By the step that wrote: reads by others.
    seen: FxHashMap<u64, Seen>,
    /// The version that an order has read or written last.
    last: FxHashMap<(RequestId, Datum), u32>,
    orders: FxHashMap<RequestId, OrderRow>,
    /// The version of the order's row that a process has read or written last.
    knows: FxHashMap<Run, u32>,
    /// Effects that are not undone: payments by order and step.
    standing: FxHashMap<(RequestId, Step), Vec<u8>>,
    published: BTreeSet<RequestId>,
    found: Anomalies,
}

const fn run_of(key: Exchange) -> Run {
    let n = if matches!(key.process(), Process::Payment) { key.n() } else { 0 };
    (key.request(), key.process(), n)
}

/// Traffic has ids of its own: it is no order.
const fn is_order(key: Exchange) -> bool {
    !matches!(key.process(), Process::Traffic)
}

impl Isolation {
    /// Takes in one commit, before the ledger does.
    pub(crate) fn commit(&mut self, key: Exchange, out: &mut Outbox) {
        let refused = out.effects.iter().any(|one| one.effect == Effect::Refused);
        let mut reads_order = false;
        for datum in out.reads.iter_mut().flat_map(|reads| reads.drain(..)) {
            match datum {
                Datum::Order => reads_order = true,
                Datum::Stock { .. } | Datum::Balance { .. } | Datum::Coupon { .. } => {
                    self.read(key, datum, refused);
                }
            }
        }
        let mut begin = 0;
        for effected in &out.effects {
            let end = effected.postings_end as usize;
            for posting in &out.postings[begin..end] {
                self.write(effected.key, posting.between);
            }
            begin = end;
            self.effect(effected.key, effected.effect);
        }
        self.moves(key, reads_order, &out.moves);
    }

    fn read(&mut self, key: Exchange, datum: Datum, refused: bool) {
        let Newest { version, by } = self.newest.get(&datum).copied().unwrap_or_default();
        let other = |by: &Exchange| !is_order(key) || by.request() != key.request();
        if let Some(by) = by.filter(other) {
            let seen = self.seen.entry(by.identity()).or_default();
            seen.reads += 1;
            seen.refused += u64::from(refused);
        }
        if is_order(key) {
            let last = self.last.insert((key.request(), datum), version);
            self.found.fuzzy_reads += u64::from(last.is_some_and(|last| last != version));
        }
    }

    fn write(&mut self, key: Exchange, between: Move) {
        let datum = match between {
            Move::Hold { product } => Datum::Stock { product },
            Move::Charge { user } | Move::TopUp { user } => Datum::Balance { user },
            Move::Spend { coupon, user } | Move::Issue { coupon, user } => {
                Datum::Coupon { coupon, user }
            }
            // Accounts of one order alone.
            Move::Sell { .. } | Move::Earn | Move::Pay => return,
        };
        let newest = self.newest.entry(datum).or_default();
        newest.version += 1;
        newest.by = (key.turn() == Turn::Do && is_order(key)).then_some(key);
        if is_order(key) {
            self.last.insert((key.request(), datum), newest.version);
        }
    }

    fn effect(&mut self, key: Exchange, effect: Effect) {
        let step = key.step();
        let numbered = matches!(step, Step::DeductBalance | Step::CreatePayment);
        match effect {
            Effect::Took => {
                if numbered {
                    self.standing.entry((key.request(), step)).or_default().push(key.n());
                }
                if matches!(step, Step::PublishOrder | Step::RankProducts) {
                    self.published.insert(key.request());
                }
            }
            Effect::GaveBack => {
                let done = key.to(step, Turn::Do).identity();
                if let Some(Seen { reads, refused }) = self.seen.remove(&done) {
                    self.found.dirty_reads += reads;
                    self.found.refused_by_dirty_reads += refused;
                }
                if numbered {
                    self.undone(key);
                }
            }
            Effect::Nothing | Effect::Refused => {}
        }
    }

    fn undone(&mut self, key: Exchange) {
        let standing = self.standing.entry((key.request(), key.step())).or_default();
        match standing.iter().position(|n| *n == key.n()) {
            Some(own) => {
                standing.swap_remove(own);
            }
            None => self.found.foreign_undos += u64::from(!standing.is_empty()),
        }
    }

    /// Each move of an order's state is a write of its row as a whole.
    fn moves(&mut self, key: Exchange, reads: bool, moves: &[(OrderState, OrderState)]) {
        if moves.is_empty() {
            return;
        }
        let row = self.orders.entry(key.request()).or_default();
        let told = match key.process() {
            Process::Payment | Process::Expiry | Process::Cancel => row.placed,
            Process::Refund => row.completed,
            Process::Order | Process::Issue | Process::Traffic => 0,
        };
        let knows = self.knows.entry(run_of(key)).or_insert(told);
        self.found.lost_updates += u64::from(!reads && *knows < row.version);
        row.version += moves.len() as u32;
        *knows = row.version;
        match moves.last() {
            Some((_, OrderState::AwaitingPayment)) => row.placed = row.version,
            Some((_, OrderState::Completed)) => row.completed = row.version,
            Some(_) | None => {}
        }
    }

    /// What was found, once the run is at rest.
    pub(crate) fn finish(self, books: &Books) -> Anomalies {
        let no_sale = |order: &&RequestId| !books.was_sold(**order);
        let premature = self.published.iter().filter(no_sale).count();
        Anomalies { premature_publications: premature as u64, ..self.found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: RequestId = RequestId(7);

    fn key(process: Process, n: u8, step: Step, turn: Turn) -> Exchange {
        Exchange::new(ORDER, process, n, step, turn)
    }

    fn says(isolation: &mut Isolation, key: Exchange, effect: Effect, moves: &[OrderState]) {
        let mut out = Outbox { reads: Some(Vec::new()), ..Outbox::default() };
        out.close_effect(key, effect);
        out.moves = moves.windows(2).map(|pair| (pair[0], pair[1])).collect();
        isolation.commit(key, &mut out);
    }

    #[test]
    fn an_undo_that_comes_twice_meets_the_next_payment() {
        let mut isolation = Isolation::default();
        let mut charge = |n: u8, turn: Turn, effect: Effect| {
            let key = key(Process::Payment, n, Step::DeductBalance, turn);
            says(&mut isolation, key, effect, &[]);
            isolation.found.foreign_undos
        };
        assert_eq!(charge(1, Turn::Do, Effect::Took), 0);
        assert_eq!(charge(1, Turn::Undo, Effect::GaveBack), 0);
        assert_eq!(charge(1, Turn::Undo, Effect::GaveBack), 0, "nobody's effect is there");
        assert_eq!(charge(2, Turn::Do, Effect::Took), 0);
        assert_eq!(charge(1, Turn::Undo, Effect::GaveBack), 1);
        assert_eq!(charge(2, Turn::Undo, Effect::GaveBack), 1);
    }

    #[test]
    fn a_sale_that_a_sink_holds_and_nobody_made_is_premature() {
        let mut isolation = Isolation::default();
        let publish = key(Process::Payment, 1, Step::PublishOrder, Turn::Do);
        says(&mut isolation, publish, Effect::Took, &[]);
        assert_eq!(isolation.finish(&Books::default()).premature_publications, 1);
    }

    #[test]
    fn who_writes_what_it_has_not_read_since_another_wrote_it_loses_an_update() {
        use OrderState::{Absent, AwaitingCoupon, AwaitingPayment, ClosingExpired, Completed};
        let mut isolation = Isolation::default();
        let create = key(Process::Order, 0, Step::CreateOrder, Turn::Do);
        let place = [Absent, AwaitingCoupon, AwaitingPayment];
        says(&mut isolation, create, Effect::Took, &place);
        let close = key(Process::Expiry, 0, Step::CloseOrder, Turn::Do);
        says(&mut isolation, close, Effect::Took, &[AwaitingPayment, ClosingExpired]);
        assert_eq!(isolation.found.lost_updates, 0, "it knows the order as it was placed");
        let complete = key(Process::Payment, 1, Step::CompleteOrder, Turn::Do);
        says(&mut isolation, complete, Effect::Took, &[ClosingExpired, Completed]);
        assert_eq!(isolation.found.lost_updates, 1);
    }
}
