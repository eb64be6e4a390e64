//! From a finished run to its summary: plain figures, no judgement beyond the verdict.

use super::measure::{latency, of_process, phases, steps};
use super::summary::{
    Books, CouponBooks, Determinism, FaultFigures, FaultVerdict, Inconsistency, InvariantFigures,
    LoadFigures, Messages, MoneyBooks, NOT_REPRODUCIBLE, OrderLog, Orders, Parted, ProcessFigures,
    Ranked, RedisFigures, Reproducibility, SCHEMA_VERSION, ScenarioFigures, ServiceFigures,
    SometimesFigures, StockBooks, Summary, ThresholdFigures, Time, UndoLag, VIOLATIONS_KEPT,
    Violation, exit_code,
};
use super::thresholds::thresholds;
use crate::domain::{Coordination, Exchange, Process, RequestId, Service, Step, Turn};
use crate::sim::check::catalogue::{InvariantKind, invariant};
use crate::sim::check::{Harm, Law, Outcome};
use crate::sim::decide::mix;
use crate::sim::engine::{self, Divergence, Finished, StationFigures};
use crate::sim::plan::Plan;
use crate::sim::quantile::quantile;
use crate::sim::scenario::{Block, Fault, Scenario, Verdict, resolved_toml};
use std::collections::BTreeMap;

/// What a run needs besides its own figures to become a summary.
#[derive(Debug)]
pub struct Context<'a> {
    /// What was run.
    pub plan: &'a Plan,
    /// How long it took on the wall clock, in nanoseconds.
    pub wall_ns: u64,
    /// What the real Redis holds.
    pub redis: Option<RedisFigures>,
    /// The story of an order that broke an invariant, by order.
    pub stories: BTreeMap<RequestId, Vec<String>>,
    /// What came of running it again; none: it was run once.
    pub again: Option<Again>,
    /// The decisions of the run in a word; none: it has none of its own.
    pub token: Option<String>,
}

/// A second run of the same plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Again {
    /// Identifies everything that happened in it.
    pub digest: u64,
    /// Where two further runs parted, if the digests differ.
    pub divergence: Option<Divergence>,
}

/// Whether a run failed: an invariant or a threshold that counts does not hold.
#[must_use]
pub fn fails(run: &Finished, plan: &Plan) -> bool {
    let thresholds = thresholds(run, plan);
    !run.proof.findings.clean() || thresholds.iter().any(|one| one.decides(Verdict::Failed))
}

fn determinism(run: &Finished, again: &Again) -> Determinism {
    let verdict = if again.digest == run.digest {
        Reproducibility::Reproducible
    } else {
        Reproducibility::NotReproducible
    };
    let parted = |one: &Divergence| Parted {
        event: one.event,
        at_ns: one.at_ns,
        first: one.first.clone(),
        second: one.second.clone(),
    };
    Determinism {
        verdict,
        digest_again: format!("{:016x}", again.digest),
        parted: again.divergence.as_ref().map(parted),
    }
}

/// Sums a finished run up.
#[must_use]
pub fn summarise(run: &Finished, context: &Context<'_>) -> Summary {
    let plan = context.plan;
    let scenario = &plan.scenario;
    let sometimes = sometimes(run, &scenario.expect.sometimes);
    let faults = faults(run, plan);
    let thresholds = thresholds(run, plan);
    let determinism = context.again.as_ref().map(|again| determinism(run, again));
    let differs = |one: &Determinism| one.verdict == Reproducibility::NotReproducible;
    let (verdict, exit_code) = if determinism.as_ref().is_some_and(differs) {
        (Verdict::Failed, NOT_REPRODUCIBLE)
    } else {
        let verdict = verdict(run, &sometimes, &thresholds, &faults, context.redis.as_ref());
        (verdict, exit_code(verdict, !run.proof.findings.clean()))
    };
    Summary {
        schema_version: SCHEMA_VERSION,
        scenario: scenario_figures(scenario),
        seed: plan.seed,
        clock: "virtual".to_owned(),
        coordination: scenario.flow.coordination,
        verdict,
        exit_code,
        aborted: run.aborted,
        digest: format!("{:016x}", run.digest),
        determinism,
        token: context.token.clone(),
        time: time(run, context.wall_ns),
        orders: orders(run),
        loads: loads(plan, run),
        messages: messages(run),
        latency: latency(run),
        phases: phases(run),
        steps: steps(run),
        services: services(run, plan.duration_ns.min(run.end_ns), scenario.flow.coordination),
        processes: processes(run),
        invariants: invariants(run),
        violations: violations(run, context),
        sometimes,
        thresholds,
        faults,
        books: books(run),
        inconsistency: inconsistency(&run.proof.harm),
        anomalies: anomalies(run),
        ranking: run
            .proof
            .ranking
            .iter()
            .map(|&(product, units)| Ranked { product, units })
            .collect(),
        order_log: order_log(plan),
        redis: context.redis.clone(),
    }
}

/// What was asked.
#[must_use]
pub fn scenario_figures(scenario: &Scenario) -> ScenarioFigures {
    ScenarioFigures {
        name: scenario.name.clone(),
        digest: text_digest(&resolved_toml(scenario)),
        question: scenario.question.clone(),
        answer: scenario.answer.clone(),
    }
}

fn verdict(
    run: &Finished,
    sometimes: &[SometimesFigures],
    thresholds: &[ThresholdFigures],
    faults: &[FaultFigures],
    redis: Option<&RedisFigures>,
) -> Verdict {
    let any = |verdict| thresholds.iter().any(|one| one.decides(verdict));
    if !run.proof.findings.clean() || any(Verdict::Failed) {
        return Verdict::Failed;
    }
    let missing = sometimes.iter().any(|figures| figures.verdict != Verdict::Passed);
    let unhit = faults.iter().any(|fault| fault.verdict == FaultVerdict::NoHit);
    let unproved = redis.is_some_and(|redis| !(redis.ranking_equal && redis.platform_equal));
    let unmeasured = any(Verdict::Inconclusive);
    if missing || unhit || unproved || unmeasured || run.aborted || run.started == 0 {
        Verdict::Inconclusive
    } else {
        Verdict::Passed
    }
}

fn time(run: &Finished, wall_ns: u64) -> Time {
    let seconds = wall_ns.max(1) as f64 / 1e9;
    Time {
        simulated_ns: run.end_ns,
        wall_ns,
        events: run.events,
        events_per_s: run.events as f64 / seconds,
    }
}

fn orders(run: &Finished) -> Orders {
    let of = |outcome| run.proof.outcomes.of(outcome);
    let offered = run.loads.iter().map(|load| load.offered).sum();
    Orders {
        offered,
        started: run.proof.outcomes.total(),
        dropped: offered.saturating_sub(run.proof.outcomes.total()),
        completed: of(Outcome::Completed),
        rejected: of(Outcome::Rejected),
        compensated: of(Outcome::Compensated),
        cancelled: of(Outcome::Cancelled),
        expired: of(Outcome::Expired),
        refunded: run.proof.outcomes.refunded,
        stuck: of(Outcome::Stuck),
    }
}

fn loads(plan: &Plan, run: &Finished) -> Vec<LoadFigures> {
    let figures = |(block, load): (&Block, &engine::LoadFigures)| LoadFigures {
        name: block.name.clone().unwrap_or_else(|| block.load.name().to_owned()),
        executor: block.load.name().to_owned(),
        offered: load.offered,
        started: load.started,
    };
    plan.scenario.loads.iter().zip(&run.loads).map(figures).collect()
}

fn messages(run: &Finished) -> Messages {
    let figures = &run.messages;
    Messages {
        sent: figures.sent,
        delivered: figures.delivered,
        dropped: figures.dropped,
        duplicated: figures.duplicated,
        redelivered: figures.redelivered,
        retried: figures.retried,
        refused_by_full_queue: figures.refused,
        ignored_replies: figures.ignored_replies,
        per_order: figures.sent as f64 / run.started.max(1) as f64,
    }
}

pub(super) const fn mean(sum: u128, count: u64) -> u64 {
    if count == 0 { 0 } else { (sum / count as u128) as u64 }
}

pub(super) fn narrow(wide: u128) -> u64 {
    u64::try_from(wide).unwrap_or(u64::MAX)
}

fn services(run: &Finished, load_ns: u64, coordination: Coordination) -> Vec<ServiceFigures> {
    let figures = |service| one_service(service, &run.stations[service as usize], load_ns);
    let mine = Service::ALL.into_iter().filter(|service| service.takes_part(coordination));
    mine.map(figures).collect()
}

fn one_service(service: Service, station: &StationFigures, load_ns: u64) -> ServiceFigures {
    let capacity_ns = f64::from(station.workers) * load_ns.max(1) as f64;
    let busy_ns = station.loaded_ns as f64;
    ServiceFigures {
        name: service.name().to_owned(),
        workers: station.workers,
        handled: station.handled,
        utilization: busy_ns / capacity_ns,
        wait_mean_ns: mean(station.wait_ns, station.handled),
        service_mean_ns: mean(station.service_ns, station.handled),
        queue_max: station.queue_max,
        little_area_ns: narrow(station.area_ns),
        little_sojourn_ns: narrow(station.sojourn_ns),
        little_law_holds: station.area_ns == station.sojourn_ns,
    }
}

fn processes(run: &Finished) -> Vec<ProcessFigures> {
    let figures = |process: Process| {
        let figures = run.proof.processes[process as usize];
        ProcessFigures {
            name: process.name().to_owned(),
            started: figures.started,
            completed: figures.completed,
            rejected: figures.rejected,
            compensated: figures.compensated,
            stuck: figures.stuck(),
            latency: of_process(process, run),
        }
    };
    Process::CHECKOUT.into_iter().map(figures).collect()
}

fn invariants(run: &Finished) -> Vec<InvariantFigures> {
    let findings = &run.proof.findings;
    let figures = |law: Law| InvariantFigures {
        name: law.name().to_owned(),
        kind: invariant(law.name()).map_or(InvariantKind::AtRest, |one| one.kind),
        checked: findings.checked(law),
        verdict: match (findings.violated(law), findings.checked(law)) {
            // A run that was stopped is not judged at rest.
            (0, 0) if run.aborted => Verdict::Inconclusive,
            (0, _) => Verdict::Passed,
            (_, _) => Verdict::Failed,
        },
        violations: findings.violated(law),
    };
    Law::ALL.into_iter().map(figures).collect()
}

fn violations(run: &Finished, context: &Context<'_>) -> Vec<Violation> {
    let chain = |order: Option<RequestId>| {
        order.and_then(|order| context.stories.get(&order)).cloned().unwrap_or_default()
    };
    let kept = run.proof.findings.kept().iter().take(VIOLATIONS_KEPT);
    kept.map(|violation| Violation {
        invariant: violation.law.name().to_owned(),
        order: violation.order.map(|order| order.0),
        at_ns: violation.at_ns,
        key: violation.key.map_or_else(String::new, key),
        detail: violation.detail.clone(),
        chain: chain(violation.order),
    })
    .collect()
}

/// An exchange in words: `order 17, payment 1: restore-balance`.
fn key(key: Exchange) -> String {
    let step = match (key.turn(), key.step().undo_name()) {
        (Turn::Undo, Some(name)) => name,
        _ => key.step().name(),
    };
    let process = key.process().name();
    match key.n() {
        0 => format!("order {}, {process}: {step}", key.request().0),
        n => format!("order {}, {process} {n}: {step}", key.request().0),
    }
}

fn sometimes(run: &Finished, names: &[String]) -> Vec<SometimesFigures> {
    let figures = |name: &String| {
        let count = happened(run, name);
        let verdict = if count > 0 { Verdict::Passed } else { Verdict::Inconclusive };
        SometimesFigures { name: name.clone(), count, verdict }
    };
    names.iter().map(figures).collect()
}

/// How often something that a scenario can name happened.
fn happened(run: &Finished, name: &str) -> u64 {
    if let Some(outcome) = Outcome::ALL.into_iter().find(|outcome| outcome.name() == name) {
        return run.proof.outcomes.of(outcome);
    }
    if let Some(step) = Step::ALL.into_iter().find(|step| step.name() == name) {
        return run.steps[step as usize].done;
    }
    if let Some(step) = Step::ALL.into_iter().find(|step| step.undo_name() == Some(name)) {
        return run.steps[step as usize].undone;
    }
    let payment = run.proof.processes[Process::Payment as usize];
    match name {
        "refunded" => run.proof.outcomes.refunded,
        "retry" => run.messages.retried,
        "queue-full" => run.messages.refused,
        "payment-failed" => payment.rejected + payment.compensated,
        _ => 0,
    }
}

fn faults(run: &Finished, plan: &Plan) -> Vec<FaultFigures> {
    let coordination = plan.scenario.flow.coordination;
    let figures = |((name, hits), fault): (&(String, u64), &Fault)| FaultFigures {
        name: name.clone(),
        hits: *hits,
        verdict: match (*hits, fault.applies(coordination)) {
            (1.., _) => FaultVerdict::Hit,
            (0, true) => FaultVerdict::NoHit,
            (0, false) => FaultVerdict::NotApplicable,
        },
    };
    run.faults.iter().zip(&plan.scenario.faults).map(figures).collect()
}

fn books(run: &Finished) -> Books {
    let (stock, money) = (run.proof.stock, run.proof.money);
    Books {
        stock: StockBooks {
            initial: stock.initial,
            available: stock.available,
            held: stock.held,
            sold: stock.sold,
        },
        money: MoneyBooks {
            initial: money.initial,
            topped_up: money.topped_up,
            balance: money.balance,
            held: money.held,
            revenue: money.revenue,
        },
        coupons: CouponBooks { issued: run.proof.coupons.0 as i64, used: run.proof.coupons.1 },
    }
}

fn inconsistency(harm: &Harm) -> Inconsistency {
    let lag = |process: Process| {
        let lag = harm.undo_lag[process as usize].as_deref()?;
        let (min_ns, max_ns) = (lag.min(), lag.max());
        Some(UndoLag {
            undo: process.name().to_owned(),
            count: lag.len(),
            p50_ns: quantile(lag, 0.5, min_ns, max_ns),
            p99_ns: quantile(lag, 0.99, min_ns, max_ns),
            max_ns,
        })
    };
    Inconsistency {
        unit_seconds: harm.stock_unit_ns as f64 / 1e9,
        money_seconds: harm.money_won_ns as f64 / 1e9,
        undo_lag: Process::CHECKOUT.into_iter().filter_map(lag).collect(),
    }
}

fn anomalies(run: &Finished) -> BTreeMap<String, u64> {
    let always = [
        ("empty-undo", run.proof.harm.empty_undos),
        ("late-original", run.messages.late),
        ("duplicate-absorbed", run.messages.absorbed),
    ];
    let asked = run.anomalies.map(|found| {
        [
            ("dirty-read", found.dirty_reads),
            ("refused-by-dirty-read", found.refused_by_dirty_reads),
            ("fuzzy-read", found.fuzzy_reads),
            ("lost-update", found.lost_updates),
            ("premature-publication", found.premature_publications),
            ("foreign-undo", found.foreign_undos),
        ]
    });
    let all = always.into_iter().chain(asked.into_iter().flatten());
    all.map(|(name, times)| (name.to_owned(), times)).collect()
}

fn order_log(plan: &Plan) -> Option<OrderLog> {
    let log = &plan.replay.as_ref()?.log;
    let rejected = log.rejected.iter().map(|(reason, r)| ((*reason).to_owned(), r.lines));
    Some(OrderLog {
        lines: log.lines,
        accepted: log.accepted,
        rejected: rejected.collect(),
        orders: log.orders.len() as u64,
    })
}

/// 16 hex digits over a text.
fn text_digest(text: &str) -> String {
    let fold = |digest: u64, chunk: &[u8]| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        mix(digest ^ chunk.len() as u64, u64::from_le_bytes(word))
    };
    format!("{:016x}", text.as_bytes().chunks(8).fold(0, fold))
}
