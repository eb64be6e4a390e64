//! A plan of which only some orders are placed, some of them plainer than planned.
//!
//! Orders keep their numbers and everything that is drawn by them, so the others are what they
//! were: an order that is left out is never placed, and nothing else is decided anew. Who holds a
//! coupon when the run begins does not change either.

use super::{Intent, OrderPlan, Plan, Source};
use crate::domain::Line;
use std::collections::BTreeMap;

/// Half of all draws are below.
pub(super) const HALF: u64 = 1 << 63;

/// A way in which an order can be plainer than planned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Ease {
    /// Only its first line is ordered.
    OneLine,
    /// One unit of each product.
    OneUnit,
    /// No coupon is used.
    NoCoupon,
    /// The customer pays, and leaves it at that.
    Pays,
    /// The customer thinks for as long as half of all customers do at most.
    ThinksAsUsual,
}

impl Ease {
    /// Every one. Tokens count on the order: new ones go to the end, and there are eight at most.
    pub const ALL: [Ease; 5] =
        [Ease::OneLine, Ease::OneUnit, Ease::NoCoupon, Ease::Pays, Ease::ThinksAsUsual];

    /// Its bit.
    #[must_use]
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Ease::OneLine => "one line",
            Ease::OneUnit => "one unit of each",
            Ease::NoCoupon => "no coupon",
            Ease::Pays => "pays",
            Ease::ThinksAsUsual => "usual think time",
        }
    }
}

/// Which orders of open loads are placed, and how much plainer than planned.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Focus {
    /// The orders that are placed, each with a bit for each [`Ease`]; none: all, as planned.
    pub orders: Option<BTreeMap<u32, u8>>,
}

impl Focus {
    /// These orders, as planned.
    #[must_use]
    pub fn on(orders: impl IntoIterator<Item = u32>) -> Self {
        Focus { orders: Some(orders.into_iter().map(|order| (order, 0)).collect()) }
    }

    /// Whether everything is as planned.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.orders.is_none()
    }

    /// Whether an arrival is left out. Orders of closed loads never are.
    #[must_use]
    pub fn omits(&self, source: Source) -> bool {
        match (&self.orders, source) {
            (Some(orders), Source::Arrival(order)) => !orders.contains_key(&order),
            (None, _) | (_, Source::Visit { .. }) => false,
        }
    }

    pub(super) fn has(&self, source: Source, ease: Ease) -> bool {
        match (&self.orders, source) {
            (Some(orders), Source::Arrival(order)) => {
                orders.get(&order).is_some_and(|eased| eased & ease.bit() != 0)
            }
            (None, _) | (_, Source::Visit { .. }) => false,
        }
    }

    pub(super) fn lines_at_most(&self, source: Source) -> usize {
        if self.has(source, Ease::OneLine) { 1 } else { usize::MAX }
    }

    /// An order, as much plainer as it is to be; `price` of a product.
    pub(super) fn ease(
        &self,
        source: Source,
        mut order: OrderPlan,
        price: impl Fn(u32) -> i64,
    ) -> OrderPlan {
        let mut lines = order.lines.into_vec();
        if self.has(source, Ease::OneLine) {
            lines.truncate(1);
        }
        if self.has(source, Ease::OneUnit) {
            let unit =
                |line: &Line| Line { quantity: 1, line_amount: price(line.product), ..*line };
            lines = lines.iter().map(unit).collect();
        }
        order.lines = lines.into();
        if self.has(source, Ease::NoCoupon) {
            order.wish = None;
        }
        if self.has(source, Ease::Pays) {
            order.intent = Intent::Pay;
        }
        order
    }
}

impl Plan {
    /// The same plan, of which only this happens.
    #[must_use]
    pub fn focused(mut self, focus: Focus) -> Plan {
        self.focus = focus;
        self
    }

    /// Which orders are placed, and how plain they are.
    #[must_use]
    pub const fn focus(&self) -> &Focus {
        &self.focus
    }

    /// Of the first `arrivals` of all open loads, those that are left out, by load.
    #[must_use]
    pub fn omitted(&self, arrivals: u32) -> Vec<u64> {
        let mut omitted = vec![0; self.scenario.loads.len()];
        if self.focus.is_whole() {
            return omitted;
        }
        let mut walk = self.arrivals();
        while walk.passed() < arrivals && walk.next_ns().is_some() {
            if self.focus.omits(Source::Arrival(walk.passed())) {
                omitted[walk.block(self)] += 1;
            }
            walk.pass(self);
        }
        omitted
    }
}
