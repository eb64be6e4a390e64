//! Outcomes, services, messages.

use super::Summary;
use super::layout::{BAD, BOLD, DIM, DOT, PLAIN, Piece, flow, pad, paint, piece, plain};
use super::units::{bar, count, duration, percent, ratio, significant};
use crate::report::summary::ServiceFigures;

/// Cells of a bar that stands for all orders.
const BAR: usize = 16;

/// How the started orders ended; those that did not, first. In a run that was stopped they are no
/// fault of the flow.
pub(super) fn outcomes(summary: &Summary) -> Vec<String> {
    let orders = &summary.orders;
    let (unsettled, style) = if summary.aborted { ("in flight", PLAIN) } else { ("STUCK", BAD) };
    let all = [
        (unsettled, orders.stuck, style),
        ("completed", orders.completed, PLAIN),
        ("expired", orders.expired, PLAIN),
        ("cancelled", orders.cancelled, PLAIN),
        ("compensated", orders.compensated, PLAIN),
        ("rejected", orders.rejected, PLAIN),
    ];
    let mut pieces: Vec<Piece> = all
        .into_iter()
        .filter(|(_, orders, _)| *orders > 0)
        .map(|(name, part, style)| {
            let bar = bar(ratio(part, orders.started), BAR);
            piece(style, format!("{name} {} {bar}", percent(part, orders.started)).trim_end())
        })
        .collect();
    if pieces.is_empty() {
        pieces.push(plain("no order was started"));
    }
    if orders.refunded > 0 {
        pieces.push(plain(format!("({} refunded later)", count(orders.refunded))));
    }
    flow("OUTCOMES", &pieces, "  ")
}

/// One row per service that had something to do.
pub(super) fn services(summary: &Summary) -> Vec<String> {
    let mut rows: Vec<&ServiceFigures> = summary.services.iter().collect();
    rows.sort_by_key(|service| service.little_law_holds);
    let (busy, idle): (Vec<&ServiceFigures>, Vec<&ServiceFigures>) =
        rows.into_iter().partition(|service| service.handled > 0 || !service.little_law_holds);
    let mut lines = Vec::new();
    if !busy.is_empty() {
        lines.push(format!(
            "{}{:>8}{:>12}{:>9}{:>11}{:>14}{:>11}",
            paint(BOLD, &pad("SERVICES", 15)),
            "workers",
            "handled",
            "busy",
            "mean wait",
            "mean service",
            "max queue"
        ));
    }
    lines.extend(busy.into_iter().map(service));
    let mut rest = Vec::new();
    if !idle.is_empty() {
        let names: Vec<&str> = idle.iter().map(|service| service.name.as_str()).collect();
        rest.push(piece(DIM, format!("idle: {}", names.join(", "))));
    }
    if summary.services.iter().all(|service| service.little_law_holds) && !lines.is_empty() {
        let stations = summary.services.len();
        rest.push(piece(DIM, format!("Little's law exact at all {stations} stations")));
    }
    if !rest.is_empty() {
        let label = if lines.is_empty() { "SERVICES" } else { "" };
        lines.extend(flow(label, &rest, DOT));
    }
    lines
}

fn service(row: &ServiceFigures) -> String {
    // Shares above 0 and below 0.1 % are not nothing.
    let busy = format!("{}%", significant(row.utilization * 100.0));
    let line = format!(
        "  {}{:>8}{:>12}{busy:>9}{:>11}{:>14}{:>11}",
        pad(&row.name, 13),
        count(u64::from(row.workers)),
        count(row.handled),
        duration(row.wait_mean_ns),
        duration(row.service_mean_ns),
        count(row.queue_max)
    );
    if row.little_law_holds {
        return line;
    }
    let broken = format!(
        "LITTLE'S LAW BROKEN: area {} ns, sojourn {} ns",
        row.little_area_ns, row.little_sojourn_ns
    );
    format!("{line}\n    {}", paint(BAD, &broken))
}

/// What went between the services.
pub(super) fn messages(summary: &Summary) -> Vec<String> {
    let messages = &summary.messages;
    let mut pieces = vec![plain(format!(
        "{} sent, {} per order",
        count(messages.sent),
        significant(messages.per_order)
    ))];
    let rest = [
        ("dropped", messages.dropped),
        ("duplicated", messages.duplicated),
        ("redelivered", messages.redelivered),
        ("retried", messages.retried),
        ("refused by a full queue", messages.refused_by_full_queue),
        ("late replies ignored", messages.ignored_replies),
    ];
    pieces.extend(
        rest.into_iter()
            .filter(|(_, n)| *n > 0)
            .map(|(name, n)| plain(format!("{} {name}", count(n)))),
    );
    flow("MESSAGES", &pieces, DOT)
}
