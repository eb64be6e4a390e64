//! What Redis holds at rest against what it was given.

use std::collections::{BTreeMap, BTreeSet};

use super::{RecordKey, SinkRecord};

/// The end of a run, as Redis tells it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SinkReadback {
    /// Whether Redis could be read to the end. If not, `ranking`, `platform` and `wrong` are
    /// empty and `missing` names the records Redis has not acknowledged.
    pub reachable: bool,
    /// Why records are missing or could not be read, in the words of the last attempt.
    pub reason: Option<String>,
    /// Units by (day, product), products with 0 units left out.
    pub ranking: BTreeMap<(i32, u32), i64>,
    /// (amount, copies) by (order, whether it is the refund).
    pub platform: BTreeMap<(u32, bool), (i64, u32)>,
    /// Records given, a repeated one counted once.
    pub sent: u64,
    /// Records acknowledged by both sinks and, as far as known, not forgotten since.
    pub acknowledged: u64,
    /// Records written again because the server had forgotten some.
    pub resent: u64,
    /// Connections made after the first.
    pub reconnects: u64,
    /// Records that a sink lacks, in order.
    pub missing: Vec<RecordKey>,
    /// What the sinks hold that the records do not add up to.
    pub wrong: Vec<Difference>,
}

impl SinkReadback {
    /// Whether Redis holds exactly what it was given.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.reachable && self.missing.is_empty() && self.wrong.is_empty()
    }
}

/// One thing that Redis holds otherwise than it should.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Difference {
    /// A product's units on a day.
    Units {
        /// Days since 1970-01-01.
        day: i32,
        /// The product.
        product: u32,
        /// What the records add up to.
        expected: i64,
        /// What the ranking says.
        found: i64,
    },
    /// An entry of the data platform: another amount, several copies, or never given.
    Entry {
        /// The record it speaks of.
        key: RecordKey,
        /// The amount given; none if the record was never given.
        expected: Option<i64>,
        /// The amount of the first copy.
        found: i64,
        /// How often it stands in the stream.
        copies: u32,
    },
}

/// What was read from the server.
#[derive(Default)]
pub(super) struct Held {
    pub(super) ranking: BTreeMap<(i32, u32), i64>,
    pub(super) platform: BTreeMap<(u32, bool), (i64, u32)>,
    /// The records given whose mark the ranking has.
    pub(super) ranked: BTreeSet<RecordKey>,
}

/// Holds the records given against what was read. Consumes nothing, decides nothing.
pub(super) fn compare(
    given: &BTreeMap<RecordKey, SinkRecord>,
    held: &Held,
) -> (Vec<RecordKey>, Vec<Difference>) {
    let lacks = |key: &RecordKey| {
        !held.ranked.contains(key) || !held.platform.contains_key(&(key.order, key.refund))
    };
    let missing = given.keys().copied().filter(lacks).collect();
    let mut wrong = compare_ranking(given, held);
    for (&(order, refund), &(found, copies)) in &held.platform {
        let key = RecordKey { order, refund };
        let expected = given.get(&key).map(|record| record.amount);
        if expected != Some(found) || copies != 1 {
            wrong.push(Difference::Entry { key, expected, found, copies });
        }
    }
    (missing, wrong)
}

fn compare_ranking(given: &BTreeMap<RecordKey, SinkRecord>, held: &Held) -> Vec<Difference> {
    // (expected, found) by (day, product)
    let mut cells: BTreeMap<(i32, u32), (i64, i64)> = BTreeMap::new();
    for record in given.values() {
        for (product, units) in record.units() {
            cells.entry((record.day, product)).or_default().0 += units;
        }
    }
    for (&cell, &units) in &held.ranking {
        cells.entry(cell).or_default().1 = units;
    }
    cells
        .into_iter()
        .filter(|&(_, (expected, found))| expected != found)
        .map(|((day, product), (expected, found))| Difference::Units {
            day,
            product,
            expected,
            found,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(order: u32, refund: bool) -> SinkRecord {
        SinkRecord { order, refund, day: 3, lines: [(7, 2)].into(), amount: 500, user: 1 }
    }

    #[test]
    fn each_way_to_differ_is_named() {
        let sale = record(1, false);
        let given = BTreeMap::from([(sale.key(), sale.clone()), (record(2, false).key(), sale)]);
        let mut held = Held::default();
        held.ranked.insert(RecordKey { order: 1, refund: false });
        held.ranking.insert((3, 7), 3);
        held.platform.insert((1, false), (500, 2));
        held.platform.insert((9, true), (1, 1));
        let (missing, wrong) = compare(&given, &held);
        assert_eq!(missing, [RecordKey { order: 2, refund: false }]);
        assert_eq!(
            wrong,
            [
                Difference::Units { day: 3, product: 7, expected: 4, found: 3 },
                Difference::Entry {
                    key: RecordKey { order: 1, refund: false },
                    expected: Some(500),
                    found: 500,
                    copies: 2
                },
                Difference::Entry {
                    key: RecordKey { order: 9, refund: true },
                    expected: None,
                    found: 1,
                    copies: 1
                },
            ]
        );
    }

    #[test]
    fn a_sale_and_its_refund_leave_no_units_to_find() {
        let pair = [record(1, false), record(1, true)];
        let given: BTreeMap<_, _> = pair.into_iter().map(|r| (r.key(), r)).collect();
        let mut held = Held { ranked: given.keys().copied().collect(), ..Held::default() };
        held.platform.insert((1, false), (500, 1));
        held.platform.insert((1, true), (500, 1));
        assert_eq!(compare(&given, &held), (vec![], vec![]));
    }
}
