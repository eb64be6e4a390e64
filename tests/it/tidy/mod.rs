//! The rules of the house, each shown to have teeth.

mod code;
mod rules;

use rules::*;
use std::fs;
use std::path::Path;

/// A text of the repository, by its path from the root.
struct Text {
    path: String,
    text: String,
}

fn text(path: &str, text: &str) -> Text {
    Text { path: path.to_owned(), text: text.to_owned() }
}

impl Text {
    fn is_source(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The names of its modules from the crate's root: `["sim", "dist"]`.
    fn module(&self) -> Option<Vec<&str>> {
        let path = self.path.strip_prefix("src/")?.strip_suffix(".rs")?;
        Some(path.split('/').filter(|name| *name != "mod" && *name != "lib").collect())
    }
}

/// Every text that is written by hand.
fn house() -> Vec<Text> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    for folder in
        ["src", "tests", "benches", "scenarios", "museum", "schema", "docs", ".ci", ".github"]
    {
        walk(root, &root.join(folder), &mut texts);
    }
    for entry in fs::read_dir(root).expect("the root is readable").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let by_hand =
            [".md", ".toml", ".gitignore", "LICENSE"].iter().any(|end| name.ends_with(end));
        if by_hand && entry.path().is_file() {
            read(root, &entry.path(), &mut texts);
        }
    }
    texts.sort_by(|a, b| a.path.cmp(&b.path));
    texts
}

fn walk(root: &Path, folder: &Path, texts: &mut Vec<Text>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            walk(root, &entry.path(), texts);
        } else {
            read(root, &entry.path(), texts);
        }
    }
}

/// Adds a file; one that is not text is passed over.
fn read(root: &Path, path: &Path, texts: &mut Vec<Text>) {
    let name =
        path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
    if let Ok(content) = fs::read_to_string(path) {
        texts.push(text(&name, &content));
    }
}

/// The house keeps the rule, and each counterexample breaks it just as often as said.
#[track_caller]
fn check(rule: fn(&[Text]) -> Vec<String>, counterexamples: &[(&str, &str, usize)]) {
    let found = rule(&house());
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    for &(path, content, times) in counterexamples {
        let found = rule(&[text(path, content)]);
        assert_eq!(found.len(), times, "{path}: {content}\n{}", found.join("\n"));
    }
}

#[test]
fn floors_hold() {
    check(
        floors,
        &[
            ("src/domain/a.rs", "use crate::sim::Plan;", 1),
            ("src/domain/a.rs", "fn f() { crate :: report::draw() }", 1),
            ("src/actors/mod.rs", "use crate::{domain::Line, sim::{scenario, check}, report};", 2),
            ("src/sim/mod.rs", "use super::report::Summary;", 1),
            ("src/sim/dist/mod.rs", "use super::super::report::Summary; use super::report;", 1),
            ("src/report/a.rs", "use crate::cli::run;", 1),
            ("src/elsewhere.rs", "", 1),
            ("src/domain/a.rs", "// use crate::sim::Plan;\nconst A: &str = \"crate::sim::x\";", 0),
            ("src/live/mod.rs", "use crate::{actors::Host, sim::scenario::Scenario};", 0),
            ("src/lib.rs", "pub use crate::report::Summary;", 0),
        ],
    );
}

#[test]
fn the_domain_is_pure() {
    check(
        pure_domain,
        &[
            ("src/domain/a.rs", "use std::time::Duration;", 1),
            ("src/domain/a.rs", "use std::{fmt, fs::File, sync::Arc, time::{self}};", 2),
            ("src/domain/a.rs", "let x = rand::random(); let y: HashMap<u8, u8>;", 2),
            ("src/domain/a.rs", "/* tokio */ // redis\nlet operand = '\"'; let s = \"rand\";", 0),
            ("src/domain/a.rs", "let c = '\\''; use tokio::main;", 1),
            ("src/domain/a.rs", "let s = r#\"a \" redis\"#; fn f<'a>(x: &'a redis::Client) {}", 1),
            ("src/sim/a.rs", "use std::time::Duration;", 0),
        ],
    );
}

#[test]
fn actix_is_at_home() {
    check(
        engine_at_home,
        &[
            ("src/report/a.rs", "use actix::Actor;", 1),
            ("src/actors/order.rs", "//! An actix actor.\nimpl actix::Actor for A {}", 1),
            ("src/actors/order.rs", "//! An actix actor.", 0),
            ("src/actors/host.rs", "use actix::Actor;", 0),
        ],
    );
}

#[test]
fn files_are_short() {
    let long = "\n".repeat(LINES_AT_MOST + 1);
    check(short_files, &[("src/a.rs", &long, 1), ("tests/it/a.rs", &long[1..], 0)]);
}

#[test]
fn nothing_is_postponed() {
    let bad = ["// TO\u{0}DO", "tod\u{0}o!()", "#[ig\u{0}nore]", "#![al\u{0}low(dead_code)]"];
    for bad in bad.map(|text| text.replace('\u{0}', "")) {
        check(nothing_postponed, &[("src/a.rs", &bad, 1)]);
    }
}

#[test]
fn dependencies_have_reasons() {
    check(
        reasons_for_dependencies,
        &[
            (
                "Cargo.toml",
                "[dependencies]\na = \"1\"\n# why\nb = \"1\"\nc = \"1\"\n\nd = \"1\"",
                2,
            ),
            ("Cargo.toml", "[dev-dependencies]\na = { version = \"1\" }", 1),
            ("Cargo.toml", "# why\n[dependencies.a]\nversion = \"1\"\n\n[dependencies.b]\n", 1),
            ("Cargo.toml", "[profile.ci]\nlto = \"off\"", 0),
        ],
    );
}

#[test]
fn tests_are_declared() {
    check(all_tests_declared, &[("tests/it/lost.rs", "", 1), ("tests/second.rs", "", 1)]);
    let main =
        text("tests/it/main.rs", "//! Crate.\n\nmod bare;\n// Why.\nmod fine;\nmod good; // Why.");
    let files = [
        main,
        text("tests/it/bare.rs", ""),
        text("tests/it/fine/mod.rs", ""),
        text("tests/it/good.rs", ""),
    ];
    assert_eq!(all_tests_declared(&files).len(), 1);
}

#[test]
fn the_readme_has_its_commands() {
    check(readme_commands, &[("README.md", "Run `tests/run`.", 1), ("README.md", "", 2)]);
}

#[test]
fn texts_name_no_machine() {
    for place in ["home", "tmp"] {
        let bad = format!("see `/{place}/someone/notes`");
        let fine = format!("see https://example.org/{place}/page and ${{TMP}}/{place}/x");
        check(no_machine_paths, &[("README.md", &bad, 1), ("README.md", &fine, 0)]);
    }
}

#[test]
fn scenarios_have_question_and_answer() {
    check(
        scenarios_ask_and_answer,
        &[
            ("scenarios/a.toml", "question = \"Why?\"\nanswer = \" \"", 1),
            ("scenarios/a.toml", "[run]\nquestion = \"Why?\"", 2),
            ("scenarios/a.toml", "question = ", 1),
            ("museum/a.toml", "question = \"Why?\"", 1),
            ("scenarios/data/a.toml", "", 0),
        ],
    );
}
