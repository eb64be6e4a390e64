//! User: members and their balance.
//!
//! Knows only the balance; money held for an order lives in the ledger and in the messages that
//! come back to restore it.

#![warn(clippy::wildcard_enum_match_arm)]

use super::domain::Domain;
use crate::domain::{
    At, Audited, Datum, Exchange, Fact, Move, Outbox, Reason, Service, UserCommand,
};

/// The state User owns.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Users {
    balances: Vec<i64>,
}

impl Users {
    /// Members; the index is the user's id.
    #[must_use]
    pub const fn new(balances: Vec<i64>) -> Self {
        Users { balances }
    }
}

impl Domain for Users {
    type Command = UserCommand;
    const AT: Service = Service::User;

    fn step(&mut self, _: At, key: Exchange, command: &UserCommand, out: &mut Outbox) -> Fact {
        match *command {
            UserCommand::DeductBalance { user, amount } => {
                let balance = &mut self.balances[user as usize];
                out.read(Datum::Balance { user });
                if *balance < amount {
                    return Fact::Refused(Reason::BalanceTooLow);
                }
                *balance -= amount;
                out.post(Move::Charge { user }, amount);
            }
            UserCommand::RestoreBalance { user, amount, .. } => {
                self.balances[user as usize] += amount;
                out.post(Move::Charge { user }, -amount);
            }
            UserCommand::TopUp { user, amount } => {
                self.balances[user as usize] += amount;
                out.post(Move::TopUp { user }, amount);
            }
        }
        self.answer(key, command)
    }

    fn answer(&self, _: Exchange, command: &UserCommand) -> Fact {
        match *command {
            UserCommand::DeductBalance { user, amount } => Fact::BalanceDeducted { user, amount },
            UserCommand::RestoreBalance { after, .. } => Fact::BalanceRestored { after },
            UserCommand::TopUp { .. } => Fact::ToppedUp,
        }
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        for (&money, user) in self.balances.iter().zip(0..) {
            say(Audited::Balance { user, money });
        }
    }
}
