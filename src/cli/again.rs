//! The command that gives a result again, as a shell takes it.

use super::args::{RunArguments, USUAL_FOLDER};
use std::path::{Path, PathBuf};

/// The command that gives the same runs again, into the same folder. Without a seed they have
/// seeds of their own. A password in the URL of Redis is not repeated.
pub(super) fn again(file: &Path, seed: Option<u64>, arguments: &RunArguments) -> String {
    let mut text = format!("sagasim run {}", quoted(&file.display().to_string()));
    let mut flag = |name: &str, value: &str| text.push_str(&format!(" {name} {}", quoted(value)));
    seed.iter().for_each(|seed| flag("--seed", &seed.to_string()));
    arguments.coordination.iter().for_each(|one| flag("--coordination", one.name()));
    arguments.set.iter().for_each(|setting| flag("--set", setting));
    arguments.matrix.iter().for_each(|axis| flag("--matrix", axis));
    if arguments.repeat > 1 {
        flag("--repeat", &arguments.repeat.to_string());
    }
    if arguments.out != Path::new(USUAL_FOLDER) {
        flag("--out", &arguments.out.display().to_string());
    }
    arguments.redis.iter().for_each(|url| flag("--redis", &without_password(url)));
    text
}

/// The command that gives one run again, wherever it writes: a file does not say where it was
/// written, so that the same run gives the same bytes anywhere. `settings` are what a matrix set.
pub(super) fn same(file: &Path, seed: u64, settings: &[String], of: &RunArguments) -> String {
    let alone = RunArguments {
        set: [&of.set[..], settings].concat(),
        matrix: Vec::new(),
        repeat: 1,
        ..of.clone()
    };
    anywhere(file, Some(seed), &alone)
}

/// As [`again`], wherever it writes.
pub(super) fn anywhere(file: &Path, seed: Option<u64>, of: &RunArguments) -> String {
    again(file, seed, &RunArguments { out: PathBuf::from(USUAL_FOLDER), ..of.clone() })
}

/// What was set, to be typed again.
pub(super) fn set(settings: &[String]) -> String {
    settings.iter().map(|setting| format!(" --set {}", quoted(setting))).collect()
}

/// A URL with the word `PASSWORD` where its password stands.
fn without_password(url: &str) -> String {
    let (before, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let (place, query) = rest.split_once('?').map_or((rest, None), |(a, b)| (a, Some(b)));
    let place = match place.rsplit_once('@') {
        Some((who, host)) => match who.split_once(':') {
            Some((user, _)) => format!("{user}:PASSWORD@{host}"),
            None => place.to_owned(),
        },
        None => place.to_owned(),
    };
    let query = query.map_or_else(String::new, |query| {
        let shown = |pair: &str| match pair.split_once('=') {
            Some(("pass", _)) => "pass=PASSWORD".to_owned(),
            Some(_) | None => pair.to_owned(),
        };
        format!("?{}", query.split('&').map(shown).collect::<Vec<_>>().join("&"))
    });
    format!("{before}://{place}{query}")
}

/// A word as a shell takes it for one word.
pub(super) fn quoted(word: &str) -> String {
    let harmless = |c: char| c.is_alphanumeric() || "-_./+:@%,=".contains(c);
    if !word.is_empty() && word.chars().all(harmless) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{Arguments, Command};
    use clap::Parser;

    fn typed(words: &[&str]) -> RunArguments {
        let words = ["sagasim", "run", "a.toml"].iter().chain(words);
        match Arguments::parse_from(words).command {
            Command::Run(arguments) => arguments,
            _ => panic!("it is `run`"),
        }
    }

    #[test]
    fn files_of_any_name_can_be_pasted() {
        assert_eq!(quoted("scenarios/flash-sale.toml"), "scenarios/flash-sale.toml");
        assert_eq!(quoted("my run.toml"), "'my run.toml'");
        assert_eq!(quoted("it's.toml"), "'it'\\''s.toml'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn what_is_as_usual_need_not_be_typed_again() {
        let usual = typed(&["--seed", "7", "--quiet"]);
        assert_eq!(again("a.toml".as_ref(), Some(7), &usual), "sagasim run a.toml --seed 7");
    }

    #[test]
    fn everything_that_matters_is_typed_again_and_one_run_of_many_is_typed_alone() {
        let rest = [
            "--coordination",
            "monolith",
            "--set",
            "a=1",
            "--matrix",
            "b=1,2",
            "--repeat",
            "3",
            "--out",
            "my reports",
            "--redis",
            "redis://me:sekrit@h/",
        ];
        let file: &Path = "a.toml".as_ref();
        assert_eq!(
            again(file, None, &typed(&rest)),
            "sagasim run a.toml --coordination monolith --set a=1 --matrix b=1,2 --repeat 3 \
             --out 'my reports' --redis redis://me:PASSWORD@h/"
        );
        assert_eq!(
            same(file, 9, &["b=2".to_owned()], &typed(&rest)),
            "sagasim run a.toml --seed 9 --coordination monolith --set a=1 --set b=2 \
             --redis redis://me:PASSWORD@h/"
        );
    }

    #[test]
    fn no_password_is_shown() {
        assert_eq!(without_password("redis://h:1/2"), "redis://h:1/2");
        assert_eq!(without_password("rediss://me@h"), "rediss://me@h");
        assert_eq!(without_password("redis://me:p@ss:w@h/1"), "redis://me:PASSWORD@h/1");
        let socket = "unix:///s.sock?db=2&pass=secret&user=me";
        assert_eq!(without_password(socket), "unix:///s.sock?db=2&pass=PASSWORD&user=me");
    }
}
