//! Choreography, orchestration and monolith on the same plan: where the plan is confluent the same
//! books, order by order; elsewhere the same invariants.

use crate::world::{MS, SECOND, all, plan, refused, run, small, wrong};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sagasim::actors::Role;
use sagasim::actors::choreography::Heard;
use sagasim::actors::gate::Receipt;
use sagasim::domain::{
    At, Audited, Coordination, Discount, Outbox, PaymentCommand, Step, Steps, UndoPolicy,
};
use sagasim::sim::check::{OrderEnd, Outcome};
use sagasim::sim::engine::{self, Driver, Finished, Options};
use sagasim::sim::plan::{Confluence, certify};
use sagasim::sim::scenario::{
    BasketShape, Block, Campaign, Dist, Fault, Intents, Issue, Load, Popularity, Quota, Retry,
    Scenario, Spacing, Stage, Trigger,
};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Steps that a business rule may refuse.
const REFUSABLE: [Step; 8] = [
    Step::DeductStock,
    Step::CreateOrder,
    Step::UseCoupon,
    Step::SetFinalAmount,
    Step::DeductBalance,
    Step::CreatePayment,
    Step::CompleteOrder,
    Step::StartRefund,
];

fn times(low: i64, high: i64) -> BoxedStrategy<Dist> {
    let (least, most) = (low as f64, high as f64);
    prop_oneof![
        (low..=high).prop_map(Dist::Fixed),
        (low..=high).prop_map(move |max| Dist::Uniform { min: low, max }),
        (least..=most).prop_map(|mean| Dist::Exponential { mean }),
        (least..=most).prop_map(|median| Dist::Lognormal { median, p99: median * 5.0 }),
    ]
    .boxed()
}

fn intents(cancel_while_paying: bool) -> impl Strategy<Value = Intents> {
    (1..10_u32, 0..3_u32, 0..3_u32, 0..3_u32, 0..4_u32).prop_map(
        move |(pay, abandon, cancel, both, refund)| {
            let both = if cancel_while_paying { both } else { 0 };
            let share =
                |part: u32| f64::from(part) / f64::from(pay + abandon + cancel + both + refund);
            Intents {
                pay: share(pay),
                abandon: share(abandon),
                cancel: share(cancel),
                cancel_while_paying: share(both),
                pay_then_refund: share(refund),
            }
        },
    )
}

fn campaigns(issue: &'static [Issue]) -> impl Strategy<Value = Vec<Campaign>> {
    let discount = prop_oneof![
        (1..=100_u8).prop_map(Discount::Percent),
        (0..30_000_i64).prop_map(Discount::Amount)
    ];
    vec((discount, prop_oneof![0..20_u32, Just(10_000)], select(issue)), 0..3).prop_map(|all| {
        let campaign = |(number, (discount, quantity, issue))| Campaign {
            name: format!("campaign-{number}"),
            discount,
            quantity,
            issue,
        };
        all.into_iter().enumerate().map(campaign).collect()
    })
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let whole_run =
        |probability| Trigger::Probability { probability, from_ns: 0, until_ns: u64::MAX };
    let trigger = prop_oneof![
        3 => (0.0..0.4_f64).prop_map(whole_run),
        1 => (0..40_u32, option::of(1..3_u8)).prop_map(|(order, n)| Trigger::Exact { order, n }),
    ];
    vec((select(&REFUSABLE[..]), trigger), 0..4).prop_map(|faults| {
        let numbered = faults.into_iter().enumerate();
        let fault = |(number, (step, trigger)): (usize, (Step, Trigger))| {
            Fault::error(number.to_string(), step, false, trigger)
        };
        numbered.map(fault).collect()
    })
}

/// Baskets and stock: few products with plenty, or so many that no two orders meet, some short.
fn goods() -> impl Strategy<Value = (u32, Dist, Popularity, BasketShape, f64)> {
    let plenty = (1..40_u32, prop_oneof![Just(0.0), 0.0..2.0_f64], 1..4_i64, 1..4_i64).prop_map(
        |(count, exponent, lines, quantity)| {
            let lines = lines.min(i64::from(count));
            (count, Dist::Fixed(10_000), Popularity::Zipf { exponent }, lines, quantity, 5.0)
        },
    );
    let scarce = (1..3_i64, 1..4_i64).prop_map(|(lines, quantity)| {
        let stock = Dist::Uniform { min: 0, max: 6 };
        (40_000, stock, Popularity::Uniform, lines, quantity, 1.0)
    });
    (prop_oneof![plenty, scarce], 0.0..1.0_f64).prop_map(|(goods, coupon_rate)| {
        let (count, stock, popularity, lines, quantity, rate) = goods;
        let lines = Dist::Uniform { min: 1, max: lines };
        let quantity = Dist::Uniform { min: 1, max: quantity };
        (count, stock, popularity, BasketShape { lines, quantity, coupon_rate }, rate)
    })
}

/// One rate, one that rises and falls, or two loads that overlap.
fn open_loads(seed: u64, rate_per_s: f64, spacing: Spacing, duration_ns: u64) -> Vec<Block> {
    let half_ns = duration_ns / 2;
    let constant = |rate_per_s| Load::ConstantArrivalRate { rate_per_s, spacing };
    match seed % 4 {
        0 => {
            let stages = [rate_per_s, 0.0].map(|target| Stage { target, duration_ns: half_ns });
            let (stages, start_rate_per_s) = (stages.to_vec(), rate_per_s / 2.0);
            vec![Load::RampingArrivalRate { start_rate_per_s, stages, spacing }.into()]
        }
        1 => {
            let late = Block { start_ns: half_ns, ..constant(rate_per_s / 2.0).into() };
            vec![constant(rate_per_s / 2.0).into(), late]
        }
        _ => vec![constant(rate_per_s).into()],
    }
}

/// Plans that are confluent more often than not.
fn calm() -> impl Strategy<Value = (Scenario, u64)> {
    let policy =
        select(&[UndoPolicy::Completed, UndoPolicy::UnknownToo, UndoPolicy::RegisterBefore][..]);
    let customers = (intents(false), 1..4_u8, times(0, 2 * SECOND as i64), policy);
    let system = (vec((1..8_u32, times(0, 3 * MS as i64)), 9), times(0, 3 * MS as i64));
    let world = (goods(), campaigns(&[Issue::Before]), faults(), 20..60_u64, 0..1_000_000_u64);
    (customers, system, world, any::<bool>(), 0..200_000_i64).prop_map(
        |(customers, system, world, poisson, balance)| {
            let (goods, coupons, faults, duration_s, seed) = world;
            let mut scenario = small(Coordination::Choreography);
            scenario.customers.intents = customers.0;
            scenario.customers.pay_attempts = customers.1;
            scenario.customers.think_time = customers.2;
            scenario.protection.compensate = customers.3;
            for (settings, (workers, service_time)) in scenario.services.iter_mut().zip(system.0) {
                (settings.workers, settings.service_time) = (workers, service_time);
            }
            scenario.network_latency = system.1;
            let (count, stock, popularity, basket, rate_per_s) = goods;
            (scenario.products.count, scenario.products.stock) = (count, stock);
            scenario.products.popularity = popularity;
            scenario.products.price = Dist::Uniform { min: 0, max: 60_000 };
            scenario.basket = basket;
            if coupons.is_empty() {
                scenario.basket.coupon_rate = 0.0;
            }
            scenario.coupons = coupons;
            scenario.users.count = 60_000;
            scenario.users.balance = Dist::Uniform { min: balance / 4, max: 200_000 + balance };
            scenario.faults = faults;
            scenario.run.duration_ns = Some(duration_s * SECOND);
            let spacing = if poisson { Spacing::Poisson } else { Spacing::Even };
            scenario.loads = open_loads(seed, rate_per_s, spacing, duration_s * SECOND);
            scenario.protection.timeout_ns = None;
            scenario.traffic.list_coupons_per_s = 1.0;
            scenario.traffic.list_products_per_s = 2.0;
            scenario.traffic.popular_products_per_s = 0.5;
            scenario.traffic.change_price_per_s = 0.5;
            (scenario, seed)
        },
    )
}

/// The same with everything that makes it matter who comes first.
fn wild() -> impl Strategy<Value = (Scenario, u64)> {
    let scarcity = (1..60_u32, 1..6_u32, 0..60_i64, campaigns(&[Issue::Before, Issue::OnDemand]));
    let pressure = (
        option::of(1..20_u32),
        option::of(5 * MS..SECOND),
        1..6_u8,
        5.0..200.0_f64,
        SECOND..20 * SECOND,
    );
    (calm(), scarcity, pressure, intents(true), any::<bool>()).prop_map(
        |((mut scenario, seed), scarcity, pressure, intents, top_up)| {
            let (users, products, stock, coupons) = scarcity;
            let (capacity, timeout_ns, max_attempts, rate_per_s, window_ns) = pressure;
            scenario.users.count = users;
            scenario.products.count = products;
            scenario.products.stock = Dist::Uniform { min: 0, max: stock };
            scenario.basket.lines = Dist::Uniform { min: 1, max: 2.min(i64::from(products)) };
            scenario.basket.coupon_rate = if coupons.is_empty() { 0.0 } else { 0.7 };
            scenario.coupons = coupons;
            scenario.customers.intents = intents;
            scenario.customers.top_up = top_up;
            scenario.traffic.top_up_per_s = 2.0;
            scenario.flow.payment_window_ns = window_ns;
            for settings in &mut scenario.services {
                settings.queue_capacity = capacity;
            }
            scenario.protection.timeout_ns = timeout_ns;
            let retry = scenario.protection.retry.expect("on by default");
            scenario.protection.retry = Some(Retry { max_attempts, ..retry });
            scenario.run.duration_ns = Some((300.0 / rate_per_s * 1e9) as u64);
            scenario.loads =
                vec![Load::ConstantArrivalRate { rate_per_s, spacing: Spacing::Poisson }.into()];
            // Some users who come until they have placed so many orders together.
            if seed.is_multiple_of(3) {
                let pause = Dist::Exponential { mean: 1e8 };
                let quota = Quota::Shared(50);
                scenario.loads.push(Load::FixedOrders { users: users.min(5), quota, pause }.into());
            }
            (scenario, seed)
        },
    )
}

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn coordinated(scenario: &Scenario, seed: u64, coordination: Coordination) -> Scenario {
    let mut scenario = scenario.clone();
    scenario.flow.coordination = coordination;
    scenario.run.seed = Some(seed);
    scenario
}

/// What must not depend on who coordinates.
#[derive(PartialEq, Debug)]
struct EndState {
    orders: Vec<OrderEnd>,
    available: Vec<i64>,
    balances: Vec<i64>,
    sold: BTreeMap<(i32, u32), i64>,
    coupons: (u64, i64),
}

impl EndState {
    fn of(run: Finished) -> EndState {
        let mut sold = run.proof.sold;
        sold.retain(|_, units| *units != 0);
        EndState {
            orders: run.proof.orders,
            available: run.proof.available,
            balances: run.proof.balances,
            sold,
            coupons: run.proof.coupons,
        }
    }

    /// The first difference, in words.
    fn difference(&self, other: &EndState) -> Option<String> {
        let orders = self.orders.iter().zip(&other.orders).enumerate();
        if let Some((order, (a, b))) = orders.into_iter().find(|(_, (a, b))| a != b) {
            return Some(format!("order {order}: {a:?} or {b:?}"));
        }
        let rest = [
            (self.orders.len() != other.orders.len(), "how many orders"),
            (self.available != other.available, "stock"),
            (self.balances != other.balances, "balances"),
            (self.sold != other.sold, "units per day"),
            (self.coupons != other.coupons, "coupons"),
        ];
        rest.into_iter().find(|(differs, _)| *differs).map(|(_, what)| what.to_owned())
    }
}

#[test]
fn on_a_confluent_plan_all_three_coordinations_end_with_the_same_books() {
    let mut reached: BTreeMap<Outcome, u64> = BTreeMap::new();
    let seen = Cell::new((0_u64, 0_u64, 0_u64));
    let reached_cell = std::cell::RefCell::new(&mut reached);
    let same = |(scenario, seed): (Scenario, u64)| {
        let first = coordinated(&scenario, seed, Coordination::ALL[0]);
        prop_assume!(certify(&plan(&first)) == Confluence::Confluent);
        let mut books: Option<EndState> = None;
        for coordination in Coordination::ALL {
            let run = run(&coordinated(&scenario, seed, coordination));
            prop_assert_eq!(wrong(&run), None, "{:?}", coordination);
            if books.is_none() {
                let (orders, refunds, coupons) = seen.get();
                let outcomes = &run.proof.outcomes;
                let used = run.proof.coupons.1 as u64;
                seen.set((orders + outcomes.total(), refunds + outcomes.refunded, coupons + used));
                for outcome in Outcome::ALL {
                    *reached_cell.borrow_mut().entry(outcome).or_default() += outcomes.of(outcome);
                }
            }
            let end = EndState::of(run);
            let difference = books.as_ref().and_then(|first| first.difference(&end));
            prop_assert_eq!(difference, None, "{:?}", coordination);
            books.get_or_insert(end);
        }
        Ok(())
    };
    runner(112).run(&calm(), same).unwrap_or_else(|failure| panic!("{failure}"));
    let (orders, refunds, coupons) = seen.get();
    assert!(orders > 10_000 && refunds > 300 && coupons > 300, "{orders} {refunds} {coupons}");
    for outcome in Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Stuck) {
        assert!(reached[&outcome] > 100, "{reached:?}");
    }
}

#[test]
fn on_any_plan_all_three_coordinations_keep_the_same_invariants() {
    let contended = Cell::new(0);
    let kept = |(scenario, seed): (Scenario, u64)| {
        let first = coordinated(&scenario, seed, Coordination::ALL[0]);
        contended.set(contended.get() + u32::from(certify(&plan(&first)) != Confluence::Confluent));
        for coordination in Coordination::ALL {
            let run = run(&coordinated(&scenario, seed, coordination));
            prop_assert_eq!(wrong(&run), None, "{:?}", coordination);
        }
        Ok(())
    };
    runner(128).run(&wild(), kept).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(contended.get() > 100, "{contended:?}");
}

/// Payment, deaf to business rules: every invariant holds, and yet the books are others.
struct Deaf(Box<dyn Role<PaymentCommand>>);

impl Role<PaymentCommand> for Deaf {
    fn receive(
        &mut self,
        at: At,
        heard: &Heard,
        input: PaymentCommand,
        out: &mut Outbox,
    ) -> Receipt {
        self.0.receive(At { refused: Steps::NONE, ..at }, heard, input, out)
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        self.0.audit(say);
    }
}

#[test]
fn a_coordination_that_differs_without_breaking_anything_is_noticed() {
    let mut scenario = small(Coordination::Choreography);
    scenario.protection.timeout_ns = None;
    scenario.products.count = 50;
    scenario.faults.push(refused(Step::CreatePayment));
    let sound = run(&scenario);
    let plan = plan(&scenario);
    assert_eq!(certify(&plan), Confluence::Confluent);
    let mut cast = engine::cast(&plan);
    cast.payment = Box::new(Deaf(cast.payment));
    let deaf = engine::run(plan, cast, Options::default(), Driver::Direct).expect("no panic");
    assert_eq!((wrong(&sound), wrong(&deaf)), (None, None));
    let difference = EndState::of(sound).difference(&EndState::of(deaf));
    assert!(difference.is_some_and(|what| what.starts_with("order 0")));
}

#[test]
fn a_step_an_order_skips_hides_no_later_refusal_from_the_monolith() {
    // Nobody has a coupon, so only the second rule can strike.
    let mut scenario = small(Coordination::Choreography);
    scenario.basket.coupon_rate = 0.0;
    scenario.protection.timeout_ns = None;
    scenario.faults = vec![refused(Step::UseCoupon), refused(Step::SetFinalAmount)];
    assert_eq!(certify(&plan(&scenario)), Confluence::Confluent);
    for coordination in Coordination::ALL {
        let run = run(&coordinated(&scenario, 7, coordination));
        assert_eq!(wrong(&run), None);
        assert_eq!(run.proof.outcomes.of(Outcome::Compensated), 2, "{coordination:?}");
        assert_eq!(run.faults.iter().map(|fault| fault.1).collect::<Vec<_>>(), [0, 2]);
    }
}

/// Why a plan is not certified.
fn reasons(change: impl FnOnce(&mut Scenario)) -> String {
    let mut scenario = small(Coordination::Choreography);
    scenario.protection.timeout_ns = None;
    assert_eq!(certify(&plan(&scenario)), Confluence::Confluent);
    change(&mut scenario);
    match certify(&plan(&scenario)) {
        Confluence::Confluent => panic!("certified"),
        Confluence::Contended(reasons) => reasons.join("; "),
    }
}

#[test]
fn whatever_makes_it_matter_who_comes_first_is_named_and_not_certified() {
    let no = |expected: &str, change: fn(&mut Scenario)| {
        let reasons = reasons(change);
        assert!(reasons.contains(expected), "{expected}: {reasons}");
    };
    no("on demand", |s| s.coupons[0].issue = Issue::OnDemand);
    no("top up", |s| s.customers.top_up = true);
    no("top-ups", |s| s.traffic.top_up_per_s = 1.0);
    no("queue", |s| s.services[0].queue_capacity = Some(1_000));
    no("time out", |s| s.protection.timeout_ns = Some(60 * SECOND));
    no("while paying", |s| s.customers.intents = all("cancel-while-paying"));
    no("window", |s| s.flow.payment_window_ns = 2 * SECOND);
    no("window", |s| s.customers.patience_ns = 10 * MS);
    no("less stock", |s| s.products.stock = Dist::Fixed(1));
    no("less money", |s| {
        (s.users.count, s.users.balance) = (1, Dist::Fixed(19_999));
        s.basket.coupon_rate = 0.0;
    });
    no("twice", |s| s.users.count = 1);
    no("when it strikes", |s| {
        s.faults = vec![Fault { trigger: Trigger::Nth(1), ..refused(Step::CreateOrder) }];
    });
    no("when it strikes", |s| {
        let trigger = Trigger::Probability { probability: 1.0, from_ns: 1, until_ns: u64::MAX };
        s.faults = vec![Fault { trigger, ..refused(Step::CreateOrder) }];
    });
    // A step that must happen sooner or later is only put off, and not by the monolith.
    no("when it strikes", |s| s.faults = vec![refused(Step::CloseOrder)]);
    no("when it strikes", |s| {
        let refusal = refused(Step::DeductBalance);
        s.faults = vec![Fault::error("undo", Step::DeductBalance, true, refusal.trigger)];
    });
    no("leaves something out", |s| s.flow.omit.undo_final_amount = true);
    no("protection", |s| s.protection.switches.semantic_lock = false);
    no("midnight", |s| s.run.epoch_local_ns = 86_399 * SECOND as i64);
    no("keep up", |s| {
        s.services[1].service_time = Dist::Fixed(100 * MS as i64);
        s.services[1].workers = 1;
    });
    no("keep up", |s| {
        // Eight workers would do, were there more than one row.
        for settings in &mut s.services {
            settings.service_time = Dist::Fixed(90 * MS as i64);
        }
    });
}
