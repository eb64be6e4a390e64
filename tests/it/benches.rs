//! The loads that are measured, and the pages that say what came out.

use crate::harness::{assert_sound, ended, run, seed};
use sagasim::domain::Coordination;
use sagasim::sim::check::Outcome;
use sagasim::sim::scenario::{self, Scenario};
use std::fs;
use std::path::{Path, PathBuf};

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A load of the benches, shortened.
fn load(path: &str, duration_ns: u64) -> Scenario {
    let (mut scenario, _) = scenario::load(&file(path)).unwrap_or_else(|found| panic!("{found}"));
    scenario.run.duration_ns = Some(duration_ns);
    scenario.users.count = 2_000;
    scenario
}

#[test]
fn the_loads_of_the_benches_pass() {
    let loads = ["scenarios/throughput.toml", "benches/cost.toml", "benches/peers/five-hops.toml"];
    for path in loads {
        let load = load(path, 20_000_000);
        let run = run(&load, seed(&load), load.flow.coordination);
        assert_sound(&run, path);
        assert!(run.started > 100, "{path}: {} orders", run.started);
    }
}

#[test]
fn every_order_that_is_measured_beside_the_peers_is_completed() {
    let load = load("benches/peers/five-hops.toml", 50_000_000);
    let run = run(&load, seed(&load), Coordination::Choreography);
    // One every 100 µs, from 0 on.
    assert_eq!((run.started, ended(&run, Outcome::Completed)), (500, 500));
}

/// What is wrong with a page of measured figures.
fn amiss(page: &str, command: &str, rows: &[&str]) -> Vec<String> {
    let made_by = format!("Made by `{command}");
    let said = [made_by.as_str(), "Machine: ", " UTC"];
    let unsaid = said.into_iter().filter(|words| !page.contains(words));
    let missing = rows.iter().filter(|row| !page.contains(&format!("\n| {row}")));
    unsaid.map(str::to_owned).chain(missing.map(|row| format!("the row {row}"))).collect()
}

#[test]
fn measured_pages_say_what_made_them_when_and_where() {
    let peers =
        ["**sagasim** |", "NeXosim |", "steno |", "SimPy |", "happy-simulator |", "actix, ring |"];
    let cost = ["in flight |", "users |", "10 000 000 |", "order in flight", "user |"];
    let readme = fs::read_to_string(file("README.md")).expect("the README is there");
    for (page, command, rows) in [
        ("docs/peers.md", "benches/peers/run", peers.as_slice()),
        ("docs/cost.md", "benches/cost", cost.as_slice()),
    ] {
        let text = fs::read_to_string(file(page)).unwrap_or_default();
        assert_eq!(amiss(&text, command, rows), Vec::<String>::new(), "{page}");
        assert!(file(command).is_file(), "{command}");
        assert!(readme.contains(page), "the README names {page}");
    }
    assert_eq!(amiss("Made by hand.\n| steno |", "benches/cost", &["steno |", "SimPy |"]).len(), 4);
}
