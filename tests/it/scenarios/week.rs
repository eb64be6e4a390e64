//! The real week, recounted from its file by splitting text: shares nothing with the engine.

use super::everywhere;
use crate::harness::{ended, folder, plan, run_plan, scenario, seed, summary};
use sagasim::domain::Coordination;
use sagasim::sim::check::Outcome;
use std::collections::{BTreeMap, BTreeSet};

/// What the file says.
#[derive(Default)]
struct Week {
    lines: u64,
    empty: u64,
    units: i64,
    /// Baskets that bought something, with their cents.
    baskets: BTreeMap<u64, i64>,
    /// By date, then product.
    days: BTreeMap<String, BTreeMap<u64, i64>>,
    spent: BTreeMap<u64, i64>,
}

fn week() -> Week {
    let file = folder().join("data/completejourney_week_2017-11-20.csv");
    let text = std::fs::read_to_string(file).expect("the week is there");
    let mut week = Week::default();
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        let date = cells.next().expect("a time")[..10].to_owned();
        let mut number = || -> u64 { cells.next().expect("a cell").parse().expect("a number") };
        let (basket, household, product) = (number(), number(), number());
        let (units, cents) = (number().cast_signed(), number().cast_signed());
        week.lines += 1;
        if units == 0 {
            week.empty += 1;
            continue;
        }
        week.units += units;
        *week.baskets.entry(basket).or_default() += cents;
        *week.spent.entry(household).or_default() += cents;
        *week.days.entry(date).or_default().entry(product).or_default() += units;
    }
    week
}

impl Week {
    /// The five best sold products of the last three days, ties by product.
    fn top_five(&self) -> Vec<(u64, i64)> {
        let mut units: BTreeMap<u64, i64> = BTreeMap::new();
        for day in self.days.values().rev().take(3) {
            for (product, sold) in day {
                *units.entry(*product).or_default() += sold;
            }
        }
        let mut units: Vec<(u64, i64)> = units.into_iter().collect();
        units.sort_by_key(|&(product, sold)| (-sold, product));
        units.truncate(5);
        units
    }

    fn cents(&self) -> i64 {
        self.baskets.values().sum()
    }

    /// Products in the order of their numbers: how the program numbers them.
    fn products(&self) -> Vec<u64> {
        let all: BTreeSet<u64> = self.days.values().flat_map(BTreeMap::keys).copied().collect();
        all.into_iter().collect()
    }
}

#[test]
fn the_real_week_sells_what_its_log_says_in_every_coordination() {
    let week = week();
    assert_eq!((week.lines, week.empty, week.baskets.len()), (28_366, 209, 3_088));
    let products = week.products();
    everywhere("order-log-week", |coordination, run| {
        let who = coordination.name();
        assert_eq!((run.started, ended(run, Outcome::Completed)), (3_088, 3_088), "{who}");
        assert_eq!((run.proof.stock.sold, run.proof.stock.held), (week.units, 0), "{who}");
        assert_eq!(run.proof.money.revenue, week.cents(), "{who}");
        let mut amounts: Vec<i64> = run.proof.orders.iter().map(|end| end.amount).collect();
        let mut charged: Vec<i64> = week.baskets.values().copied().collect();
        amounts.sort_unstable();
        charged.sort_unstable();
        assert_eq!(amounts, charged, "{who}");
        let named = |&(product, units): &(u32, i64)| (products[product as usize], units);
        let ranking: Vec<(u64, i64)> = run.proof.ranking.iter().map(named).collect();
        assert_eq!(ranking, week.top_five(), "{who}");
    });
}

#[test]
fn each_household_and_each_product_ends_with_what_the_log_leaves() {
    let week = week();
    let mut sold: BTreeMap<u64, i64> = BTreeMap::new();
    for day in week.days.values() {
        for (product, units) in day {
            *sold.entry(*product).or_default() += units;
        }
    }
    everywhere("order-log-week", |coordination, run| {
        let stock = run.proof.available.iter().map(|left| 10_000_000 - left);
        assert_eq!(stock.collect::<Vec<_>>(), sold.values().copied().collect::<Vec<_>>());
        // Households are numbered as they come: compared without their names.
        let mut spent: Vec<i64> =
            run.proof.balances.iter().map(|left| 1_000_000_000 - left).collect();
        let mut logged: Vec<i64> = week.spent.values().copied().collect();
        spent.sort_unstable();
        logged.sort_unstable();
        assert_eq!(spent, logged, "{}", coordination.name());
        let mut days: BTreeMap<i32, i64> = BTreeMap::new();
        for ((day, _), units) in &run.proof.sold {
            *days.entry(*day).or_default() += units;
        }
        let logged: Vec<i64> = week.days.values().map(|day| day.values().sum()).collect();
        assert_eq!(days.into_values().collect::<Vec<_>>(), logged);
    });
}

#[test]
fn every_line_of_the_log_is_accounted_for() {
    let scenario = scenario("order-log-week");
    let plan = plan(&scenario, seed(&scenario), Coordination::Choreography);
    let log = summary(&plan, &run_plan(&plan, &[])).order_log.expect("the load is a log");
    assert_eq!((log.lines, log.accepted, log.orders), (28_366, 28_157, 3_088));
    assert_eq!(log.rejected, BTreeMap::from([("quantity 0".to_owned(), 209)]));
}
