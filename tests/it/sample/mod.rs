//! Made-up scenarios and summaries: what a run could have found.

mod scenario;

pub(crate) use scenario::scenario;

use sagasim::domain::Coordination;
use sagasim::report::summary::{
    Books, CouponBooks, FaultFigures, FaultVerdict, Inconsistency, InvariantFigures, Latency,
    LoadFigures, Messages, MoneyBooks, OrderLog, Orders, Part, Parts, PhaseFigures, ProcessFigures,
    Ranked, RedisFigures, SCHEMA_VERSION, ScenarioFigures, ServiceFigures, SometimesFigures,
    StepFigures, StockBooks, Summary, ThresholdFigures, Time, UndoLag, Violation, exit_code,
};
use sagasim::sim::check::catalogue::{INVARIANTS, InvariantKind};
use sagasim::sim::scenario::Verdict;
use sagasim::sim::threshold::Severity;
use sagasim::sim::threshold::catalogue::Unit;
use std::collections::BTreeMap;

const MS: u64 = 1_000_000;

/// A run of 41 208 orders in which everything held.
pub(crate) fn passing() -> Summary {
    Summary {
        schema_version: SCHEMA_VERSION,
        scenario: ScenarioFigures {
            name: "flash-sale".to_owned(),
            digest: "00c0ffee00c0ffee".to_owned(),
            question: "Does a payment outage during a flash sale ever oversell or charge twice?"
                .to_owned(),
            answer: "No: every order completes or leaves no trace.".to_owned(),
        },
        seed: 424_242,
        clock: "virtual".to_owned(),
        coordination: Coordination::Choreography,
        verdict: Verdict::Passed,
        exit_code: exit_code(Verdict::Passed, false),
        aborted: false,
        digest: "7c1e9a04d2b81f66".to_owned(),
        determinism: None,
        token: None,
        time: Time {
            simulated_ns: 540_000 * MS,
            wall_ns: 1_700 * MS,
            events: 3_456_789,
            events_per_s: 2_033_405.3,
        },
        orders: orders(),
        loads: vec![load("constant-arrival-rate", 41_208)],
        messages: Messages {
            sent: 1_234_567,
            delivered: 1_234_001,
            dropped: 566,
            duplicated: 12,
            redelivered: 566,
            retried: 9_402,
            refused_by_full_queue: 0,
            ignored_replies: 31,
            per_order: 29.96,
        },
        latency: latency(),
        phases: Vec::new(),
        steps: steps(),
        services: services(),
        processes: processes(),
        invariants: invariants(),
        violations: Vec::new(),
        sometimes: sometimes(),
        thresholds: Vec::new(),
        faults: vec![
            fault("payment refuses", 14_233, FaultVerdict::Hit),
            fault("order 7 fails", 1, FaultVerdict::Hit),
            fault("orchestrator stumbles", 0, FaultVerdict::NotApplicable),
        ],
        books: books(),
        inconsistency: Inconsistency {
            unit_seconds: 1_234.5,
            money_seconds: 56_700_000.0,
            undo_lag: vec![UndoLag {
                undo: "restore-stock".to_owned(),
                count: 8_655,
                p50_ns: Some(12 * MS),
                p99_ns: Some(96 * MS),
                max_ns: 2_310 * MS,
            }],
        },
        anomalies: BTreeMap::from([("dirty-read".to_owned(), 0), ("lost-update".to_owned(), 3)]),
        ranking: [(0, 4_120), (3, 1_008), (1, 977), (8, 640), (2, 555)]
            .map(|(product, units)| Ranked { product, units })
            .to_vec(),
        order_log: None,
        redis: None,
    }
}

/// The same run with two invariants broken.
pub(crate) fn failing() -> Summary {
    let mut summary = passing();
    summary.coordination = Coordination::Orchestration;
    summary.verdict = Verdict::Failed;
    summary.exit_code = exit_code(Verdict::Failed, true);
    summary.phases = phases();
    for (name, violations) in [("stock-conserved", 3), ("nothing-held", 12)] {
        let found = summary.invariants.iter_mut().find(|one| one.name == name);
        let one = found.expect("the catalogue has it");
        one.verdict = Verdict::Failed;
        one.violations = violations;
    }
    let chain = ["deduct-stock order 1021 at 1m58.400s", "crash before publish", "restore-stock"];
    summary.violations = vec![
        Violation {
            invariant: "stock-conserved".to_owned(),
            order: Some(1_021),
            at_ns: 118_412 * MS,
            key: "held[7,1021]".to_owned(),
            detail: "expected at least 0 units, found -2: the stock came back twice".to_owned(),
            chain: chain.map(str::to_owned).to_vec(),
        },
        Violation {
            invariant: "nothing-held".to_owned(),
            order: None,
            at_ns: 540_000 * MS,
            key: "held".to_owned(),
            detail: "12 orders hold 19 units".to_owned(),
            chain: Vec::new(),
        },
    ];
    summary.orders.stuck = 12;
    summary.orders.completed -= 12;
    summary.books.stock.available += 2;
    summary.faults[1] = fault("order 7 fails", 0, FaultVerdict::NoHit);
    summary.sometimes[1] =
        SometimesFigures { name: "expired".to_owned(), count: 0, verdict: Verdict::Inconclusive };
    summary.thresholds = thresholds();
    summary
}

/// Every optional part filled, every list as long as it gets, every figure as wide as it gets.
pub(crate) fn widest() -> Summary {
    let mut summary = passing();
    summary.scenario.name = "정산-".repeat(30);
    summary.scenario.question = "\u{1b}[2J초과판매가 있는가".repeat(12);
    summary.seed = u64::MAX;
    summary.token = Some("0123456789".repeat(12));
    summary.phases = [phases(), phases()].concat();
    for phase in &mut summary.phases {
        phase.name = format!("during {}", "아주 긴 이름 ".repeat(9));
        phase.from_ns = u64::MAX;
    }
    summary.verdict = Verdict::Inconclusive;
    summary.exit_code = exit_code(Verdict::Inconclusive, false);
    summary.coordination = Coordination::Orchestration;
    summary.books.money =
        MoneyBooks { initial: i64::MAX, topped_up: 0, balance: i64::MIN, held: -1, revenue: 0 };
    summary.faults.push(fault(&"아주 긴 이름 ".repeat(20), u64::MAX, FaultVerdict::NoHit));
    summary.order_log = Some(OrderLog {
        lines: 1_234,
        accepted: 1_200,
        rejected: BTreeMap::from([("quantity is 0".to_owned(), 30), ("bad time".to_owned(), 4)]),
        orders: 600,
    });
    summary.redis = Some(RedisFigures {
        reachable: true,
        sent: 12_000,
        acknowledged: 11_990,
        missing: 10,
        ranking_equal: false,
        platform_equal: true,
    });
    for row in &mut summary.latency {
        row.count = 9_999_999;
        row.max_ns = u64::MAX;
        row.mean_ns = u64::MAX;
        row.parts.retry = part(u64::MAX / row.count, row.count, 0.123_456_789);
    }
    summary
}

fn load(executor: &str, orders: u64) -> LoadFigures {
    let name = executor.to_owned();
    LoadFigures { name, executor: executor.to_owned(), offered: orders, started: orders }
}

fn orders() -> Orders {
    Orders {
        offered: 41_208,
        started: 41_208,
        dropped: 0,
        completed: 31_912,
        rejected: 402,
        compensated: 2_118,
        cancelled: 1_655,
        expired: 5_121,
        refunded: 412,
        stuck: 0,
    }
}

fn part(mean_ns: u64, count: u64, share: f64) -> Part {
    Part { sum_ns: mean_ns * count, mean_ns, share }
}

/// A run with a fault in its middle.
fn phases() -> Vec<PhaseFigures> {
    let phase = |name: &str, kind: &str, from_s: u64, until_s: Option<u64>| PhaseFigures {
        name: name.to_owned(),
        kind: kind.to_owned(),
        faults: vec!["payment refuses".to_owned(); usize::from(from_s > 60)],
        from_ns: from_s * 1_000 * MS,
        until_ns: until_s.map(|until_s| until_s * 1_000 * MS),
        latency: latency(),
    };
    vec![
        phase("warm-up", "warm-up", 0, Some(20)),
        phase("steady", "steady", 20, Some(115)),
        phase("during payment refuses", "during", 115, Some(123)),
        phase("after payment refuses", "after", 123, None),
    ]
}

fn latency() -> Vec<Latency> {
    let row = |metric: &str, outcome: &str, count: u64, p50_ms: u64| Latency {
        metric: metric.to_owned(),
        outcome: outcome.to_owned(),
        count,
        min_ns: p50_ms * MS / 7,
        p50_ns: Some(p50_ms * MS),
        p90_ns: Some(p50_ms * MS * 4),
        p99_ns: (count > 1_000).then_some(p50_ms * MS * 24),
        p999_ns: (count > 10_000).then_some(p50_ms * MS * 40),
        p9999_ns: None,
        max_ns: p50_ms * MS * 51,
        mean_ns: p50_ms * MS * 2,
        uncorrected_p50_ns: Some(p50_ms * MS),
        uncorrected_p99_ns: (count > 1_000).then_some(p50_ms * MS * 20),
        sum_ns: p50_ms * MS * 2 * count,
        parts: Parts {
            wait: part(p50_ms * MS, count, 0.5),
            service: part(p50_ms * MS * 3 / 4, count, 0.375),
            network: part(p50_ms * MS / 5, count, 0.1),
            retry: part(p50_ms * MS / 20, count, 0.025),
        },
    };
    vec![
        row("place", "completed", 38_688, 31),
        row("place", "rejected", 402, 4),
        row("place", "compensated", 2_118, 45),
        row("pay", "completed", 31_912, 65),
        row("pay", "rejected", 5_020, 5),
        row("cancel", "completed", 1_655, 13),
        row("refund", "completed", 412, 88),
        row("checkout", "completed", 31_912, 96),
        row("undo", "compensated", 2_118, 20),
    ]
}

fn steps() -> Vec<StepFigures> {
    let row = |process: &str, step: &str, direction: &str, service: &str| StepFigures {
        process: process.to_owned(),
        step: step.to_owned(),
        direction: direction.to_owned(),
        service: service.to_owned(),
        count: 41_208,
        wait_mean_ns: 1_234_567,
        service_mean_ns: 4 * MS,
        network_mean_ns: MS,
    };
    vec![
        row("order", "deduct-stock", "do", "product"),
        row("order", "restore-stock", "undo", "product"),
    ]
}

fn services() -> Vec<ServiceFigures> {
    let row = |name: &str, workers: u32, handled: u64, utilization: f64| ServiceFigures {
        name: name.to_owned(),
        workers,
        handled,
        utilization,
        wait_mean_ns: 1_234_567,
        service_mean_ns: 4 * MS,
        queue_max: 1_250,
        little_area_ns: 987_654_321,
        little_sojourn_ns: 987_654_321,
        little_law_holds: true,
    };
    vec![
        row("product", 8, 43_326, 0.04),
        row("order", 8, 199_000, 0.324),
        row("coupon", 4, 12_800, 0.02),
        row("user", 8, 37_000, 0.055),
        row("payment", 16, 32_324, 0.912),
        row("platform", 2, 32_324, 0.000_2),
        row("ranking", 2, 0, 0.0),
    ]
}

fn processes() -> Vec<ProcessFigures> {
    [("order", 41_208, 38_688, 402, 2_118), ("payment", 36_932, 31_912, 5_020, 0)]
        .map(|(name, started, completed, rejected, compensated)| ProcessFigures {
            name: name.to_owned(),
            started,
            completed,
            rejected,
            compensated,
            stuck: 0,
            latency: latency().pop(),
        })
        .to_vec()
}

fn invariants() -> Vec<InvariantFigures> {
    let figures = INVARIANTS.iter().map(|one| InvariantFigures {
        name: one.name.to_owned(),
        kind: one.kind,
        checked: if one.kind == InvariantKind::Always { 1_203_411 } else { 41_208 },
        verdict: Verdict::Passed,
        violations: 0,
    });
    figures.collect()
}

fn sometimes() -> Vec<SometimesFigures> {
    [("restore-stock", 2_118), ("expired", 5_121), ("retry", 9_402)]
        .map(|(name, count)| SometimesFigures {
            name: name.to_owned(),
            count,
            verdict: Verdict::Passed,
        })
        .to_vec()
}

/// Thresholds with every verdict, in every unit.
fn thresholds() -> Vec<ThresholdFigures> {
    use Verdict::{Failed, Inconclusive, Passed};
    let one = |metric: &str, expr: &str, unit, limit, value: Option<f64>, verdict| {
        let lack = (verdict == Inconclusive).then(|| "80 of 1000 samples".to_owned());
        ThresholdFigures {
            name: None,
            metric: metric.to_owned(),
            expr: expr.to_owned(),
            severity: Severity::Fail,
            unit,
            limit,
            value,
            verdict,
            reason: lack,
            stopped_at_ns: None,
        }
    };
    let mut all = vec![
        one("checkout{outcome=completed}", "p(99) < 3s", Unit::Time, 3e9, Some(2.304e9), Passed),
        one("place", "p(99.9) < 1s", Unit::Time, 1e9, Some(1.24e9), Failed),
        one("undo{process=refund}", "p(99) < 1s", Unit::Time, 1e9, None, Inconclusive),
        one("orders{outcome=completed}", "rate > 0.7", Unit::Share, 0.7, Some(0.774), Passed),
        one("messages_per_order", "value < 20", Unit::Number, 20.0, Some(29.96), Failed),
        one("throughput", "value > 100/s", Unit::Rate, 100.0, Some(132.96), Passed),
        one("anomalies", "count == 0", Unit::Number, 0.0, Some(3.0), Failed),
    ];
    all[1].name = Some("placing is quick".to_owned());
    all[4].severity = Severity::Warn;
    all
}

fn fault(name: &str, hits: u64, verdict: FaultVerdict) -> FaultFigures {
    FaultFigures { name: name.to_owned(), hits, verdict }
}

fn books() -> Books {
    Books {
        stock: StockBooks { initial: 250_000, available: 186_590, held: 0, sold: 63_410 },
        money: MoneyBooks {
            initial: 1_999_201_442,
            topped_up: 0,
            balance: 1_422_001_121,
            held: 0,
            revenue: 577_200_321,
        },
        coupons: CouponBooks { issued: 1_000, used: 722 },
    }
}
