//! The rules: each gives what it finds wrong.

use super::Text;
use super::code::{code, named_below, named_modules, says};
use std::collections::BTreeMap;

/// The only files that may speak of the actor engine.
const ENGINE_FILES: &[&str] = &["src/actors/host.rs", "src/sim/engine/virtual_bus.rs"];
/// The floors: imports go down, or stay on their own.
const FLOORS: &[(&str, u8)] = &[
    ("domain", 0),
    ("actors", 1),
    ("sim", 2),
    ("live", 2),
    ("streams", 2),
    ("report", 3),
    ("cli", 4),
    ("main", 4),
];
/// What the domain knows nothing about.
const FOREIGN: &[&str] =
    &["actix", "tokio", "redis", "rand", "HashMap", "FxHashMap", "HashSet", "FxHashSet"];
/// Nor about these parts of the standard library.
const FOREIGN_STD: &[&str] = &["time", "fs", "net", "thread", "process", "env"];
/// A source is no longer.
pub(super) const LINES_AT_MOST: usize = 500;

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// Imports go down only.
pub(super) fn floors(texts: &[Text]) -> Vec<String> {
    let mut found = Vec::new();
    for file in texts {
        let Some(module) = file.module() else { continue };
        let Some(&top) = module.first() else { continue };
        let Some(own) = floor(top) else {
            found.push(format!("{}: `{top}` stands on no floor", file.path));
            continue;
        };
        for name in named_modules(&code(&file.text), module.len()) {
            if floor(&name).is_some_and(|other| other > own) {
                found.push(format!("{}: floor {own} names `{name}` above it", file.path));
            }
        }
    }
    found
}

/// The domain is pure.
pub(super) fn pure_domain(texts: &[Text]) -> Vec<String> {
    let mut found = Vec::new();
    for file in texts.iter().filter(|file| file.path.starts_with("src/domain/")) {
        let code = code(&file.text);
        let foreign = FOREIGN.iter().filter(|word| says(&code, word));
        found.extend(foreign.map(|word| format!("{}: the domain names `{word}`", file.path)));
        let std = named_below(&code, "std::").into_iter();
        let std = std.filter(|name| FOREIGN_STD.contains(&name.as_str()));
        found.extend(std.map(|name| format!("{}: the domain names `std::{name}`", file.path)));
    }
    found
}

/// The actor engine is known to a few files only.
pub(super) fn engine_at_home(texts: &[Text]) -> Vec<String> {
    let strangers = texts.iter().filter(|file| {
        file.path.starts_with("src/")
            && !ENGINE_FILES.contains(&file.path.as_str())
            && says(&code(&file.text), "actix")
    });
    strangers.map(|file| format!("{}: names actix", file.path)).collect()
}

/// Sources stay short.
pub(super) fn short_files(texts: &[Text]) -> Vec<String> {
    let lines = |file: &Text| file.text.lines().count();
    let long = texts.iter().filter(|file| file.is_source() && lines(file) > LINES_AT_MOST);
    long.map(|file| format!("{}: {} lines", file.path, lines(file))).collect()
}

/// Nothing is left for later and nothing is waved through.
pub(super) fn nothing_postponed(texts: &[Text]) -> Vec<String> {
    // In two parts each, so that this file does not find itself.
    let banned = [
        ("TO", "DO"),
        ("FIX", "ME"),
        ("todo", "!"),
        ("unimplemented", "!"),
        ("#[ig", "nore"),
        ("#[all", "ow("),
        ("#![all", "ow("),
    ];
    let mut found = Vec::new();
    for file in texts.iter().filter(|file| file.is_source()) {
        for (line, text) in file.text.lines().enumerate() {
            for (a, b) in banned {
                if text.contains(&format!("{a}{b}")) {
                    found.push(format!("{}:{}: {a}{b}", file.path, line + 1));
                }
            }
        }
    }
    found
}

/// Every dependency has its reason in a comment above it; neighbours may share one.
pub(super) fn reasons_for_dependencies(texts: &[Text]) -> Vec<String> {
    let mut found = Vec::new();
    for file in texts.iter().filter(|file| file.path == "Cargo.toml") {
        let (mut listing, mut explained) = (false, false);
        for line in file.text.lines() {
            let name = line.split('=').next().unwrap_or_default().trim();
            if line.starts_with('[') {
                let section = line.trim_matches(['[', ']']);
                listing = section.ends_with("dependencies");
                if section.contains("dependencies.") && !explained {
                    found.push(format!("{section}: no reason"));
                }
                explained = false;
            } else if line.trim().is_empty() {
                explained = false;
            } else if line.starts_with('#') {
                explained = true;
            } else if listing && line.contains('=') && !line.starts_with(' ') && !explained {
                found.push(format!("{name}: no reason"));
            }
        }
    }
    found
}

/// One integration crate, and each of its files has its line in it, with a comment.
pub(super) fn all_tests_declared(texts: &[Text]) -> Vec<String> {
    let mut found = Vec::new();
    let main = texts.iter().find(|file| file.path == "tests/it/main.rs");
    let lines: Vec<&str> = main.map_or(Vec::new(), |file| file.text.lines().collect());
    let declared: BTreeMap<&str, bool> = (0..lines.len())
        .filter_map(|at| {
            let (name, rest) = lines[at].strip_prefix("mod ")?.split_once(';')?;
            let above = at > 0 && lines[at - 1].starts_with("// ");
            Some((name, above || rest.contains("// ")))
        })
        .collect();
    for file in texts.iter().filter(|file| file.is_source()) {
        let Some(path) = file.path.strip_prefix("tests/") else { continue };
        let Some(inner) = path.strip_prefix("it/") else {
            if !path.contains('/') {
                found.push(format!("{}: a second integration crate", file.path));
            }
            continue;
        };
        let name = inner.strip_suffix("/mod.rs").or(inner.strip_suffix(".rs")).unwrap_or(inner);
        if name == "main" || name.contains('/') {
            continue;
        }
        match declared.get(name) {
            None => found.push(format!("{}: not declared in tests/it/main.rs", file.path)),
            Some(false) => found.push(format!("tests/it/main.rs: `mod {name};` has no comment")),
            Some(true) => {}
        }
    }
    found
}

/// The README shows how to begin and how to check.
pub(super) fn readme_commands(texts: &[Text]) -> Vec<String> {
    let commands = ["cargo run --release -- run scenarios/checkout.toml", "tests/run"];
    let readme = texts.iter().filter(|file| file.path == "README.md");
    let missing =
        readme.flat_map(|file| commands.iter().filter(|command| !file.text.contains(**command)));
    missing.map(|command| format!("README.md: `{command}` is missing")).collect()
}

/// No text names a place that exists on one machine only.
pub(super) fn no_machine_paths(texts: &[Text]) -> Vec<String> {
    let places = ["work", "home", "root", "tmp", "Users"].map(|place| format!("/{place}/"));
    let mut found = Vec::new();
    for file in texts {
        for (line, text) in file.text.lines().enumerate() {
            for place in &places {
                let outside = |(at, _): (usize, &str)| {
                    !text[..at].ends_with(|c: char| c.is_alphanumeric() || "/._-})".contains(c))
                };
                if text.match_indices(place).any(outside) {
                    found.push(format!("{}:{}: {place}", file.path, line + 1));
                }
            }
        }
    }
    found
}

/// A scenario asks one question and says what it expects.
pub(super) fn scenarios_ask_and_answer(texts: &[Text]) -> Vec<String> {
    let mut found = Vec::new();
    for file in texts {
        let folder = ["scenarios/", "museum/"].into_iter();
        let Some(name) = folder.filter_map(|folder| file.path.strip_prefix(folder)).next() else {
            continue;
        };
        if name.contains('/') || !name.ends_with(".toml") {
            continue;
        }
        let Ok(table) = file.text.parse::<toml::Table>() else {
            found.push(format!("{}: not TOML", file.path));
            continue;
        };
        for key in ["question", "answer"] {
            let said = table.get(key).and_then(toml::Value::as_str);
            if said.is_none_or(|said| said.trim().is_empty()) {
                found.push(format!("{}: no {key}", file.path));
            }
        }
    }
    found
}
