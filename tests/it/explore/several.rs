//! Several orders in flight: what is drawn, what it finds, and how small that becomes.

use crate::harness::{made_of, scenario};
use sagasim::domain::{Coordination, Exchange, Process, RequestId, Step, Transport, Turn};
use sagasim::sim::check::Law;
use sagasim::sim::engine::{Driver, Late, Position, Question, Strike};
use sagasim::sim::explore::{
    Counterexample, Decision, Exploration, Same, Sampling, Switch, Theme, certify, minimise, sample,
};
use sagasim::sim::plan::{Ease, Focus, Intent, Plan};
use sagasim::sim::scenario::Scenario;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Orders of several lines with coupons, some cancelled, some taken back.
fn orders(coordination: Coordination, load: &str) -> Scenario {
    let mut scenario = made_of(&format!(
        "[run]\nduration = \"1s\"\n\
         [basket]\nlines = {{ uniform = {{ min = 1, max = 4 }} }}\n\
         quantity = {{ uniform = {{ min = 1, max = 3 }} }}\ncoupon_rate = 0.5\n\
         [customers]\nintents = {{ pay = 0.6, cancel = 0.2, pay_then_refund = 0.2 }}\n\
         [[coupon]]\nname = \"off\"\ndiscount = {{ percent = 10 }}\nquantity = 100\n\
         issue = \"before\"\n[[load]]\n{load}\n"
    ));
    scenario.flow.coordination = coordination;
    scenario
}

/// Twenty of them, one after another.
fn crowd(coordination: Coordination) -> Scenario {
    let load = "executor = \"constant-arrival-rate\"\nrate = \"20/s\"\nspacing = \"even\"";
    orders(coordination, load)
}

fn theme(scenario: &Scenario) -> Theme {
    Theme::new(Plan::new(scenario.clone(), 1).expect("no order log to read"))
}

fn drawn(scenario: &Scenario, samples: u32, jobs: usize) -> Exploration {
    let sampling = Sampling { samples, faults: 2, seed: 7, jobs };
    sample(&theme(scenario), sampling, &mut |_| ControlFlow::Continue(())).expect("nobody panics")
}

#[test]
fn with_every_protection_on_no_schedule_no_late_message_and_no_fault_breaks_anything() {
    for coordination in Coordination::ALL {
        let found = drawn(&crowd(coordination), 60, 2);
        assert_eq!(found.counterexamples, [], "{coordination:?}");
        let drawn = found.drawn.expect("a sample");
        assert_eq!(drawn.walks, 60);
        for walks in [drawn.schedules, drawn.late] {
            assert!((15..=45).contains(&walks), "{drawn:?}");
        }
        assert!(found.runs.sampled > drawn.walks, "no walk had two steps: {found:?}");
        let positions: BTreeSet<Position> =
            found.points.iter().map(|point| point.strike.position).collect();
        assert!(positions.len() >= 6, "{coordination:?}: {positions:?}");
    }
}

#[test]
fn a_sample_does_not_depend_on_the_number_of_threads() {
    let mut scenario = crowd(Coordination::Choreography);
    Switch::Inbox.set(&mut scenario, false);
    let alone = drawn(&scenario, 40, 1);
    assert!(!alone.counterexamples.is_empty());
    for jobs in [2, 5] {
        assert_eq!(drawn(&scenario, 40, jobs), alone, "{jobs} threads");
    }
}

#[test]
fn points_that_only_a_fault_reveals_are_struck_too() {
    let scenario = crowd(Coordination::Orchestration);
    let plain = theme(&scenario).run(&[], true).expect("nobody panics");
    let asked = |strike: Strike| {
        plain.asked.iter().any(|question| Decision::Strikes(strike).answers(question))
    };
    let found = drawn(&scenario, 60, 2);
    let revealed = found.points.iter().filter(|point| !asked(point.strike)).count();
    assert!(revealed >= 5, "{revealed} of {}", found.points.len());
}

#[test]
fn another_schedule_is_another_run_of_the_same_orders() {
    let theme = theme(&crowd(Coordination::Choreography));
    let on = |number| theme.run(&[Decision::Schedule(number)], true).expect("nobody panics");
    let (plan, one, two) = (on(0), on(1), on(2));
    assert_eq!(plan.digest, theme.run(&[], true).expect("nobody panics").digest);
    assert_eq!(BTreeSet::from([plan.digest, one.digest, two.digest]).len(), 3);
    assert_eq!((one.orders, two.orders), (plan.orders, plan.orders));
}

#[test]
fn a_message_that_is_held_back_is_overtaken_and_the_run_is_the_same_through_actix() {
    for coordination in [Coordination::Choreography, Coordination::Orchestration] {
        let theme = theme(&crowd(coordination));
        let plain = theme.run(&[], true).expect("nobody panics");
        let mut seen = BTreeSet::new();
        for question in &plain.asked {
            let Question::Break { strike, transport } = question else { continue };
            let lost = matches!(strike.position, Position::RequestLost | Position::ReplyLost);
            let answer = *transport == Transport::Reply;
            if !lost || strike.answer || !seen.insert((*transport as u8, strike.key.step())) {
                continue;
            }
            let late = [Decision::Late(Late { key: strike.key, answer, by_ms: 40 })];
            let trial = theme.run(&late, true).expect("nobody panics");
            assert_ne!(trial.digest, plain.digest, "{late:?}");
            assert_eq!((trial.laws.as_slice(), trial.missed(&late)), (&[][..], None));
            let actix = theme.clone().driven(Driver::Actix).run(&late, true);
            assert_eq!(actix.expect("nobody panics").digest, trial.digest);
        }
        assert!(seen.len() > 12, "{coordination:?}: {seen:?}");
    }
}

#[test]
fn orders_that_are_left_out_change_nothing_for_the_others() {
    for coordination in Coordination::ALL {
        let mut scenario = crowd(coordination);
        // So that nobody waits for another in a line or for a row.
        scenario.products.count = 5_000;
        scenario.users.count = 5_000;
        let theme = theme(&scenario);
        let kept = [3, 11, 17];
        let some = theme.focused(Focus::on(kept));
        assert!(some.plan().users() <= 3, "members that nobody names are there");
        for order in kept {
            let told = |theme: &Theme| {
                let story = theme.story(&[], RequestId(order)).expect("nobody panics");
                // Members and products have other places among fewer of them.
                let digits = |line: &String| line.split(" [").next().map(str::to_owned);
                story.iter().filter_map(digits).collect::<Vec<_>>()
            };
            assert_eq!(told(&some), told(&theme), "{coordination:?}, order {order}");
        }
        assert!(some.story(&[], RequestId(4)).expect("nobody panics").is_empty());
        assert!(some.run(&[], false).expect("nobody panics").clean());
    }
}

#[test]
fn an_order_can_be_plainer_than_planned() {
    let theme = theme(&crowd(Coordination::Choreography));
    let rich = |order: &u32| {
        let planned = theme.order(*order);
        planned.lines.len() > 1
            && planned.wish.is_some()
            && planned.lines[0].quantity > 1
            && planned.intent != Intent::Pay
    };
    let order = (0..20).find(rich).expect("one of them has everything");
    let with = |ease: &[Ease]| {
        let bits = ease.iter().fold(0, |bits, ease| bits | ease.bit());
        let focus = Focus { orders: Some([(order, bits)].into()) };
        let theme = theme.focused(focus);
        let trial = theme.run(&[], false).expect("nobody panics");
        assert!(trial.clean(), "{ease:?}: {trial:?}");
        theme.order(order)
    };
    assert_eq!(with(&[]), theme.order(order));
    assert_eq!(with(&[Ease::OneLine]).lines.len(), 1);
    assert!(with(&[Ease::OneUnit]).lines.iter().all(|line| line.quantity == 1));
    assert_eq!(with(&[Ease::NoCoupon]).wish, None);
    assert_eq!(with(&[Ease::Pays]).intent, Intent::Pay);
    let all = with(&Ease::ALL);
    assert_eq!((all.lines.len(), all.lines[0].quantity, all.wish), (1, 1, None));
}

/// Smallest by far: how many decisions, how many orders, and how plain.
fn optimum(found: &Counterexample) -> (usize, usize) {
    (found.decisions.len(), found.focus.orders.as_ref().map_or(usize::MAX, BTreeMap::len))
}

#[test]
fn what_a_protection_that_is_off_lets_in_shrinks_to_one_order_and_one_decision() {
    use Coordination::{Choreography, Orchestration};
    for (coordination, switch) in [
        (Choreography, Switch::Outbox),
        (Choreography, Switch::Inbox),
        (Choreography, Switch::IdempotencyKey),
        (Orchestration, Switch::SagaLog),
        (Orchestration, Switch::IdempotencyKey),
        (Orchestration, Switch::Retry),
    ] {
        let mut scenario = crowd(coordination);
        switch.set(&mut scenario, false);
        let found = drawn(&scenario, 40, 2);
        let smallest = found.counterexamples.first();
        let what = format!("{coordination:?} without {switch:?}");
        let smallest = smallest.unwrap_or_else(|| panic!("{what}: nothing was found"));
        assert_eq!(optimum(smallest), (1, 1), "{what}: {smallest:?}");
        for one in &found.counterexamples {
            let again = theme(&scenario).focused(one.focus.clone());
            let trial = again.run(&one.decisions, false).expect("nobody panics");
            assert_eq!((trial.digest, trial.laws.contains(&one.law)), (one.digest, true));
            assert!(one.certificate.passes(), "{what}: {one:?}");
        }
    }
}

#[test]
fn a_defect_of_the_flow_shrinks_to_the_one_order_it_takes_at_its_plainest() {
    for coordination in Coordination::ALL {
        let mut scenario = crowd(coordination);
        scenario.flow.omit.restore_coupon = true;
        let theme = theme(&scenario);
        let law = Law::CouponUsedIffCompleted;
        // Among twenty orders, with two faults that have nothing to do with it.
        let plain = theme.run(&[], true).expect("nobody panics");
        assert!(plain.laws.contains(&law), "{coordination:?}: no order is cancelled");
        let lost = plain.asked.iter().filter_map(|question| match question {
            Question::Break { strike, .. } if strike.position == Position::ReplyLost => {
                Some(Decision::Strikes(*strike))
            }
            _ => None,
        });
        let set: Vec<Decision> = lost.step_by(9).take(2).collect();
        let (smallest, set) = minimise(&theme, &set, Same(law)).expect("nobody panics");
        assert_eq!(set, [], "{coordination:?}");
        let orders = smallest.focus().orders.clone().expect("orders are left out");
        let (&order, &eased) = orders.first_key_value().expect("one order");
        assert_eq!(orders.len(), 1);
        let plainest = smallest.order(order);
        assert_eq!((plainest.lines.len(), plainest.lines[0].quantity), (1, 1));
        // The coupon and the change of mind are what it takes.
        assert_eq!(eased & (Ease::NoCoupon.bit() | Ease::Pays.bit()), 0);
        assert!(plainest.wish.is_some() && plainest.intent != Intent::Pay);
        let proved = certify(&smallest, &set, law).expect("nobody panics");
        assert_eq!(proved.certificate.without_order, [(order, None)]);
        assert!(proved.certificate.passes());
    }
}

#[test]
fn a_late_message_becomes_as_little_late_as_it_takes() {
    let mut scenario = scenario("one-order");
    for switch in [Switch::Retry, Switch::Tombstone] {
        switch.set(&mut scenario, false);
    }
    let theme = theme(&scenario);
    let key = Exchange::new(RequestId(0), Process::Order, 0, Step::UseCoupon, Turn::Do);
    let late = |by_ms| Decision::Late(Late { key, answer: false, by_ms });
    // The order gives up and undoes what it finds; then comes what it asked for.
    let law = Law::CouponUsedIffCompleted;
    let (_, set) = minimise(&theme, &[late(1 << 16)], Same(law)).expect("nobody panics");
    let [Decision::Late(Late { by_ms, .. })] = set[..] else { panic!("{set:?}") };
    let run = |by_ms| theme.run(&[late(by_ms)], false).expect("nobody panics");
    assert!(by_ms < 1 << 16 && run(by_ms).laws.contains(&law), "{by_ms}");
    assert!(run(by_ms / 2).clean(), "{by_ms} could be halved");
}

#[test]
fn in_a_closed_load_decisions_are_spared_and_orders_are_not() {
    let load = "executor = \"fixed-orders\"\nusers = 4\norders = 12\npause = \"100ms\"";
    let mut scenario = orders(Coordination::Choreography, load);
    Switch::Outbox.set(&mut scenario, false);
    let theme = theme(&scenario);
    let plain = theme.run(&[], true).expect("nobody panics");
    assert!(plain.clean() && plain.orders >= 4, "{plain:?}");
    let at = |position| {
        let strikes = plain.asked.iter().filter_map(move |question| match question {
            Question::Break { strike, .. } if strike.position == position => Some(*strike),
            _ => None,
        });
        strikes.map(Decision::Strikes)
    };
    let law_of =
        |set: &[Decision]| theme.run(set, false).expect("nobody panics").laws.first().copied();
    let crash = at(Position::AfterCommit).find(|crash| law_of(&[*crash]).is_some());
    let crash = crash.expect("without an outbox some crash loses an event");
    let mut set: Vec<Decision> = at(Position::LateReply).step_by(5).take(3).collect();
    set.push(crash);
    let law = law_of(&set).expect("late replies do not help");
    let (smallest, set) = minimise(&theme, &set, Same(law)).expect("nobody panics");
    assert!(smallest.focus().is_whole(), "{smallest:?}");
    assert_eq!(set, [crash]);
}
