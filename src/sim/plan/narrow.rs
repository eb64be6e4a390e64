//! A plan without the members and products that none of its orders names.
//!
//! Nothing ever happens to them, and a run of one order should not have to open and audit the
//! accounts of a thousand members. Those that are left keep their order, so every tie that is
//! broken by an id is broken alike: the run has the same digest.

use super::Plan;
use std::collections::BTreeSet;

/// The members and products that are left, by ascending id of the whole plan.
#[derive(Clone, Debug)]
pub(super) struct Narrow {
    pub(super) users: Box<[u32]>,
    pub(super) products: Box<[u32]>,
}

impl Narrow {
    /// Where a thing of the whole plan is among those that are left.
    pub(super) fn place(ids: &[u32], id: u32) -> u32 {
        ids.binary_search(&id).map_or(u32::MAX, |place| place as u32)
    }
}

impl Plan {
    /// Whether exactly one order arrives. In a closed load that depends on how it is served.
    #[must_use]
    pub fn single(&self) -> bool {
        self.crowds.is_empty() && self.every_arrival().take(2).count() == 1
    }

    /// The same orders, among those members and products only that they name. A replay, a closed
    /// load, background traffic and a seeded defect (which may mix up neighbours) may name any: they
    /// are left as they are.
    #[must_use]
    pub fn narrowed(mut self) -> Plan {
        let traffic = &self.scenario.traffic;
        let any = traffic.top_up_per_s
            + traffic.list_coupons_per_s
            + traffic.list_products_per_s
            + traffic.popular_products_per_s
            + traffic.change_price_per_s;
        let mixes_up = self.scenario.flow.defect.is_some();
        if any > 0.0 || !self.crowds.is_empty() || self.replay.is_some() || mixes_up {
            return self;
        }
        let (mut users, mut products) = (BTreeSet::new(), BTreeSet::new());
        for source in self.every_arrival().filter(|source| !self.focus.omits(*source)) {
            let order = self.order(source);
            users.insert(order.user);
            products.extend(order.lines.iter().map(|line| line.product));
        }
        let users: Box<[u32]> = users.into_iter().collect();
        self.issued = self.issued.among(&users);
        self.draws.narrow = Some(Narrow { users, products: products.into_iter().collect() });
        self
    }
}
