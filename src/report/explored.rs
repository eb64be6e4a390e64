//! From an exploration to its figures.

use super::summary::{
    Absent, CellFigures, CertificateFigures, Explored, Found, LineFigures, MapFigures,
    OrderFigures, PointFigures, Pruned, RunFigures, SCHEMA_VERSION, SampleFigures, ScenarioFigures,
    exit_code,
};
use crate::domain::{Exchange, Line, Transport, Turn};
use crate::sim::check::Law;
use crate::sim::engine::Driver;
use crate::sim::explore::{
    Cell, Class, Column, Counterexample, Decision, Drawn, Exploration, Map, MapRow, Point, Theme,
    Token, step_name,
};
use crate::sim::plan::{Ease, Intent};
use crate::sim::scenario::Verdict;

/// What an exploration needs besides its own figures.
#[derive(Debug)]
pub struct Exploring<'a> {
    /// What was explored.
    pub theme: &'a Theme,
    /// The scenario of the file.
    pub scenario: ScenarioFigures,
    /// The token of a run without decisions.
    pub token: Token,
    /// Protections that were off.
    pub off: Vec<String>,
    /// Faults in one run, at most.
    pub faults: u8,
    /// Cures of each counterexample.
    pub cures: Vec<Vec<String>>,
    /// How long it took, in nanoseconds.
    pub wall_ns: u64,
}

/// Sums an exploration up.
#[must_use]
pub fn sum_up(found: &Exploration, context: &Exploring<'_>) -> Explored {
    let plan = context.theme.plan();
    let verdict = match (found.counterexamples.is_empty(), found.points.is_empty()) {
        (false, _) => Verdict::Failed,
        (true, true) => Verdict::Inconclusive,
        (true, false) if found.aborted => Verdict::Inconclusive,
        (true, false) => Verdict::Passed,
    };
    let map = Map::of(found, context.theme.scenario().flow.coordination);
    let runs = found.runs;
    let violations = found.counterexamples.iter().zip(&context.cures);
    Explored {
        schema_version: SCHEMA_VERSION,
        scenario: context.scenario.clone(),
        seed: plan.seed,
        coordination: plan.scenario.flow.coordination,
        off: context.off.clone(),
        exhaustive: found.drawn.is_none(),
        sample: found.drawn.map(drawn),
        faults: context.faults,
        verdict,
        exit_code: exit_code(verdict, verdict == Verdict::Failed),
        aborted: found.aborted,
        wall_ns: context.wall_ns,
        runs: RunFigures {
            total: runs.total(),
            business: runs.business,
            single: runs.single,
            double: runs.double,
            deeper: runs.deeper,
            sampled: runs.sampled,
            through_actix: match context.theme.driver() {
                Driver::Actix => runs.total(),
                Driver::Direct => found.checked,
            },
            checked: found.checked,
        },
        pruned: Pruned { unchanged: found.unchanged, containing: found.containing },
        points: found.points.iter().map(point).collect(),
        violations: violations
            .map(|(one, cures)| violation(one, cures, &context.token, context.theme))
            .collect(),
        counterexamples: found.broken.iter().map(|(l, n)| (l.name().to_owned(), *n)).collect(),
        map: map.rows.iter().map(row).collect(),
        not_applicable: map
            .not_applicable
            .iter()
            .map(|one| Absent {
                process: one.process.name().to_owned(),
                step: one.name.to_owned(),
                reason: one.reason.to_owned(),
            })
            .collect(),
    }
}

const fn direction(key: Exchange) -> &'static str {
    match key.turn() {
        Turn::Do => "do",
        Turn::Undo => "undo",
        Turn::Said => "said",
        Turn::Timer => "timer",
        Turn::Ask => "ask",
    }
}

const fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Event => "event",
        Transport::Call | Transport::HeldCall => "call",
        Transport::Reply => "reply",
        Transport::Timer => "timer",
    }
}

fn point(point: &Point) -> PointFigures {
    let key = point.strike.key;
    PointFigures {
        order: key.request().0,
        process: key.process().name().to_owned(),
        n: key.n(),
        step: step_name(key),
        direction: direction(key).to_owned(),
        position: point.strike.position.name().to_owned(),
        at_caller: point.strike.answer,
        kind: point.strike.position.kind().to_owned(),
        transport: transport(point.transport).to_owned(),
        attempt: key.attempt(),
        every_attempt: point.strike.every_attempt,
        outcome: point.class.name().to_owned(),
    }
}

fn drawn(drawn: Drawn) -> SampleFigures {
    let Drawn { walks, schedules, late, faults } = drawn;
    SampleFigures { walks, schedules, late, faults }
}

/// A counterexample, with what would have prevented it. `token` is that of a run without decisions.
#[must_use]
pub fn violation(one: &Counterexample, cures: &[String], token: &Token, theme: &Theme) -> Found {
    let digest = (one.digest >> 48) as u16;
    let (decisions, focus) = (one.decisions.clone(), one.focus.clone());
    let token = Token { decisions, focus, digest, ..token.clone() };
    let without = &one.certificate.without;
    let name = |law: &Option<Law>| law.map(|law| law.name().to_owned());
    Found {
        token: token.to_string(),
        invariant: one.law.name().to_owned(),
        also: one.also.iter().map(|law| law.name().to_owned()).collect(),
        outcome: Class::of(one.law).name().to_owned(),
        detail: one.detail.clone(),
        decisions: described(one),
        certificate: CertificateFigures {
            minimal: one.certificate.passes(),
            without: without.iter().map(name).collect(),
            without_order: one.certificate.without_order.iter().map(|(_, law)| name(law)).collect(),
        },
        orders: orders(one, theme),
        cures: cures.to_vec(),
        digest: format!("{:016x}", one.digest),
    }
}

/// The orders of a counterexample that has not all of them, or not as planned.
fn orders(one: &Counterexample, theme: &Theme) -> Vec<OrderFigures> {
    let focused = theme.focused(one.focus.clone());
    let figures = |(order, eased): (&u32, &u8)| {
        let plan = focused.order(*order);
        let wants = one.decisions.iter().find_map(|decision| match decision {
            Decision::Wants { order: of, intent } if of.0 == *order => Some(*intent),
            _ => None,
        });
        let line = |line: &Line| LineFigures { product: line.product, quantity: line.quantity };
        let plainer = Ease::ALL.into_iter().filter(|ease| eased & ease.bit() != 0);
        let intent = if focused.single() { Intent::Pay } else { plan.intent };
        OrderFigures {
            order: *order,
            user: plan.user,
            lines: plan.lines.iter().map(line).collect(),
            coupon: plan.wish,
            intent: wants.unwrap_or(intent).name().to_owned(),
            plainer: plainer.map(|ease| ease.name().to_owned()).collect(),
        }
    };
    one.focus.orders.iter().flatten().map(figures).collect()
}

fn described(one: &Counterexample) -> Vec<String> {
    let words =
        |(decision, transport): (&Decision, &Option<Transport>)| decision.describe(*transport);
    one.decisions.iter().zip(&one.transports).map(words).collect()
}

fn row(row: &MapRow) -> MapFigures {
    let cell = |cell: &Cell| match cell {
        Cell::Struck { class, alone } => {
            CellFigures { outcome: class.name().to_owned(), alone: *alone }
        }
        Cell::NotApplicable => CellFigures { outcome: "not-applicable".to_owned(), alone: true },
    };
    let columns = Column::ALL.into_iter().map(Column::letter);
    MapFigures {
        order: row.key.request().0,
        process: row.process(),
        step: row.step(),
        cells: columns.zip(row.cells.iter().map(cell)).collect(),
    }
}
