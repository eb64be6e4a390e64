//! An order log as a load: its orders, and when some of them were cancelled.

use crate::domain::Line;
use crate::sim::order_log::{LoggedOrder, OrderLog};
use std::collections::BTreeMap;

/// The orders of a log without its cancellations, which become the orders' own fate.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The log and its account of lines.
    pub log: OrderLog,
    orders: Vec<u32>,
    cancelled_ns: BTreeMap<u32, u64>,
}

impl Replay {
    /// Sorts orders from cancellations.
    #[must_use]
    pub fn new(log: OrderLog) -> Self {
        let of = |(place, order): (u32, &LoggedOrder)| order.cancels.is_none().then_some(place);
        let orders: Vec<u32> = (0..).zip(&log.orders).filter_map(of).collect();
        let arrival = |place: u32| orders.binary_search(&place).ok().map(|i| i as u32);
        let cancelled_ns = log
            .orders
            .iter()
            .filter_map(|order| Some((arrival(order.cancels?)?, order.arrival_ns)))
            .collect();
        Replay { log, orders, cancelled_ns }
    }

    /// The i-th order.
    #[must_use]
    pub fn order(&self, i: u32) -> Option<&LoggedOrder> {
        self.orders.get(i as usize).map(|place| &self.log.orders[*place as usize])
    }

    /// The i-th order's user and lines.
    #[must_use]
    pub fn basket(&self, i: u32) -> (u32, &[Line]) {
        self.order(i).map_or((0, &[]), |order| (order.user, &order.lines))
    }

    /// When the log says the i-th order was cancelled.
    #[must_use]
    pub fn cancelled_ns(&self, i: u32) -> Option<u64> {
        self.cancelled_ns.get(&i).copied()
    }

    /// The day of each order.
    pub fn days(&self) -> impl Iterator<Item = i32> {
        self.orders.iter().map(|place| self.log.orders[*place as usize].day)
    }
}
