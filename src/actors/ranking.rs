//! The ranking: units sold per product per day, and the top five of three days.

#![warn(clippy::wildcard_enum_match_arm)]

use super::domain::Domain;
use crate::domain::{At, Audited, Exchange, Fact, Outbox, RankingCommand, Sale, Service};
use std::collections::BTreeMap;

/// Days in the union: today and the two before.
const DAYS: i32 = 3;
/// Products in the answer.
const TOP: usize = 5;

/// Units sold, less units refunded, per day and product.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Ranking {
    days: BTreeMap<i32, Vec<i64>>,
}

impl Ranking {
    fn count(&mut self, sale: &Sale) {
        let units = self.days.entry(sale.day).or_default();
        for line in &sale.basket.lines {
            let product = line.product as usize;
            if product >= units.len() {
                units.resize(product + 1, 0);
            }
            let quantity = i64::from(line.quantity);
            units[product] += if sale.refund { -quantity } else { quantity };
        }
    }

    /// The best sold products of `today` and the two days before; ties by product id.
    fn top(&self, today: i32) -> Vec<(u32, i64)> {
        let mut sums: BTreeMap<u32, i64> = BTreeMap::new();
        for units in self.days.range(today - DAYS + 1..=today).map(|(_, units)| units) {
            for (&units, product) in units.iter().zip(0..) {
                *sums.entry(product).or_default() += units;
            }
        }
        let mut top: Vec<(u32, i64)> = sums.into_iter().filter(|(_, units)| *units > 0).collect();
        top.sort_by_key(|&(product, units)| (std::cmp::Reverse(units), product));
        top.truncate(TOP);
        top
    }
}

impl Domain for Ranking {
    type Command = RankingCommand;
    const AT: Service = Service::Ranking;

    fn step(&mut self, _: At, key: Exchange, command: &RankingCommand, _: &mut Outbox) -> Fact {
        match command {
            RankingCommand::Rank(sale) => self.count(sale),
            RankingCommand::PopularProducts { .. } => {}
        }
        self.answer(key, command)
    }

    fn answer(&self, _: Exchange, command: &RankingCommand) -> Fact {
        match command {
            RankingCommand::Rank(_) => Fact::Recorded,
            RankingCommand::PopularProducts { today } => Fact::Listing(self.top(*today).into()),
        }
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        for (&day, units) in &self.days {
            for (&units, product) in units.iter().zip(0..).filter(|(units, _)| **units != 0) {
                say(Audited::Ranked { day, product, units });
            }
        }
    }
}
