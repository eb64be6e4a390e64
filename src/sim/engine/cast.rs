//! The sound cast of a plan: every part played by the product's own actor.

use crate::actors::host::Cast;
use crate::actors::{
    Article, Coupons, Database, Monolith, Orchestrator, Orders, Participant, Payments, Platform,
    Products, Ranking, Rules, Users,
};
use crate::domain::Coordination;
use crate::sim::plan::Plan;

/// The settings the actors of a plan share.
#[must_use]
pub fn rules(plan: &Plan) -> Rules {
    let scenario = &plan.scenario;
    Rules {
        coordination: scenario.flow.coordination,
        compensate: scenario.protection.compensate,
        omit: scenario.flow.omit,
        on: scenario.protection.switches,
    }
}

/// Every actor in its opening state. The monolith owns the domains' state in its coordination;
/// otherwise the five domains do, and the other side is empty.
#[must_use]
pub fn cast(plan: &Plan) -> Cast {
    let rules = rules(plan);
    let full = open(plan);
    let none = empty(rules);
    let monolithic = rules.coordination == Coordination::Monolith;
    let (apart, together) = if monolithic { (none, full) } else { (full, none) };
    Cast {
        product: Box::new(Participant::new(apart.products, rules)),
        order: Box::new(Participant::new(apart.orders, rules)),
        coupon: Box::new(Participant::new(apart.coupons, rules)),
        user: Box::new(Participant::new(apart.users, rules)),
        payment: Box::new(Participant::new(apart.payments, rules)),
        orchestrator: Box::new(Orchestrator::new(rules)),
        monolith: Box::new(Monolith::new(together, rules)),
        platform: Box::new(Participant::new(Platform::default(), rules)),
        ranking: Box::new(Participant::new(Ranking::default(), rules)),
        notes_reads: plan.scenario.run.anomalies,
    }
}

/// The domains of a plan in their opening state.
#[must_use]
pub fn open(plan: &Plan) -> Database {
    let article = |id| Article { price: plan.price(id), units: plan.stock(id) };
    let campaigns: Vec<_> =
        plan.scenario.coupons.iter().map(|c| (c.discount, c.quantity)).collect();
    let mut coupons = Coupons::new(&campaigns);
    for (coupon, user) in plan.issued_coupons() {
        coupons.issue_before(coupon, user);
    }
    Database {
        products: Products::new((0..plan.products()).map(article).collect()),
        orders: Orders::new(plan.scenario.protection.switches.semantic_lock),
        coupons,
        users: Users::new((0..plan.users()).map(|user| plan.balance(user)).collect()),
        payments: Payments::default(),
    }
}

fn empty(rules: Rules) -> Database {
    Database {
        products: Products::new(Vec::new()),
        orders: Orders::new(rules.on.semantic_lock),
        coupons: Coupons::new(&[]),
        users: Users::new(Vec::new()),
        payments: Payments::default(),
    }
}
