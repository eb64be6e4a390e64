//! Lines of at most [`WIDTH`] columns: labels, wrapped pieces, padded cells, styles.
//!
//! Colour only repeats what the words already say. Escape sequences are always written; whoever
//! prints removes them where they are not wanted.

use anstyle::AnsiColor;
pub(super) use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of a line.
pub(super) const WIDTH: usize = 80;
/// Columns before the content of a block.
pub(super) const LABEL: usize = 12;
/// Between two pieces.
pub(super) const DOT: &str = " · ";

pub(super) const PLAIN: Style = Style::new();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const UNSURE: Style = AnsiColor::Yellow.on_default().bold();

/// Which characters may be written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Charset {
    /// All.
    Utf8,
    /// Only ASCII: one character for one character, so columns stay where they are.
    Ascii,
}

/// Text with one style that is not broken while it fits a line.
pub(super) struct Piece {
    text: String,
    style: Style,
}

/// A piece in a style.
pub(super) fn piece(style: Style, text: impl Into<String>) -> Piece {
    Piece { text: clean(&text.into()), style }
}

/// A piece without style.
pub(super) fn plain(text: impl Into<String>) -> Piece {
    piece(PLAIN, text)
}

/// Text in a style.
pub(super) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// A label, then pieces with `gap` between them, wrapped under each other.
pub(super) fn flow(label: &str, pieces: &[Piece], gap: &str) -> Vec<String> {
    let room = WIDTH - LABEL;
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for Piece { text, style } in pieces {
        for part in chunks(text, room) {
            let wide = part.width();
            if used > 0 && used + gap.width() + wide > room {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push_str(gap);
                used += gap.width();
            }
            line.push_str(&paint(*style, part));
            used += wide;
        }
    }
    lines.push(line);
    let indented = |(at, line): (usize, String)| match (at, label) {
        (0, label) if !label.is_empty() => format!("{}{line}", paint(BOLD, &pad(label, LABEL))),
        _ => format!("{}{line}", " ".repeat(LABEL)),
    };
    lines.into_iter().enumerate().map(indented).collect()
}

/// A label, then text wrapped at its spaces.
pub(super) fn wrap(label: &str, text: &str) -> Vec<String> {
    let words: Vec<Piece> = clean(text).split_ascii_whitespace().map(plain).collect();
    flow(label, &words, " ")
}

/// Text without anything that moves the cursor or switches the terminal.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Filled with spaces to `columns`, or cut to them with `…`.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let text = clean(text);
    let wide = text.width();
    if wide <= columns {
        return format!("{text}{}", " ".repeat(columns - wide));
    }
    let head = prefix(&text, columns - 1);
    format!("{head}…{}", " ".repeat(columns - 1 - head.width()))
}

/// The longest beginning of at most `columns` columns.
fn prefix(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// Text cut into parts of at most `columns` columns; nothing is lost.
pub(super) fn chunks(mut text: &str, columns: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    while text.width() > columns {
        let (head, tail) = text.split_at(prefix(text, columns).len());
        parts.push(head);
        text = tail;
    }
    parts.push(text);
    parts
}

/// The same text in ASCII, one character for one.
pub(super) fn to_ascii(text: &str) -> String {
    let ascii = |c: char| match c {
        '\u{202f}' | '▏' | '▎' | '▍' => ' ',
        '·' => '|',
        '—' => '-',
        '→' => '>',
        '…' | '±' => '~',
        '×' => 'x',
        'µ' => 'u',
        '█' | '▉' | '▊' | '▋' | '▌' => '#',
        c if c.is_ascii() => c,
        _ => '?',
    };
    text.chars().map(ascii).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(lines: &[String]) -> String {
        anstream::adapter::strip_str(&lines.join("\n")).to_string()
    }

    #[test]
    fn pieces_wrap_under_each_other_and_nothing_is_lost() {
        let long = "x".repeat(100);
        let pieces = [plain("a".repeat(40)), plain("b".repeat(40)), plain(&*long)];
        let lines = flow("LABEL", &pieces, DOT);
        let text = bare(&lines);
        assert!(text.lines().all(|line| line.width() <= WIDTH), "{text}");
        assert_eq!(text.matches('x').count(), 100);
        assert_eq!(text.lines().filter(|line| line.starts_with("LABEL")).count(), 1);
    }

    #[test]
    fn wide_scripts_count_two_columns() {
        assert_eq!(pad("재고", 6), "재고  ");
        assert_eq!(pad("재고복원", 6), "재고… ");
        let lines = wrap("질문", &"초과판매".repeat(20));
        assert!(bare(&lines).lines().all(|line| line.width() <= WIDTH));
    }

    #[test]
    fn nothing_in_a_name_reaches_the_terminal_as_a_command() {
        assert_eq!(pad("a\u{1b}[2Jb\n", 8), "a [2Jb  ");
    }

    #[test]
    fn ascii_keeps_the_columns() {
        assert_eq!(to_ascii("a · 1\u{202f}234 … — 재█▎"), "a | 1 234 ~ - ?# ");
    }
}
