//! The ledger: postings as the bus sees them at each commit, judged as they come.
//!
//! Shares no code with the actors. Knows the plan's lines and amount of each order, and nothing
//! else of what should happen.

use super::findings::{Findings, Law, Place};
use super::row::{LineAccount, Row};
use super::stats::{Harm, Processes};
use crate::domain::{
    Effect, Exchange, Line, Move, OrderState, Outbox, Posting, Process, RequestId, Service, Step,
    Table, Turn, Word,
};
use crate::sim::plan::{Calendar, Plan};
use std::collections::BTreeMap;

/// Units of a product, by account.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Stock {
    /// At the start.
    pub initial: i64,
    /// `avail[p]`.
    pub available: i64,
    /// Sum of `held[p, o]`.
    pub held: i64,
    /// Sum of `sold[p, o]`.
    pub sold: i64,
}

/// All money, by account.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Money {
    /// At the start.
    pub initial: i64,
    /// Charged to balances from outside.
    pub topped_up: i64,
    /// Sum of `balance[u]`.
    pub balance: i64,
    /// Sum of `money_held[o]`.
    pub held: i64,
    /// Sum of `revenue[o]`.
    pub revenue: i64,
}

/// What the plan says of an order when it is placed.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// What is ordered.
    pub lines: &'a [Line],
    /// To pay.
    pub due: i64,
    /// The customer presents a coupon.
    pub presents: bool,
}

/// The ledger and its judgements.
#[derive(Debug, Default)]
pub struct Books {
    pub(super) stock: Vec<Stock>,
    pub(super) balance: Vec<i64>,
    pub(super) money: Money,
    /// `issued[c, u]` and `used[c, u]`.
    pub(super) coupons: Vec<Table<CouponAccount>>,
    pub(super) issued: Vec<u32>,
    pub(super) limits: Vec<u32>,
    pub(super) spent: i64,
    pub(super) rows: Table<Row>,
    pub(super) lines: Table<LineAccount>,
    pub(super) lines_len: u32,
    /// Units of an order in products its plan does not have. A correct flow makes none.
    pub(super) strays: BTreeMap<(RequestId, u32), (i64, i64)>,
    /// What older payments of an order took and did not give back. A correct flow leaves none.
    pub(super) older_charges: BTreeMap<(RequestId, u8), i64>,
    /// What each balance was charged with from outside.
    pub(super) topped_up: BTreeMap<u32, i64>,
    /// What customers asked for beside their orders, and did not get yet, by exchange.
    pub(super) asked: BTreeMap<u64, Posting>,
    pub(super) orders: u32,
    /// What was found so far.
    pub findings: Findings,
    pub(crate) harm: Harm,
    pub(crate) processes: Processes,
}

/// One customer's coupon of one campaign.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct CouponAccount {
    pub(super) issued: bool,
    pub(super) uses: i8,
    /// The order that used it last.
    pub(super) order: u32,
}

impl Books {
    /// Opens the accounts with what the plan loads into them.
    #[must_use]
    pub fn open(plan: &Plan) -> Self {
        let stock = |product| {
            let initial = plan.stock(product);
            Stock { initial, available: initial, ..Stock::default() }
        };
        let balance: Vec<i64> = (0..plan.users()).map(|user| plan.balance(user)).collect();
        let initial = balance.iter().sum();
        let campaigns = &plan.scenario.coupons;
        let mut books = Books {
            stock: (0..plan.products()).map(stock).collect(),
            balance,
            money: Money { initial, balance: initial, ..Money::default() },
            coupons: vec![Table::new(); campaigns.len()],
            issued: vec![0; campaigns.len()],
            limits: campaigns.iter().map(|campaign| campaign.quantity).collect(),
            ..Books::default()
        };
        for (coupon, user) in plan.issued_coupons() {
            books.coupons[coupon as usize].at(user).issued = true;
            books.issued[coupon as usize] += 1;
        }
        books
    }

    /// An order is placed: from now on it has accounts.
    pub fn place(&mut self, order: RequestId, opening: &Opening<'_>) {
        self.orders = self.orders.max(order.0 + 1);
        let row = self.rows.at(order.0);
        row.open = true;
        row.due = opening.due;
        row.presents = opening.presents;
        row.lines_start = self.lines_len;
        row.lines_len = opening.lines.len() as u16;
        for line in opening.lines {
            self.lines.at(self.lines_len).product = line.product;
            self.lines_len += 1;
        }
    }

    /// A customer asks for money on a balance, or for a coupon: once by this key.
    pub(crate) fn asks(&mut self, key: Exchange, posting: Posting) {
        self.asked.insert(key.identity(), posting);
    }

    /// Takes in one commit.
    pub fn commit(
        &mut self,
        now_ns: u64,
        from: Service,
        key: Exchange,
        calendar: &Calendar,
        out: &mut Outbox,
    ) {
        let mut posted = 0;
        for effected in &out.effects {
            if effected.key.step() == Step::CompleteOrder && effected.effect == Effect::Took {
                let order = effected.key.request().0;
                self.rows.at(order).day = calendar.day(order, now_ns);
            }
            self.judge(now_ns, from, effected.key, effected.effect);
            let end = effected.postings_end as usize;
            for posting in &out.postings[posted..end] {
                self.post(now_ns, effected.key, *posting);
            }
            posted = end;
        }
        for &(before, after) in &out.moves {
            self.judge_move(now_ns, key, before, after);
        }
        self.harm.empty_undos += u64::from(out.empty_undos);
        out.effects.clear();
        out.postings.clear();
        out.moves.clear();
        out.empty_undos = 0;
    }

    fn post(&mut self, now_ns: u64, key: Exchange, posting: Posting) {
        let amount = posting.amount;
        match posting.between {
            Move::Hold { product } => self.hold(now_ns, key, product, amount),
            Move::Sell { product } => self.sell(now_ns, key, product, amount),
            Move::Charge { user } => self.charge(now_ns, key, user, amount),
            Move::Earn => self.earn(now_ns, key, amount),
            Move::Pay => {
                let row = self.rows.at(key.request().0);
                row.paid_wrong |= amount.abs() != row.due;
                // Not by the sign of the amount: an order may cost nothing.
                row.payments += if key.turn() == Turn::Undo { -1 } else { 1 };
            }
            Move::Spend { coupon, user } => self.spend(now_ns, key, coupon, user, amount),
            Move::Issue { coupon, user } => {
                self.judge_gift(Law::CouponIssueWithinLimit, now_ns, key, posting);
                self.issue(now_ns, key, coupon, user);
            }
            Move::TopUp { user } => {
                self.judge_gift(Law::MoneyConserved, now_ns, key, posting);
                self.money.topped_up += amount;
                self.money.balance += amount;
                self.balance[user as usize] += amount;
                *self.topped_up.entry(user).or_default() += amount;
            }
        }
    }

    /// What comes from outside was asked for by this key, and has not come before.
    fn judge_gift(&mut self, law: Law, now_ns: u64, key: Exchange, posting: Posting) {
        let asked = self.asked.remove(&key.identity());
        self.findings.must(
            law,
            asked == Some(posting),
            || at(now_ns, key),
            || format!("{posting:?} was given, {asked:?} was asked for"),
        );
    }

    /// The order's account of a product: (held, sold) after adding.
    fn line(&mut self, order: RequestId, product: u32, held: i64, sold: i64) -> (i64, i64) {
        let row = self.rows.at(order.0);
        for id in row.lines() {
            let line = self.lines.at(id);
            if line.product == product {
                line.held += held as i32;
                line.sold += sold as i32;
                return (i64::from(line.held), i64::from(line.sold));
            }
        }
        let stray = self.strays.entry((order, product)).or_default();
        stray.0 += held;
        stray.1 += sold;
        *stray
    }

    fn hold(&mut self, now_ns: u64, key: Exchange, product: u32, units: i64) {
        let place = || at(now_ns, key);
        let stock = &mut self.stock[product as usize];
        stock.available -= units;
        stock.held += units;
        let available = stock.available;
        self.findings.must(Law::StockNeverNegative, available >= 0, place, || {
            format!("product {product} has {available} units available")
        });
        let (held, _) = self.line(key.request(), product, units, 0);
        self.findings.must(Law::StockConserved, held >= 0, place, || {
            format!("the order holds {held} units of product {product}")
        });
        let row = self.rows.at(key.request().0);
        if units > 0 {
            row.stock_since_ns = now_ns;
        } else if key.process() != Process::Refund {
            self.harm.hold_stock(-units, now_ns - row.stock_since_ns);
        }
    }

    fn sell(&mut self, now_ns: u64, key: Exchange, product: u32, units: i64) {
        let stock = &mut self.stock[product as usize];
        stock.held -= units;
        stock.sold += units;
        let (held, sold) = self.line(key.request(), product, -units, units);
        let fine = held >= 0 && sold >= 0;
        self.findings.must(
            Law::StockConserved,
            fine,
            || at(now_ns, key),
            || format!("the order holds {held} and bought {sold} units of product {product}"),
        );
    }

    fn charge(&mut self, now_ns: u64, key: Exchange, user: u32, amount: i64) {
        let place = || at(now_ns, key);
        let balance = &mut self.balance[user as usize];
        *balance -= amount;
        let balance = *balance;
        self.money.balance -= amount;
        self.money.held += amount;
        self.findings.must(Law::BalanceNeverNegative, balance >= 0, place, || {
            format!("the balance of user {user} is {balance}")
        });
        let row = self.rows.at(key.request().0);
        row.money_held += amount;
        if key.n() > row.n {
            let left = row.money_held + row.revenue - amount - older(&self.older_charges, key);
            if left != 0 {
                self.older_charges.insert((key.request(), row.n), left);
            }
            row.n = key.n();
        }
        if amount > 0 {
            row.money_since_ns = now_ns;
        } else if key.process() != Process::Refund {
            self.harm.hold_money(-amount, now_ns - row.money_since_ns);
        }
        // What payment n has taken and not given back. Payments come one after another, so for
        // the newest it is all that the order was charged, less what older ones left behind.
        let charge = if key.n() == row.n {
            row.money_held + row.revenue - older(&self.older_charges, key)
        } else {
            let charge = self.older_charges.entry((key.request(), key.n())).or_default();
            *charge += amount;
            *charge
        };
        self.findings.must(Law::RefundWithinCharge, charge >= 0, place, || {
            format!("payment {} gave back {} more than it took", key.n(), -charge)
        });
        self.judge_money(now_ns, key);
    }

    fn earn(&mut self, now_ns: u64, key: Exchange, amount: i64) {
        self.money.held -= amount;
        self.money.revenue += amount;
        let row = self.rows.at(key.request().0);
        row.money_held -= amount;
        row.revenue += amount;
        self.judge_money(now_ns, key);
    }

    fn judge_money(&mut self, now_ns: u64, key: Exchange) {
        let place = || at(now_ns, key);
        let &mut Row { money_held, revenue, due, .. } = self.rows.at(key.request().0);
        let fine = money_held >= 0 && revenue >= 0;
        self.findings.must(Law::MoneyConserved, fine, place, || {
            format!("the order holds {money_held} and earned {revenue}")
        });
        let charged = money_held + revenue;
        self.findings.must(Law::ChargedAtMostOnce, charged == 0 || charged == due, place, || {
            format!("the customer has been charged {charged}; the order costs {due}")
        });
    }

    fn spend(&mut self, now_ns: u64, key: Exchange, coupon: u32, user: u32, amount: i64) {
        self.spent += amount;
        let account = self.coupons[coupon as usize].at(user);
        account.uses += amount as i8;
        account.order = key.request().0;
        let (uses, issued) = (account.uses, account.issued);
        self.rows.at(key.request().0).coupon_used += amount as i8;
        let fine = (0..=1).contains(&uses) && issued;
        self.findings.must(
            Law::CouponUsedAtMostOnce,
            fine,
            || at(now_ns, key),
            || format!("user {user}'s coupon of campaign {coupon} is used {uses} times"),
        );
    }

    fn issue(&mut self, now_ns: u64, key: Exchange, coupon: u32, user: u32) {
        let again = std::mem::replace(&mut self.coupons[coupon as usize].at(user).issued, true);
        let issued = &mut self.issued[coupon as usize];
        *issued += 1;
        let (issued, limit) = (*issued, self.limits[coupon as usize]);
        let fine = issued <= limit && !again;
        self.findings.must(
            Law::CouponIssueWithinLimit,
            fine,
            || at(now_ns, key),
            || {
                let twice = if again { ", twice to one user" } else { "" };
                format!("campaign {coupon} issued {issued} of {limit} coupons{twice}")
            },
        );
    }

    /// Whether the customer of an order presents a coupon.
    pub(crate) fn presents(&self, order: RequestId) -> bool {
        self.rows.get(order.0).is_some_and(|row| row.presents)
    }

    /// Whether an order is a sale, or was one that was taken back.
    pub(super) fn was_sold(&self, order: RequestId) -> bool {
        use OrderState::{Completed, Refunded, Refunding};
        let sold = |row: &Row| matches!(row.state, Completed | Refunding | Refunded);
        self.rows.get(order.0).is_some_and(sold)
    }

    /// Whether an order's state is terminal, so that nothing but a refund can follow.
    pub(crate) fn at_rest(&self, order: u32) -> bool {
        use OrderState::{Absent, Cancelled, Completed, Expired, Refunded, RolledBack};
        self.rows.get(order).is_none_or(|row| match row.state {
            Completed | RolledBack | Expired | Cancelled | Refunded => true,
            Absent => row.outstanding == 0,
            _ => false,
        })
    }

    /// A customer hears a word.
    pub fn told(&mut self, now_ns: u64, key: Exchange, word: &Word) {
        let consistent = self.rows.at(key.request().0).told.hear(key.process(), key.n(), word);
        self.findings.must(
            Law::ClientToldTheTruth,
            consistent,
            || at(now_ns, key),
            || format!("the customer was told {word:?} after another final word"),
        );
        if let Word::Placed { amount } = *word {
            let due = self.rows.at(key.request().0).due;
            self.findings.must(
                Law::ClientToldTheTruth,
                amount == due,
                || at(now_ns, key),
                || format!("the customer was told to pay {amount}; the order costs {due}"),
            );
        }
    }
}

/// What payments of the order before the newest took and did not give back.
fn older(charges: &BTreeMap<(RequestId, u8), i64>, key: Exchange) -> i64 {
    if charges.is_empty() {
        return 0;
    }
    let of_order = (key.request(), 0)..=(key.request(), u8::MAX);
    charges.range(of_order).map(|(_, charge)| charge).sum()
}

/// The place of a check that a commit causes.
pub(super) const fn at(now_ns: u64, key: Exchange) -> Place {
    let order = if matches!(key.process(), Process::Traffic) { None } else { Some(key.request()) };
    Place { order, at_ns: now_ns, key: Some(key) }
}
