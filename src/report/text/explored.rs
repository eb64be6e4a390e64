//! What a person reads after an exploration: verdict, what was covered, the smallest
//! counterexamples, the fault map.

use super::layout::{
    BAD, BOLD, DIM, DOT, GOOD, LABEL, PLAIN, Piece, UNSURE, WIDTH, flow, pad, paint, piece, plain,
    wrap,
};
use super::units::{compact, count, span};
use super::{TextOptions, layout};
use crate::report::summary::{
    Absent, CellFigures, CertificateFigures, Explored, Found, LineFigures, MapFigures,
    OrderFigures, SampleFigures,
};
use crate::sim::explore::{Class, Column};
use crate::sim::scenario::Verdict;
use anstyle::Style;
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr;

/// Counterexamples shown; all of the smallest are in the JSON.
const SHOWN: usize = 5;
/// Columns of the map before its cells.
const NAMES: usize = 46;

/// The result for a terminal, like [`super::render_text`].
#[must_use]
pub fn render_exploration(explored: &Explored, options: &TextOptions<'_>) -> String {
    let mut lines = header(explored);
    lines.push(String::new());
    lines.extend(coverage(explored));
    if !explored.violations.is_empty() {
        lines.push(String::new());
        lines.extend(counterexamples(explored));
    }
    if !explored.map.is_empty() && explored.exhaustive {
        lines.push(String::new());
        lines.extend(map(explored));
    }
    lines.push(String::new());
    lines.extend(footer(explored, options));
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    match options.charset {
        layout::Charset::Utf8 => text,
        layout::Charset::Ascii => layout::to_ascii(&text),
    }
}

fn header(explored: &Explored) -> Vec<String> {
    let (word, style) = match explored.verdict {
        Verdict::Passed => ("PASSED", GOOD),
        Verdict::Failed => ("FAILED", BAD),
        Verdict::Inconclusive => ("INCONCLUSIVE", UNSURE),
    };
    let aborted = if explored.aborted { ", aborted" } else { "" };
    let verdict = format!("{word} (exit {}{aborted})", explored.exit_code);
    let coordination = explored.coordination.name();
    let rest = format!("{DOT}{coordination}{DOT}explored{DOT}seed {}", explored.seed);
    let room = WIDTH.saturating_sub(verdict.width() + 2 + rest.width()).max(1);
    let name = pad(&explored.scenario.name, room.min(explored.scenario.name.width()));
    let mut lines = vec![format!("{}  {}{rest}", paint(style, &verdict), paint(BOLD, &name))];
    lines.extend(wrap("QUESTION", &explored.scenario.question));
    if !explored.off.is_empty() {
        let off: Vec<Piece> = explored.off.iter().map(|name| piece(BAD, name.as_str())).collect();
        lines.extend(flow("OFF", &off, DOT));
    }
    lines
}

fn coverage(explored: &Explored) -> Vec<String> {
    let runs = explored.runs;
    let seconds = explored.wall_ns.max(1) as f64 / 1e9;
    let speed = compact(runs.total as f64 / seconds);
    let mut pieces = vec![plain(format!(
        "{} runs in {} ({speed}/s)",
        count(runs.total),
        span(explored.wall_ns)
    ))];
    let kinds = [
        (runs.business, "without a fault"),
        (runs.single, "with one"),
        (runs.double, "with two"),
        (runs.deeper, "with three or more"),
        (runs.sampled, "drawn at random"),
    ];
    let kinds = kinds.into_iter().filter(|(runs, _)| *runs > 0);
    pieces.extend(kinds.map(|(runs, kind)| plain(format!("{} {kind}", count(runs)))));
    let mut lines = flow("EXPLORED", &pieces, DOT);
    lines.extend(wrap("", &claim(explored)));
    let exchanges = explored.map.iter().filter(|row| row.cells.values().any(broken_here)).count();
    let points = count(explored.points.len() as u64);
    let points =
        format!("{points} struck at {exchanges} exchanges, each attempt a point of its own");
    lines.extend(wrap("POINTS", &points));
    let pruned = explored.pruned;
    let left_out = [
        (pruned.unchanged, "not extended: the newest fault changed nothing"),
        (pruned.containing, "not run: a part of them fails already"),
    ];
    let left_out = left_out.into_iter().filter(|(sets, _)| *sets > 0);
    let left_out: Vec<Piece> =
        left_out.map(|(sets, why)| plain(format!("{} {why}", count(sets)))).collect();
    if !left_out.is_empty() {
        lines.extend(flow("LEFT OUT", &left_out, DOT));
    }
    let through = some(runs.through_actix, "run");
    let checked = if runs.through_actix == 0 {
        "no run made again through actix: one in 64 is".to_owned()
    } else if runs.through_actix == runs.checked {
        format!(
            "{through} made again through actix, a fresh system each: the same, digest for digest"
        )
    } else {
        format!(
            "{through} through actix, a fresh system each; {} made again by direct calls: the \
             same, digest for digest",
            some(runs.checked, "run")
        )
    };
    lines.extend(wrap("CHECKED", &checked));
    lines
}

/// So many of something.
fn some(many: u64, what: &str) -> String {
    format!("{} {what}{}", count(many), if many == 1 { "" } else { "s" })
}

fn broken_here(cell: &CellFigures) -> bool {
    cell.outcome != "not-applicable"
}

/// What the figures mean, and no more than that.
fn claim(explored: &Explored) -> String {
    let up_to = match explored.faults {
        0 => "no fault".to_owned(),
        1 => "every single fault".to_owned(),
        2 => "every single fault and every pair".to_owned(),
        3 => "every single fault, every pair and every triple".to_owned(),
        faults => format!("every set of up to {faults} faults"),
    };
    match (explored.aborted, explored.exhaustive) {
        (true, _) => "stopped before its end: nothing is claimed of what was not run".to_owned(),
        (false, true) => format!(
            "{up_to} at every point that a run reaches, on every branch of the business (each \
             intent of the customer, each step refused)"
        ),
        (false, false) => explored.sample.map_or_else(String::new, sampled),
    }
}

fn sampled(sample: SampleFigures) -> String {
    let SampleFigures { walks, schedules, late, faults } = sample;
    let faults = if faults == 1 { "1 fault".to_owned() } else { format!("{faults} faults") };
    format!(
        "a sample: {} walks, each adding decisions one by one, up to {faults}, at points that the \
         run before reached; {} on schedules of their own, {} with late messages, each at a \
         random half of the positions; nothing is claimed of what was not drawn",
        count(walks),
        count(schedules),
        count(late)
    )
}

fn counterexamples(explored: &Explored) -> Vec<String> {
    let kinds = explored.counterexamples.len() as u64;
    let all: u64 = explored.counterexamples.values().sum();
    let mut lines = flow(
        "BROKEN",
        &[
            piece(BAD, some(kinds, "invariant")),
            plain(if explored.exhaustive {
                format!("{} of which nothing can be spared", some(all, "counterexample"))
            } else {
                format!("{} failed, and what they found is shrunk", some(all, "walk"))
            }),
        ],
        DOT,
    );
    let mut shown: Vec<&Found> = Vec::new();
    for found in &explored.violations {
        if !shown.iter().any(|other| other.invariant == found.invariant) {
            shown.push(found);
        }
    }
    for found in shown.iter().take(SHOWN) {
        let times = explored.counterexamples.get(&found.invariant).copied().unwrap_or(1);
        lines.extend(one(found, times));
    }
    if shown.len() > SHOWN {
        let more = format!("{} more invariants in explore.json", shown.len() - SHOWN);
        lines.extend(flow("", &[piece(DIM, more)], DOT));
    }
    lines
}

/// One counterexample: what happens, what it breaks, the certificate.
fn one(found: &Found, times: u64) -> Vec<String> {
    let name = piece(BAD, found.invariant.as_str());
    let head = [name, plain(found.outcome.as_str()), plain(format!("{}×", count(times)))];
    let mut lines = flow("  SMALLEST", &head, DOT);
    if found.decisions.is_empty() {
        lines.extend(wrap("", "no decision at all: the plain run fails"));
    }
    for (number, decision) in found.decisions.iter().enumerate() {
        lines.extend(wrap("", &format!("{} {decision}", number + 1)));
    }
    lines.extend(orders(found));
    lines.extend(wrap("    so", &found.detail));
    lines.extend(wrap("    proof", &proof(found)));
    if !found.cures.is_empty() {
        lines.extend(wrap("    cure", &found.cures.join(" or ")));
    }
    lines.push(format!("{}{}", pad("    token", LABEL), found.token));
    lines
}

/// The orders that are placed, if they are not all, or not as planned.
fn orders(found: &Found) -> Vec<String> {
    let order = |order: &OrderFigures| {
        let line = |line: &LineFigures| format!("{} × product {}", line.quantity, line.product);
        let lines: Vec<String> = order.lines.iter().map(line).collect();
        let coupon = order.coupon.map_or_else(String::new, |one| format!(", coupon {one}"));
        let OrderFigures { order, user, intent, .. } = order;
        format!("order {order}: user {user}, {}{coupon}, {intent}", lines.join(" + "))
    };
    let orders: Vec<String> = found.orders.iter().map(order).collect();
    if orders.is_empty() { orders } else { wrap("    orders", &orders.join(" · ")) }
}

/// The certificate in words.
fn proof(found: &Found) -> String {
    let CertificateFigures { minimal, without, without_order } = &found.certificate;
    let parts = without.len() + without_order.len();
    let mut kinds = Vec::new();
    if !without.is_empty() {
        kinds.push(some(without.len() as u64, "decision"));
    }
    if !without_order.is_empty() {
        kinds.push(some(without_order.len() as u64, "order"));
    }
    match (parts, minimal) {
        (0, _) => return "no decision to remove".to_owned(),
        (1, true) => return format!("{}; removing it passes", kinds.concat()),
        (_, true) => return format!("{}; removing any one passes", kinds.join(", ")),
        (_, false) => {}
    }
    let mut text = kinds.join(", ");
    let comes = |law: &Option<String>| {
        law.as_ref().map_or("passes".to_owned(), |law| format!("breaks {law}"))
    };
    for (at, law) in without.iter().enumerate() {
        text.push_str(&format!("; without {} it {}", at + 1, comes(law)));
    }
    for (order, law) in found.orders.iter().zip(without_order) {
        text.push_str(&format!("; without order {} it {}", order.order, comes(law)));
    }
    text
}

fn map(explored: &Explored) -> Vec<String> {
    let letters: Vec<char> = Column::ALL.into_iter().map(Column::letter).collect();
    let heads: Vec<String> = letters.iter().map(|letter| format!(" {letter}")).collect();
    let mut lines = vec![format!("{}{}", paint(BOLD, &pad("FAULT MAP", NAMES)), heads.concat())];
    let mut before = "";
    for row in &explored.map {
        let process = if row.process == before { "" } else { row.process.as_str() };
        before = &row.process;
        lines.push(map_row(row, process, &letters));
    }
    lines.extend(legend());
    lines.extend(absent(&explored.not_applicable));
    lines
}

fn map_row(row: &MapFigures, process: &str, letters: &[char]) -> String {
    let names = format!("  {}{}", pad(process, 12), pad(&row.step, NAMES - 14));
    let cells = letters.iter().map(|letter| {
        let (mark, style) = row.cells.get(letter).map_or((' ', PLAIN), mark);
        format!(" {}", paint(style, &mark.to_string()))
    });
    format!("{names}{}", cells.collect::<String>())
}

/// A letter for an outcome: a small one, if it takes another fault beside it.
fn mark(cell: &CellFigures) -> (char, Style) {
    let Some(class) = Class::ALL.into_iter().find(|class| class.name() == cell.outcome) else {
        return (' ', PLAIN);
    };
    let letter = match class {
        Class::Clean => return ('.', DIM),
        Class::Wrong => 'W',
        Class::Stuck => 'S',
        Class::Leak => 'L',
        Class::Double => 'D',
    };
    (if cell.alone { letter } else { letter.to_ascii_lowercase() }, BAD)
}

fn legend() -> Vec<String> {
    let positions = [
        "a request lost",
        "b crash before commit",
        "c crash after commit",
        "d reply or event lost",
        "e late reply",
        "f delivered again",
        "g late request",
        "r refused by a rule",
        "B C F the caller, taking in the answer",
    ];
    let marks = [
        ". clean",
        "L leak",
        "S stuck",
        "D double",
        "W wrong",
        "small: only with another fault",
        "blank: the message has no such position",
    ];
    let pieces = |texts: &[&str]| texts.iter().map(|text| piece(DIM, *text)).collect::<Vec<_>>();
    let mut lines = flow("  positions", &pieces(&positions), DOT);
    lines.extend(flow("  marks", &pieces(&marks), DOT));
    lines
}

/// What has no row, by its reason.
fn absent(rows: &[Absent]) -> Vec<String> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows {
        let steps = reasons.entry(row.reason.as_str()).or_default();
        if !steps.contains(&row.step.as_str()) {
            steps.push(&row.step);
        }
    }
    let mut lines = Vec::new();
    for (at, (reason, steps)) in reasons.iter().enumerate() {
        let label = if at == 0 { "  no row" } else { "" };
        lines.extend(wrap(label, &format!("{}: {reason}", steps.join(", "))));
    }
    lines
}

fn footer(explored: &Explored, options: &TextOptions<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |label: &str, text: &str| {
        lines.push(format!("{}{text}", paint(BOLD, &pad(label, 8))));
    };
    if let Some(report) = options.report {
        line("report", report);
    }
    if let Some(first) = explored.violations.first() {
        line("why", &format!("sagasim explain {}", first.invariant));
    }
    line("again", options.again);
    lines
}
