//! The kill matrix: which invariants catch which defect.

use super::{Defect, coordinator, coupon, money, order, run, sink, stock, violated};
use sagasim::sim::check::Law;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Invariants that never catch a defect alone, and why: that is how they are built.
const REDUNDANT: [(Law, &str); 1] = [(
    Law::NothingHeld,
    "what is held is missing where the plan has it: in the units available (stock-conserved) or \
     in a balance (money-conserved)",
)];

fn defects() -> impl Iterator<Item = &'static Defect> {
    [
        stock::DEFECTS,
        money::DEFECTS,
        coupon::DEFECTS,
        order::DEFECTS,
        sink::DEFECTS,
        coordinator::DEFECTS,
    ]
    .into_iter()
    .flatten()
}

/// The defect without the invariant that its test names.
fn title(defect: &Defect) -> String {
    let name = defect.name.replace('_', " ");
    let (title, _) = name.split_once(" break").unwrap_or((&name, ""));
    title.to_owned()
}

#[test]
fn every_defect_is_caught_and_every_invariant_catches_one_alone() {
    let mut table = String::new();
    for (number, law) in Law::ALL.into_iter().enumerate() {
        writeln!(table, "{:>2} {}", number + 1, law.name()).expect("a string takes everything");
    }
    let numbers: Vec<String> = (1..=Law::ALL.len()).map(|number| format!("{number:>2}")).collect();
    writeln!(table, "\n{}", numbers.join(" ")).expect("a string takes everything");
    let (mut killers, mut alone) = (BTreeSet::new(), BTreeSet::new());
    for defect in defects() {
        let found = violated(&run((defect.world)(), defect.bend));
        let cell = |law: &Law| match (found.contains(law), *law == defect.law) {
            (true, true) if found.len() == 1 => " #",
            (true, true) => " N",
            (true, false) => " x",
            (false, _) => " .",
        };
        let cells: Vec<&str> = Law::ALL.iter().map(cell).collect();
        writeln!(table, "{}  {}", cells.join(" "), title(defect))
            .expect("a string takes everything");
        if let [only] = found[..] {
            alone.insert(only);
        }
        killers.extend(found);
    }
    table.push_str("\n# the only one, N named by the test, x caught it too\nNever the only one:\n");
    for (law, why) in REDUNDANT {
        writeln!(table, "{}: {why}", law.name()).expect("a string takes everything");
    }
    insta::assert_snapshot!("kill-matrix", table);
    let redundant: BTreeSet<Law> = REDUNDANT.iter().map(|(law, _)| *law).collect();
    let missed: Vec<_> = Law::ALL.iter().filter(|law| !killers.contains(law)).collect();
    assert!(missed.is_empty(), "no defect violates {missed:?}");
    let never_alone: BTreeSet<Law> =
        Law::ALL.into_iter().filter(|law| !alone.contains(law)).collect();
    assert_eq!(never_alone, redundant);
}
