//! What a plan will ask of the services, before it runs and as it ran.

use crate::harness::{folder, made_of, plan, run_plan, scenario, seed, summary};
use sagasim::domain::{Coordination, Service};
use sagasim::report::{Charset, render_outlook};
use sagasim::sim::forecast::forecast;
use sagasim::sim::plan::Plan;
use unicode_width::UnicodeWidthStr;

/// A hundred orders, one a second, all with this intent.
fn of_intent(intent: &str, coupon: bool) -> sagasim::sim::scenario::Scenario {
    let coupons = "[[coupon]]\nname = \"c\"\ndiscount = { percent = 10 }\nquantity = 1_000_000\n\
                   [basket]\ncoupon_rate = 1\n";
    made_of(&format!(
        "[run]\nduration = \"100s\"\ndrain = \"20m\"\n[customers]\nintents = {{ {intent} = 1 }}\n\
         [users]\ncount = 1_000_000\n{}[[load]]\nexecutor = \"constant-arrival-rate\"\n\
         rate = \"1/s\"\nspacing = \"even\"\n",
        if coupon { coupons } else { "" }
    ))
}

#[test]
fn as_many_messages_are_foreseen_as_are_handled() {
    for coordination in Coordination::ALL {
        for coupon in [false, true] {
            for intent in ["pay", "abandon", "cancel", "pay_then_refund", "cancel_while_paying"] {
                // In the choreography it is a race.
                if intent == "cancel_while_paying" && coordination == Coordination::Choreography {
                    continue;
                }
                let plan = plan(&of_intent(intent, coupon), 1, coordination);
                let run = run_plan(&plan, &[]);
                for one in forecast(&plan).services {
                    let handled = run.stations[one.service as usize].handled as f64;
                    let what = format!("{} {intent} {coupon}", coordination.name());
                    let foreseen = one.visits_per_order * 100.0;
                    let close = (foreseen - handled).abs() < 0.01;
                    assert!(close, "{what} {}: {foreseen} {handled}", one.service.name());
                }
            }
        }
    }
}

#[test]
fn services_get_as_busy_as_was_foreseen() {
    let mut scenario = scenario("checkout");
    // Enough of everything: what is foreseen is the load that is offered.
    scenario.products.stock = sagasim::sim::scenario::Dist::Fixed(1_000_000);
    scenario.users.balance = sagasim::sim::scenario::Dist::Fixed(100_000_000);
    scenario.faults.clear();
    for coordination in Coordination::ALL {
        let plan = plan(&scenario, 7, coordination);
        let run = run_plan(&plan, &[]);
        let foreseen = forecast(&plan).services;
        let found = summary(&plan, &run).services;
        assert_eq!(foreseen.len(), found.len());
        for (one, real) in foreseen.iter().zip(&found) {
            assert_eq!(one.service.name(), real.name);
            let off = (one.utilization / real.utilization - 1.0).abs();
            let what = format!("{} {}", coordination.name(), real.name);
            assert!(off < 0.05, "{what}: {} {}", one.utilization, real.utilization);
        }
    }
}

#[test]
fn as_many_orders_are_foreseen_as_are_offered() {
    for name in ["checkout", "order-log-week", "last-unit", "checkout-single"] {
        let scenario = scenario(name);
        let plan = plan(&scenario, seed(&scenario), Coordination::Choreography);
        let arrivals = forecast(&plan).arrivals;
        assert_eq!(arrivals.planned, Some(run_plan(&plan, &[]).started), "{name}");
        let whole = arrivals.expected(-1e18, 1e18);
        let sum: f64 = (0..7)
            .map(|part| plan.duration_ns as f64 / 7.0 * f64::from(part))
            .map(|from| arrivals.expected(from, from + plan.duration_ns as f64 / 7.0))
            .sum();
        assert!((whole - arrivals.orders()).abs() < 1e-6 && (sum - whole).abs() < 1e-6, "{name}");
    }
}

#[test]
fn customers_who_order_in_turns_are_estimated() {
    let scenario = scenario("coupon-rush");
    let plan = plan(&scenario, seed(&scenario), Coordination::Choreography);
    let arrivals = forecast(&plan).arrivals;
    let started = run_plan(&plan, &[]).started as f64;
    assert_eq!(arrivals.planned, None);
    let off = (arrivals.orders() / started - 1.0).abs();
    assert!(off < 0.1, "{} {started}", arrivals.orders());
}

#[test]
fn nothing_arrives_outside_the_load() {
    let plan = plan(&scenario("checkout"), 7, Coordination::Choreography);
    let arrivals = forecast(&plan).arrivals;
    assert!(arrivals.expected(-5e9, 0.0).abs() < 1e-9);
    let end = plan.duration_ns as f64;
    assert!(arrivals.expected(end, 2.0 * end).abs() < 1e-9);
    assert!(arrivals.expected(3e9, 3e9).abs() < 1e-9);
}

fn outlook(plan: &Plan, seed: Option<u64>, charset: Charset) -> String {
    let text = render_outlook(plan, &forecast(plan), seed, charset);
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn what_would_run_fits_a_terminal_for_every_scenario() {
    for entry in std::fs::read_dir(folder()).expect("a folder").flatten() {
        let Some(name) =
            entry.file_name().to_str().and_then(|n| n.strip_suffix(".toml")).map(str::to_owned)
        else {
            continue;
        };
        let scenario = scenario(&name);
        for coordination in Coordination::ALL {
            let plan = plan(&scenario, 7, coordination);
            let text = outlook(&plan, None, Charset::Utf8);
            assert!(text.lines().all(|line| line.width() <= 80), "{text}");
            let ascii = outlook(&plan, Some(7), Charset::Ascii);
            assert!(ascii.is_ascii(), "{ascii}");
        }
    }
}

#[test]
fn what_would_run_shows_load_faults_and_how_busy_services_get() {
    let scenario = made_of(
        "[run]\nduration = \"64s\"\nwarmup = \"8s\"\n\
         [service.payment]\nworkers = 1\nservice_time = \"300ms\"\n\
         [[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"4/s\"\nspacing = \"even\"\n\
         [[fault]]\nname = \"payments down\"\ntarget = { step = \"create-payment\" }\n\
         at = \"16s\"\nfor = \"32s\"\nprobability = 0.25\nerror = {}\n\
         [[fault]]\nname = \"the third\"\ntarget = { step = \"restore-stock\" }\nnth = 3\n\
         error = {}\n",
    );
    let plan = plan(&scenario, 7, Coordination::Choreography);
    insta::assert_snapshot!(outlook(&plan, None, Charset::Utf8), @r"
    DRY RUN  made-up · choreography · virtual · seed drawn when it runs
    QUESTION    Does it hold?
    PLANNED     256 orders in 1m04s · then up to 10m00s to settle
    CUSTOMERS   pay 100%

    LOAD        constant-arrival-rate · 4.00 orders/s on average
                4.00 at most, in 1.00s
                ████████████████████████████████████████████████████████████████
                0s              16.0s           32.0s           48.0s      1m04s
    WARM-UP     the first 8.00s are left out of latency figures
                ████████························································
    FAULTS      payments down · 25.0% of create-payment
                ················████████████████████████████████················
                the third · restore-stock number 3

    SERVICES        workers  visits/order  mean service      busy  at most
      product             8          1.00        2.00ms    0.100%   0.100%
      order               8          3.00        2.00ms    0.297%   0.300%
      coupon              8             0             —        0%       0%
      user                8          1.00        2.00ms   0.0969%   0.100%
      payment             1          1.00         300ms      116%     120%  OVERLOAD
      platform            8          1.00        2.00ms   0.0969%   0.100%
      ranking             8          1.00        2.00ms   0.0969%   0.100%
                if every order finds its stock, every payment goes through and
                nothing is tried again
    ");
    assert_eq!(forecast(&plan).services[4].service, Service::Payment);
}
