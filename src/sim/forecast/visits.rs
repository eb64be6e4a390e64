//! How often one order goes to which service, and for how long: from the saga table.

use crate::domain::saga::{Row, rows};
use crate::domain::{Coordination, Process, Service, Step, Turn};
use crate::sim::dist::Sampler;
use crate::sim::plan::Plan;
use crate::sim::scenario::Issue;

/// What a mean order asks of each service some time after its arrival.
#[derive(Clone, Debug)]
pub(super) struct Wave {
    /// After the arrival, on average.
    pub(super) after_ns: f64,
    /// Messages, by service.
    pub(super) visits: [f64; Service::STATIONS],
    /// Time of a worker, by service.
    pub(super) busy_ns: [f64; Service::STATIONS],
}

impl Wave {
    fn after(after_ns: f64) -> Self {
        let none = [0.0; Service::STATIONS];
        Wave { after_ns, visits: none, busy_ns: none }
    }

    fn visit(&mut self, service: Service, times: f64, each_ns: f64) {
        self.visits[service as usize] += times;
        self.busy_ns[service as usize] += times * each_ns;
    }

    /// A share of the orders runs through a process; `coupon` of them have one to use or restore.
    fn runs(&mut self, plan: &Plan, process: Process, share: f64, coupon: f64) {
        let coordination = plan.scenario.flow.coordination;
        let mean = |service: Service| plan.service[service as usize].mean();
        let mut transaction_ns = 0.0;
        for row in rows(process) {
            let applies = if row.step == Step::UseCoupon { coupon } else { 1.0 };
            let sink = matches!(row.service, Service::Platform | Service::Ranking);
            if coordination == Coordination::Monolith && !sink {
                transaction_ns += applies * mean(row.service);
                continue;
            }
            self.visit(row.service, share * applies, mean(row.service));
            match coordination {
                Coordination::Orchestration => {
                    self.visit(Service::Orchestrator, share * applies, mean(Service::Orchestrator));
                }
                // Order waits for the answer of Coupon, and does nothing else meanwhile.
                Coordination::Choreography if row.step == Step::UseCoupon => {
                    let call_ns = mean(Service::Coupon) + 2.0 * plan.network.mean();
                    self.busy_ns[Service::Order as usize] += share * applies * call_ns;
                }
                Coordination::Choreography | Coordination::Monolith => {}
            }
        }
        match coordination {
            Coordination::Orchestration => {
                self.visit(Service::Orchestrator, share, mean(Service::Orchestrator));
            }
            Coordination::Monolith => self.visit(Service::Monolith, share, transaction_ns),
            // Order hears that the balance is back, and only then restores the coupon.
            Coordination::Choreography if process == Process::Refund => {
                self.visit(Service::Order, share, mean(Service::Order));
            }
            Coordination::Choreography => {}
        }
    }
}

/// What follows from a mean order of this plan, which expects so many of them.
pub(super) fn waves(plan: &Plan, orders: f64) -> Vec<Wave> {
    let scenario = &plan.scenario;
    let (flow, customers) = (&scenario.flow, &scenario.customers);
    let intents = &customers.intents;
    let think_ns = Sampler::new(&customers.think_time).mean();
    let mean = |service: Service| plan.service[service as usize].mean();
    let coupons = Coupons::expected(plan, orders);
    let back = if flow.omit.restore_coupon { 0.0 } else { coupons.used };
    let mut place = Wave::after(0.0);
    if coupons.asked > 0.0 {
        let issuer = match flow.coordination {
            Coordination::Monolith => Service::Monolith,
            Coordination::Choreography | Coordination::Orchestration => Service::Coupon,
        };
        place.visit(issuer, coupons.asked, mean(Service::Coupon));
    }
    place.runs(plan, Process::Order, 1.0, coupons.used);
    let mut act = Wave::after(think_ns);
    let paying = intents.pay + intents.pay_then_refund + intents.cancel_while_paying;
    act.runs(plan, Process::Payment, paying, 0.0);
    act.runs(plan, Process::Cancel, intents.cancel, back);
    // Of a payment and a cancellation at the same moment, Order has to hear both.
    let both = intents.cancel_while_paying;
    match flow.coordination {
        Coordination::Monolith => act.runs(plan, Process::Cancel, both, back),
        Coordination::Choreography => act.visit(Service::Order, both, mean(Service::Order)),
        Coordination::Orchestration => {
            act.visit(Service::Order, both, mean(Service::Order));
            act.visit(Service::Orchestrator, 2.0 * both, mean(Service::Orchestrator));
        }
    }
    let mut expire = Wave::after(flow.payment_window_ns as f64);
    if !flow.omit.expiry {
        expire.runs(plan, Process::Expiry, intents.abandon, back);
    }
    let mut refund = Wave::after(think_ns + Sampler::new(&customers.refund_delay).mean());
    refund.runs(plan, Process::Refund, intents.pay_then_refund, back);
    vec![place, act, expire, refund]
}

/// Coupons of a mean order.
#[derive(Clone, Copy, Debug)]
struct Coupons {
    /// Asked for before ordering.
    asked: f64,
    /// Used.
    used: f64,
}

impl Coupons {
    /// A coupon goes to a customer once, so who asks again gets none.
    fn expected(plan: &Plan, orders: f64) -> Coupons {
        let campaigns = &plan.scenario.coupons;
        let mut coupons = Coupons { asked: 0.0, used: 0.0 };
        if campaigns.is_empty() || orders <= 0.0 {
            return coupons;
        }
        let wishes = plan.scenario.basket.coupon_rate * orders / campaigns.len() as f64;
        let users = f64::from(plan.users().max(1));
        let wishers = users * -libm::expm1(wishes * libm::log1p(-1.0 / (users + 1e-9)));
        for campaign in campaigns {
            let quantity = f64::from(campaign.quantity);
            match campaign.issue {
                Issue::Before => {
                    coupons.used += wishes / orders * (quantity / wishers.max(1.0)).min(1.0);
                }
                Issue::OnDemand => {
                    coupons.asked += wishes / orders;
                    coupons.used += quantity.min(wishers) / orders;
                }
            }
        }
        coupons
    }
}

/// Share of a nanosecond of this service's time that each nanosecond of background traffic asks for.
pub(super) fn traffic(plan: &Plan, service: Service) -> f64 {
    let traffic = &plan.scenario.traffic;
    let monolith = plan.scenario.flow.coordination == Coordination::Monolith;
    let duties = [
        (Service::Product, traffic.list_products_per_s + traffic.change_price_per_s),
        (Service::Coupon, traffic.list_coupons_per_s),
        (Service::User, traffic.top_up_per_s),
        (Service::Ranking, traffic.popular_products_per_s),
    ];
    let of = |(duty, per_s): (Service, f64)| {
        let server = if monolith && duty != Service::Ranking { Service::Monolith } else { duty };
        let asked = if server == service { per_s / 1e9 } else { 0.0 };
        asked * plan.service[duty as usize].mean()
    };
    duties.into_iter().map(of).sum()
}

/// Mean time from a customer's request to the word that ends its wait, if nobody has to queue.
pub(super) fn path_ns(plan: &Plan, process: Process) -> f64 {
    let network_ns = plan.network.mean();
    let mean = |service: Service| plan.service[service as usize].mean();
    let told = |row: &&Row| row.turn == Turn::Do && !matches!(row.step, Step::UseCoupon);
    let rows = rows(process).iter().filter(told);
    let rows = rows.filter(|row| !matches!(row.service, Service::Platform | Service::Ranking));
    let each = |row: &Row| match plan.scenario.flow.coordination {
        Coordination::Choreography => mean(row.service) + network_ns,
        Coordination::Orchestration => {
            mean(row.service) + 2.0 * network_ns + mean(Service::Orchestrator)
        }
        Coordination::Monolith => mean(row.service),
    };
    let ends_ns = match plan.scenario.flow.coordination {
        Coordination::Choreography => network_ns,
        Coordination::Orchestration => 2.0 * network_ns + mean(Service::Orchestrator),
        Coordination::Monolith => 2.0 * network_ns,
    };
    rows.map(each).sum::<f64>() + ends_ns
}

/// The call whose mean round trip is the longest.
pub(super) fn slowest_call(plan: &Plan) -> (Service, f64) {
    let mean = |service: Service| plan.service[service as usize].mean();
    let domains =
        [Service::Product, Service::Order, Service::Coupon, Service::User, Service::Payment];
    let called: Vec<(Service, f64)> = match plan.scenario.flow.coordination {
        // Payment hears events only.
        Coordination::Choreography => domains[..4].iter().map(|one| (*one, mean(*one))).collect(),
        Coordination::Orchestration => {
            let called = domains.iter().chain(&[Service::Orchestrator, Service::Platform]);
            called.chain(&[Service::Ranking]).map(|one| (*one, mean(*one))).collect()
        }
        Coordination::Monolith => {
            let all = rows(Process::Order).iter().chain(rows(Process::Payment));
            let whole = |process: Process| -> f64 {
                let own = all.clone().filter(|row| row.process == process);
                let own = own.filter(|row| domains.contains(&row.service));
                own.map(|row| mean(row.service)).sum()
            };
            vec![(Service::Monolith, whole(Process::Order).max(whole(Process::Payment)))]
        }
    };
    let slowest = called.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let (service, served_ns) = slowest.unwrap_or((Service::Product, 0.0));
    (service, served_ns + 2.0 * plan.network.mean())
}
