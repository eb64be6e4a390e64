//! Several orders in flight: too many decisions to try them all, so some are drawn. A sample, and
//! said to be one.
//!
//! A sample is a walk: a run, on a schedule of its own or on the plan's, then the same with one
//! more decision at a place that the run before it reached, and so on. So points that only faults
//! reveal join in, and every run of the walk is judged.

use super::class::Class;
use super::decision::Decision;
use super::search::{Exploration, Onlooker, Pace, Point, Runs};
use super::share::in_order;
use super::shrink::{Counterexample, Same, certify, minimise};
use super::trial::{Theme, Trial};
use crate::domain::Transport;
use crate::sim::check::Law;
use crate::sim::decide::mix;
use crate::sim::engine::{Broken, Position, Question, Strike};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// How to draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sampling {
    /// Walks.
    pub samples: u32,
    /// Faults in one run, at most.
    pub faults: u8,
    /// Where the draws come from.
    pub seed: u64,
    /// Threads. The result does not depend on it.
    pub jobs: usize,
}

/// What a sample consisted of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Drawn {
    /// Walks.
    pub walks: u64,
    /// Walks on a schedule of their own.
    pub schedules: u64,
    /// Walks in which messages were late.
    pub late: u64,
    /// Faults in one run, at most.
    pub faults: u8,
}

/// Messages that are late in one run, at most.
const LATE_AT_MOST: usize = 3;
/// By how much they are late: from less than a hop to more than a payment window.
const LATE_MS: [u32; 8] = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384];
/// Counterexamples of one invariant that are shrunk; all are counted.
const SHRUNK: u64 = 10;

/// Draws walks and runs them, then shrinks what they found.
///
/// Each walk uses a random half of the positions, and late messages and a schedule of its own or
/// not (swarm testing: A. Groce et al., "Swarm Testing", ISSTA 2012), so that faults that mask each
/// other are also seen apart.
///
/// # Errors
/// An actor panicked, or the two drivers differ.
pub fn sample(
    theme: &Theme,
    sampling: Sampling,
    stop: &mut Onlooker<'_>,
) -> Result<Exploration, Broken> {
    let plain = theme.run(&[], true)?;
    let mut all = Walks::default();
    all.runs.business = 1;
    all.checked = u64::from(theme.check(&[], &plain)?);
    let walks = if plain.clean() { sampling.samples as usize } else { 0 };
    if let Some(&law) = plain.laws.first() {
        all.found.push((Vec::new(), law));
    }
    let mut failed = None;
    let aborted = in_order(
        sampling.jobs,
        walks,
        |at| Walk::go(theme, &plain, sampling, at as u64),
        &mut |walk, fraction| {
            match walk {
                Some(Ok(walk)) => all.add(walk),
                Some(Err(broken)) => drop(failed.get_or_insert(broken)),
                None => {}
            }
            if failed.is_some() {
                return ControlFlow::Break(());
            }
            stop(Pace { fraction, faults: sampling.faults, runs: all.runs.total() })
        },
    );
    if let Some(broken) = failed {
        return Err(broken);
    }
    let counterexamples = smallest(theme, &all, sampling.jobs)?;
    let judged = |(strike, transport): (&Strike, &Transport)| {
        let mine = |one: &&Counterexample| one.decisions.contains(&Decision::Strikes(*strike));
        let worst = counterexamples.iter().filter(mine).map(|one| {
            (Class::of(one.law), one.decisions.iter().filter(|one| one.is_fault()).count() <= 1)
        });
        let (class, alone) = worst.max().unwrap_or((Class::Clean, true));
        Point { strike: *strike, transport: *transport, class, alone }
    };
    Ok(Exploration {
        runs: all.runs,
        points: all.points.iter().map(judged).collect(),
        unchanged: 0,
        containing: 0,
        broken: all.broken(),
        counterexamples,
        checked: all.checked,
        drawn: Some(Drawn { faults: sampling.faults, ..all.drawn }),
        aborted,
    })
}

/// The smallest counterexamples, each once.
fn smallest(theme: &Theme, all: &Walks, jobs: usize) -> Result<Vec<Counterexample>, Broken> {
    let mut taken: BTreeMap<Law, u64> = BTreeMap::new();
    let mut few = |(_, law): &&(Vec<Decision>, Law)| {
        let taken = taken.entry(*law).or_default();
        *taken += 1;
        *taken <= SHRUNK
    };
    let few: Vec<&(Vec<Decision>, Law)> = all.found.iter().filter(&mut few).collect();
    let mut shrunk: Vec<Result<Counterexample, Broken>> = Vec::new();
    let work = |at: usize| {
        let (set, law) = few[at];
        let (theme, set) = minimise(theme, set, Same(*law))?;
        certify(&theme, &set, *law)
    };
    in_order(jobs, few.len(), work, &mut |one, _| {
        shrunk.extend(one);
        ControlFlow::Continue(())
    });
    let mut smallest: Vec<Counterexample> = Vec::new();
    for one in shrunk {
        let one = one?;
        let known = |other: &Counterexample| {
            (&other.focus, &other.decisions, other.law) == (&one.focus, &one.decisions, one.law)
        };
        if !smallest.iter().any(known) {
            smallest.push(one);
        }
    }
    let orders = |one: &Counterexample| one.focus.orders.as_ref().map_or(usize::MAX, BTreeMap::len);
    smallest.sort_by_cached_key(|one| (one.decisions.len(), orders(one), one.decisions.clone()));
    Ok(smallest)
}

/// What came of some walks.
#[derive(Default)]
struct Walks {
    runs: Runs,
    drawn: Drawn,
    checked: u64,
    points: BTreeMap<Strike, Transport>,
    /// What broke an invariant, and which one first.
    found: Vec<(Vec<Decision>, Law)>,
}

impl Walks {
    fn add(&mut self, walk: Walk) {
        self.runs.sampled += walk.runs;
        self.checked += walk.checked;
        self.drawn.walks += 1;
        self.drawn.schedules += u64::from(walk.has(|one| matches!(one, Decision::Schedule(_))));
        self.drawn.late += u64::from(walk.has(|one| matches!(one, Decision::Late(_))));
        self.points.extend(walk.points);
        self.found.extend(walk.broken.map(|law| (walk.set, law)));
    }

    fn broken(&self) -> BTreeMap<Law, u64> {
        let mut broken = BTreeMap::new();
        for (_, law) in &self.found {
            *broken.entry(*law).or_default() += 1;
        }
        broken
    }
}

/// One walk.
struct Walk {
    set: Vec<Decision>,
    runs: u64,
    checked: u64,
    points: Vec<(Strike, Transport)>,
    broken: Option<Law>,
}

impl Walk {
    fn go(theme: &Theme, plain: &Trial, sampling: Sampling, number: u64) -> Result<Walk, Broken> {
        let mut luck = Luck(mix(sampling.seed ^ 0x7361_6d70_6c65, number));
        let swarm = luck.below(1 << Position::ALL.len());
        let own_schedule = luck.below(2) == 1;
        let mut late = if luck.below(2) == 1 { 1 + luck.below(LATE_AT_MOST) } else { 0 };
        let mut faults = luck.below(usize::from(sampling.faults) + 1);
        if faults + late == 0 && !own_schedule {
            faults = 1;
        }
        let mut walk =
            Walk { set: Vec::new(), runs: 0, checked: 0, points: Vec::new(), broken: None };
        let mut asked = plain.asked.clone();
        // What the newest decision revealed: half of the draws are made there.
        let mut revealed = Vec::new();
        if own_schedule {
            asked = walk.step(theme, Decision::Schedule(1 + luck.below(1 << 16) as u32))?.asked;
        }
        while faults + late > 0 && walk.broken.is_none() {
            let there = !revealed.is_empty() && luck.below(2) == 1;
            let from = if there { &revealed } else { &asked };
            let of_late = luck.below(faults + late) < late;
            *(if of_late { &mut late } else { &mut faults }) -= 1;
            let drawn = if of_late {
                luck.late(from, &walk.set)
            } else {
                luck.fault(from, &walk.set, swarm)
            };
            if let Some(decision) = drawn {
                let trial = walk.step(theme, decision)?;
                let before: FxHashSet<&Question> = asked.iter().collect();
                let new = trial.asked.iter().filter(|question| !before.contains(question));
                revealed = new.copied().collect();
                asked = trial.asked;
            }
        }
        walk.set.sort_unstable();
        Ok(walk)
    }

    /// Runs with one more decision.
    fn step(&mut self, theme: &Theme, decision: Decision) -> Result<Trial, Broken> {
        self.set.push(decision);
        let trial = theme.run(&self.set, true)?;
        self.runs += 1;
        self.checked += u64::from(theme.check(&self.set, &trial)?);
        if let Decision::Strikes(strike) = decision
            && let Some(transport) = trial.transport(&decision)
        {
            self.points.push((strike, transport));
        }
        self.broken = trial.laws.first().copied();
        Ok(trial)
    }

    fn has(&self, what: fn(&Decision) -> bool) -> bool {
        self.set.iter().any(what)
    }
}

/// What a walk draws from.
struct Luck(u64);

/// How often something is drawn that may not be there.
const TRIES: usize = 64;

impl Luck {
    fn below(&mut self, below: usize) -> usize {
        self.0 = mix(self.0, 0x726f_6c6c);
        ((u128::from(self.0) * below as u128) >> 64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let at = self.below(from.len());
        from.get(at)
    }

    /// A message that is late.
    fn late(&mut self, asked: &[Question], set: &[Decision]) -> Option<Decision> {
        (0..TRIES).find_map(|_| {
            let by_ms = *self.pick(&LATE_MS)?;
            let question = self.pick(asked)?;
            let late = Decision::late(question, by_ms)?;
            let known = |one: &Decision| one.answers(question) && matches!(one, Decision::Late(_));
            (!set.iter().any(known)).then_some(late)
        })
    }

    /// A fault at one of the positions of the swarm.
    fn fault(&mut self, asked: &[Question], set: &[Decision], swarm: usize) -> Option<Decision> {
        (0..TRIES).find_map(|_| {
            let question = self.pick(asked)?;
            let Question::Break { strike, .. } = question else { return None };
            let known =
                |one: &Decision| one.answers(question) && matches!(one, Decision::Strikes(_));
            if swarm & 1 << strike.position as usize == 0 || set.iter().any(known) {
                return None;
            }
            let choices = Decision::alternatives(question, set);
            self.pick(&choices).copied()
        })
    }
}
