//! The data platform: takes each sale and each refund of an order.

#![warn(clippy::wildcard_enum_match_arm)]

use super::domain::Domain;
use crate::domain::{At, Audited, Exchange, Fact, Outbox, RequestId, Sale, Service, Table};

/// What is held of an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Row {
    sales: u8,
    refunds: u8,
    amount: i64,
}

/// The records the platform holds.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Platform {
    rows: Table<Row>,
}

impl Domain for Platform {
    type Command = Sale;
    const AT: Service = Service::Platform;

    fn step(&mut self, _: At, key: Exchange, sale: &Sale, _: &mut Outbox) -> Fact {
        let row = self.rows.at(key.request().0);
        if sale.refund {
            row.refunds = row.refunds.saturating_add(1);
        } else {
            row.sales = row.sales.saturating_add(1);
            row.amount = sale.amount;
        }
        Fact::Recorded
    }

    fn answer(&self, _: Exchange, _: &Sale) -> Fact {
        Fact::Recorded
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        for (order, row) in self.rows.iter().filter(|(_, row)| row.sales + row.refunds > 0) {
            let Row { sales, refunds, amount } = *row;
            say(Audited::Published { order: RequestId(order), sales, refunds, amount });
        }
    }
}
