//! Judging effects, undos and moves of state as they are committed.

use super::books::{Books, at};
use super::findings::{Law, Place};
use super::row::{bit, bits, undone_by};
use crate::domain::{Effect, Exchange, OrderState, Process, RequestId, Service, Step, Turn};

impl Books {
    /// One effect of a commit.
    pub(super) fn judge(&mut self, now_ns: u64, from: Service, key: Exchange, effect: Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Took => self.judge_effect(now_ns, from, key),
            Effect::GaveBack => self.judge_undo(now_ns, key),
            Effect::Refused => self.judge_refusal(now_ns, key),
        }
    }

    fn judge_effect(&mut self, now_ns: u64, from: Service, key: Exchange) {
        if matches!(key.process(), Process::Traffic | Process::Issue) {
            return;
        }
        let row = self.rows.at(key.request().0);
        row.outstanding |= bit(key.step());
        row.began |= key.step() == Step::DeductStock;
        row.completed |= key.step() == Step::CompleteOrder;
        if matches!(key.step(), Step::CloseOrder | Step::StartRefund) {
            row.undo_since_ns = now_ns;
        }
        if matches!(from, Service::Platform | Service::Ranking) {
            let sold = row.completed;
            let refund = matches!(key.step(), Step::PublishRefund | Step::UnrankProducts);
            let refunded = matches!(row.state, OrderState::Refunding | OrderState::Refunded);
            let fine = sold && (!refund || refunded);
            let (name, state) = (from.name(), row.state);
            self.findings.must(
                Law::NothingPublishedBeforePivot,
                fine,
                || at(now_ns, key),
                || format!("{name} took {} of an order in state {state:?}", key.step().name()),
            );
        }
        self.count_effect(key);
    }

    fn count_effect(&mut self, key: Exchange) {
        let Some(figures) = self.processes.get_mut(key.process() as usize) else { return };
        match (key.process(), key.step()) {
            (Process::Order, Step::DeductStock)
            | (Process::Payment, Step::DeductBalance)
            | (Process::Expiry | Process::Cancel, Step::CloseOrder)
            | (Process::Refund, Step::StartRefund) => figures.started += 1,
            (Process::Order, Step::SetFinalAmount) | (Process::Payment, Step::CompleteOrder) => {
                figures.completed += 1;
            }
            _ => {}
        }
    }

    fn judge_undo(&mut self, now_ns: u64, key: Exchange) {
        let place = || at(now_ns, key);
        let row = self.rows.at(key.request().0);
        let mine = bit(key.step());
        let there = row.outstanding & mine != 0;
        let later = undone_by(key.process()) & !(mine | (mine - 1));
        let left = row.outstanding & later;
        row.outstanding &= !mine;
        let done = row.outstanding & undone_by(key.process()) == 0;
        let since_ns = row.undo_since_ns;
        let name = key.step().undo_name().unwrap_or(key.step().name());
        self.findings.must(Law::UndoFollowsItsEffect, there, place, || {
            format!("{name} gave back what was not there, or was given back before")
        });
        self.findings.must(Law::UndoInReverseOrder, left == 0, place, || {
            let first = Step::ALL.into_iter().rev().find(|step| bit(*step) & left != 0);
            format!("{name} ran before the undo of {}", first.map_or("a later step", Step::name))
        });
        if done {
            self.harm.undone(key.process(), now_ns.saturating_sub(since_ns));
            if let Some(figures) = self.processes.get_mut(key.process() as usize) {
                match key.process() {
                    Process::Order | Process::Payment => figures.compensated += 1,
                    Process::Expiry | Process::Cancel | Process::Refund => figures.completed += 1,
                    Process::Issue | Process::Traffic => {}
                }
            }
        }
    }

    fn judge_refusal(&mut self, now_ns: u64, key: Exchange) {
        let row = self.rows.at(key.request().0);
        let Some(figures) = self.processes.get_mut(key.process() as usize) else { return };
        let first = matches!(
            key.step(),
            Step::DeductStock | Step::DeductBalance | Step::CloseOrder | Step::StartRefund
        );
        if first && key.turn() == Turn::Do {
            figures.started += 1;
            figures.rejected += 1;
            return;
        }
        if key.turn() != Turn::Do {
            return;
        }
        row.undo_since_ns = now_ns;
        row.failed |= key.process() == Process::Order;
        // A monolith drops the work in the refusing commit itself: nothing is left to undo.
        if row.outstanding & undone_by(key.process()) == 0 {
            figures.started += 1;
            figures.compensated += 1;
        }
    }

    /// A payment window runs out. It dies with the state it belongs to; only a coordinator that has
    /// yet to hear of the move (`unheard`) may still let it tick.
    pub fn window_closes(&mut self, now_ns: u64, order: RequestId, unheard: impl FnOnce() -> bool) {
        let state = self.rows.at(order.0).state;
        let fine = state == OrderState::AwaitingPayment || unheard();
        let place = || Place { order: Some(order), at_ns: now_ns, key: None };
        self.findings.must(Law::NoLeakedLockTimerCallOrRow, fine, place, || {
            format!("the payment window of an order in state {state:?} was still ticking")
        });
    }

    /// A move of the order's state.
    pub(super) fn judge_move(
        &mut self,
        now_ns: u64,
        key: Exchange,
        before: OrderState,
        after: OrderState,
    ) {
        let row = self.rows.at(key.request().0);
        let known = std::mem::replace(&mut row.state, after);
        let fine = known == before && may_follow(before, after);
        self.findings.must(
            Law::OrderStateMachine,
            fine,
            || at(now_ns, key),
            || format!("{known:?} became {after:?}"),
        );
        if after == OrderState::Undoing {
            row_failed(self, key, now_ns);
        }
    }
}

fn row_failed(books: &mut Books, key: Exchange, now_ns: u64) {
    let row = books.rows.at(key.request().0);
    if !row.failed && row.outstanding & bits::STOCK != 0 {
        row.undo_since_ns = now_ns;
    }
    row.failed = true;
}

/// The order's machine, from the protocol.
const fn may_follow(before: OrderState, after: OrderState) -> bool {
    use OrderState::{
        Absent, AwaitingCoupon, AwaitingPayment, Cancelled, ClosingCancelled, ClosingExpired,
        Completed, Expired, Refunded, Refunding, RolledBack, Undoing,
    };
    matches!(
        (before, after),
        (Absent, AwaitingCoupon)
            | (AwaitingCoupon, AwaitingPayment | Undoing)
            | (Undoing, RolledBack)
            | (AwaitingPayment, Completed | ClosingExpired | ClosingCancelled)
            | (ClosingExpired, Expired)
            | (ClosingCancelled, Cancelled)
            | (Completed, Refunding)
            | (Refunding, Refunded)
    )
}
