//! The sinks on a real Redis, when asked for: fed while the run goes on, read back at rest and
//! held against the books.

use super::engine::RunError;
use crate::actors::redis::{FINISH_PATIENCE, RedisSinks, RunName, SinkReadback, SinkRecord};
use crate::domain::{RequestId, Sale};
use crate::report::summary::RedisFigures;
use crate::sim::check::Outcome;
use crate::sim::engine::Finished;
use crate::sim::plan::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The connection of one run.
#[derive(Debug)]
pub(super) struct Sinks {
    redis: Arc<RedisSinks>,
}

impl Sinks {
    /// Connects before anything runs.
    ///
    /// # Errors
    /// Redis cannot be reached or written to.
    pub(super) fn connect(url: &str, plan: &Plan) -> Result<Self, RunError> {
        let environment = |error: &dyn std::fmt::Display| RunError::Environment(error.to_string());
        // A name of its own, so that two runs of one scenario never meet.
        let unique = rand::random::<u32>();
        let name = format!("{}-{}-{unique:08x}", plan.scenario.name, plan.seed);
        let name = RunName::new(&name).map_err(|error| environment(&error))?;
        let redis = RedisSinks::connect(url, name).map_err(|error| environment(&error))?;
        Ok(Sinks { redis: Arc::new(redis) })
    }

    /// What hands sales on. It never waits.
    pub(super) fn feed(&self) -> impl FnMut(RequestId, &Sale) + Send + 'static + use<> {
        let redis = Arc::clone(&self.redis);
        move |order, sale| redis.send(record(order, sale))
    }

    /// Waits until everything is written, reads it back and compares it with the books.
    pub(super) fn compare(&self, run: &Finished) -> RedisFigures {
        let back = self.redis.finish(FINISH_PATIENCE);
        if let Some(reason) = &back.reason {
            tracing::warn!("Redis does not hold everything: {reason}");
        }
        RedisFigures {
            reachable: back.reachable,
            sent: back.sent,
            acknowledged: back.acknowledged,
            missing: back.missing.len() as u64,
            ranking_equal: back.reachable && ranking(run) == back.ranking,
            platform_equal: back.reachable && platform_equal(run, &back),
        }
    }
}

fn record(order: RequestId, sale: &Sale) -> SinkRecord {
    SinkRecord {
        order: order.0,
        refund: sale.refund,
        day: sale.day,
        lines: sale.basket.lines.iter().map(|line| (line.product, line.quantity)).collect(),
        amount: sale.amount,
        user: sale.basket.user,
    }
}

/// Units per day and product that the books say were sold; cells that net to nothing left out.
fn ranking(run: &Finished) -> BTreeMap<(i32, u32), i64> {
    run.proof.sold.iter().filter(|(_, units)| **units != 0).map(|(k, v)| (*k, *v)).collect()
}

/// Each completed order once, each refund once, nothing else.
fn platform_equal(run: &Finished, back: &SinkReadback) -> bool {
    let mut expected = 0;
    for (order, end) in (0u32..).zip(&run.proof.orders) {
        if end.outcome != Outcome::Completed {
            continue;
        }
        for refund in [false, true].into_iter().take(1 + usize::from(end.refunded)) {
            expected += 1;
            let copies = back.platform.get(&(order, refund)).map_or(0, |(_, copies)| *copies);
            if copies != 1 {
                return false;
            }
        }
    }
    expected == back.platform.len()
}
