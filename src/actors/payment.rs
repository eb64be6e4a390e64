//! Payment: the payments of each order, one after another.

#![warn(clippy::wildcard_enum_match_arm)]

use super::domain::Domain;
use crate::domain::{
    At, Audited, Exchange, Fact, Move, Outbox, PaymentCommand, RequestId, Service, Table,
};
use std::collections::BTreeMap;

/// The newest payment of an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Row {
    n: u8,
    live: bool,
    amount: i64,
}

/// The state Payment owns.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Payments {
    newest: Table<Row>,
    /// Payments that were still live when a newer one of the same order came. A correct flow
    /// makes none.
    older: BTreeMap<(RequestId, u8), i64>,
}

impl Payments {
    fn create(&mut self, key: Exchange, amount: i64) {
        let row = self.newest.at(key.request().0);
        if row.live {
            self.older.insert((key.request(), row.n), row.amount);
        }
        *row = Row { n: key.n(), live: true, amount };
    }

    /// Whether there was a payment to cancel.
    fn cancel(&mut self, key: Exchange) -> bool {
        let row = self.newest.at(key.request().0);
        if row.n == key.n() {
            return std::mem::take(&mut row.live);
        }
        self.older.remove(&(key.request(), key.n())).is_some()
    }
}

impl Domain for Payments {
    type Command = PaymentCommand;
    const AT: Service = Service::Payment;

    fn step(&mut self, _: At, key: Exchange, command: &PaymentCommand, out: &mut Outbox) -> Fact {
        match *command {
            PaymentCommand::Create { amount, .. } => {
                self.create(key, amount);
                out.post(Move::Pay, amount);
            }
            PaymentCommand::Cancel { amount, .. } => {
                if self.cancel(key) {
                    out.post(Move::Pay, -amount);
                }
            }
        }
        self.answer(key, command)
    }

    fn answer(&self, _: Exchange, command: &PaymentCommand) -> Fact {
        match *command {
            PaymentCommand::Create { user, amount } => Fact::PaymentCreated { user, amount },
            PaymentCommand::Cancel { user, amount, after } => {
                Fact::PaymentCancelled { user, amount, after }
            }
        }
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        for (order, row) in self.newest.iter().filter(|(_, row)| row.live) {
            say(Audited::Payment { order: RequestId(order), n: row.n, money: row.amount });
        }
        for (&(order, n), &money) in &self.older {
            say(Audited::Payment { order, n, money });
        }
    }
}
