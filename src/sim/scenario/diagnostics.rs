//! What is wrong with a scenario: every mistake with its place, the offending text and,
//! where one is likely, the word that was meant.

use super::source::Sources;
use crate::sim::lint::Lint;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt;
use std::ops::Range;

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
    sources: Sources,
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// The mistakes of the sources, sorted by place.
    pub(in crate::sim) fn new(sources: Sources, mut items: Vec<Diagnostic>) -> Self {
        items.sort_by_key(|item| item.span.as_ref().map_or(0, |span| span.start));
        Diagnostics { sources, items }
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
        let at = item.span.as_ref()?.start;
        let (_, text, begin) = self.sources.part(at);
        let before = &text[..boundary_before(text, at - begin)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        Some((line, column))
    }

    /// The setting that a mistake is in; none: it is in the file.
    #[must_use]
    pub fn setting(&self, item: &Diagnostic) -> Option<&str> {
        let (_, text, begin) = self.sources.part(item.span.as_ref()?.start);
        (begin > 0).then_some(text)
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
            None => title.element(Origin::path(self.sources.part(0).0)),
            Some(span) => {
                let primary = self.marked(AnnotationKind::Primary, span, &item.label);
                match &item.context {
                    None => title.element(self.snippet(span).annotation(primary)),
                    Some((place, label)) => {
                        let context = self.marked(AnnotationKind::Context, place, label);
                        let begin = |at: usize| self.sources.part(at).2;
                        let snippet = self.snippet(span).annotation(primary);
                        if begin(span.start) == begin(place.start) {
                            title.element(snippet.annotation(context))
                        } else {
                            let other = self.snippet(place).annotation(context);
                            title.element(snippet).element(other)
                        }
                    }
                }
            }
        };
        let help = item
            .help
            .as_ref()
            .map(|help| Group::with_title(Level::HELP.secondary_title(wrapped(help))));
        [Some(error), help].into_iter().flatten().collect()
    }

    /// The text a place is in.
    fn snippet<'a>(&'a self, place: &Range<usize>) -> Snippet<'a, Annotation<'a>> {
        let (name, text, _) = self.sources.part(place.start);
        Snippet::source(text).path(name)
    }

    /// A place in its text, surely on character boundaries.
    fn marked<'a>(
        &'a self,
        kind: AnnotationKind,
        place: &Range<usize>,
        label: &'a str,
    ) -> Annotation<'a> {
        let (_, text, begin) = self.sources.part(place.start);
        let start = boundary_before(text, place.start - begin);
        let mut end = place.end.saturating_sub(begin).clamp(start, text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        kind.span(start..end).label(label)
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
