//! What the customer of an order was told: the fourth source.

use super::findings::Law;
use super::rest::Reckoning;
use super::row::Row;
use crate::domain::{OrderState, Process, RequestId, Word};

/// A final word, without its figures.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(u8)]
pub(super) enum Final {
    /// No final word yet.
    #[default]
    None,
    /// Refused: nothing happened.
    Refused,
    /// Failed: everything was given back.
    Failed,
    /// The request went through.
    Done,
    /// Nobody knows.
    Unknown,
}

/// The final word on each of an order's requests.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Told {
    /// On placing the order.
    pub(super) place: Final,
    /// On the newest payment.
    pub(super) pay: Final,
    /// On cancelling before payment.
    pub(super) cancel: Final,
    /// On the refund.
    pub(super) refund: Final,
    /// That the order expired.
    pub(super) expired: bool,
    /// The newest payment spoken of.
    pub(super) n: u8,
}

impl Told {
    /// Notes a word on a process; false if another final word was said before.
    pub(super) fn hear(&mut self, process: Process, n: u8, word: &Word) -> bool {
        let heard = match word {
            Word::Accepted | Word::Done => return true,
            Word::Refused(_) => Final::Refused,
            Word::Failed(_) | Word::PayFailed(_) => Final::Failed,
            Word::Placed { .. } | Word::Paid | Word::Cancelled | Word::Refunded => Final::Done,
            Word::Expired => {
                self.expired = true;
                return true;
            }
            Word::Unknown => Final::Unknown,
        };
        let known = match process {
            Process::Order => &mut self.place,
            // A word on an earlier payment, late or said twice: what was said then is not kept.
            Process::Payment if n < self.n => return true,
            Process::Payment => {
                if n > self.n {
                    self.n = n;
                    self.pay = Final::None;
                }
                &mut self.pay
            }
            Process::Cancel => &mut self.cancel,
            Process::Refund => &mut self.refund,
            Process::Expiry | Process::Issue | Process::Traffic => return true,
        };
        let consistent = matches!(*known, Final::None | Final::Unknown) || *known == heard;
        if *known != Final::Done {
            *known = heard;
        }
        consistent
    }
}

impl Reckoning {
    /// What the customer was told, against what is so.
    pub(super) fn judge_told(&mut self, order: RequestId, row: &Row) {
        use OrderState::{
            Absent, AwaitingCoupon, Cancelled, Completed, Expired, Refunded, Refunding, RolledBack,
            Undoing,
        };
        let Told { place, pay, cancel, refund, expired, n } = row.told;
        let before_payment = matches!(row.state, Absent | AwaitingCoupon | Undoing | RolledBack);
        let sold = matches!(row.state, Completed | Refunding | Refunded);
        let truths = [
            (place != Final::None, "the customer was never told how placing the order ended"),
            (place != Final::Done || !before_payment, "told Placed, but the order never was"),
            (
                !matches!(place, Final::Refused | Final::Failed) || before_payment,
                "told the order failed, but it was placed",
            ),
            (pay != Final::Done || sold, "told Paid, but the order is not completed"),
            (
                !(matches!(pay, Final::Refused | Final::Failed) && sold && row.n == n),
                "told the payment failed, but it completed the order",
            ),
            (
                !sold || matches!(pay, Final::Done | Final::Unknown),
                "the order is completed, but the customer was not told",
            ),
            ((cancel == Final::Done) <= (row.state == Cancelled), "told Cancelled, but it is not"),
            (
                cancel != Final::Refused || row.state != Cancelled,
                "told it cannot be cancelled, but it was",
            ),
            (refund != Final::Done || row.state == Refunded, "told Refunded, but it is not"),
            (
                refund != Final::Refused || !matches!(row.state, Refunding | Refunded),
                "told it cannot be refunded, but it was",
            ),
            (expired == (row.state == Expired), "told Expired and expired do not agree"),
        ];
        for (so, lie) in truths {
            let state = row.state;
            self.must(Law::ClientToldTheTruth, so, order, || format!("{lie} (it is {state:?})"));
        }
    }
}
