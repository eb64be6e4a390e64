//! What a plan will ask of the services, by arithmetic: nothing runs.
//!
//! Arrival rate × visits per order × mean service time, for orders that all find their stock, are
//! paid at the first attempt and meet no fault: the load that is *offered*. What is refused on the
//! way asks for less; what is repeated asks for more.

mod arrivals;
mod visits;

pub use arrivals::Arrivals;

use super::dist::Sampler;
use super::plan::Plan;
use super::scenario::Load;
use crate::domain::{Process, Service};
use visits::{Wave, waves};

/// Columns of a curve over the load's time.
pub const BINS: usize = 64;

/// What is to be expected of a run.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// When orders arrive.
    pub arrivals: Arrivals,
    /// One entry per service of the coordination.
    pub services: Vec<Offered>,
    /// Mean time from a customer's order to its word, without waiting in a queue.
    pub place_ns: f64,
    /// The same from a customer's payment.
    pub pay_ns: f64,
    /// The call with the longest mean round trip: who is asked, and how long it takes.
    pub slowest_call: (Service, f64),
}

/// What one service is asked to do.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Offered {
    /// Which.
    pub service: Service,
    /// Messages served at once.
    pub workers: u32,
    /// Messages that one order means for it.
    pub visits_per_order: f64,
    /// Mean time of a worker for one order, waiting for others included.
    pub busy_per_order_ns: f64,
    /// Work offered while the load lasts ÷ what its workers can do then; 1 and more: overload.
    pub utilization: f64,
    /// The same in the busiest of [`BINS`] equal parts of that time.
    pub peak: f64,
    /// The highest of both of which chance is no explanation: two standard deviations of the
    /// arrivals are taken off.
    pub surely: f64,
    /// The longest a message may have to wait, were the work a fluid.
    pub longest_wait_ns: f64,
    /// The same when the load ends.
    pub last_wait_ns: f64,
}

/// Looks ahead.
#[must_use]
pub fn forecast(plan: &Plan) -> Forecast {
    let place_ns = visits::path_ns(plan, Process::Order);
    let pay_ns = visits::path_ns(plan, Process::Payment);
    let arrivals = Arrivals::of(plan, closed_rate(plan, place_ns, pay_ns));
    let waves = waves(plan, arrivals.orders());
    let coordination = plan.scenario.flow.coordination;
    let services = Service::ALL.into_iter().filter(|service| service.takes_part(coordination));
    let services = services.map(|service| offered(plan, service, &arrivals, &waves)).collect();
    Forecast { arrivals, services, place_ns, pay_ns, slowest_call: visits::slowest_call(plan) }
}

/// Orders per second of customers who order in turns, if nobody has to wait; none: they come by
/// themselves.
fn closed_rate(plan: &Plan, place_ns: f64, pay_ns: f64) -> Option<f64> {
    let Load::ConstantUsers { users, pause } = &plan.scenario.load else { return None };
    let customers = &plan.scenario.customers;
    let mean = |dist| Sampler::new(dist).mean();
    let idle = customers.intents.abandon;
    // Whoever never pays comes back when the order has expired.
    let window_ns = if plan.scenario.flow.omit.expiry {
        customers.patience_ns as f64
    } else {
        plan.scenario.flow.payment_window_ns as f64
    };
    let acting_ns = mean(&customers.think_time) + pay_ns;
    let refund_ns = customers.intents.pay_then_refund * (mean(&customers.refund_delay) + pay_ns);
    let cycle_ns = mean(pause) + place_ns + idle * window_ns + (1.0 - idle) * acting_ns + refund_ns;
    Some(f64::from(*users) * 1e9 / cycle_ns.max(1.0))
}

fn offered(plan: &Plan, service: Service, arrivals: &Arrivals, waves: &[Wave]) -> Offered {
    let at = service as usize;
    let workers = plan.scenario.services[at].workers;
    let duration_ns = plan.duration_ns.max(1) as f64;
    let others = visits::traffic(plan, service);
    let busy = |from_ns: f64, until_ns: f64, sure: bool| {
        let of = |wave: &Wave| {
            let orders = arrivals.expected(from_ns - wave.after_ns, until_ns - wave.after_ns);
            let orders = if sure { (orders - 2.0 * orders.sqrt()).max(0.0) } else { orders };
            orders * wave.busy_ns[at]
        };
        let work_ns = waves.iter().map(of).sum::<f64>() + others * (until_ns - from_ns);
        work_ns / (f64::from(workers) * (until_ns - from_ns))
    };
    let width_ns = duration_ns / BINS as f64;
    let parts = (0..BINS).map(|bin| (bin as f64 * width_ns, (bin + 1) as f64 * width_ns));
    let visits: f64 = waves.iter().map(|wave| wave.visits[at]).sum();
    let per_order_ns: f64 = waves.iter().map(|wave| wave.busy_ns[at]).sum();
    // A queue with a limit never makes anyone wait for more than what fits into it.
    let most_ns = plan.scenario.services[at].queue_capacity.map_or(f64::INFINITY, |capacity| {
        let each_ns = if visits > 0.0 { per_order_ns / visits } else { 0.0 };
        f64::from(capacity) * each_ns / f64::from(workers)
    });
    let (mut peak, mut surely) = (0.0_f64, busy(0.0, duration_ns, true));
    let (mut wait_ns, mut longest_wait_ns) = (0.0_f64, 0.0_f64);
    for (from_ns, until_ns) in parts {
        let part = busy(from_ns, until_ns, false);
        peak = peak.max(part);
        surely = surely.max(busy(from_ns, until_ns, true));
        wait_ns = (wait_ns + (part - 1.0) * width_ns).clamp(0.0, most_ns);
        longest_wait_ns = longest_wait_ns.max(wait_ns);
    }
    Offered {
        service,
        workers,
        visits_per_order: visits,
        busy_per_order_ns: per_order_ns,
        utilization: busy(0.0, duration_ns, false),
        peak,
        surely,
        longest_wait_ns,
        last_wait_ns: wait_ns,
    }
}
