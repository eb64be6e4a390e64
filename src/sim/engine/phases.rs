//! Phases of a run, by the windows of its faults: what was like before, during and after.

use crate::sim::plan::Plan;
use crate::sim::scenario::Trigger;

/// What a phase is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PhaseKind {
    /// Orders that arrive in it are left out of the main figures.
    WarmUp,
    /// No fault window has begun.
    Steady,
    /// Inside of one fault window or more.
    During,
    /// Outside of all fault windows, after one.
    After,
}

/// A span of virtual time. A request belongs to the phase of its intended start; all requests of
/// an order that arrives during the warm-up belong to the warm-up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Phase {
    /// What it is.
    pub kind: PhaseKind,
    /// The faults in whose windows it is, or whose windows have just ended.
    pub faults: Vec<String>,
    /// From.
    pub from_ns: u64,
    /// Until, not included; `u64::MAX`: to the end.
    pub until_ns: u64,
}

impl Phase {
    /// `warm-up`, `steady`, `during payments refused + …`, `after payments refused`.
    #[must_use]
    pub fn name(&self) -> String {
        let faults = self.faults.join(" + ");
        match self.kind {
            PhaseKind::WarmUp => "warm-up".to_owned(),
            PhaseKind::Steady => "steady".to_owned(),
            PhaseKind::During => format!("during {faults}"),
            PhaseKind::After => format!("after {faults}"),
        }
    }
}

/// A fault that is not there all the time.
struct Window<'a> {
    name: &'a str,
    from_ns: u64,
    until_ns: u64,
}

/// The phases of a plan, without gaps, the first from 0, the last without an end.
pub(super) fn phases(plan: &Plan) -> Vec<Phase> {
    let warmup_ns = plan.scenario.run.warmup_ns;
    let windows: Vec<Window<'_>> = windows(plan);
    let mut cuts: Vec<u64> = windows.iter().flat_map(|w| [w.from_ns, w.until_ns]).collect();
    cuts.retain(|cut_ns| *cut_ns > warmup_ns && *cut_ns < u64::MAX);
    cuts.push(warmup_ns);
    cuts.sort_unstable();
    cuts.dedup();
    let mut phases = Vec::new();
    if warmup_ns > 0 {
        let kind = PhaseKind::WarmUp;
        phases.push(Phase { kind, faults: Vec::new(), from_ns: 0, until_ns: warmup_ns });
    }
    for (at, &from_ns) in cuts.iter().enumerate() {
        let until_ns = cuts.get(at + 1).copied().unwrap_or(u64::MAX);
        let (kind, faults) = between(&windows, from_ns);
        phases.push(Phase { kind, faults, from_ns, until_ns });
    }
    phases
}

/// The windows that make a difference: a fault that may strike all along makes none.
fn windows(plan: &Plan) -> Vec<Window<'_>> {
    let window = |fault: &'_ crate::sim::scenario::Fault| match fault.trigger {
        Trigger::Probability { from_ns, until_ns, .. } => Some((from_ns, until_ns)),
        Trigger::Nth(_) | Trigger::Exact { .. } => None,
    };
    let mut windows = Vec::new();
    for fault in &plan.scenario.faults {
        let Some((from_ns, until_ns)) = window(fault) else { continue };
        let always = from_ns == 0 && until_ns >= plan.duration_ns;
        if !always && from_ns < plan.duration_ns {
            windows.push(Window { name: &fault.name, from_ns, until_ns });
        }
    }
    windows
}

/// What goes on from this cut to the next.
fn between(windows: &[Window<'_>], now_ns: u64) -> (PhaseKind, Vec<String>) {
    let names = |which: &dyn Fn(&&Window<'_>) -> bool| -> Vec<String> {
        windows.iter().filter(which).map(|window| window.name.to_owned()).collect()
    };
    let inside = names(&|window| (window.from_ns..window.until_ns).contains(&now_ns));
    if !inside.is_empty() {
        return (PhaseKind::During, inside);
    }
    let ended = windows.iter().map(|window| window.until_ns).filter(|end_ns| *end_ns <= now_ns);
    match ended.max() {
        Some(last_ns) => (PhaseKind::After, names(&|window| window.until_ns == last_ns)),
        None => (PhaseKind::Steady, Vec::new()),
    }
}
