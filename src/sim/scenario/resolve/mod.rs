//! [`File`] to [`Scenario`]: defaults filled in, every value judged, all mistakes noted.

mod coupon;
mod fault;
mod load;
mod run;
mod shop;
mod system;
mod threshold;

use super::file::{Field, File};
use super::sink::Sink;
use super::{Load, Scenario};
pub use fault::REFUSABLE;
pub(super) use run::format_epoch;
use std::ops::Range;
use std::path::Path;

/// Resolves what was read. Always returns a scenario; it is only meaningful if the sink is empty.
pub(super) fn resolve(file: &File, base: &Path, sink: &mut Sink) -> Scenario {
    run::version(file, sink);
    let name = run::name(file, sink);
    let question = required_text(&file.question, "question", QUESTION_EXAMPLE, top(), sink);
    let load = load::load(file, base, sink);
    let from_log = matches!(load, Load::OrderLog(_));
    Scenario {
        name,
        question,
        answer: file.answer.as_ref().map(|answer| answer.get_ref().clone()).unwrap_or_default(),
        expect: run::expect(file, sink),
        allowed: run::allowed(file, sink),
        run: run::run(file, from_log, sink),
        flow: run::flow(file, sink),
        customers: shop::customers(file, sink),
        traffic: shop::traffic(file, sink),
        users: shop::users(file, from_log, sink),
        products: shop::products(file, from_log, sink),
        coupons: coupon::coupons(file, sink),
        basket: shop::basket(file, from_log, sink),
        services: system::services(file, sink),
        network_latency: system::network_latency(file, sink),
        load,
        protection: system::protection(file, sink),
        faults: fault::faults(file, sink),
        thresholds: threshold::thresholds(file, sink),
    }
}

const QUESTION_EXAMPLE: &str =
    "question = \"Does a payment outage during a flash sale ever oversell?\"";

/// Where a missing top-level key is reported: at the beginning.
fn top() -> Range<usize> {
    0..0
}

/// A text that must be there and must not be blank.
fn required_text(
    field: &Field<String>,
    key: &str,
    example: &str,
    place: Range<usize>,
    sink: &mut Sink,
) -> String {
    let Some(field) = field else {
        sink.missing(place, key, example);
        return String::new();
    };
    if field.get_ref().trim().is_empty() {
        let problem = super::Diagnostic::at(field.span(), format!("`{key}` is blank"));
        sink.add(problem.help(format!("write for example: {example}")));
    }
    field.get_ref().clone()
}

/// Notes a second use of a name that must be unique.
fn unique<'a>(
    fields: impl Iterator<Item = &'a toml::Spanned<String>>,
    what: &str,
    sink: &mut Sink,
) {
    let mut seen: Vec<&toml::Spanned<String>> = Vec::new();
    for field in fields {
        match seen.iter().find(|other| other.get_ref() == field.get_ref()) {
            Some(first) => {
                let title = format!("two {what} are called `{}`", field.get_ref());
                let found = super::Diagnostic::at(field.span(), title).label("again here");
                sink.add(found.context(first.span(), "first here"));
            }
            None => seen.push(field),
        }
    }
}

/// Known words for several meanings, as the sink wants them.
fn words<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str) -> Vec<(&'static str, T)> {
    all.iter().map(|one| (name(*one), *one)).collect()
}
