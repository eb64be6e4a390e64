//! Many runs over several threads, each with one run at a time.

use super::engine::{Engine, Job, Moment, Ran, RunError};
use super::progress::{Mode, Progress};
use super::terminal::Terminal;
use crate::report::Summary;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// What a run gave; none: it was never begun.
pub(super) type Answer = Option<Result<Summary, RunError>>;

/// What threads tell.
enum News {
    Tick(usize, Moment),
    Done(usize, Box<Result<Ran, RunError>>),
}

/// How many runs go on at once if nobody says so.
pub(super) fn all_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Runs all jobs, at most `at_once` together, and answers in their order whoever is first. `done`
/// takes each run that is over, in any order, and gives back what is to be kept. A signal stops those under way, and no other
/// begins.
pub(super) fn run_all(
    jobs: &[Job<'_>],
    at_once: usize,
    quiet: bool,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
    done: &mut dyn FnMut(usize, Ran) -> Summary,
) -> Vec<Answer> {
    let mode = if quiet { Mode::Off } else { terminal.progress };
    let stop = terminal.stop.clone();
    let mut progress = Progress::new(mode, terminal.err);
    let mut answers: Vec<Answer> = jobs.iter().map(|_| None).collect();
    let nothing = Moment { fraction: 0.0, simulated_ns: 0, orders: 0 };
    let mut moments = vec![nothing; jobs.len()];
    let next = AtomicUsize::new(0);
    let (tell, news) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..at_once.clamp(1, jobs.len().max(1)) {
            let (tell, stop, next) = (tell.clone(), &stop, &next);
            scope.spawn(move || {
                while stop.asked().is_none() {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(at) else { break };
                    let mut watch = |moment| {
                        // The listener stays until the last thread is gone.
                        tell.send(News::Tick(at, moment)).ok();
                        match stop.asked() {
                            Some(_) => ControlFlow::Break(()),
                            None => ControlFlow::Continue(()),
                        }
                    };
                    let run = AssertUnwindSafe(|| engine.run(job, &mut watch));
                    let panicked = |_| Err(RunError::Internal("the run panicked".to_owned()));
                    let answer = catch_unwind(run).unwrap_or_else(panicked);
                    tell.send(News::Done(at, Box::new(answer))).ok();
                }
            });
        }
        drop(tell);
        let mut over = 0;
        for news in news {
            match news {
                News::Tick(at, moment) => moments[at] = moment,
                News::Done(at, answer) => {
                    over += 1;
                    moments[at].fraction = 1.0;
                    answers[at] = Some(answer.map(|ran| done(at, ran)));
                }
            }
            progress.tick_all(over, jobs.len(), together(&moments));
        }
    });
    progress.finish();
    answers
}

fn together(moments: &[Moment]) -> Moment {
    let fraction = moments.iter().map(|moment| moment.fraction).sum::<f64>();
    Moment {
        fraction: fraction / moments.len().max(1) as f64,
        simulated_ns: moments.iter().map(|moment| moment.simulated_ns).sum(),
        orders: moments.iter().map(|moment| moment.orders).sum(),
    }
}
