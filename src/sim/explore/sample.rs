//! Several orders in flight: too many decisions to try them all, so some are drawn. A sample, and
//! said to be one.

use super::class::Class;
use super::decision::Decision;
use super::search::{Exploration, Onlooker, Pace, Point, Runs};
use super::shrink::{Same, certify, shrink};
use super::trial::Theme;
use crate::domain::Transport;
use crate::sim::check::Law;
use crate::sim::decide::mix;
use crate::sim::engine::{Broken, Position, Question, Strike};
use std::collections::BTreeMap;

/// How to draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sampling {
    /// Runs.
    pub samples: u32,
    /// Faults in one run, at most.
    pub faults: u8,
    /// Where the draws come from.
    pub seed: u64,
}

/// Counterexamples that are shrunk; all are counted.
const SHRUNK: usize = 20;

/// Draws sets of faults from what the plain run asks, and runs them.
///
/// Each sample uses a random half of the positions (swarm testing: A. Groce et al., "Swarm
/// Testing", ISSTA 2012), so that faults that mask each other are also seen apart.
///
/// # Errors
/// An actor panicked.
pub fn sample(
    theme: &Theme,
    sampling: Sampling,
    stop: &mut Onlooker<'_>,
) -> Result<Exploration, Broken> {
    let plain = theme.run(&[], true)?;
    let mut runs = Runs { business: 1, ..Runs::default() };
    let mut points: BTreeMap<Strike, Transport> = BTreeMap::new();
    let mut broken: BTreeMap<Law, u64> = BTreeMap::new();
    let mut counterexamples = Vec::new();
    let mut aborted = false;
    if let Some(&law) = plain.laws.first() {
        broken.insert(law, 1);
        counterexamples.push(certify(theme, &[], law)?);
    }
    for i in 0..if plain.clean() { sampling.samples } else { 0 } {
        let set = draw(&plain.asked, sampling, i);
        let trial = theme.run(&set, true)?;
        runs.sampled += 1;
        for decision in &set {
            if let Decision::Strikes(strike) = decision
                && let Some(transport) = trial.transport(decision)
            {
                points.insert(*strike, transport);
            }
        }
        if let Some(&law) = trial.laws.first() {
            let count = broken.entry(law).or_default();
            *count += 1;
            if *count <= SHRUNK as u64 {
                let set = shrink(theme, &set, Same(law))?;
                let found = certify(theme, &set, law)?;
                let known = |one: &super::Counterexample| one.decisions == found.decisions;
                if !counterexamples.iter().any(known) {
                    counterexamples.push(found);
                }
            }
        }
        let fraction = f64::from(i + 1) / f64::from(sampling.samples);
        let pace = Pace { fraction, faults: sampling.faults, runs: runs.total() };
        if stop(pace).is_break() {
            aborted = true;
            break;
        }
    }
    counterexamples.sort_by_key(|one| (one.decisions.len(), one.decisions.clone()));
    let judged = |(strike, transport): (Strike, Transport)| {
        let mine =
            |one: &&super::Counterexample| one.decisions.contains(&Decision::Strikes(strike));
        let worst = counterexamples.iter().filter(mine).map(|one| {
            (Class::of(one.law), one.decisions.iter().filter(|one| one.is_fault()).count() <= 1)
        });
        let (class, alone) = worst.max().unwrap_or((Class::Clean, true));
        Point { strike, transport, class, alone }
    };
    let points = points.into_iter().map(judged).collect();
    let (unchanged, containing) = (0, 0);
    Ok(Exploration { runs, points, unchanged, containing, broken, counterexamples, aborted })
}

/// One to `faults` decisions among those that the plain run asks for.
fn draw(asked: &[Question], sampling: Sampling, i: u32) -> Vec<Decision> {
    let mut seed = mix(sampling.seed ^ 0x7361_6d70_6c65, u64::from(i));
    let mut roll = |below: usize| {
        seed = mix(seed, 0x726f_6c6c);
        ((u128::from(seed) * below as u128) >> 64) as usize
    };
    let swarm = roll(1 << Position::ALL.len());
    let faults = 1 + roll(usize::from(sampling.faults.max(1)));
    let mut set: Vec<Decision> = Vec::new();
    // A swarm without any position that is asked for would look for ever.
    for _ in 0..64 * faults {
        if set.len() >= faults || asked.is_empty() {
            break;
        }
        let question = &asked[roll(asked.len())];
        let Question::Break { strike, .. } = question else { continue };
        if swarm & 1 << strike.position as usize == 0 {
            continue;
        }
        let choices = Decision::alternatives(question, &set);
        if choices.is_empty() || set.iter().any(|decision| decision.answers(question)) {
            continue;
        }
        set.push(choices[roll(choices.len())]);
    }
    set.sort_unstable();
    set
}
