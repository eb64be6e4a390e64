//! How the ledger stands: for those who try every order of events, and have to know when two of
//! them came to the same.

use super::books::{Books, CouponAccount, Money, Stock};
use super::findings::Law;
use super::row::{LineAccount, Row};
use crate::domain::{Posting, RequestId};

/// Every account and mark of the ledger, and which invariants are broken. Two ledgers that stand
/// alike judge everything that follows alike. What only measures (harm, how processes ended, how
/// often something was checked) is left out.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Standing {
    stock: Vec<Stock>,
    balance: Vec<i64>,
    money: Money,
    /// By campaign and user; untouched ones are left out.
    coupons: Vec<(usize, u32, CouponAccount)>,
    issued: Vec<u32>,
    spent: i64,
    rows: Vec<(u32, Row)>,
    lines: Vec<LineAccount>,
    strays: Vec<((RequestId, u32), (i64, i64))>,
    older_charges: Vec<((RequestId, u8), i64)>,
    topped_up: Vec<(u32, i64)>,
    asked: Vec<(u64, Posting)>,
    broken: Vec<Law>,
}

impl Books {
    /// How it stands now.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let accounts = self.coupons.iter().enumerate().flat_map(|(campaign, users)| {
            let touched = users.iter().filter(|(_, account)| **account != CouponAccount::default());
            touched.map(move |(user, account)| (campaign, user, *account))
        });
        let rows = self.rows.iter().filter(|(_, row)| **row != Row::default());
        let lines = self.lines.iter().take(self.lines_len as usize);
        let broken = |law: &Law| self.findings.violated(*law) > 0;
        Standing {
            stock: self.stock.clone(),
            balance: self.balance.clone(),
            money: self.money,
            coupons: accounts.collect(),
            issued: self.issued.clone(),
            spent: self.spent,
            rows: rows.map(|(order, row)| (order, row.clone())).collect(),
            lines: lines.map(|(_, line)| *line).collect(),
            strays: self.strays.iter().map(|(place, units)| (*place, *units)).collect(),
            older_charges: self.older_charges.iter().map(|(n, charge)| (*n, *charge)).collect(),
            topped_up: self.topped_up.iter().map(|(user, money)| (*user, *money)).collect(),
            asked: self.asked.iter().map(|(key, posting)| (*key, *posting)).collect(),
            broken: Law::ALL.into_iter().filter(broken).collect(),
        }
    }
}
