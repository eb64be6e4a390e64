//! `summary.md`: a page for a build server's job summary or a pull request, in GitHub's flavour
//! of Markdown.
//!
//! Names and texts of the scenario are escaped: they cannot become markup.

use super::Summary;
use super::campaign::Campaign;
use super::cases::{Case, State, cases};
use super::summary::{Latency, ThresholdFigures};
use super::text::thresholds::{margin, value};
use super::text::units::{NONE, count, duration, percent, span};
use super::text::{CampaignOptions, Charset, render_campaign};
use crate::sim::scenario::Verdict;
use crate::sim::threshold::Severity;
use anstream::adapter::strip_str;

/// Cases of one list that are shown, so that the page stays small.
const SHOWN: usize = 50;

/// The summary as Markdown. `again` is the command that gives the same run again.
#[must_use]
pub fn render_markdown(summary: &Summary, again: &str) -> String {
    let cases = cases(summary);
    let mut page = head(summary);
    page.push_str(&wrong(&cases));
    page.push_str(&judged(summary, &cases));
    page.push_str(&orders(summary));
    page.push_str(&thresholds(&summary.thresholds));
    page.push_str(&latency(&summary.latency));
    page.push_str(&chain(&cases));
    page.push_str(&format!("\n### To see it again\n\n{}", fenced("sh", again)));
    page
}

/// The campaign as Markdown: its table as a terminal shows it. `again` is the command that gives
/// the same campaign again.
#[must_use]
pub fn render_campaign_markdown(campaign: &Campaign, again: &str) -> String {
    let options = CampaignOptions { charset: Charset::Utf8, report: None, again };
    let text = render_campaign(campaign, &options);
    let text = strip_str(&text).to_string();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    format!("## {}\n\n{}", escaped(first), fenced("text", rest.trim_end()))
}

fn head(summary: &Summary) -> String {
    let word = match summary.verdict {
        Verdict::Passed => "✅ PASSED",
        Verdict::Failed if summary.not_reproducible() => "❌ NOT REPRODUCIBLE",
        Verdict::Failed => "❌ FAILED",
        Verdict::Inconclusive => "⚠️ INCONCLUSIVE",
    };
    let aborted = if summary.aborted { ", aborted" } else { "" };
    let (scenario, code) = (&summary.scenario, summary.exit_code);
    let mut head = format!("## {word} (exit {code}{aborted}): {}\n\n", escaped(&scenario.name));
    head.push_str(&format!("**Question:** {}\n", escaped(&scenario.question)));
    if !scenario.answer.is_empty() {
        head.push_str(&format!("<br>**Expected:** {}\n", escaped(&scenario.answer)));
    }
    head.push_str(&format!(
        "\n{} · {} clock · seed `{}` · digest `{}` · {} simulated in {}\n",
        summary.coordination.name(),
        escaped(&summary.clock),
        summary.seed,
        summary.digest,
        span(summary.time.simulated_ns),
        span(summary.time.wall_ns),
    ));
    head
}

/// Everything that did not hold or is not known.
fn wrong(cases: &[Case]) -> String {
    let all = |state| cases.iter().filter(move |one| one.state == state);
    let words = [(State::Failed, "FAILED"), (State::Unsure, "UNKNOWN"), (State::Warned, "WARNING")];
    let rows = words.into_iter().flat_map(|(state, word)| all(state).map(move |one| (word, one)));
    let rows: Vec<Vec<String>> = rows
        .map(|(word, one)| {
            let group = one.group.name().to_owned();
            vec![word.to_owned(), group, code(&one.name), escaped(&one.message)]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("\n### What is wrong\n\n{}", table(&["", "kind", "what", "found"], 4, &rows))
}

/// How many of everything held.
fn judged(summary: &Summary, cases: &[Case]) -> String {
    let checks: u64 = summary.invariants.iter().map(|one| one.checked).sum();
    let held = |group: &str| {
        let all = || cases.iter().filter(|one| one.group.name() == group);
        let held = all().filter(|one| one.state == State::Passed).count();
        (held, all().filter(|one| one.state != State::Skipped).count())
    };
    let of = |group: &str, word: &str, (held, all): (usize, usize)| match all {
        0 => format!("no {group}"),
        _ => format!("{held} of {all} {group} {word}"),
    };
    let parts = [
        format!("{} ({} checks)", of("invariants", "held", held("invariant")), count(checks)),
        of("thresholds", "held", held("threshold")),
        of("required events", "happened", held("sometimes")),
        of("faults", "struck", held("fault")),
    ];
    format!("\n### Judgement\n\n{}\n", parts.join(" · "))
}

fn orders(summary: &Summary) -> String {
    let orders = &summary.orders;
    let unsettled = if summary.aborted { "in flight" } else { "stuck" };
    let ended = [
        ("completed", orders.completed),
        ("rejected", orders.rejected),
        ("compensated", orders.compensated),
        ("cancelled", orders.cancelled),
        ("expired", orders.expired),
        (unsettled, orders.stuck),
    ];
    let row = |(name, number): (&str, u64)| {
        vec![name.to_owned(), count(number), percent(number, orders.started)]
    };
    let mut rows: Vec<Vec<String>> = ended.into_iter().map(row).collect();
    rows.push(row(("refunded later", orders.refunded)));
    let note = format!(
        "\n{} offered, {} started, {} dropped.\n",
        count(orders.offered),
        count(orders.started),
        count(orders.dropped)
    );
    format!("\n### Orders\n\n{}{note}", table(&["outcome", "orders", "share"], 1, &rows))
}

fn thresholds(all: &[ThresholdFigures]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let row = |one: &ThresholdFigures| {
        let verdict = match (one.verdict, one.severity) {
            (Verdict::Passed, _) => "held",
            (Verdict::Failed, Severity::Fail) => "FAILED",
            (Verdict::Failed, Severity::Warn) => "WARNING",
            (Verdict::Inconclusive, _) => "UNKNOWN",
        };
        let away = one.reason.as_deref().map(escaped).or_else(|| margin(one)).unwrap_or_default();
        let name = one.name.as_deref().map_or_else(String::new, |name| escaped(name) + " ");
        let metric = format!("{name}{}", code(&one.metric));
        vec![metric, code(&one.expr), verdict.to_owned(), value(one), away]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    let heads = ["metric", "must hold", "", "value", "from the limit"];
    format!("\n### Thresholds\n\n{}", table(&heads, 3, &rows))
}

fn latency(all: &[Latency]) -> String {
    if all.is_empty() {
        return "\n### Latency\n\nNo samples after the warm-up.\n".to_owned();
    }
    let figure = |ns: Option<u64>| ns.map_or_else(|| NONE.to_owned(), duration);
    let row = |one: &Latency| {
        let figures = [one.p50_ns, one.p90_ns, one.p99_ns, one.p999_ns, Some(one.max_ns)];
        let mut row = vec![escaped(&format!("{} {}", one.metric, one.outcome)), count(one.count)];
        row.extend(figures.map(figure));
        row
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    let heads = ["from the intended start", "n", "p50", "p90", "p99", "p99.9", "max"];
    format!("\n### Latency\n\n{}", table(&heads, 1, &rows))
}

/// What led to the first violation.
fn chain(cases: &[Case]) -> String {
    let first = cases.iter().find(|one| one.state == State::Failed && one.detail.len() > 1);
    let Some(first) = first else { return String::new() };
    let name = escaped(&first.name);
    let lines = fenced("text", &first.detail.join("\n"));
    format!("\n<details><summary>What led to {name}</summary>\n\n{lines}\n</details>\n")
}

/// A table whose columns from `numbers` on are aligned to the right.
fn table(heads: &[&str], numbers: usize, rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
    let rule = |at: usize| if at < numbers { "---" } else { "---:" }.to_owned();
    let rules: Vec<String> = (0..heads.len()).map(rule).collect();
    let mut text = line(&heads) + &line(&rules);
    text.extend(rows.iter().take(SHOWN).map(|row| line(row)));
    if rows.len() > SHOWN {
        text.push_str(&format!("\n{} more in `summary.json`.\n", rows.len() - SHOWN));
    }
    text
}

/// Text that is only text.
fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            // An @ would call somebody.
            '@' => plain.push_str("&#64;"),
            c if c.is_control() => plain.push(' '),
            c if "\\`*_[]|#~$!".contains(c) => plain.extend(['\\', c]),
            c => plain.push(c),
        }
    }
    plain
}

/// Text as code within a line or a cell.
fn code(text: &str) -> String {
    if text.contains('`') {
        return escaped(text);
    }
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("`{}`", plain.replace('|', "\\|"))
}

/// Lines as they are, within a fence that is longer than any in them.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}
