//! The ranking at rest, held against what was sold.

use super::findings::Law;
use super::rest::Reckoning;
use std::collections::{BTreeMap, BTreeSet};

/// Products in the ranking of the summary.
const TOP: usize = 5;
/// Days it unites.
const DAYS: i32 = 3;

impl Reckoning {
    /// Units sold per day and product.
    pub(super) fn sold(&self) -> BTreeMap<(i32, u32), i64> {
        let days = self.sold_on.iter();
        days.flat_map(|(day, units)| (0..).zip(units).map(|(product, n)| ((*day, product), *n)))
            .filter(|(_, units)| *units != 0)
            .collect()
    }

    pub(super) fn judge_ranking(&mut self, sold: &BTreeMap<(i32, u32), i64>) {
        let mut cells: BTreeSet<(i32, u32)> = sold.keys().copied().collect();
        cells.extend(self.ranked.keys());
        let place = self.place(None);
        for cell in cells {
            let sold = sold.get(&cell).copied().unwrap_or_default();
            let ranked = self.ranked.get(&cell).copied().unwrap_or_default();
            self.books.findings.must(
                Law::RankingEqualsSales,
                sold == ranked,
                || place,
                || {
                    let (day, product) = cell;
                    format!("day {day}, product {product}: ranked {ranked} units, sold {sold}")
                },
            );
        }
        if sold.is_empty() && self.ranked.is_empty() {
            self.books.findings.must(Law::RankingEqualsSales, true, || place, String::new);
        }
    }

    /// The top five of the last arrival's day and the two before, as the ranking holds them.
    pub(super) fn top(&self) -> Vec<(u32, i64)> {
        let today = self.plan.calendar.last_day();
        let mut sums: BTreeMap<u32, i64> = BTreeMap::new();
        for (&(day, product), units) in &self.ranked {
            if (today - DAYS + 1..=today).contains(&day) {
                *sums.entry(product).or_default() += units;
            }
        }
        let mut top: Vec<(u32, i64)> = sums.into_iter().filter(|(_, units)| *units > 0).collect();
        top.sort_by_key(|&(product, units)| (std::cmp::Reverse(units), product));
        top.truncate(TOP);
        top
    }
}
