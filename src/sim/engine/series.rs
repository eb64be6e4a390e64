//! The run as a series: what happened in each interval of virtual time.
//!
//! An interval ends when time first passes its end, before anything happens there; whoever looks
//! on is told then, and nothing of it is kept. If nobody looks on, there are no intervals.

use super::latency::Metric;
use super::station::StationMoment;
use super::world::World;
use crate::domain::Service;

/// Told of each interval when it is over.
pub type IntervalFeed = Box<dyn FnMut(&Interval<'_>)>;

/// The load has at most this many intervals, and more than a third of them.
const INTERVALS: u64 = 125;

/// Latencies by metric, of orders that arrived after the warm-up, and during it.
type Ended = [[Vec<u64>; Metric::ALL.len()]; 2];

/// What happened in one interval.
#[derive(Debug)]
pub struct Interval<'a> {
    /// From.
    pub from_ns: u64,
    /// Until, not included.
    pub until_ns: u64,
    /// Orders that arrived.
    pub offered: u64,
    /// Orders that were placed.
    pub started: u64,
    /// Orders whose customer was told that they expired.
    pub expired: u64,
    /// Requests without a final word at the end of the interval.
    pub in_flight: u64,
    /// The stations at its end, indexed by `Service as usize`.
    pub stations: [StationMoment; Service::STATIONS],
    ended: &'a Ended,
}

impl Interval<'_> {
    /// The latencies that ended in the interval, in nanoseconds, the shortest first: of orders
    /// that arrived during the warm-up (`warm`), or after it.
    #[must_use]
    pub fn ended(&self, metric: Metric, warm: bool) -> &[u64] {
        &self.ended[usize::from(warm)][metric as usize]
    }
}

/// The interval that is under way.
#[derive(Default)]
pub(super) struct Series {
    feed: Option<IntervalFeed>,
    from_ns: u64,
    pub(super) until_ns: u64,
    width_ns: u64,
    /// Intervals that are over.
    over: u64,
    offered: u64,
    pub(super) started: u64,
    pub(super) expired: u64,
    pub(super) in_flight: u64,
    ended: Ended,
}

impl Series {
    pub(super) fn new(feed: Option<IntervalFeed>, duration_ns: u64) -> Self {
        let width_ns = if feed.is_some() { width_ns(duration_ns) } else { u64::MAX };
        Series { feed, until_ns: width_ns, width_ns, ..Series::default() }
    }

    /// A request got its final word.
    pub(super) fn record(&mut self, metric: Metric, warm: bool, latency_ns: u64) {
        if self.feed.is_none() {
            return;
        }
        self.ended[usize::from(warm)][metric as usize].push(latency_ns);
    }

    /// The interval is over.
    fn tell(&mut self, orders: u64, stations: [StationMoment; Service::STATIONS]) {
        let Some(feed) = &mut self.feed else { return };
        self.ended.iter_mut().flatten().for_each(|ended| ended.sort_unstable());
        feed(&Interval {
            from_ns: self.from_ns,
            until_ns: self.until_ns,
            offered: orders - self.offered,
            started: self.started,
            expired: self.expired,
            in_flight: self.in_flight,
            stations,
            ended: &self.ended,
        });
        (self.offered, self.started, self.expired) = (orders, 0, 0);
        self.ended.iter_mut().flatten().for_each(Vec::clear);
        self.over += 1;
        // What follows the load may be long: a run of any length has few intervals.
        if self.over.is_multiple_of(INTERVALS) {
            self.width_ns = self.width_ns.saturating_mul(2);
        }
        self.from_ns = self.until_ns;
        self.until_ns = self.until_ns.saturating_add(self.width_ns);
    }
}

impl World {
    /// Time is about to pass to this instant: intervals that end by then are over. What is due
    /// after the limit never happens.
    pub(super) fn pass_to(&mut self, at_ns: u64) {
        if at_ns > self.limit_ns {
            return;
        }
        while at_ns >= self.series.until_ns && self.series.until_ns < u64::MAX {
            self.end_interval(self.series.until_ns);
        }
    }

    /// The run is over, and the interval at hand with it.
    pub(super) fn end_series(&mut self) {
        if self.series.until_ns < u64::MAX {
            // A run may be stopped when an interval has ended and nothing happened after it.
            self.now_ns = self.now_ns.max(self.series.from_ns);
            self.end_interval(self.now_ns);
        }
    }

    fn end_interval(&mut self, now_ns: u64) {
        let lasted_ns = self.series.until_ns - self.series.from_ns;
        let stations = self.stations.each_mut().map(|station| station.moment(now_ns, lasted_ns));
        self.series.tell(u64::from(self.orders), stations);
    }
}

/// The smallest of 1, 2 and 5 times a power of ten of which the load has at most [`INTERVALS`].
fn width_ns(duration_ns: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for digit in [1, 2, 5] {
            let width_ns = power.saturating_mul(digit);
            if duration_ns / width_ns <= INTERVALS {
                return width_ns;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::{INTERVALS, width_ns};

    #[test]
    fn a_load_of_any_length_has_about_a_hundred_intervals() {
        assert_eq!(width_ns(5_000_000_000), 50_000_000);
        assert_eq!(width_ns(420_000_000_000), 5_000_000_000);
        assert_eq!((width_ns(0), width_ns(1)), (1, 1));
        let mut duration_ns = 1_000_u64;
        while duration_ns < u64::MAX / 2 {
            let intervals = duration_ns / width_ns(duration_ns);
            assert!(intervals <= INTERVALS && intervals * 3 > INTERVALS, "{duration_ns}");
            duration_ns += duration_ns / 7;
        }
    }
}
