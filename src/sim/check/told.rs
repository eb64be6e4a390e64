//! What the customer of an order was told: the fourth source.

use crate::domain::{Process, Word};

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
