//! The museum: public bugs as files, each with its cure. Each gives its answer with the bug, passes
//! with the cure, and stands on the page.

use crate::harness::{frame, plan, run_plan, seed, summary, violated, written};
use sagasim::report::explain::wrapped;
use sagasim::sim::scenario::{self, Scenario, Verdict};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::tempdir;

/// A bug in the museum.
struct Exhibit {
    file: PathBuf,
    scenario: Scenario,
    bug: String,
    cure: Vec<String>,
    modelled: String,
}

/// The comment of this name, with the lines that go on with it.
fn note(text: &str, name: &str) -> Option<String> {
    let start = format!("# {name}:");
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&start));
    let first = lines.next()?.strip_prefix(&start)?.trim();
    let more = lines.map_while(|line| line.strip_prefix("#   ")).map(str::trim);
    Some(std::iter::once(first).chain(more).collect::<Vec<_>>().join(" "))
}

fn exhibits() -> Vec<Exhibit> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("museum");
    let entries = fs::read_dir(folder).expect("the museum is there").flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    let exhibit = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("readable");
        let note =
            |name| note(&text, name).unwrap_or_else(|| panic!("{}: no {name}", file.display()));
        let (bug, modelled) = (note("bug"), note("modelled"));
        let cure = note("cure").split_ascii_whitespace().map(str::to_owned).collect();
        let (scenario, _) = scenario::load(&file).unwrap_or_else(|found| panic!("{found}"));
        Exhibit { bug, cure, modelled, scenario, file }
    };
    files.into_iter().map(exhibit).collect()
}

/// How often the program found an invariant violated, and what it exits with.
fn typed(exhibit: &Exhibit, cure: &[String]) -> i32 {
    let out = tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sagasim"));
    command.args(["run", "--quiet", "--out"]).arg(out.path()).arg(&exhibit.file).args(cure);
    let did = command.output().expect("the program starts");
    did.status.code().expect("it is not killed")
}

#[test]
fn each_bug_gives_its_answer_and_passes_with_its_cure() {
    let mut wrong = Vec::new();
    for exhibit in exhibits() {
        let Exhibit { scenario, cure, .. } = &exhibit;
        let name = &scenario.name;
        assert_eq!(exhibit.file.file_stem().and_then(|stem| stem.to_str()), Some(&name[..]));
        assert!(cure.iter().any(|word| word.contains('=')), "{name}: the cure changes nothing");
        let plan = plan(scenario, seed(scenario), scenario.flow.coordination);
        let run = run_plan(&plan, &[]);
        let verdict = summary(&plan, &run).verdict;
        let (found, expected) = (violated(&run), scenario.expect.violated.iter());
        let expected: BTreeSet<&str> = expected.map(String::as_str).collect();
        if (verdict, scenario.expect.verdict) != (Verdict::Failed, Verdict::Failed) {
            wrong.push(format!("{name}: {verdict:?}"));
        }
        if found != expected {
            wrong.push(format!("{name}: {found:?}"));
        }
        let codes = [typed(&exhibit, &[]), typed(&exhibit, cure)];
        if codes != [3, 0] {
            wrong.push(format!("{name}: exits with {codes:?}, with the bug and with the cure"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_museum_warns_of_nothing_that_is_not_meant() {
    for exhibit in exhibits() {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sagasim"));
        let did = command.args(["check", "--deny", "warnings"]).arg(&exhibit.file).output();
        let did = did.expect("the program starts");
        assert!(did.status.success(), "{}", String::from_utf8_lossy(&did.stderr));
    }
}

#[test]
fn the_page_of_the_museum_is_true() {
    let exhibits = exhibits();
    let wanted = [
        "medusa-16825",
        "medusa-15527",
        "medusa-15122",
        "medusa-13625",
        "eshop-888",
        "eshop-1340",
        "ftgo-107",
        "steno-138",
        "seata-6374",
        "masstransit-1005",
        "boutique-refund",
    ];
    for name in wanted {
        assert!(exhibits.iter().any(|exhibit| exhibit.scenario.name == name), "{name}");
    }
    let mut page = frame("museum.txt");
    for Exhibit { scenario, bug, cure, modelled, .. } in &exhibits {
        let name = &scenario.name;
        let violated: Vec<String> =
            scenario.expect.violated.iter().map(|law| format!("`{law}`")).collect();
        let planted = scenario.flow.defect.map_or_else(
            || "no seeded defect: a protection is off".to_owned(),
            |defect| format!("seeded defect `{}`", defect.name),
        );
        page.push_str(&format!(
            "\n## {name}\n\n{bug}\n\n{}{}\n{}\n{}\n\
             ```sh\nsagasim run museum/{name}.toml\nsagasim run museum/{name}.toml {}\n```\n",
            wrapped(&scenario.question, 0),
            wrapped(&scenario.answer, 0),
            wrapped(modelled, 0),
            wrapped(&format!("With the bug: {} ({planted}).", violated.join(", ")), 0),
            cure.join(" "),
        ));
    }
    written("museum/README.md", &page);
}
