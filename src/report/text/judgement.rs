//! Invariants, coverage, faults, thresholds: what is broken comes first.

use super::Summary;
use super::layout::{BAD, DIM, DOT, GOOD, Piece, UNSURE, flow, piece, plain, wrap};
use super::thresholds;
use super::units::{count, instant};
use crate::report::summary::{FaultVerdict, InvariantFigures, Violation};
use crate::sim::scenario::Verdict;

/// Events shown of the chain that led to the first violation.
const CHAIN: usize = 8;

/// All blocks of judgement.
pub(super) fn judgement(summary: &Summary) -> Vec<String> {
    let mut lines = determinism(summary);
    lines.extend(invariants(summary));
    lines.extend(sometimes(summary));
    lines.extend(faults(summary));
    lines.extend(thresholds::thresholds(summary));
    lines
}

/// A run that was not the same again: before everything else, for nothing else can be relied on.
fn determinism(summary: &Summary) -> Vec<String> {
    let Some(found) = summary.determinism.as_ref().filter(|_| summary.not_reproducible()) else {
        return Vec::new();
    };
    let mut lines = flow(
        "TWICE",
        &[
            piece(BAD, "not the same run again"),
            plain(format!("digest {}", summary.digest)),
            plain(format!("then {}", found.digest_again)),
        ],
        DOT,
    );
    match &found.parted {
        None => lines.extend(wrap("", "two further runs, side by side, did not part")),
        Some(parted) => {
            let (event, at) = (count(parted.event), instant(parted.at_ns));
            lines.extend(wrap("", &format!("two runs side by side part at input {event}, {at}:")));
            lines.extend(wrap("", &parted.first));
            lines.extend(wrap("", &parted.second));
        }
    }
    lines
}

fn invariants(summary: &Summary) -> Vec<String> {
    let with = |verdict: Verdict| summary.invariants.iter().filter(move |i| i.verdict == verdict);
    let mut pieces = Vec::new();
    let violated = with(Verdict::Failed).count();
    if violated > 0 {
        pieces.push(piece(BAD, format!("{violated} violated")));
    }
    pieces.push(piece(GOOD, format!("{} held", with(Verdict::Passed).count())));
    let checks: u64 = summary.invariants.iter().map(|invariant| invariant.checked).sum();
    pieces.push(plain(format!("{} checks", count(checks))));
    let unchecked: Vec<&str> = with(Verdict::Inconclusive).map(|i| i.name.as_str()).collect();
    if !unchecked.is_empty() {
        pieces.push(piece(UNSURE, format!("{} never checked:", unchecked.len())));
        pieces.extend(unchecked.into_iter().map(plain));
    }
    let mut lines = flow("INVARIANTS", &pieces, DOT);
    for (at, invariant) in with(Verdict::Failed).enumerate() {
        lines.extend(violation(summary, invariant, at == 0));
    }
    lines
}

/// One violated invariant: how often, when first, what; the first one with its chain.
fn violation(summary: &Summary, invariant: &InvariantFigures, with_chain: bool) -> Vec<String> {
    let first = summary.violations.iter().find(|one| one.invariant == invariant.name);
    let mut pieces = vec![
        piece(BAD, invariant.name.as_str()),
        plain(format!("{}×", count(invariant.violations))),
    ];
    if let Some(first) = first {
        pieces.push(plain(format!("first at {}", instant(first.at_ns))));
        pieces.extend(first.order.map(|order| plain(format!("order {order}"))));
    }
    let mut lines = flow("  VIOLATED", &pieces, DOT);
    if let Some(first) = first {
        lines.extend(wrap("", &format!("{}: {}", first.key, first.detail)));
        if with_chain {
            lines.extend(chain(first));
        }
    }
    lines
}

fn chain(violation: &Violation) -> Vec<String> {
    let arrow = |(at, event): (usize, &String)| match at {
        0 => plain(event.as_str()),
        _ => plain(format!("→ {event}")),
    };
    let shown = violation.chain.iter().enumerate().take(CHAIN);
    let mut pieces: Vec<Piece> = shown.map(arrow).collect();
    if violation.chain.len() > CHAIN {
        let more = violation.chain.len() - CHAIN;
        pieces.push(piece(DIM, format!("{more} more in summary.json")));
    }
    if pieces.is_empty() { Vec::new() } else { flow("    because", &pieces, " ") }
}

fn sometimes(summary: &Summary) -> Vec<String> {
    let mut rows: Vec<_> = summary.sometimes.iter().collect();
    rows.sort_by_key(|one| one.verdict == Verdict::Passed);
    let pieces: Vec<Piece> = rows
        .iter()
        .map(|one| match one.verdict {
            Verdict::Passed => plain(format!("{} {}", one.name, count(one.count))),
            Verdict::Failed | Verdict::Inconclusive => piece(UNSURE, format!("NEVER {}", one.name)),
        })
        .collect();
    if pieces.is_empty() { Vec::new() } else { flow("SOMETIMES", &pieces, DOT) }
}

fn faults(summary: &Summary) -> Vec<String> {
    if summary.faults.is_empty() {
        return flow("FAULTS", &[plain("none declared")], DOT);
    }
    let with = |verdict: FaultVerdict| summary.faults.iter().filter(move |f| f.verdict == verdict);
    let hit = with(FaultVerdict::Hit).count();
    let applicable = hit + with(FaultVerdict::NoHit).count();
    let mut pieces = vec![plain(format!("{hit}/{applicable} struck"))];
    let missed = with(FaultVerdict::NoHit);
    pieces.extend(missed.map(|fault| piece(UNSURE, format!("NO HIT {}", fault.name))));
    let struck = with(FaultVerdict::Hit);
    pieces.extend(struck.map(|fault| plain(format!("{} {}×", fault.name, count(fault.hits)))));
    let other = with(FaultVerdict::NotApplicable);
    pieces.extend(other.map(|fault| piece(DIM, format!("not applicable: {}", fault.name))));
    flow("FAULTS", &pieces, DOT)
}
