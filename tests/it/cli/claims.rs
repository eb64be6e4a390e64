//! `claims`: the page is what the command makes, and the runs can say no.

use super::{Pretend, Shell};
use crate::sample::{failing, passing};
use sagasim::cli::ExitCode;
use sagasim::cli::virtual_engine::VirtualEngine;
use sagasim::report::Summary;
use sagasim::report::claims::{Claim, Finding, Judgement, claims};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::tempdir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn shell() -> Shell {
    Shell { scenarios: root().join("scenarios"), ..Shell::new() }
}

fn claim(name: &str) -> Claim {
    let found = claims().into_iter().find(|claim| claim.name == name);
    found.unwrap_or_else(|| panic!("{name}"))
}

/// The finding if these were the runs.
fn judged(name: &str, runs: &[&Summary]) -> Finding {
    let claim = claim(name);
    assert_eq!(claim.experiments.len(), runs.len(), "{name}");
    (claim.judge)(runs)
}

#[test]
fn the_page_of_the_claims_is_what_the_command_makes() {
    let did = shell().does(&["claims", "--quiet"], &VirtualEngine);
    assert_eq!((did.code, did.err.as_str()), (ExitCode::Passed, ""));
    let page = fs::read_to_string(root().join("docs/claims.md")).expect("the page is there");
    assert!(did.out == page, "it has changed: sagasim claims --out docs/claims.md\n{}", did.out);
    for claim in claims() {
        assert!(page.contains(&format!("\n## {}\n\n> {}\n", claim.name, claim.sentence)));
        assert!(!claim.experiments.is_empty(), "{}: no run behind it", claim.name);
    }
}

#[test]
fn the_result_does_not_depend_on_how_many_run_at_once() {
    let alone = shell().does(&["claims", "--quiet", "--jobs", "1"], &VirtualEngine);
    let together = shell().does(&["claims", "--quiet", "--jobs", "4"], &VirtualEngine);
    assert!(alone.out == together.out);
}

#[test]
fn the_page_is_written_whole_and_the_results_are_said() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("claims.md");
    let path = file.to_str().expect("UTF-8");
    let did = shell().does(&["claims", "--quiet", "--out", path], &VirtualEngine);
    assert_eq!((did.code, did.err.as_str()), (ExitCode::Passed, ""));
    assert!(did.out.contains("messages           confirmed\n"), "{}", did.out);
    assert_eq!(super::names(folder.path()), ["claims.md"]);
    assert!(fs::read_to_string(&file).expect("a page").starts_with("# The design's claims, run\n"));
    let nowhere = folder.path().join("nowhere").join("claims.md");
    let path = nowhere.to_str().expect("UTF-8");
    let did = shell().does(&["claims", "--quiet", "--out", path], &VirtualEngine);
    assert_eq!(did.code, ExitCode::Internal);
    assert!(did.err.contains("cannot write") && did.err.contains("nowhere"), "{}", did.err);
}

#[test]
fn a_run_that_does_not_end_as_its_scenario_expects_is_no_evidence() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("claims.md");
    let words = ["claims", "--quiet", "--out", file.to_str().expect("UTF-8")];
    let did = shell().does(&words, &Pretend::new(Ok(failing())));
    assert_eq!(did.code, ExitCode::InvariantViolated);
    let command = "sagasim run scenarios/choreography-versus-orchestration.toml --set flow.coord";
    assert!(did.err.contains(command), "{}", did.err);
    assert!(super::names(folder.path()).is_empty() && did.out.is_empty());
    let nowhere = Shell { scenarios: folder.path().to_owned(), ..Shell::new() };
    let did = nowhere.does(&words, &VirtualEngine);
    assert_eq!(did.code, ExitCode::Usage);
    assert!(did.err.contains("choreography-versus-orchestration.toml"), "{}", did.err);
    assert!(super::names(folder.path()).is_empty());
}

#[test]
fn equal_ends_are_confirmed_by_equal_books_only() {
    let (one, mut other) = (passing(), passing());
    assert_eq!(judged("equal-luck", &[&one, &one, &one]).result, Judgement::Confirmed);
    other.books.coupons.used += 1;
    assert_eq!(judged("equal-luck", &[&one, &one, &other]).result, Judgement::Depends);
    assert_eq!(judged("equal-luck", &[&one, &one, &failing()]).result, Judgement::NotConfirmed);
}

#[test]
fn a_price_that_nobody_pays_is_not_confirmed() {
    let (cheap, mut dear) = (passing(), passing());
    assert_eq!(judged("messages", &[&cheap, &cheap, &cheap]).result, Judgement::NotConfirmed);
    dear.messages.per_order *= 2.0;
    assert_eq!(judged("messages", &[&dear, &dear, &cheap]).result, Judgement::Depends);
    for row in &mut dear.latency {
        row.parts.network.share += 0.1;
    }
    assert_eq!(judged("messages", &[&dear, &dear, &cheap]).result, Judgement::Confirmed);
    assert_eq!(judged("database-traffic", &[&cheap; 3]).result, Judgement::NotConfirmed);
}

#[test]
fn a_flow_that_leaks_nothing_confirms_that_everything_is_undone() {
    let (clean, mut leaky) = (passing(), passing());
    assert_eq!(judged("design-as-written", &[&clean, &clean]).result, Judgement::Confirmed);
    leaky.books.coupons.used += 1;
    assert_eq!(judged("design-as-written", &[&leaky, &clean]).result, Judgement::NotConfirmed);
}
