//! `explain`: one thing by its name.

use super::args::ExplainArguments;
use super::engine::Engine;
use super::exit::{ExitCode, explain_exit_codes};
use super::run::show;
use super::terminal::Terminal;
use crate::domain::Step;
use crate::report::explain::{
    FAULT_KINDS, MatrixRow, PROTECTIONS, explain_defect, explain_fault, explain_faults,
    explain_flow, explain_invariant, explain_invariants, explain_lint, explain_metric,
    explain_metrics, explain_protection, explain_step, list_defects, list_lints, list_protections,
};
use crate::sim::check::catalogue::{INVARIANTS, invariant};
use crate::sim::defect::Defect;
use crate::sim::lint::Lint;
use crate::sim::threshold::catalogue::METRICS;

/// Topics that are not the name of one thing.
const GENERAL: [&str; 8] =
    ["flow", "invariants", "metrics", "protections", "faults", "lints", "defects", "exit-codes"];
/// Names less alike than this are no suggestion (0 to 1).
const ALIKE: f64 = 0.75;

/// Explains a topic.
pub(super) fn explain(
    arguments: &ExplainArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let topic = arguments.topic.trim();
    if let Some(text) = text(topic, &engine.flow()) {
        return show(terminal, &text);
    }
    let mut message = format!("error: there is nothing named `{topic}`");
    if let Some(name) = suggestion(topic) {
        message.push_str(&format!("; did you mean `{name}`?"));
    }
    terminal.say(&message);
    terminal.say(&format!(
        "topics: {}, and the names that `sagasim list` gives for invariants, steps, protections, \
         lints, defects",
        GENERAL.join(", ")
    ));
    ExitCode::Usage
}

fn text(topic: &str, rows: &[MatrixRow]) -> Option<String> {
    match topic {
        "flow" => Some(explain_flow(rows)),
        "invariants" => Some(explain_invariants()),
        "metrics" => Some(explain_metrics()),
        "protections" => Some(list_protections()),
        "faults" => Some(explain_faults()),
        "lints" => Some(list_lints()),
        "defects" => Some(list_defects()),
        "exit-codes" => Some(explain_exit_codes()),
        name => invariant(name)
            .map(explain_invariant)
            .or_else(|| explain_step(name, rows))
            .or_else(|| explain_protection(name))
            .or_else(|| explain_metric(name))
            .or_else(|| explain_lint(name))
            .or_else(|| explain_fault(name))
            .or_else(|| explain_defect(name)),
    }
}

/// The known name that is most like the topic, if one is.
fn suggestion(topic: &str) -> Option<&'static str> {
    let steps = Step::ALL.into_iter();
    let names = GENERAL
        .into_iter()
        .chain(INVARIANTS.iter().map(|one| one.name))
        .chain(steps.clone().map(Step::name))
        .chain(steps.filter_map(Step::undo_name))
        .chain(PROTECTIONS.iter().map(|one| one.name))
        .chain(METRICS.iter().map(|one| one.name))
        .chain(Lint::ALL.map(Lint::name))
        .chain(FAULT_KINDS.iter().map(|one| one.name))
        .chain(Defect::all().map(|one| one.name));
    let scored = names.map(|name| (strsim::jaro_winkler(topic, name), name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE).then_some(best.1)
}
