//! The search: sets of decisions by number of faults, the smallest first, on all threads.

use super::class::Class;
use super::decision::Decision;
use super::sample::Drawn;
use super::share::in_order;
use super::shrink::{Counterexample, Same, certify, plainest};
use super::trial::Theme;
use crate::domain::Transport;
use crate::sim::check::Law;
use crate::sim::engine::{Broken, Position, Question, Strike};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// How far to search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Faults in one run, at most.
    pub faults: u8,
    /// Threads. The result does not depend on it.
    pub jobs: usize,
    /// Do not extend a run by more faults if its newest fault changed nothing.
    pub reduce: bool,
}

/// Runs made, by number of faults.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Runs {
    /// Without a fault: the plain run, and one for each intent and each refused step.
    pub business: u64,
    /// With one fault.
    pub single: u64,
    /// With two.
    pub double: u64,
    /// With more.
    pub deeper: u64,
    /// Drawn at random from all that is possible, instead of the four above.
    pub sampled: u64,
}

impl Runs {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.business + self.single + self.double + self.deeper + self.sampled
    }

    pub(super) const fn count(&mut self, faults: usize) {
        match faults {
            0 => self.business += 1,
            1 => self.single += 1,
            2 => self.double += 1,
            _ => self.deeper += 1,
        }
    }
}

/// A point that was struck.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Point {
    /// Exchange, position, attempt.
    pub strike: Strike,
    /// How the message travels.
    pub transport: Transport,
    /// The worst that it came to in a counterexample none of whose parts is one.
    pub class: Class,
    /// It did so without another fault.
    pub alone: bool,
}

/// What was found.
#[derive(Clone, PartialEq, Debug)]
pub struct Exploration {
    /// Runs made.
    pub runs: Runs,
    /// Every point struck, in the order of exchanges.
    pub points: Vec<Point>,
    /// Sets not extended because their newest fault changed nothing: the run was the same, digest
    /// for digest, as without it.
    pub unchanged: u64,
    /// Sets not run because a part of them is a counterexample already.
    pub containing: u64,
    /// Counterexamples none of whose parts is one, by the invariant that they break first.
    pub broken: BTreeMap<Law, u64>,
    /// The smallest of them, by size.
    pub counterexamples: Vec<Counterexample>,
    /// Runs that were made a second time through the other driver, and were the same.
    pub checked: u64,
    /// What was drawn; none: everything was tried.
    pub drawn: Option<Drawn>,
    /// It was stopped before its end.
    pub aborted: bool,
}

/// Counterexamples kept in full for one invariant that names the failure; all are counted.
const KEPT: usize = 10;
/// Sets that a thread takes at once.
const CHUNK: usize = 8;

/// How far the search is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pace {
    /// Of the runs with this number of faults, 0 to 1.
    pub fraction: f64,
    /// Faults in the runs that are being made.
    pub faults: u8,
    /// Runs made so far.
    pub runs: u64,
}

/// Called now and then with how far the search is; says whether to go on.
pub type Onlooker<'a> = dyn FnMut(Pace) -> ControlFlow<()> + 'a;

/// Decisions in the order in which they happen.
type Set = Box<[Decision]>;

/// A set that broke something, and what.
struct Fault {
    set: Set,
    laws: Vec<Law>,
}

/// What came of some sets.
#[derive(Default)]
struct Harvest {
    runs: Runs,
    unchanged: u64,
    containing: u64,
    checked: u64,
    struck: FxHashMap<Strike, Transport>,
    broken: Vec<Fault>,
    /// Sets to extend by another fault.
    next: Vec<Set>,
}

impl Harvest {
    fn absorb(&mut self, other: Harvest) {
        let Runs { business, single, double, deeper, sampled } = other.runs;
        self.runs.business += business;
        self.runs.single += single;
        self.runs.double += double;
        self.runs.deeper += deeper;
        self.runs.sampled += sampled;
        self.unchanged += other.unchanged;
        self.containing += other.containing;
        self.checked += other.checked;
        self.struck.extend(other.struck);
        self.broken.extend(other.broken);
        self.next.extend(other.next);
    }
}

/// What came so far, and of the next sets.
fn absorbed(
    all: Result<Harvest, Broken>,
    next: Option<Result<Harvest, Broken>>,
) -> Result<Harvest, Broken> {
    let mut all = all?;
    if let Some(next) = next {
        all.absorb(next?);
    }
    Ok(all)
}

/// One level of the search.
struct Level<'a> {
    theme: &'a Theme,
    bounds: Bounds,
    /// Faults of the runs of this level.
    faults: u8,
    /// Sets that broke something, each sorted, from the levels before.
    known: &'a FxHashSet<Set>,
}

/// Explores a plan of one order exhaustively.
///
/// # Errors
/// An actor panicked.
pub fn explore(
    theme: &Theme,
    bounds: Bounds,
    stop: &mut Onlooker<'_>,
) -> Result<Exploration, Broken> {
    let mut known = FxHashSet::default();
    let mut all = Harvest::default();
    let root = Level { theme, bounds, faults: 0, known: &known };
    let mut first = Harvest::default();
    root.visit(&[], None, &mut first)?;
    let mut parents = std::mem::take(&mut first.next);
    all.absorb(first);
    let mut aborted = false;
    for faults in 1..=bounds.faults {
        known.extend(all.broken.iter().map(|fault| sorted(&fault.set)));
        let level = Level { theme, bounds, faults, known: &known };
        let before = all.runs.total();
        let mut watch = |fraction, runs| stop(Pace { fraction, faults, runs: before + runs });
        let (mut harvest, stopped) = level.run(&parents, &mut watch)?;
        parents = std::mem::take(&mut harvest.next);
        all.absorb(harvest);
        aborted |= stopped;
        if aborted {
            break;
        }
    }
    conclude(theme, &all, aborted)
}

impl Level<'_> {
    /// Extends each of the sets by one fault. True: it was stopped.
    fn run(
        &self,
        parents: &[Set],
        watch: &mut dyn FnMut(f64, u64) -> ControlFlow<()>,
    ) -> Result<(Harvest, bool), Broken> {
        let chunks: Vec<&[Set]> = parents.chunks(CHUNK).collect();
        let mut all = Ok(Harvest::default());
        let stopped = in_order(
            self.bounds.jobs,
            chunks.len(),
            |at| self.extend_all(chunks[at]),
            &mut |harvest, fraction| {
                all = absorbed(std::mem::replace(&mut all, Ok(Harvest::default())), harvest);
                match &all {
                    Ok(all) => watch(fraction, all.runs.total()),
                    Err(_) => ControlFlow::Break(()),
                }
            },
        );
        all.map(|all| (all, stopped))
    }

    fn extend_all(&self, parents: &[Set]) -> Result<Harvest, Broken> {
        let mut harvest = Harvest::default();
        for parent in parents {
            let trial = self.theme.run(parent, true)?;
            for decision in later(&trial.asked, parent, Kind::Fault) {
                self.visit(&with(parent, decision), Some(trial.digest), &mut harvest)?;
            }
        }
        Ok(harvest)
    }

    /// Runs a set, and the branches of the business that are decided after it.
    fn visit(
        &self,
        set: &[Decision],
        without: Option<u64>,
        harvest: &mut Harvest,
    ) -> Result<(), Broken> {
        if contains_known(self.known, set) {
            harvest.containing += 1;
            return Ok(());
        }
        let trial = self.theme.run(set, true)?;
        harvest.checked += u64::from(self.theme.check(set, &trial)?);
        // A refusal may be asked for and never be reached: another rule was faster.
        if !trial.struck {
            return Ok(());
        }
        harvest.runs.count(set.iter().filter(|one| one.is_fault()).count());
        if let Some(Decision::Strikes(strike)) = set.last() {
            let transport = set.last().and_then(|last| trial.transport(last));
            harvest.struck.insert(*strike, transport.unwrap_or(Transport::Call));
        }
        if !trial.clean() {
            harvest.broken.push(Fault { set: set.into(), laws: trial.laws });
            return Ok(());
        }
        let fault = set.last().is_some_and(Decision::is_fault);
        if self.bounds.reduce && fault && without == Some(trial.digest) {
            harvest.unchanged += 1;
            return Ok(());
        }
        if self.faults < self.bounds.faults {
            harvest.next.push(set.into());
        }
        for decision in later(&trial.asked, set, Kind::Business) {
            self.visit(&with(set, decision), Some(trial.digest), harvest)?;
        }
        Ok(())
    }
}

/// What a decision is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Business,
    Fault,
}

impl Kind {
    fn of(question: &Question) -> Kind {
        match question {
            Question::Break { strike, .. } if strike.position != Position::Refused => Kind::Fault,
            Question::Break { .. } | Question::Placed(_) | Question::Paid(_) => Kind::Business,
        }
    }
}

/// The decisions of one kind that can follow a set: other answers to the questions that were asked
/// for the first time after its last decision.
fn later(asked: &[Question], set: &[Decision], kind: Kind) -> impl Iterator<Item = Decision> {
    let from = set.last().map_or(0, |last| {
        asked.iter().position(|question| last.answers(question)).map_or(asked.len(), |at| at + 1)
    });
    let of_kind = move |question: &&Question| Kind::of(question) == kind;
    let mut before: FxHashSet<Question> = asked[..from].iter().filter(of_kind).map(bare).collect();
    asked[from..]
        .iter()
        .filter(of_kind)
        .filter(move |question| before.insert(bare(question)))
        .filter(|question| !set.iter().any(|decision| decision.answers(question)))
        .flat_map(|question| Decision::alternatives(question, set))
}

/// A question whatever the message: a call that is sent again after a crash holds no worker.
const fn bare(question: &Question) -> Question {
    match *question {
        Question::Break { strike, .. } => Question::Break { strike, transport: Transport::Event },
        other => other,
    }
}

fn with(set: &[Decision], decision: Decision) -> Vec<Decision> {
    let mut longer = Vec::with_capacity(set.len() + 1);
    longer.extend_from_slice(set);
    longer.push(decision);
    longer
}

fn sorted(set: &[Decision]) -> Set {
    let mut set: Set = set.into();
    set.sort_unstable();
    set
}

/// Whether a proper part of the set is known.
fn contains_known(known: &FxHashSet<Set>, set: &[Decision]) -> bool {
    if known.is_empty() {
        return false;
    }
    let set = sorted(set);
    let everything = (1_u32 << set.len()) - 1;
    (0..everything).any(|mask| {
        let chosen = set.iter().enumerate().filter(|(at, _)| mask & 1 << at != 0);
        let part: Set = chosen.map(|(_, decision)| *decision).collect();
        known.contains(&part)
    })
}

/// Keeps the counterexamples none of whose parts is one, and certifies the smallest.
fn conclude(theme: &Theme, all: &Harvest, aborted: bool) -> Result<Exploration, Broken> {
    let known: FxHashSet<Set> = all.broken.iter().map(|fault| sorted(&fault.set)).collect();
    let mut minimal: Vec<&Fault> =
        all.broken.iter().filter(|fault| !contains_known(&known, &fault.set)).collect();
    let size = |fault: &Fault| {
        let business = fault.set.iter().filter(|one| !one.is_fault()).count();
        let lasting = fault.set.iter().filter(|one| one.lasts()).count();
        (fault.set.len(), business, lasting, sorted(&fault.set))
    };
    minimal.sort_by_cached_key(|fault| size(fault));
    let mut broken: BTreeMap<Law, u64> = BTreeMap::new();
    let mut counterexamples = Vec::new();
    let mut shown: BTreeSet<Law> = BTreeSet::new();
    for fault in &minimal {
        let Some(&law) = fault.laws.first() else { continue };
        let count = broken.entry(law).or_default();
        *count += 1;
        // Each invariant that breaks, first or not, has its smallest counterexample.
        let shows: Vec<Law> = fault.laws.iter().copied().filter(|law| shown.insert(*law)).collect();
        if *count <= KEPT as u64 || !shows.is_empty() {
            let plainest = plainest(theme, &fault.set, Same(law))?;
            let plain = certify(&plainest, &fault.set, law)?;
            let still = |law: &Law| plain.law == *law || plain.also.contains(law);
            let kept = shows.iter().all(still);
            counterexamples.push(if kept { plain } else { certify(theme, &fault.set, law)? });
        }
    }
    let mut points: Vec<Point> = all
        .struck
        .iter()
        .map(|(strike, transport)| {
            let mine = |fault: &&&Fault| fault.set.contains(&Decision::Strikes(*strike));
            let worst = minimal.iter().filter(mine).map(|fault| judged(fault)).max();
            let (class, alone) = worst.unwrap_or((Class::Clean, true));
            Point { strike: *strike, transport: *transport, class, alone }
        })
        .collect();
    points.sort_by_key(|point| point.strike);
    let Harvest { runs, unchanged, containing, checked, .. } = *all;
    Ok(Exploration {
        runs,
        points,
        unchanged,
        containing,
        broken,
        counterexamples,
        checked,
        drawn: None,
        aborted,
    })
}

/// What a counterexample comes to, and whether by one fault at most.
fn judged(fault: &Fault) -> (Class, bool) {
    let class = fault.laws.first().map_or(Class::Clean, |law| Class::of(*law));
    (class, fault.set.iter().filter(|one| one.is_fault()).count() <= 1)
}
