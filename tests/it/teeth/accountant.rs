//! The third source, at every commit: what an owner's books changed by is what it posted.

use super::world::{by, hectic, payments_fail};
use super::{run, said, sound};
use sagasim::actors::Role;
use sagasim::actors::host::Cast;
use sagasim::domain::{
    Audited, Coordination, Exchange, Move, Outbox, Posting, Process, RequestId, UserCommand,
};
use sagasim::sim::defect::{Defect, hears};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::Scenario;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// An account that an owner keeps; held, sold and earned live in the ledger alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Account {
    Available(u32),
    Balance(u32),
    Issued(u32, u32),
    Used(u32, u32, RequestId),
    Paid(RequestId, u8),
}

type Accounts = BTreeMap<Account, i64>;

fn add(accounts: &mut Accounts, account: Account, amount: i64) {
    *accounts.entry(account).or_default() += amount;
}

/// Adds the owner's books, or takes them away again.
fn read<I: 'static>(role: &dyn Role<I>, sign: i64, accounts: &mut Accounts) {
    role.audit(&mut |row| match row {
        Audited::Stock { product, units } => {
            add(accounts, Account::Available(product), sign * units);
        }
        Audited::Balance { user, money } => add(accounts, Account::Balance(user), sign * money),
        Audited::Coupon { coupon, user, used_by } => {
            add(accounts, Account::Issued(coupon, user), sign);
            if let Some(order) = used_by {
                add(accounts, Account::Used(coupon, user, order), sign);
            }
        }
        Audited::Payment { order, n, money } => {
            add(accounts, Account::Paid(order, n), sign * money);
        }
        Audited::Order { .. }
        | Audited::Published { .. }
        | Audited::Ranked { .. }
        | Audited::OpenSaga { .. } => {}
    });
}

/// What a posting says that the owner's books change by.
fn posted(key: Exchange, posting: Posting) -> Option<(Account, i64)> {
    let Posting { between, amount } = posting;
    match between {
        Move::Hold { product } => Some((Account::Available(product), -amount)),
        Move::Charge { user } => Some((Account::Balance(user), -amount)),
        Move::TopUp { user } => Some((Account::Balance(user), amount)),
        Move::Pay => Some((Account::Paid(key.request(), key.n()), amount)),
        Move::Spend { coupon, user } => Some((Account::Used(coupon, user, key.request()), amount)),
        Move::Issue { coupon, user } => Some((Account::Issued(coupon, user), amount)),
        Move::Sell { .. } | Move::Earn => None,
    }
}

/// What the accountants found, and how many commits they looked at.
#[derive(Default)]
struct Report {
    commits: u64,
    moved: u64,
    differences: Vec<String>,
}

type Desk = Rc<RefCell<Report>>;

/// Holds the difference of the owner's books against the postings of the commit.
fn compare(key: Exchange, mut difference: Accounts, out: &Outbox, report: &mut Report) {
    report.commits += 1;
    report.moved += u64::from(!out.postings.is_empty());
    let mut start = 0;
    for effected in &out.effects {
        let end = effected.postings_end as usize;
        for posting in &out.postings[start..end] {
            if let Some((account, amount)) = posted(effected.key, *posting) {
                add(&mut difference, account, -amount);
            }
        }
        start = end;
    }
    let wrong = difference.into_iter().filter(|(_, amount)| *amount != 0);
    report.differences.extend(wrong.map(|(account, amount)| {
        format!("{key:?}: the state of {account:?} moved {amount} more than was posted")
    }));
}

fn audited<I: 'static>(role: Box<dyn Role<I>>, desk: &Desk) -> Box<dyn Role<I>> {
    let desk = Rc::clone(desk);
    hears(role, move |role, at, heard, input, out| {
        let mut difference = Accounts::new();
        read(role, -1, &mut difference);
        let receipt = role.receive(at, heard, input, out);
        read(role, 1, &mut difference);
        compare(heard.key, difference, out, &mut desk.borrow_mut());
        receipt
    })
}

/// An accountant beside every owner.
fn all_audited(cast: Cast, desk: &Desk) -> Cast {
    Cast {
        product: audited(cast.product, desk),
        order: audited(cast.order, desk),
        coupon: audited(cast.coupon, desk),
        user: audited(cast.user, desk),
        payment: audited(cast.payment, desk),
        monolith: audited(cast.monolith, desk),
        ..cast
    }
}

#[test]
fn what_an_owner_posts_is_what_its_books_change_by() {
    for coordination in Coordination::ALL {
        let desk = Desk::default();
        let run = run(by(coordination, hectic()), |cast, _| all_audited(cast, &desk));
        assert!(run.proof.findings.clean(), "{}", said(&run));
        let report = desk.borrow();
        assert!(report.differences.is_empty(), "{:#?}", report.differences);
        assert!(report.commits > 500 && report.moved > 200, "{} commits", report.commits);
    }
}

/// One member, an even number of payments, all of which fail.
fn one_member() -> Scenario {
    let mut scenario = payments_fail();
    scenario.users.count = 1;
    scenario.basket.coupon_rate = 0.0;
    scenario
}

/// Gives one back too much, and the next time one too little.
fn wavers(mut cast: Cast, _: &Plan) -> Cast {
    let mut error = -1;
    cast.user = hears(cast.user, move |sound, at, heard, input, out| {
        let UserCommand::RestoreBalance { user, amount, after } = input else {
            return sound.receive(at, heard, input, out);
        };
        error = -error;
        let wrong = UserCommand::RestoreBalance { user, amount: amount + error, after };
        let receipt = sound.receive(at, heard, wrong, out);
        out.postings.iter_mut().for_each(|posting| posting.amount = -amount);
        receipt
    });
    cast
}

#[test]
fn a_state_that_is_wrong_for_a_while_is_seen_at_the_very_commit() {
    sound(one_member());
    let desk = Desk::default();
    let run = run(one_member(), |cast, plan| all_audited(wavers(cast, plan), &desk));
    assert!(run.proof.findings.clean(), "at rest nothing is wrong any more:\n{}", said(&run));
    let report = desk.borrow();
    assert_eq!(report.differences.len(), 40, "every payment, at once: {:#?}", report.differences);
    assert!(report.differences[0].contains("Balance(0) moved 1 more"), "{:?}", report.differences);
}

#[test]
fn an_accountant_beside_the_monolith_sees_what_was_not_rolled_back() {
    let desk = Desk::default();
    let mut world = by(Coordination::Monolith, super::world::coupons_fail());
    world.flow.defect = Defect::named("transaction-half-rolled-back");
    let run = run(world, |cast, _| all_audited(cast, &desk));
    assert!(!run.proof.findings.clean());
    let report = desk.borrow();
    let first = report.differences.first().expect("the books moved without a posting");
    assert!(first.contains("Available"), "{first}");
    assert!(first.contains(&format!("{:?}", Process::Order)), "{first}");
}
