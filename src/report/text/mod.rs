//! What a person reads after a run: verdict and seed first, failures first inside each block,
//! the next commands to type last.
//!
//! A passing run fits `LINES` lines of 80 columns: rows of latency go first, then the blocks
//! that are nice to know; what is left out is named and stands in `summary.json`.

mod ablated;
mod books;
mod campaign;
mod comparison;
mod explored;
mod header;
mod inspected;
mod judgement;
mod latency;
mod layout;
mod load;
mod outlook;
mod price;
pub(super) mod thresholds;
pub(super) mod units;

pub use ablated::{AblationOptions, render_ablation};
pub use campaign::{CampaignOptions, render_campaign};
pub use comparison::{ComparisonOptions, render_comparison};
pub use explored::render_exploration;
pub use inspected::render_inspection;
pub use layout::Charset;
pub use outlook::render_outlook;
pub use units::{count, span};

use super::Summary;
use crate::sim::scenario::Verdict;

/// Lines of a run that did not fail.
const LINES: usize = 40;
/// Rows of latency that are always shown.
const LATENCY_FEWEST: usize = 2;
/// Rows of latency for which other blocks make room.
const LATENCY_LEAST: usize = 4;
/// Rows of latency shown where there is room.
const LATENCY_MOST: usize = 8;

/// How to write the summary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TextOptions<'a> {
    /// Which characters may be written.
    pub charset: Charset,
    /// Where the run's files are; none: nowhere.
    pub report: Option<&'a str>,
    /// The command that gives the same run again, ready to paste.
    pub again: &'a str,
}

/// A block of lines.
struct Block {
    /// What it is called where it is left out.
    name: &'static str,
    /// 0: never left out; else the lowest goes first.
    spare: u8,
    lines: Vec<String>,
}

impl Block {
    fn kept(lines: Vec<String>) -> Block {
        Block { name: "", spare: 0, lines }
    }
}

/// The summary for a terminal, with escape sequences for colour: print it through something that
/// removes them where they are not wanted.
#[must_use]
pub fn render_text(summary: &Summary, options: &TextOptions<'_>) -> String {
    let blank = || Block::kept(vec![String::new()]);
    let mut blocks = vec![
        Block::kept(header::header(summary)),
        blank(),
        Block::kept(judgement::judgement(summary)),
        blank(),
        Block { name: "parts", spare: 6, lines: latency::parts(summary) },
        Block { name: "phases", spare: 5, lines: latency::phases(summary) },
        Block::kept(load::outcomes(summary)),
        Block::kept(load::services(summary)),
        Block::kept(books::books(summary)),
        Block { name: "messages", spare: 4, lines: load::messages(summary) },
        Block { name: "anomalies", spare: 3, lines: books::anomalies(summary) },
        Block { name: "inconsistency", spare: 2, lines: books::inconsistency(summary) },
        Block { name: "ranking", spare: 1, lines: books::ranking(summary) },
        Block::kept(books::order_log(summary)),
        Block::kept(books::redis(summary)),
        blank(),
    ];
    let footer = 4;
    let room = |blocks: &[Block]| {
        let used: usize = blocks.iter().map(|block| block.lines.len()).sum();
        LINES.saturating_sub(used + footer)
    };
    let mut missing = Vec::new();
    let mut rows = LATENCY_MOST;
    if summary.verdict != Verdict::Failed {
        let least = latency::lines(summary, LATENCY_LEAST);
        while room(&blocks) < least {
            let spare = |block: &&mut Block| block.spare > 0 && !block.lines.is_empty();
            let Some(block) = blocks.iter_mut().filter(spare).min_by_key(|block| block.spare)
            else {
                break;
            };
            block.lines.clear();
            missing.push(block.name);
        }
        let fits = |rows: &usize| latency::lines(summary, *rows) <= room(&blocks);
        rows = (LATENCY_FEWEST..=LATENCY_MOST).rev().find(fits).unwrap_or(LATENCY_FEWEST);
    }
    if summary.latency.len() > rows {
        missing.push("more latency");
    }
    if !summary.steps.is_empty() {
        missing.push("steps");
    }
    missing.reverse();
    blocks.insert(4, Block::kept(latency::latency(summary, rows)));
    blocks.push(Block::kept(header::footer(summary, options, &missing)));
    finish(&blocks, options.charset)
}

fn finish(blocks: &[Block], charset: Charset) -> String {
    let mut text = String::new();
    for line in blocks.iter().flat_map(|block| &block.lines) {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    match charset {
        Charset::Utf8 => text,
        Charset::Ascii => layout::to_ascii(&text),
    }
}
