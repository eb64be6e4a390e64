//! What is wrong with a scenario file: every mistake with its place, the offending text and,
//! where one is likely, the word that was meant.

use crate::sim::lint::Lint;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt;
use std::ops::Range;
use std::path::Path;

/// Whether rendered diagnostics carry ANSI colours.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Paint {
    /// Plain text.
    Plain,
    /// With ANSI colours.
    Coloured,
}

/// One mistake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// What is wrong, in one sentence without a full stop.
    pub title: String,
    /// Bytes of the text that are wrong; none: the file as a whole (it cannot be read).
    pub span: Option<Range<usize>>,
    /// Written under the offending text; may be empty.
    pub label: String,
    /// Another place that explains this one, and what it says.
    pub context: Option<(Range<usize>, String)>,
    /// How to mend it.
    pub help: Option<String>,
    /// What it warns of; none: it is an error.
    pub lint: Option<Lint>,
}

impl Diagnostic {
    /// A mistake at `span`.
    pub(in crate::sim) fn at(span: Range<usize>, title: impl Into<String>) -> Self {
        Diagnostic { span: Some(span), ..Diagnostic::of_file(title) }
    }

    /// A mistake of the file as a whole.
    pub(super) fn of_file(title: impl Into<String>) -> Self {
        Diagnostic {
            title: title.into(),
            span: None,
            label: String::new(),
            context: None,
            help: None,
            lint: None,
        }
    }

    /// The same as a warning.
    pub(in crate::sim) fn of_lint(self, lint: Lint) -> Self {
        Diagnostic { lint: Some(lint), ..self }
    }

    /// The same with words under the offending text.
    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with a second place.
    pub(super) fn context(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.context = Some((span, label.into()));
        self
    }

    /// The same with advice.
    pub(in crate::sim) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// All mistakes of one file, or all warnings, in the order of their places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostics {
    path: String,
    text: String,
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// The mistakes of `text`, read from `path`, sorted by place.
    pub(in crate::sim) fn new(path: &Path, text: &str, mut items: Vec<Diagnostic>) -> Self {
        items.sort_by_key(|item| item.span.as_ref().map_or(0, |span| span.start));
        Diagnostics { path: path.display().to_string(), text: text.to_owned(), items }
    }

    /// The mistakes, in the order of their places.
    #[must_use]
    pub fn items(&self) -> &[Diagnostic] {
        &self.items
    }

    /// Line and column of a mistake's first character, both from 1, columns in characters;
    /// none for a file that could not be read.
    #[must_use]
    pub fn position(&self, item: &Diagnostic) -> Option<(usize, usize)> {
        let start = boundary_before(&self.text, item.span.as_ref()?.start);
        let before = &self.text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        Some((line, column))
    }

    /// All mistakes as text for a person, each with file, line, column and the text underlined.
    #[must_use]
    pub fn render(&self, paint: Paint) -> String {
        let renderer = match paint {
            Paint::Plain => Renderer::plain(),
            Paint::Coloured => Renderer::styled(),
        };
        let rendered: Vec<String> =
            self.items.iter().map(|item| renderer.render(&self.report(item))).collect();
        rendered.join("\n\n")
    }

    fn report<'a>(&'a self, item: &'a Diagnostic) -> Vec<Group<'a>> {
        let title = match item.lint {
            None => Level::ERROR.primary_title(item.title.as_str()),
            Some(lint) => Level::WARNING.primary_title(item.title.as_str()).id(lint.name()),
        };
        let error = match &item.span {
            None => title.element(Origin::path(self.path.as_str())),
            Some(span) => {
                let primary = AnnotationKind::Primary.span(self.within(span));
                let mut snippet = Snippet::source(self.text.as_str())
                    .path(self.path.as_str())
                    .annotation(primary.label(item.label.as_str()));
                if let Some((place, label)) = &item.context {
                    let context = AnnotationKind::Context.span(self.within(place));
                    snippet = snippet.annotation(context.label(label.as_str()));
                }
                title.element(snippet)
            }
        };
        let help = item
            .help
            .as_ref()
            .map(|help| Group::with_title(Level::HELP.secondary_title(wrapped(help))));
        [Some(error), help].into_iter().flatten().collect()
    }

    /// A span that surely lies in the text, on character boundaries.
    fn within(&self, span: &Range<usize>) -> Range<usize> {
        let start = boundary_before(&self.text, span.start);
        let mut end = span.end.clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }
}

/// Columns of advice, beside the word that says that it is one.
const ADVICE: usize = 74;

/// Text in lines that fit a terminal; what stands in quotes stays in one.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let (mut used, mut quotes) = (0, 0);
    for part in text.split_inclusive(' ') {
        let wide = part.trim_end().chars().count();
        if used > 0 && used + wide > ADVICE && quotes % 2 == 0 {
            lines.truncate(lines.trim_end().len());
            lines.push('\n');
            used = 0;
        }
        lines.push_str(part);
        used += part.chars().count();
        quotes += part.matches(['`', '"']).count();
    }
    lines
}

/// The nearest character boundary at or before `at`.
pub(super) fn boundary_before(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(Paint::Plain))
    }
}

impl std::error::Error for Diagnostics {}
