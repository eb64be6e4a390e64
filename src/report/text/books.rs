//! The ledger, and what else was counted.

use super::Summary;
use super::layout::{BAD, DOT, GOOD, Piece, UNSURE, flow, piece, plain};
use super::units::{compact, count, duration, signed};

/// Stock, money and coupons at the end, each with its balance.
pub(super) fn books(summary: &Summary) -> Vec<String> {
    let (stock, money, coupons) =
        (&summary.books.stock, &summary.books.money, &summary.books.coupons);
    let mut lines = account(
        "BOOKS",
        stock.adds_up(),
        &format!(
            "stock {} = {} available + {} held + {} sold",
            signed(stock.initial),
            signed(stock.available),
            signed(stock.held),
            signed(stock.sold)
        ),
    );
    lines.extend(account(
        "",
        money.adds_up() && coupons.used <= coupons.issued,
        &format!(
            "money {} + {} topped up = {} balances + {} held + {} revenue · coupons {} issued, {} \
             used",
            signed(money.initial),
            signed(money.topped_up),
            signed(money.balance),
            signed(money.held),
            signed(money.revenue),
            signed(coupons.issued),
            signed(coupons.used)
        ),
    ));
    lines
}

fn account(label: &str, adds_up: bool, text: &str) -> Vec<String> {
    let mut words: Vec<Piece> = text.split(' ').map(plain).collect();
    if !adds_up {
        words.insert(0, piece(BAD, "DOES NOT ADD UP:"));
    }
    flow(label, &words, " ")
}

/// Isolation anomalies that were seen.
pub(super) fn anomalies(summary: &Summary) -> Vec<String> {
    if summary.anomalies.is_empty() {
        return Vec::new();
    }
    let seen = summary.anomalies.iter().filter(|(_, times)| **times > 0);
    let mut pieces: Vec<Piece> =
        seen.map(|(name, times)| plain(format!("{name} {}", count(*times)))).collect();
    if pieces.is_empty() {
        let kinds = summary.anomalies.len();
        pieces.push(plain(format!("none of {kinds} kinds")));
    }
    flow("ANOMALIES", &pieces, DOT)
}

/// How much failed orders held, and how late it came back.
pub(super) fn inconsistency(summary: &Summary) -> Vec<String> {
    let held = &summary.inconsistency;
    if held.unit_seconds == 0.0 && held.money_seconds == 0.0 && held.undo_lag.is_empty() {
        return Vec::new();
    }
    let mut pieces = vec![
        plain(format!("failed orders held {} unit-seconds of stock", compact(held.unit_seconds))),
        plain(format!("{} money-seconds", compact(held.money_seconds))),
    ];
    let slowest = held.undo_lag.iter().max_by_key(|lag| lag.max_ns);
    pieces.extend(
        slowest.map(|lag| plain(format!("slowest {}, {}", lag.undo, duration(lag.max_ns)))),
    );
    flow("UNSETTLED", &pieces, DOT)
}

/// The popular products.
pub(super) fn ranking(summary: &Summary) -> Vec<String> {
    let pieces: Vec<Piece> = summary
        .ranking
        .iter()
        .map(|row| plain(format!("product {}: {} units", row.product, signed(row.units))))
        .collect();
    if pieces.is_empty() { Vec::new() } else { flow("POPULAR", &pieces, DOT) }
}

/// How the order log was read.
pub(super) fn order_log(summary: &Summary) -> Vec<String> {
    let Some(log) = &summary.order_log else { return Vec::new() };
    let mut pieces = vec![
        plain(format!("{} lines", count(log.lines))),
        plain(format!("{} accepted", count(log.accepted))),
        plain(format!("{} orders", count(log.orders))),
    ];
    let reasons = log.rejected.iter();
    pieces.extend(reasons.map(|(why, n)| plain(format!("{} rejected: {why}", count(*n)))));
    flow("ORDER LOG", &pieces, DOT)
}

/// What the real Redis holds.
pub(super) fn redis(summary: &Summary) -> Vec<String> {
    let Some(redis) = &summary.redis else { return Vec::new() };
    let mut pieces = Vec::new();
    if !redis.reachable {
        pieces.push(piece(BAD, "UNREACHABLE"));
    }
    if redis.missing > 0 {
        pieces.push(piece(BAD, format!("{} MISSING", count(redis.missing))));
    }
    for (name, equal) in [("ranking", redis.ranking_equal), ("platform", redis.platform_equal)] {
        pieces.push(match (equal, redis.reachable) {
            (true, _) => piece(GOOD, format!("{name} equal")),
            (false, true) => piece(BAD, format!("{name} DIFFERS")),
            (false, false) => piece(UNSURE, format!("{name} unknown")),
        });
    }
    pieces.push(plain(format!("{} sent", count(redis.sent))));
    pieces.push(plain(format!("{} acknowledged", count(redis.acknowledged))));
    flow("REDIS", &pieces, DOT)
}
