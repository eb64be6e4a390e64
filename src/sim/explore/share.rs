//! Work shared among threads. They take it in turn; what comes of it is handed on in the order of
//! the work, whoever was faster, so nothing depends on their number.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How often work is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Told of each result, or of none now and then, and which fraction is done; says whether to go on.
pub(super) type Taker<'a, T> = dyn FnMut(Option<T>, f64) -> ControlFlow<()> + 'a;

/// Does pieces of work `0..many` on threads. True: it was stopped before the last one.
pub(super) fn in_order<T: Send>(
    jobs: usize,
    many: usize,
    work: impl Fn(usize) -> T + Sync,
    take: &mut Taker<'_, T>,
) -> bool {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (done, when_done) = mpsc::channel();
    // Results that came before an earlier one.
    let mut early: BTreeMap<usize, T> = BTreeMap::new();
    let mut taken = 0;
    let fraction = |taken: usize| taken as f64 / many.max(1) as f64;
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, many.max(1)) {
            let done = done.clone();
            let (next, stop, work) = (&next, &stop, &work);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= many {
                        return;
                    }
                    // The other side listens until every thread is done.
                    done.send((at, work(at))).ok();
                }
            });
        }
        drop(done);
        loop {
            let mut told = |result, taken| {
                if take(result, fraction(taken)).is_break() {
                    stop.store(true, Ordering::Relaxed);
                }
            };
            match when_done.recv_timeout(LOOK) {
                Ok((at, result)) => {
                    early.insert(at, result);
                    while let Some(result) = early.remove(&taken) {
                        taken += 1;
                        told(Some(result), taken);
                    }
                }
                Err(RecvTimeoutError::Timeout) => told(None, taken),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    // Of what was stopped, whatever is done counts.
    let stopped = taken + early.len() < many;
    for result in early.into_values() {
        taken += 1;
        // It has stopped already.
        let _ = take(Some(result), fraction(taken));
    }
    stopped
}
