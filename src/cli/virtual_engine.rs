//! The engine behind the command line: plan, run in virtual time, sum up.

use super::engine::{
    Engine, Job, Loaded, Moment, Problem, Quest, Ran, Rejected, RunError, Warnings, Watch,
};
use super::sinks::Sinks;
use crate::actors::host::Cast;
use crate::domain::{RequestId, saga};
use crate::report::explain::MatrixRow;
use crate::report::summary::{AblationFigures, Explored, Inspection};
use crate::report::{Again, Charset, Context, Series, fails, hgrm, render_outlook, summarise};
use crate::sim::engine::{self as sim, Broken, Driver, Finished, Options};
use crate::sim::explore::{Onlooker, Planted};
use crate::sim::forecast::forecast;
use crate::sim::lint::{Lint, lint};
use crate::sim::plan::{Confluence, Plan, certify};
use crate::sim::scenario::{Diagnostics, Paint, Scenario, load_with, resolved_toml};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a running simulation is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// Orders whose story is told when they break an invariant.
const STORIES: usize = 3;

/// Runs scenarios in virtual time, through actix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VirtualEngine;

impl Engine for VirtualEngine {
    fn load(&self, file: &Path, settings: &[String]) -> Result<Loaded, Rejected> {
        match load_with(file, settings) {
            Ok((scenario, text)) => Ok(Loaded { scenario, text, settings: settings.to_vec() }),
            Err(diagnostics) => Err(rejected(&diagnostics)),
        }
    }

    fn examine(&self, scenario: &Scenario, seed: u64) -> Result<Confluence, RunError> {
        plan(scenario, seed).map(|plan| certify(&plan))
    }

    fn warnings(&self, file: &Path, loaded: &Loaded, seed: u64) -> Result<Warnings, RunError> {
        let plan = plan(&loaded.scenario, seed)?;
        let found = lint(file, &loaded.text, &loaded.settings, &plan);
        let Rejected { rendered, problems } = rejected(&found);
        Ok(Warnings { rendered, problems })
    }

    fn outlook(
        &self,
        scenario: &Scenario,
        seed: Option<u64>,
        charset: Charset,
    ) -> Result<String, RunError> {
        let plan = plan(scenario, seed.unwrap_or(0))?;
        Ok(render_outlook(&plan, &forecast(&plan), seed, charset))
    }

    fn resolved(&self, scenario: &Scenario) -> String {
        resolved_toml(scenario)
    }

    fn run(&self, job: &Job<'_>, watch: &mut Watch<'_>) -> Result<Ran, RunError> {
        run_with(job, watch, sim::cast)
    }

    fn explore(&self, quest: &Quest<'_>, watch: &mut Onlooker<'_>) -> Result<Explored, RunError> {
        super::explorer::explore(quest, watch)
    }

    fn ablate(
        &self,
        quest: &Quest<'_>,
        watch: &mut Onlooker<'_>,
    ) -> Result<AblationFigures, RunError> {
        super::ablator::ablate(quest, watch)
    }

    fn inspect(&self, job: &Job<'_>) -> Result<Inspection, RunError> {
        super::explorer::inspect(job)
    }

    fn tell(&self, job: &Job<'_>, order: RequestId) -> Result<Inspection, RunError> {
        super::teller::tell(job, order)
    }

    fn flow(&self) -> Vec<MatrixRow> {
        let row = |row: &saga::Row| MatrixRow {
            process: row.process.name(),
            step: row.name(),
            service: row.service.name(),
            kind: row.kind.name(),
            undo: row.undo_name(),
        };
        saga::table().map(row).collect()
    }
}

/// Runs a job with the actors that `cast` makes, twice if it fails or if that is asked for.
///
/// # Errors
/// As [`Engine::run`].
pub fn run_with(
    job: &Job<'_>,
    watch: &mut Watch<'_>,
    cast: fn(&Plan) -> Cast,
) -> Result<Ran, RunError> {
    let plan = plan(job.scenario, job.seed)?.focused(job.focus.cloned().unwrap_or_default());
    let plan = Arc::new(plan);
    let sinks = job.redis.map(|url| Sinks::connect(url, &plan)).transpose()?;
    let started = Instant::now();
    let planted = if job.token.is_none() {
        Planted::default()
    } else {
        Planted::in_plan(&plan, job.decisions)
    };
    let show = Show { plan: Arc::clone(&plan), planted, cast };
    let (run, series, thread) = show.simulate(sinks.as_ref(), Vec::new(), watch)?;
    let wall_ns = started.elapsed().as_nanos() as u64;
    if job.others_follow {
        // It has answered; a panic while it tidies up has been said by the hook.
        thread.join().ok();
    }
    let redis = sinks.map(|sinks| sinks.compare(&run));
    let (stories, again) = show.again(job.twice, &run, watch)?;
    let token = job.token.map(str::to_owned);
    let context = Context { plan: &plan, wall_ns, redis, stories, again, token };
    let summary = summarise(&run, &context);
    let (csv, hlog) = series.finish();
    let files = vec![("latency.hlog", hlog), ("latency.hgrm", hgrm(&run)), ("series.csv", csv)];
    Ok(Ran { summary, files })
}

fn rejected(diagnostics: &Diagnostics) -> Rejected {
    let problem = |diagnostic| {
        let (line, column) = diagnostics.position(diagnostic).unzip();
        let message = diagnostic.title.clone();
        let lint = diagnostic.lint.map(Lint::name);
        let setting = diagnostics.setting(diagnostic).map(str::to_owned);
        Problem { line, column, message, help: diagnostic.help.clone(), lint, setting }
    };
    Rejected {
        rendered: diagnostics.render(Paint::Coloured),
        problems: diagnostics.items().iter().map(problem).collect(),
    }
}

pub(super) fn plan(scenario: &Scenario, seed: u64) -> Result<Plan, RunError> {
    let coordination = scenario.flow.coordination;
    if let Some(defect) = scenario.flow.defect
        && !defect.plays.contains(&coordination)
    {
        let plays: Vec<&str> = defect.plays.iter().map(|one| one.name()).collect();
        return Err(RunError::Input(format!(
            "the defect `{}` does not play in {}, only in {}",
            defect.name,
            coordination.name(),
            plays.join(" and "),
        )));
    }
    Plan::new(scenario.clone(), seed).map_err(|error| RunError::Input(error.to_string()))
}

/// What the simulating thread shows while it works, and is told.
#[derive(Debug, Default)]
struct Glass {
    simulated_ns: AtomicU64,
    orders: AtomicU64,
    stop: AtomicBool,
}

/// Stories by order.
type Told = BTreeMap<RequestId, Vec<String>>;

/// What is run, as often as it takes.
struct Show {
    plan: Arc<Plan>,
    planted: Planted,
    cast: fn(&Plan) -> Cast,
}

impl Show {
    /// Simulates on a thread of its own, so that progress and signals are seen at any time.
    fn simulate(
        &self,
        sinks: Option<&Sinks>,
        tell: Vec<RequestId>,
        watch: &mut Watch<'_>,
    ) -> Result<(Finished, Series, JoinHandle<()>), RunError> {
        let glass = Arc::new(Glass::default());
        let (done, when_done) = mpsc::channel();
        let (shared, seen, cast) = (Arc::clone(&self.plan), Arc::clone(&glass), self.cast);
        let feed = sinks.map(Sinks::feed);
        let planted = self.planted.clone();
        let thread = std::thread::Builder::new().name("simulation".to_owned()).spawn(move || {
            let progress = Box::new(move |simulated_ns, orders| {
                seen.simulated_ns.store(simulated_ns, Ordering::Relaxed);
                seen.orders.store(orders, Ordering::Relaxed);
                seen.stop.load(Ordering::Relaxed)
            });
            let sale = feed.map(|feed| Box::new(feed) as sim::SaleFeed);
            let scenario = &shared.scenario;
            let series = Series::new(&scenario.name, shared.seed, scenario.flow.coordination);
            let series = Rc::new(RefCell::new(Some(series)));
            let told = Rc::clone(&series);
            let intervals = Box::new(move |interval: &sim::Interval<'_>| {
                if let Some(series) = told.borrow_mut().as_mut() {
                    series.add(interval);
                }
            });
            let watch = sim::Watch { progress, sale, visit: None };
            let intervals: Option<sim::IntervalFeed> = Some(intervals);
            let options = planted.plant(Options { tell, watch, intervals, ..Options::default() });
            let cast = cast(&shared);
            sim::run_then(shared, cast, options, Driver::Actix, |run| {
                let series = series.borrow_mut().take().expect("only this takes it");
                // Nobody listens any more only if the program is being stopped.
                done.send((run, series)).ok();
            });
        });
        let thread = thread.map_err(|error| RunError::Internal(error.to_string()))?;
        let length_ns = self.plan.duration_ns.max(1);
        let (run, series) = loop {
            match when_done.recv_timeout(LOOK) {
                Ok(run_and_series) => break run_and_series,
                Err(RecvTimeoutError::Timeout) => {
                    let simulated_ns = glass.simulated_ns.load(Ordering::Relaxed);
                    let fraction = (simulated_ns as f64 / length_ns as f64).min(1.0);
                    let orders = glass.orders.load(Ordering::Relaxed);
                    let moment = Moment { fraction, simulated_ns, orders };
                    if let ControlFlow::Break(()) = watch(moment) {
                        glass.stop.store(true, Ordering::Relaxed);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(RunError::Internal("the simulation broke off".to_owned()));
                }
            }
        };
        let run = run.map_err(|broken: Broken| RunError::Internal(broken.to_string()))?;
        Ok((run, series, thread))
    }

    /// Runs a failing run again, with an ear for the orders that broke something; or any run, if
    /// that is asked for. It must be the same, event by event: then the stories are true. If it
    /// is not, two more runs say where they part. Stopped by a signal, a run is not run again.
    fn again(
        &self,
        twice: bool,
        run: &Finished,
        watch: &mut Watch<'_>,
    ) -> Result<(Told, Option<Again>), RunError> {
        let interrupted = |run: &Finished| run.aborted && run.stopped.is_none();
        if interrupted(run) || !(twice || fails(run, &self.plan)) {
            return Ok((Told::new(), None));
        }
        let mut orders: Vec<RequestId> = Vec::new();
        for order in run.proof.findings.kept().iter().filter_map(|violation| violation.order) {
            if !orders.contains(&order) && orders.len() < STORIES {
                orders.push(order);
            }
        }
        let (second, _, thread) = self.simulate(None, orders, watch)?;
        thread.join().ok();
        if interrupted(&second) {
            return Ok((Told::new(), None));
        }
        let divergence = if second.digest == run.digest {
            None
        } else {
            let options = || self.planted.clone().plant(Options::default());
            sim::divergence(&self.plan, || (self.cast)(&self.plan), options)
        };
        Ok((second.stories, Some(Again { digest: second.digest, divergence })))
    }
}
