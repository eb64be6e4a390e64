//! The kill matrix: defect × invariant × strategy. `docs/kill-matrix.md` is drawn from it.

use super::trials::{planted, trials};
use super::violated;
use crate::explore::SOUND;
use crate::harness::{frame, made_of, scenario, written};
use sagasim::domain::{Coordination, RequestId, Transport, saga};
use sagasim::sim::check::Law;
use sagasim::sim::decide::mix;
use sagasim::sim::defect::Defect;
use sagasim::sim::engine::{self, Driver, Finished, Options, Position, Question, Strike};
use sagasim::sim::explore::{
    Bounds, Counterexample, Decision, Exploration, Same, Theme, explore, shrink,
};
use sagasim::sim::plan::{Intent, Plan};
use sagasim::sim::scenario::Scenario;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Invariants that never catch a defect alone, and why: that is how they are built.
const REDUNDANT: [(Law, &str); 1] = [(
    Law::NothingHeld,
    "what is held is missing where the plan has it: in the units available (`stock-conserved`) or \
     in a balance (`money-conserved`)",
)];

/// Defects that some large sets are not shrunk to the optimum of, and why.
const LOCAL: [(&str, &str); 1] = [(
    "balance-answers-forgotten",
    "whose first request and second reply may be lost: neither can be spared, but one reply is \
     enough",
)];

/// Seeds that the random strategy has for one defect.
const SEEDS: u64 = 8;
/// The seed of the one order: it draws two products.
const SEED: u64 = 7;
/// Large sets of decisions that are shrunk for one defect.
const SHRUNK: usize = 5;
/// Decisions in a large set, at most.
const LARGE: usize = 9;

const PLAIN: u8 = 1;
const ORDER: u8 = 2;
const RANDOM: u8 = 4;

/// How one strategy caught a defect.
struct Kill {
    runs: u64,
    laws: BTreeSet<Law>,
}

/// All that is known of a defect.
struct Row {
    defect: &'static Defect,
    plain: Option<Kill>,
    order: Option<Kill>,
    random: Option<Kill>,
    /// The invariant that nothing else helped.
    alone: Option<Law>,
    /// Decisions of the smallest counterexample, of the largest set that was shrunk, and of what
    /// was left of any.
    sizes: Option<(usize, usize, usize)>,
}

impl Row {
    fn kills(&self) -> [(u8, Option<&Kill>); 3] {
        [(PLAIN, self.plain.as_ref()), (ORDER, self.order.as_ref()), (RANDOM, self.random.as_ref())]
    }

    /// By which strategies an invariant caught it.
    fn by(&self, law: Law) -> u8 {
        let catches = |kill: Option<&Kill>| kill.is_some_and(|kill| kill.laws.contains(&law));
        self.kills().into_iter().filter(|(_, kill)| catches(*kill)).map(|(by, _)| by).sum()
    }

    /// Runs over one order until it was caught; if one order cannot show it, of its own world.
    fn effort(&self) -> Option<u64> {
        Some(self.order.as_ref().or(self.plain.as_ref())?.runs)
    }
}

fn run(scenario: Scenario, seed: u64) -> Finished {
    let plan = Arc::new(Plan::new(scenario, seed).expect("no file is needed"));
    let cast = engine::cast(&plan);
    engine::run(plan, cast, Options::default(), Driver::Direct).expect("nobody panics")
}

/// Its own world, without a fault.
fn plain(defect: &'static Defect, world: Scenario) -> Option<Kill> {
    let laws: BTreeSet<Law> = violated(&run(planted(world, defect), 7)).into_iter().collect();
    (!laws.is_empty()).then_some(Kill { runs: 1, laws })
}

/// Many orders under faults of every kind.
fn storm(coordination: Coordination) -> Scenario {
    let mut scenario = scenario("random-faults");
    scenario.run.duration_ns = Some(6_000_000_000);
    scenario.flow.coordination = coordination;
    scenario
}

/// Faults at random, seed by seed.
fn random(defect: &'static Defect) -> Option<Kill> {
    (1..=SEEDS).find_map(|seed| {
        let run = run(planted(storm(defect.plays[0]), defect), seed);
        let laws: BTreeSet<Law> = violated(&run).into_iter().collect();
        (!laws.is_empty()).then_some(Kill { runs: seed, laws })
    })
}

/// One order of two products with a coupon.
fn one_order(defect: &'static Defect) -> Theme {
    let mut scenario = made_of(
        r#"
[run]
duration = "1s"
[flow]
payment_window = "5s"
[products]
count = 2
popularity = "uniform"
[basket]
lines = 2
quantity = { uniform = { min = 1, max = 9 } }
coupon_rate = 1
[[coupon]]
name = "ten-percent"
discount = { percent = 10 }
quantity = 1
issue = "before"
[protection]
relay_interval = "10s"
[[load]]
executor = "constant-arrival-rate"
rate = "1/s"
spacing = "even"
"#,
    );
    scenario.flow.coordination = defect.plays[0];
    let plan = Plan::new(planted(scenario, defect), SEED).expect("no file is needed");
    let theme = Theme::new(plan);
    assert_eq!(theme.plan().products(), 2, "another seed draws two products");
    theme
}

/// Every branch of the business, then every single fault, until something breaks.
fn exhaust(theme: &Theme) -> Option<(Kill, Exploration)> {
    (0..=1).find_map(|faults| {
        let bounds = Bounds { faults, jobs: 2, reduce: true };
        let found = explore(theme, bounds, &mut |_| ControlFlow::Continue(()));
        let found = found.expect("nobody panics");
        let one = |one: &Counterexample| std::iter::once(one.law).chain(one.also.clone());
        let laws: BTreeSet<Law> = found.counterexamples.iter().flat_map(one).collect();
        (!laws.is_empty()).then(|| (Kill { runs: found.runs.total(), laws }, found))
    })
}

/// A large set of decisions: an intent, and faults among all that its run asks for.
fn draw(theme: &Theme, seed: u64) -> Vec<Decision> {
    let mut state = mix(seed, 0x6c61_7267_6573_6574);
    let mut roll = |below: usize| {
        state = mix(state, 1);
        (state % below as u64) as usize
    };
    let mut set: Vec<Decision> = Vec::new();
    let intent = Intent::ALL[roll(Intent::ALL.len())];
    if intent != Intent::Pay {
        set.push(Decision::Wants { order: RequestId(0), intent });
    }
    let asked = theme.run(&set, true).expect("nobody panics").asked;
    for _ in 0..LARGE {
        let Question::Break { strike, transport } = asked[roll(asked.len())] else { continue };
        let lasts = transport != Transport::Event
            && strike.key.attempt() == 0
            && match strike.position {
                Position::LateRequest => true,
                Position::RequestLost | Position::ReplyLost => {
                    !saga::unlimited(strike.key.step(), strike.key.turn())
                }
                _ => false,
            };
        let every_attempt = strike.every_attempt || (lasts && roll(2) == 0);
        set.push(Decision::Strikes(Strike { every_attempt, ..strike }));
    }
    set.sort_unstable();
    set.dedup();
    set.truncate(LARGE);
    set
}

/// Shrinks large sets that break what the smallest counterexample breaks.
fn shrunk(theme: &Theme, smallest: &Counterexample) -> (usize, usize, usize) {
    let same = |laws: &[Law]| laws.contains(&smallest.law);
    let large = (0..4_000).map(|seed| draw(theme, seed)).filter(|set| {
        let trial = theme.run(set, false).expect("nobody panics");
        set.len() > 4 && same(&trial.laws)
    });
    let (mut from, mut to) = (0, 0);
    for set in large.take(SHRUNK) {
        let left = shrink(theme, &set, Same(smallest.law)).expect("nobody panics");
        from = from.max(set.len());
        to = to.max(left.len());
    }
    (smallest.decisions.len(), from, to)
}

fn row((defect, world): (&'static Defect, Scenario)) -> Row {
    let theme = one_order(defect);
    let plain = plain(defect, world);
    let (order, found) = exhaust(&theme).unzip();
    let smallest = found.as_ref().map(|found| &found.counterexamples[0]);
    let sole = |laws: &BTreeSet<Law>| laws.first().copied().filter(|_| laws.len() == 1);
    let alone = plain.as_ref().and_then(|kill| sole(&kill.laws));
    let alone = alone.or(smallest.filter(|one| one.also.is_empty()).map(|one| one.law));
    let sizes = smallest.map(|smallest| shrunk(&theme, smallest));
    Row { defect, plain, order, random: random(defect), alone, sizes }
}

fn runs(kill: Option<&Kill>) -> String {
    kill.map_or_else(|| "—".to_owned(), |kill| kill.runs.to_string())
}

/// Every line of a table.
fn table(head: &str, rows: impl Iterator<Item = String>) -> String {
    let columns = head.matches('|').count() - 1;
    let rule = format!("|{}", "---|".repeat(columns));
    std::iter::once(head.to_owned()).chain([rule]).chain(rows).map(|line| line + "\n").collect()
}

fn invariants(rows: &[Row]) -> String {
    let lines = Law::ALL.into_iter().enumerate().map(|(at, law)| {
        let caught = rows.iter().filter(|row| row.by(law) > 0).count();
        let alone: Vec<String> = rows
            .iter()
            .filter(|row| row.alone == Some(law))
            .map(|row| format!("`{}`", row.defect.name))
            .collect();
        let redundant = REDUNDANT.iter().find(|(redundant, _)| *redundant == law);
        let alone = match (redundant, &alone[..]) {
            (Some((_, why)), _) => format!("redundant: {why}"),
            (None, []) => "none".to_owned(),
            (None, [one]) => one.clone(),
            (None, [first, rest @ ..]) => format!("{first} and {} more", rest.len()),
        };
        format!("| {} | `{}` | {caught} | {alone} |", at + 1, law.name())
    });
    table("| | invariant | catches | alone |", lines)
}

fn matrix(rows: &[Row]) -> String {
    let mut text = String::from("```text\n");
    let numbers: Vec<String> = (1..=Law::ALL.len()).map(|number| format!("{number:>2}")).collect();
    writeln!(text, "{}", numbers.join(" ")).expect("a string takes everything");
    for row in rows {
        let cell = |law: Law| match row.by(law) {
            0 => " .".to_owned(),
            by => format!("{by:>2}"),
        };
        let cells: Vec<String> = Law::ALL.into_iter().map(cell).collect();
        writeln!(text, "{}  {}", cells.join(" "), row.defect.name)
            .expect("a string takes everything");
    }
    text + "```\n"
}

fn efforts(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| {
        let size = row.sizes.map_or_else(
            || "—".to_owned(),
            |(smallest, from, to)| match from {
                0 => format!("{smallest}"),
                _ => format!("{smallest} · {from} → {to}"),
            },
        );
        format!(
            "| `{}` | {} | {} | {} | {} | {} | {size} |",
            row.defect.name,
            row.defect.stands_for,
            runs(row.plain.as_ref()),
            runs(row.order.as_ref()),
            runs(row.random.as_ref()),
            row.defect.budget,
        )
    });
    table("| defect | stands for | own world | one order | random | budget | decisions |", lines)
}

fn sound() -> String {
    let lines = Coordination::ALL.into_iter().zip(&*SOUND).map(|(coordination, found)| {
        let storms = (1..=SEEDS).map(|seed| run(storm(coordination), seed));
        let (mut orders, mut kills) = (0, found.broken.values().sum::<u64>());
        for run in storms {
            orders += run.started;
            kills += violated(&run).len() as u64;
        }
        format!(
            "| {} | {} | {} | {} | {orders} | {kills} |",
            coordination.name(),
            found.runs.business,
            found.runs.single,
            found.runs.double,
        )
    });
    let head = "| coordination | no fault | single faults | pairs | orders under random faults \
                | kills |";
    table(head, lines)
}

fn local() -> String {
    LOCAL.iter().map(|(name, why)| format!("Not to the optimum: `{name}`, {why}.\n")).collect()
}

#[test]
fn every_defect_is_caught_within_its_budget_and_the_page_says_how() {
    let rows: Vec<Row> = trials().map(row).collect();
    let mut late = Vec::new();
    for row in &rows {
        let effort = row.effort();
        if effort.is_none_or(|runs| runs > u64::from(row.defect.budget)) {
            late.push(format!("{}: caught after {effort:?}", row.defect.name));
        }
        if !rows_catch(row) {
            late.push(format!("{}: not by {}", row.defect.name, row.defect.law.name()));
        }
        let smallest = row.sizes.map(|(smallest, _, _)| smallest);
        if smallest != row.defect.optimum.map(usize::from) {
            late.push(format!("{}: smallest {smallest:?}", row.defect.name));
        }
        let local = LOCAL.iter().any(|(name, _)| *name == row.defect.name);
        if let Some((smallest, _, to)) = row.sizes
            && to > smallest + usize::from(local)
        {
            late.push(format!("{}: shrunk to {to}, not to {smallest}", row.defect.name));
        }
    }
    let killers: BTreeSet<Law> = rows.iter().filter_map(|row| row.alone).collect();
    let redundant: BTreeMap<Law, &str> = REDUNDANT.into_iter().collect();
    for law in Law::ALL {
        if killers.contains(&law) == redundant.contains_key(&law) {
            late.push(format!("{}: catches nothing alone, or is not redundant", law.name()));
        }
    }
    let page = frame("teeth/kill-matrix.txt")
        .replace("{defects}", &rows.len().to_string())
        .replace("{seeds}", &SEEDS.to_string())
        .replace("{large}", &SHRUNK.to_string())
        .replace("{invariants}", &invariants(&rows))
        .replace("{matrix}", &matrix(&rows))
        .replace("{efforts}", &efforts(&rows))
        .replace("{sound}", &sound())
        .replace("{local}", &local());
    assert_eq!(late, Vec::<String>::new(), "\n{page}");
    written("docs/kill-matrix.md", &page);
}

/// Whether the invariant that a defect names catches it.
fn rows_catch(row: &Row) -> bool {
    row.by(row.defect.law) > 0
}
