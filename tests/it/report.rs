//! The summary's JSON is stable; its text fits a terminal and says what matters.

use crate::sample::{failing, passing, widest};
use sagasim::report::{Charset, Summary, TextOptions, render_text};
use sagasim::sim::scenario::Verdict;
use unicode_width::UnicodeWidthStr;

const OPTIONS: TextOptions<'_> = TextOptions {
    charset: Charset::Utf8,
    report: Some("reports/flash-sale/20261122T081502Z-424242/summary.json"),
    again: "sagasim run scenarios/flash-sale.toml --seed 424242",
};

/// Without colours, thin spaces as spaces.
fn seen(summary: &Summary, options: &TextOptions<'_>) -> String {
    let text = render_text(summary, options);
    anstream::adapter::strip_str(&text).to_string().replace('\u{202f}', " ")
}

#[test]
fn a_passing_run_reads_like_this() {
    insta::assert_snapshot!(seen(&passing(), &OPTIONS), @"");
}

#[test]
fn a_failing_run_reads_like_this() {
    insta::assert_snapshot!(seen(&failing(), &OPTIONS), @"");
}
