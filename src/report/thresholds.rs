//! The thresholds of a finished run, judged.

use super::summary::ThresholdFigures;
use crate::sim::engine::Finished;
use crate::sim::plan::Plan;
use crate::sim::scenario::Verdict;
use crate::sim::threshold::{Figures, Threshold};

/// Judges every threshold. In a run that was stopped only those that stopped it are: the others
/// would be judged on half of it.
pub(super) fn thresholds(run: &Finished, plan: &Plan) -> Vec<ThresholdFigures> {
    let total = run.tally();
    let figures = run.figures(plan, &total);
    let declared = plan.scenario.thresholds.iter().enumerate();
    declared.map(|(place, threshold)| one(threshold, place, run, &figures)).collect()
}

fn one(
    threshold: &Threshold,
    place: usize,
    run: &Finished,
    figures: &Figures<'_>,
) -> ThresholdFigures {
    let judged = threshold.judge(figures);
    let stopped = run.stopped.as_ref().filter(|stopped| stopped.thresholds.contains(&place));
    let cut_off = run.aborted && stopped.is_none();
    let (value, verdict, reason) = if cut_off {
        (None, Verdict::Inconclusive, Some("the run was stopped".to_owned()))
    } else {
        (judged.value, judged.verdict, judged.lack.map(|lack| lack.to_string()))
    };
    ThresholdFigures {
        name: threshold.name.clone(),
        metric: threshold.selector.to_string(),
        expr: threshold.condition.to_string(),
        severity: threshold.severity,
        unit: threshold.condition.unit,
        limit: threshold.condition.limit,
        value,
        verdict,
        reason,
        stopped_at_ns: stopped.map(|stopped| stopped.at_ns),
    }
}
