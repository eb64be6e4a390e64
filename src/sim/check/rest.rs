//! At rest: the four sources are held against each other, account by account.

use super::books::{Books, Money, Stock};
use super::findings::{Findings, Law, Place};
use super::outcome::{OrderEnd, Outcome, OutcomeCounts};
use super::row::{Row, bits};
use super::stats::{Harm, Processes};
use crate::domain::{Audited, Exchange, OrderState, RequestId, Service, Turn};
use crate::sim::plan::{Plan, Source, takes_off};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the bus still holds at the end.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Leaks {
    /// Calls nobody answered.
    pub calls: Vec<(Service, Exchange)>,
    /// Messages owed, waiting or in service.
    pub messages: u64,
    /// Payment windows still ticking.
    pub timers: Vec<RequestId>,
    /// Transactions that hold or want row locks.
    pub locks: u64,
}

/// Everything the checker says of a run.
#[derive(Debug)]
pub struct Proof {
    /// Invariants checked and violated.
    pub findings: Findings,
    /// Orders by outcome.
    pub outcomes: OutcomeCounts,
    /// Each order's end, by order.
    pub orders: Vec<OrderEnd>,
    /// Units of all products, by account.
    pub stock: Stock,
    /// Units available of each product.
    pub available: Vec<i64>,
    /// Each user's balance.
    pub balances: Vec<i64>,
    /// All money, by account.
    pub money: Money,
    /// Coupons issued and used.
    pub coupons: (u64, i64),
    /// Units sold per day and product, as the plan and the outcomes say.
    pub sold: BTreeMap<(i32, u32), i64>,
    /// The top five of the last three days, as the ranking holds them.
    pub ranking: Vec<(u32, i64)>,
    /// How long things stayed wrong.
    pub harm: Harm,
    /// How processes ended.
    pub processes: Processes,
}

/// The final reckoning.
pub struct Reckoning {
    pub(super) books: Books,
    pub(super) plan: Arc<Plan>,
    end_ns: u64,
    stuck: BTreeSet<u32>,
    outcomes: OutcomeCounts,
    orders: Vec<OrderEnd>,
    /// Units sold by day, then by product.
    pub(super) sold_on: BTreeMap<i32, Vec<i64>>,
    pub(super) ranked: BTreeMap<(i32, u32), i64>,
    /// Campaign and member of the coupon that each order presents.
    presented: Vec<Option<(u32, u32)>>,
    sold_units: Vec<i64>,
    spent_money: Vec<i64>,
    sales: u64,
    audited: Audits,
}

/// How many rows the owners showed.
#[derive(Debug, Default)]
struct Audits {
    products: u64,
    members: u64,
    orders: u64,
    payments: u64,
    published: u64,
    coupons_used: i64,
    coupons_issued: u64,
}

impl Reckoning {
    /// Judges every order against the plan. `source` says which draw an order was.
    #[must_use]
    pub fn new(
        books: Books,
        plan: Arc<Plan>,
        end_ns: u64,
        leaks: &Leaks,
        source: &dyn Fn(u32) -> Source,
    ) -> Self {
        let mut reckoning = Reckoning {
            plan,
            end_ns,
            stuck: stuck(leaks),
            outcomes: OutcomeCounts::default(),
            orders: Vec::with_capacity(books.orders as usize),
            sold_on: BTreeMap::new(),
            ranked: BTreeMap::new(),
            presented: Vec::with_capacity(books.orders as usize),
            sold_units: vec![0; books.stock.len()],
            spent_money: vec![0; books.balance.len()],
            sales: 0,
            audited: Audits::default(),
            books,
        };
        reckoning.judge_leaks(leaks);
        for order in 0..reckoning.books.orders {
            reckoning.judge_order(RequestId(order), source(order));
        }
        reckoning
    }

    pub(super) fn place(&self, order: Option<RequestId>) -> Place {
        Place { order, at_ns: self.end_ns, key: None }
    }

    pub(super) fn must(
        &mut self,
        law: Law,
        holds: bool,
        order: RequestId,
        detail: impl FnOnce() -> String,
    ) {
        let at_ns = self.end_ns;
        let place = || Place { order: Some(order), at_ns, key: None };
        self.books.findings.must(law, holds, place, detail);
    }

    fn judge_leaks(&mut self, leaks: &Leaks) {
        let law = Law::NoLeakedLockTimerCallOrRow;
        let nowhere = self.place(None);
        let findings = &mut self.books.findings;
        for (caller, key) in &leaks.calls {
            let place = Place { order: Some(key.request()), key: Some(*key), ..nowhere };
            findings.must(
                law,
                false,
                || place,
                || format!("{} still waits for the answer to {}", caller.name(), name(*key)),
            );
        }
        for order in &leaks.timers {
            let place = Place { order: Some(*order), ..nowhere };
            findings.must(law, false, || place, || "the payment window still ticks".to_owned());
        }
        let Leaks { messages, locks, .. } = leaks;
        findings.must(
            law,
            *messages == 0 && *locks == 0,
            || nowhere,
            || {
                format!(
                    "{messages} messages are owed or waiting, {locks} transactions hold row locks"
                )
            },
        );
    }

    fn judge_order(&mut self, order: RequestId, source: Source) {
        let row = self.books.rows.at(order.0).clone();
        let planned = self.plan.order(source);
        let subtotal: i64 = planned.lines.iter().map(|line| line.line_amount).sum();
        let discount = planned.wish.filter(|_| row.presents).map_or(0, |campaign| {
            takes_off(self.plan.scenario.coupons[campaign as usize].discount, subtotal)
        });
        let due = subtotal - discount;
        let presented = planned.wish.filter(|_| row.presents);
        self.presented.push(presented.map(|campaign| (campaign, planned.user)));
        let sale = row.state == OrderState::Completed;
        let mut held = 0;
        for line in &planned.lines {
            let (line_held, sold) = self.line(&row, line.product);
            held += line_held.abs();
            let expected = if sale { i64::from(line.quantity) } else { 0 };
            let law = if sale { Law::AmountsAsPlanned } else { Law::UndoneLeftNoTrace };
            self.must(law, sold == expected, order, || {
                format!("{sold} units of product {} sold, {expected} planned", line.product)
            });
        }
        if sale {
            let products = self.sold_units.len();
            let today = self.sold_on.entry(row.day).or_insert_with(|| vec![0; products]);
            for line in &planned.lines {
                self.sold_units[line.product as usize] += i64::from(line.quantity);
                today[line.product as usize] += i64::from(line.quantity);
            }
            self.spent_money[planned.user as usize] += due;
            self.sales += 1;
        }
        let outcome = self.outcome(order, &row, held);
        self.judge_accounts(order, &row, sale, due, held);
        self.judge_told(order, &row);
        self.outcomes.count(outcome, row.completed && row.state == OrderState::Refunded);
        self.orders.push(OrderEnd {
            outcome,
            refunded: row.state == OrderState::Refunded,
            amount: row.revenue,
            coupon: row.coupon_used != 0,
        });
    }

    /// `held[p, o]` and `sold[p, o]`.
    fn line(&self, row: &Row, product: u32) -> (i64, i64) {
        let mut lines = row.lines().filter_map(|id| self.books.lines.get(id));
        let line = lines.find(|line| line.product == product);
        line.map_or((0, 0), |line| (i64::from(line.held), i64::from(line.sold)))
    }

    fn outcome(&mut self, order: RequestId, row: &Row, held: i64) -> Outcome {
        use OrderState::{
            Absent, AwaitingCoupon, AwaitingPayment, Cancelled, ClosingCancelled, ClosingExpired,
            Completed, Expired, Refunded, Refunding, RolledBack, Undoing,
        };
        // A coupon that stays used is not held: `coupon-used-iff-completed` speaks of it.
        let undone = row.outstanding & bits::STOCK == 0;
        let terminal = match row.state {
            Completed | Refunded => true,
            Absent | RolledBack | Expired | Cancelled => undone,
            AwaitingCoupon | AwaitingPayment | Refunding | Undoing | ClosingExpired
            | ClosingCancelled => false,
        };
        let state = row.state;
        self.must(Law::EveryOrderTerminal, terminal, order, || {
            format!("the order is {state:?}{}", if undone { "" } else { " and holds stock" })
        });
        let open = self.stuck.contains(&order.0);
        if !terminal || held != 0 || row.money_held != 0 || open {
            return Outcome::Stuck;
        }
        match row.state {
            _ if row.completed => Outcome::Completed,
            Cancelled => Outcome::Cancelled,
            Expired => Outcome::Expired,
            Absent if !row.failed => Outcome::Rejected,
            Absent | RolledBack | AwaitingCoupon | AwaitingPayment | Completed | Refunding
            | Refunded | Undoing | ClosingExpired | ClosingCancelled => Outcome::Compensated,
        }
    }

    fn judge_accounts(&mut self, order: RequestId, row: &Row, sale: bool, due: i64, held: i64) {
        let money = row.money_held;
        self.must(Law::NothingHeld, held == 0 && money == 0, order, || {
            format!("the order holds {held} units and {money} of money")
        });
        let (revenue, amount) = (row.revenue, if sale { due } else { 0 });
        let law = if sale { Law::AmountsAsPlanned } else { Law::UndoneLeftNoTrace };
        self.must(law, revenue == amount, order, || {
            format!("the order earned {revenue}, the plan says {amount}")
        });
        let (payments, wrong) = (row.payments, row.paid_wrong);
        let once = payments == i8::from(sale) && !wrong;
        self.must(Law::CompletedMeansPaidOnce, once, order, || {
            let state = if sale { "a sale" } else { "no sale" };
            let amount = if wrong { ", one of them of another amount" } else { "" };
            format!("{payments} live payments{amount}; the order is {state} of {due}")
        });
        let (used, expected) = (row.coupon_used, i8::from(sale && row.presents));
        self.must(Law::CouponUsedIffCompleted, used == expected, order, || {
            format!("the order uses {used} coupons, should use {expected}")
        });
    }

    /// One row of an owner's own books.
    pub fn audited(&mut self, row: Audited) {
        match row {
            Audited::Stock { product, units } => self.audit_stock(product, units),
            Audited::Balance { user, money } => self.audit_balance(user, money),
            Audited::Coupon { coupon, user, used_by } => self.audit_coupon(coupon, user, used_by),
            Audited::Payment { order, n, money } => {
                self.audited.payments += 1;
                let row = self.books.rows.at(order.0).clone();
                let fine = row.payments == 1 && row.n == n;
                let fine = fine && row.due == money && row.state == OrderState::Completed;
                self.must(Law::CompletedMeansPaidOnce, fine, order, || {
                    format!("Payment holds payment {n} of {money}")
                });
            }
            Audited::Order { order, state, amount } => self.audit_order(order, state, amount),
            Audited::Published { order, sales, refunds, amount } => {
                self.audit_published(order, sales, refunds, amount);
            }
            Audited::Ranked { day, product, units } => {
                *self.ranked.entry((day, product)).or_default() += units;
            }
            Audited::OpenSaga { key } => {
                let place = Place { key: Some(key), ..self.place(Some(key.request())) };
                let law = Law::NoLeakedLockTimerCallOrRow;
                self.books.findings.must(
                    law,
                    false,
                    || place,
                    || format!("the orchestrator's saga is still at {}", name(key)),
                );
            }
        }
    }

    fn audit_stock(&mut self, product: u32, units: i64) {
        self.audited.products += 1;
        let Stock { initial, available, .. } = self.books.stock[product as usize];
        let planned = initial - self.sold_units[product as usize];
        let place = self.place(None);
        let fine = units == available && units == planned;
        self.books.findings.must(
            Law::StockConserved,
            fine,
            || place,
            || {
                format!(
                    "product {product}: Product has {units} units, the ledger {available}, \
                 the plan {planned}"
                )
            },
        );
    }

    fn audit_balance(&mut self, user: u32, money: i64) {
        self.audited.members += 1;
        let ledger = self.books.balance[user as usize];
        let topped_up = self.books.topped_up.get(&user).copied().unwrap_or_default();
        let planned = self.plan.balance(user) + topped_up - self.spent_money[user as usize];
        let place = self.place(None);
        let fine = money == ledger && money == planned;
        self.books.findings.must(
            Law::MoneyConserved,
            fine,
            || place,
            || format!("user {user}: User has {money}, the ledger {ledger}, the plan {planned}"),
        );
    }

    fn audit_coupon(&mut self, coupon: u32, user: u32, used_by: Option<RequestId>) {
        let account = *self.books.coupons[coupon as usize].at(user);
        let place = self.place(used_by);
        self.audited.coupons_issued += 1;
        self.audited.coupons_used += i64::from(used_by.is_some());
        let by_ledger = (account.uses > 0).then_some(RequestId(account.order));
        let presents = |order: RequestId| self.presented.get(order.0 as usize);
        let own = used_by.is_none_or(|order| presents(order) == Some(&Some((coupon, user))));
        let fine = account.issued && used_by == by_ledger && own;
        self.books.findings.must(
            Law::CouponUsedIffCompleted,
            fine,
            || place,
            || {
                format!(
                    "user {user}'s coupon of campaign {coupon}: Coupon says used by {used_by:?}, \
                 the ledger by {by_ledger:?}{}",
                    if own { "" } else { "; the order presents another" }
                )
            },
        );
    }

    fn audit_order(&mut self, order: RequestId, state: OrderState, amount: i64) {
        use OrderState::{Absent, AwaitingCoupon, RolledBack, Undoing};
        self.audited.orders += 1;
        let row = self.books.rows.at(order.0).clone();
        self.must(Law::OrderStateMachine, state == row.state, order, || {
            format!("Order says {state:?}, its commits say {:?}", row.state)
        });
        let priced = !matches!(state, Absent | AwaitingCoupon | Undoing | RolledBack);
        self.must(Law::AmountsAsPlanned, !priced || amount == row.due, order, || {
            format!("Order says {amount} is to pay, the plan says {}", row.due)
        });
    }

    fn audit_published(&mut self, order: RequestId, sales: u8, refunds: u8, amount: i64) {
        self.audited.published += 1;
        let row = self.books.rows.at(order.0).clone();
        let refunded = row.state == OrderState::Refunded;
        let sale = row.state == OrderState::Completed;
        let (due, sold) = (row.due, u8::from(row.completed));
        let got = sales == sold && (sales == 0 || amount == due);
        let (once, no_trace) = (Law::PlatformGotEachCompletedOnce, Law::UndoneLeftNoTrace);
        self.must(if row.completed { once } else { no_trace }, got, order, || {
            format!("the platform holds {sales} sales of {amount}, should hold {sold} of {due}")
        });
        let (law, taken_back) = (if sale { once } else { no_trace }, u8::from(refunded));
        self.must(law, refunds == taken_back, order, || {
            format!("the platform holds {refunds} refunds, should hold {taken_back}")
        });
    }

    /// Ends the reckoning once every owner has shown its books.
    #[must_use]
    pub fn finish(mut self) -> Proof {
        self.judge_counts();
        let sold = self.sold();
        self.judge_ranking(&sold);
        let ranking = self.top();
        let books = self.books;
        let sum = |sum: Stock, stock: &Stock| Stock {
            initial: sum.initial + stock.initial,
            available: sum.available + stock.available,
            held: sum.held + stock.held,
            sold: sum.sold + stock.sold,
        };
        Proof {
            outcomes: self.outcomes,
            orders: self.orders,
            stock: books.stock.iter().fold(Stock::default(), sum),
            available: books.stock.iter().map(|stock| stock.available).collect(),
            balances: books.balance,
            money: books.money,
            coupons: (books.issued.iter().map(|&n| u64::from(n)).sum(), books.spent),
            sold,
            ranking,
            harm: books.harm,
            processes: books.processes,
            findings: books.findings,
        }
    }

    /// Nothing that the ledger knows is missing in an owner's books.
    fn judge_counts(&mut self) {
        let stored = |row: &Row| row.state != OrderState::Absent;
        let rows = || self.books.rows.iter().map(|(_, row)| row);
        let orders = rows().filter(|row| stored(row)).count() as u64;
        let completed = rows().filter(|row| row.completed).count() as u64;
        let Audits { published, payments, coupons_used, coupons_issued, .. } = self.audited;
        let Audits { products, members, .. } = self.audited;
        let owned = (self.books.stock.len() as u64, self.books.balance.len() as u64);
        let (spent, issued) = (self.books.spent, &self.books.issued);
        let issued: u64 = issued.iter().map(|&n| u64::from(n)).sum();
        let counts = [
            (Law::StockConserved, "products", products, owned.0),
            (Law::MoneyConserved, "members", members, owned.1),
            (Law::OrderStateMachine, "orders stored", self.audited.orders, orders),
            (Law::CompletedMeansPaidOnce, "live payments", payments, self.sales),
            (Law::PlatformGotEachCompletedOnce, "orders published", published, completed),
            (Law::CouponIssueWithinLimit, "coupons issued", coupons_issued, issued),
        ];
        let place = self.place(None);
        for (law, what, owner, expected) in counts {
            self.books.findings.must(
                law,
                owner == expected,
                || place,
                || format!("{what}: the owner has {owner}, there should be {expected}"),
            );
        }
        self.books.findings.must(
            Law::CouponUsedIffCompleted,
            coupons_used == spent,
            || place,
            || format!("coupons used: the owner has {coupons_used}, the ledger {spent}"),
        );
        let strays = self.books.strays.iter().filter(|(_, units)| **units != (0, 0)).count();
        self.books.findings.must(
            Law::StockConserved,
            strays == 0,
            || place,
            || format!("{strays} orders moved products they never asked for"),
        );
    }
}

/// What an exchange is about: the step, or its compensation.
fn name(key: Exchange) -> &'static str {
    let step = key.step();
    match key.turn() {
        Turn::Undo => step.undo_name().unwrap_or(step.name()),
        Turn::Do | Turn::Said | Turn::Timer | Turn::Ask => step.name(),
    }
}

/// Orders for which something is still open.
fn stuck(leaks: &Leaks) -> BTreeSet<u32> {
    let calls = leaks.calls.iter().map(|(_, key)| key.request().0);
    calls.chain(leaks.timers.iter().map(|order| order.0)).collect()
}
