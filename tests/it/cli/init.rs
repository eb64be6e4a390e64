//! `init`: its files run, say what every key means, and write over nothing.

use super::{Did, Pretend, Shell, names};
use sagasim::cli::ExitCode;
use sagasim::cli::args::Template;
use sagasim::cli::virtual_engine::VirtualEngine;
use sagasim::domain::Coordination;
use sagasim::sim::scenario::format::paths;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::tempdir;

/// Every template by the name that is typed.
fn templates() -> Vec<String> {
    use clap::ValueEnum;
    let name = |one: Template| one.to_possible_value().expect("shown").get_name().to_owned();
    Template::ALL.map(name).to_vec()
}

fn init(folder: &Path, words: &[&str]) -> Did {
    let mut shell = Shell::new();
    shell.scenarios = folder.to_owned();
    shell.does(&[&["init"][..], words].concat(), &Pretend::passing())
}

fn text(template: &str) -> String {
    let folder = tempdir().expect("a folder");
    let did = init(folder.path(), &["x", "--template", template]);
    assert_eq!(did.code, ExitCode::Passed, "{}", did.err);
    fs::read_to_string(folder.path().join("x.toml")).expect("written")
}

#[test]
fn what_is_written_runs_at_once_and_passes_in_every_coordination() {
    for template in templates() {
        let folder = tempdir().expect("a folder");
        assert_eq!(init(folder.path(), &["--template", &template]).code, ExitCode::Passed);
        let file = folder.path().join(format!("my-{template}.toml"));
        let file = file.to_str().expect("UTF-8");
        let out = folder.path().join("reports");
        for coordination in Coordination::ALL {
            let words = ["run", file, "--coordination", coordination.name(), "--quiet", "--out"];
            let words = [&words[..], &[out.to_str().expect("UTF-8")]].concat();
            let did = Shell::new().does(&words, &VirtualEngine);
            let what = format!("{template} {}\n{}\n{}", coordination.name(), did.out, did.err);
            assert_eq!(did.code, ExitCode::Passed, "{what}");
        }
        let did = Shell::new().does(&["check", file, "--deny", "warnings"], &VirtualEngine);
        assert_eq!((did.code, did.err.as_str()), (ExitCode::Passed, ""), "{template}");
    }
}

#[test]
fn it_ends_with_what_to_type_next() {
    let folder = tempdir().expect("a folder");
    let did = init(folder.path(), &["my-sale", "--template", "flash-sale"]);
    let shown = did.out.replace(&folder.path().display().to_string(), "scenarios");
    insta::assert_snapshot!(shown, @r"
    wrote    scenarios/my-sale.toml
    look     sagasim run scenarios/my-sale.toml --dry-run
    run      sagasim run scenarios/my-sale.toml
    check    sagasim check scenarios/my-sale.toml    after every change
    ");
    let text = fs::read_to_string(folder.path().join("my-sale.toml")).expect("written");
    assert!(text.contains("name     = \"my-sale\""), "{text}");
}

#[test]
fn a_log_comes_with_its_orders() {
    let folder = tempdir().expect("a folder");
    assert_eq!(init(folder.path(), &["week", "--template", "order-log"]).code, ExitCode::Passed);
    assert_eq!(names(folder.path()), ["week.csv", "week.toml"]);
}

#[test]
fn nothing_is_written_over_without_force() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("mine.toml");
    fs::write(&file, "precious").expect("a file");
    let did = init(folder.path(), &["mine"]);
    assert_eq!((did.code, did.out.as_str()), (ExitCode::Usage, ""));
    assert!(did.err.contains("mine.toml is there already"), "{}", did.err);
    assert_eq!(fs::read_to_string(&file).expect("there"), "precious");
    // Not half of two files either.
    fs::rename(&file, folder.path().join("mine.csv")).expect("renamed");
    assert_eq!(init(folder.path(), &["mine", "--template", "order-log"]).code, ExitCode::Usage);
    assert_eq!(names(folder.path()), ["mine.csv"]);
    assert_eq!(
        init(folder.path(), &["mine", "--template", "order-log", "--force"]).code,
        ExitCode::Passed
    );
    assert_eq!(names(folder.path()), ["mine.csv", "mine.toml"]);
    let orders = fs::read_to_string(folder.path().join("mine.csv")).expect("there");
    assert!(orders.starts_with("order_id,"), "{orders}");
}

#[test]
fn a_name_that_is_no_folder_is_refused() {
    let folder = tempdir().expect("a folder");
    for name in ["", "my sale", "../sale", "latest", "a\"b", "a\nb"] {
        let did = init(folder.path(), &[name]);
        assert_eq!((did.code, did.out.as_str()), (ExitCode::Usage, ""), "{name}");
        assert!(did.err.contains("cannot name a scenario"), "{}", did.err);
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn where_nothing_can_be_written_the_error_names_the_place() {
    let did = init(Path::new("/proc"), &["sale"]);
    assert_eq!((did.code, did.out.as_str()), (ExitCode::Usage, ""));
    assert!(did.err.contains("cannot write /proc/sale.toml"), "{}", did.err);
}

/// The keys a text sets, or shows commented out, by path.
fn shown(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut above = String::new();
    for line in text.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        if let Some(header) = bare.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or_default().trim_start_matches('[');
            let parts: Vec<&str> = header.split('.').collect();
            // The name of a service is chosen by the writer.
            let named = if parts[0] == "service" { &parts[..1] } else { &parts[..] };
            above = named.join(".");
            found.insert(above.clone());
        } else if let Some((key, value)) = bare.split_once('=') {
            let key = key.trim();
            if key.chars().all(|c| c.is_ascii_lowercase() || "_-".contains(c)) && !key.is_empty() {
                let path = if above.is_empty() { key.to_owned() } else { format!("{above}.{key}") };
                inline(&path, value, &mut found);
                found.insert(path);
            }
        }
    }
    found
}

/// The keys inside an inline table, or inside a list of them.
fn inline(path: &str, value: &str, found: &mut BTreeSet<String>) {
    fn walk(path: &str, value: &toml::Value, found: &mut BTreeSet<String>) {
        for value in value.as_array().into_iter().flatten() {
            walk(path, value, found);
        }
        for (key, value) in value.as_table().into_iter().flatten() {
            let path = format!("{path}.{key}");
            walk(&path, value, found);
            found.insert(path);
        }
    }
    let parsed = format!("value = {value}").parse::<toml::Table>();
    if let Some(value) = parsed.ok().as_ref().and_then(|table| table.get("value")) {
        walk(path, value, found);
    }
}

#[test]
fn every_key_of_the_format_is_shown_in_a_template() {
    let shown: BTreeSet<String> =
        templates().iter().flat_map(|template| shown(&text(template))).collect();
    let missing: Vec<String> = paths().into_iter().filter(|path| !shown.contains(path)).collect();
    assert!(missing.is_empty(), "in no template: {missing:?}");
    let mut fewer = shown.clone();
    fewer.remove("run.drain");
    assert!(paths().iter().any(|path| !fewer.contains(path)), "the test has teeth");
}

#[test]
fn every_key_of_a_template_is_explained() {
    for template in templates() {
        let text = text(&template);
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let sets = line.split_once('=').is_some_and(|(key, _)| {
                key.trim_end().chars().all(|c| c.is_ascii_lowercase() || c == '_')
            });
            let above = at > 0 && lines[at - 1].starts_with("# ");
            let of_header = line.starts_with("name ")
                || line.starts_with("question")
                || line.starts_with("answer");
            assert!(!sets || line.contains(" # ") || above || of_header, "{template}: {line}");
            assert!(line.chars().count() <= 100, "{template}: {line}");
        }
        assert!(text.starts_with("#:schema ../schema/scenario.v1.json\n\n# "), "{template}");
    }
}
