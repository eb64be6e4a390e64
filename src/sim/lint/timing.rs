//! Timeouts, patience and marks against the time that messages take.

use super::load::{rounded, seconds};
use super::{Finder, Lint};
use crate::sim::dist::Sampler;
use crate::sim::scenario::format_duration;

/// Marks against retries that have yet to leave the longest queue.
pub(super) fn short_marks(finder: &mut Finder<'_>) {
    let plan = finder.plan;
    let protection = &plan.scenario.protection;
    let queue_ns = finder.forecast.services.iter().map(|one| one.longest_wait_ns);
    let queue_ns = queue_ns.fold(0.0, f64::max) as u64;
    let network_ns = Sampler::new(&plan.scenario.network_latency).high().max(0).unsigned_abs();
    let parts =
        [protection.longest_call_ns(), protection.relay_interval_ns, queue_ns, 2 * network_ns];
    let late_ns = parts.into_iter().fold(0, u64::saturating_add);
    if protection.mark_retention_ns >= late_ns {
        return;
    }
    let title = format!(
        "marks are dropped after {}, but a message may come {} late",
        format_duration(protection.mark_retention_ns),
        seconds(late_ns),
    );
    let help = format!(
        "{} of it in the longest queue: write `mark_retention = \"{}\"`, or relieve the queue",
        seconds(queue_ns),
        seconds(late_ns),
    );
    finder.warn(Lint::ShortMarks, "protection.mark_retention", title, help);
}

/// The timeout and the first pause against a round trip.
pub(super) fn retry_storm(finder: &mut Finder<'_>) {
    let protection = &finder.plan.scenario.protection;
    let Some(timeout_ns) = protection.timeout_ns else { return };
    let Some(retry) = protection.retry.filter(|retry| retry.max_attempts > 1) else { return };
    let (service, trip_ns) = finder.forecast.slowest_call;
    if timeout_ns as f64 >= trip_ns || retry.initial_ns as f64 >= trip_ns {
        return;
    }
    let title = format!(
        "calls of `{}` are sent again after {}, but a mean round trip takes {}",
        service.name(),
        rounded(timeout_ns as f64),
        rounded(trip_ns),
    );
    let help = format!(
        "two hops and one service, without any queue: write a `timeout` of several times that, such \
         as \"{}\"",
        seconds((trip_ns * 5.0) as u64),
    );
    finder.warn(Lint::RetryStorm, "protection.timeout", title, help);
}

/// Patience against the mean time to an answer.
pub(super) fn short_patience(finder: &mut Finder<'_>) {
    let patience_ns = finder.plan.scenario.customers.patience_ns;
    let slower = finder.forecast.place_ns.max(finder.forecast.pay_ns);
    if patience_ns as f64 >= slower {
        return;
    }
    let what = if finder.forecast.place_ns >= slower { "an order" } else { "a payment" };
    let title = format!(
        "customers give up after {}, but {what} takes {} on average",
        rounded(patience_ns as f64),
        rounded(slower),
    );
    let help = format!(
        "without any queue: write a `patience` of several times that, such as \"{}\"",
        seconds((slower * 10.0) as u64),
    );
    finder.warn(Lint::ShortPatience, "customers.patience", title, help);
}
