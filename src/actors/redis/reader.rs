//! The questions asked of Redis: what the sinks hold, page by page, and the popular products.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use redis::cmd;

use super::keys::Keys;
use super::link::{Fault, Link};
use super::readback::Held;
use super::{RecordKey, SinkRecord};

/// Members, entries or marks asked for in one call.
const PAGE: usize = 1_000;

/// Reads both sinks. At rest only: another writer between two pages would be half seen.
pub(super) async fn read(
    link: &mut Link,
    keys: &Keys,
    given: &BTreeMap<RecordKey, SinkRecord>,
) -> Result<Held, Fault> {
    let mut held = Held::default();
    let days: BTreeSet<i32> = given.values().map(|record| record.day).collect();
    for day in days {
        read_day(link, &keys.day(day), day, &mut held).await?;
    }
    read_marks(link, &keys.rank_seen, given, &mut held).await?;
    read_platform(link, &keys.platform, &mut held).await?;
    Ok(held)
}

async fn read_day(link: &mut Link, key: &str, day: i32, held: &mut Held) -> Result<(), Fault> {
    let mut first = 0;
    loop {
        let mut command = cmd("ZRANGE");
        command.arg(key).arg(first).arg(first + PAGE - 1).arg("WITHSCORES");
        let page: Vec<(u32, f64)> = link.query(&command).await?;
        for &(product, units) in &page {
            if units != 0.0 {
                held.ranking.insert((day, product), whole(units));
            }
        }
        if page.len() < PAGE {
            return Ok(());
        }
        first += PAGE;
    }
}

async fn read_marks(
    link: &mut Link,
    key: &str,
    given: &BTreeMap<RecordKey, SinkRecord>,
    held: &mut Held,
) -> Result<(), Fault> {
    let all: Vec<RecordKey> = given.keys().copied().collect();
    for page in all.chunks(PAGE) {
        let mut command = cmd("SMISMEMBER");
        command.arg(key);
        for record in page {
            command.arg(record.to_string());
        }
        let marks: Vec<bool> = link.query(&command).await?;
        held.ranked.extend(page.iter().zip(marks).filter(|&(_, seen)| seen).map(|(key, _)| *key));
    }
    Ok(())
}

async fn read_platform(link: &mut Link, key: &str, held: &mut Held) -> Result<(), Fault> {
    let mut from = "-".to_owned();
    loop {
        let mut command = cmd("XRANGE");
        command.arg(key).arg(&from).arg("+").arg("COUNT").arg(PAGE);
        let page: Vec<(String, Vec<String>)> = link.query(&command).await?;
        for (id, fields) in &page {
            let Some((key, amount)) = parse_entry(fields) else {
                tracing::warn!(id, "an entry of the data platform cannot be read");
                continue;
            };
            held.platform.entry((key.order, key.refund)).or_insert((amount, 0)).1 += 1;
        }
        match page.last() {
            Some((last, _)) if page.len() == PAGE => from = format!("({last}"),
            Some(_) | None => return Ok(()),
        }
    }
}

/// Order, kind and amount of an entry; none if one of them is not there or not understood.
fn parse_entry(fields: &[String]) -> Option<(RecordKey, i64)> {
    let field = |name: &str| {
        fields.chunks_exact(2).find(|pair| pair[0] == name).map(|pair| pair[1].as_str())
    };
    let order = field("order")?.parse().ok()?;
    let refund = match field("kind")? {
        "sale" => false,
        "refund" => true,
        _ => return None,
    };
    Some((RecordKey { order, refund }, field("amount")?.parse().ok()?))
}

/// The `k` products with the most units of three days, `today` the last, as Redis adds them up.
///
/// Redis orders equal scores by the text of the member, downwards when the best come first, and
/// cannot cut a union. So the whole union is fetched (one member a product) and put in order
/// here: most units first, then the smaller product id. No units left: not popular.
pub(super) async fn top(
    link: &mut Link,
    keys: &Keys,
    today: i32,
    k: usize,
) -> Result<Vec<(u32, i64)>, Fault> {
    let mut command = cmd("ZUNION");
    command.arg(3);
    for back in 0..3 {
        command.arg(keys.day(today.saturating_sub(back)));
    }
    command.arg("WITHSCORES");
    let union: Vec<(u32, f64)> = link.query(&command).await?;
    let mut best: Vec<(u32, i64)> = union
        .into_iter()
        .map(|(product, units)| (product, whole(units)))
        .filter(|&(_, units)| units > 0)
        .collect();
    best.sort_unstable_by_key(|&(product, units)| (Reverse(units), product));
    best.truncate(k);
    Ok(best)
}

/// Scores are doubles; units are sums of whole numbers far below 2^53, where doubles are exact.
fn whole(score: f64) -> i64 {
    score as i64
}
