//! Bad input through the program itself: a clear error on stderr, the documented exit code, no
//! panic, and nothing half-written in the report folder.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::{TempDir, tempdir};

const GOOD: &str = "version = 1\nname = \"good\"\nquestion = \"Does it hold?\"\n\
                    [run]\nduration = \"1s\"\n\
                    [[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"5/s\"\n";

/// What the program did.
struct Did {
    code: Option<i32>,
    out: String,
    err: String,
}

/// A folder to type commands in.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Desk { folder: tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("a file");
    }

    fn does(&self, words: &[&str]) -> Did {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sagasim"));
        command.args(words).current_dir(self.folder.path());
        command.env_remove("SOURCE_DATE_EPOCH").env_remove("RUST_LOG").env("NO_COLOR", "1");
        let output = command.output().expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(!err.contains("panicked"), "{words:?}: {err}");
        Did { code: output.status.code(), out, err }
    }

    /// The command is refused with these words on stderr, and leaves no report.
    fn refuses(&self, words: &[&str], code: i32, said: &[&str]) {
        let did = self.does(words);
        assert_eq!(did.code, Some(code), "{words:?}: {}", did.err);
        assert_eq!(did.out, "", "{words:?}");
        for word in said {
            assert!(did.err.contains(word), "{words:?}: no `{word}` in: {}", did.err);
        }
        assert_eq!(files_below(&self.path("reports")), [] as [PathBuf; 0], "{words:?}");
    }

    /// `run` and `check` refuse a scenario alike.
    fn refuses_text(&self, text: &str, said: &[&str]) {
        self.write("a.toml", text);
        self.refuses(&["run", "a.toml"], 2, said);
        let did = self.does(&["check", "a.toml"]);
        assert_eq!(did.code, Some(2), "{text}: {}", did.err);
        assert!(said.iter().all(|word| did.err.contains(word)), "{text}: {}", did.err);
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn good_with(line: &str, other: &str) -> String {
    assert!(GOOD.contains(line), "{line}");
    GOOD.replace(line, other)
}

/// A scenario that replays `log.csv`.
fn replay(order: &str) -> String {
    format!(
        "version = 1\nname = \"replay\"\nquestion = \"Does it hold?\"\n\
         [[load]]\nexecutor = \"order-log\"\n[load.log]\nfile = \"log.csv\"\norder = \"{order}\"\n\
         user = \"u\"\nproduct = \"p\"\nquantity = \"q\"\nline_amount = \"a\"\ntime = \"t\"\n"
    )
}

#[test]
fn a_file_that_is_not_there_or_has_nothing_in_it_is_refused() {
    let desk = Desk::new();
    desk.refuses(&["run", "none.toml"], 2, &["none.toml", "there is no such file"]);
    desk.refuses(&["run", "."], 2, &["this is a directory"]);
    for empty in ["", " \n\n"] {
        desk.refuses_text(empty, &["a.toml", "the file is empty"]);
    }
    desk.write("binary.toml", [0xff, 0xfe, 0x00]);
    desk.refuses(&["run", "binary.toml"], 2, &["not UTF-8"]);
}

#[test]
fn values_that_make_no_sense_are_refused_with_their_place() {
    let desk = Desk::new();
    let rate = "rate = \"5/s\"";
    let cases = [
        ("duration = \"1s\"", "duration = \"5M\"", "a.toml:5:", "did you mean `5m`?"),
        ("duration = \"1s\"", "duration = 5", "a.toml:5:", "unit"),
        ("duration = \"1s\"", "duration = true", "a.toml:5:", "duration"),
        ("duration = \"1s\"", "duration = \"1s\"\nsed = 1", "a.toml:6:", "did you mean `seed`?"),
        ("version = 1", "version = \"one\"", "a.toml:1:", "whole number"),
        ("version = 1", "version = 2", "a.toml:1:", "version"),
        (rate, "rate = \"-5/s\"", "a.toml:8:", "cannot be negative"),
        (rate, "rate = \"0/s\"", "a.toml:8:", "nothing would ever arrive"),
        (rate, "rate = \"5/s\"\n[users]\ncount = 0", "a.toml:10:", "number of users: 0"),
        (rate, "rate = \"5/s\"\n[basket]\ncoupon_rate = 5", "a.toml:10:", "0 and 1"),
        (rate, "rate = \"5/s\"\n[products]\nstock = -1", "a.toml:10:", "-1"),
        (rate, "rate = \"5/s", "a.toml:8:", "string"),
    ];
    for (line, other, place, said) in cases {
        desk.refuses_text(&good_with(line, other), &[place, said]);
    }
}

#[test]
fn a_probability_above_one_is_refused() {
    let fault = "[[fault]]\nname = \"f\"\ntarget = { step = \"create-order\" }\nerror = {}\n";
    Desk::new()
        .refuses_text(&format!("{GOOD}{fault}probability = 5\n"), &["a.toml:13:", "0 and 1"]);
}

#[test]
fn all_mistakes_are_said_at_once() {
    let twice = good_with("rate = \"5/s\"", "rate = \"-5/s\"").replace("\"1s\"", "\"5M\"");
    Desk::new().refuses_text(&twice, &["a.toml:5:", "a.toml:8:"]);
}

#[test]
fn when_one_file_of_two_is_invalid_nothing_runs() {
    let desk = Desk::new();
    desk.write("good.toml", GOOD);
    desk.write("bad.toml", good_with("\"1s\"", "\"5M\""));
    desk.refuses(&["run", "good.toml", "bad.toml"], 2, &["bad.toml:5:"]);
    desk.refuses(&["run", "bad.toml", "good.toml"], 2, &["bad.toml:5:"]);
    let did = desk.does(&["check", "good.toml", "bad.toml"]);
    assert_eq!(did.code, Some(2));
    assert!(did.out.starts_with("ok       good.toml: Does it hold?\n"), "{}", did.out);
    assert!(did.out.contains("invalid  bad.toml: 1 mistake\n"), "{}", did.out);
}

#[test]
fn an_order_log_that_cannot_be_read_is_refused_by_its_name() {
    let desk = Desk::new();
    desk.refuses_text(&replay("o"), &["cannot open the order log", "log.csv"]);
    desk.write("log.csv", "");
    desk.refuses_text(&replay("o"), &["log.csv is empty: it has no header"]);
    desk.write("log.csv", "o,u,p,q,a,t\n");
    desk.refuses_text(&replay("o"), &["log.csv is empty", "no line below its header"]);
    desk.write("log.csv", "o,u,p,q,a,t\n1,1,1,1,1,2020-01-01T00:00:00\n");
    desk.refuses_text(&replay("order"), &["log.csv has no column `order` (load.log.order)"]);
    desk.write("good.toml", GOOD);
    desk.write("a.toml", replay("order"));
    desk.refuses(&["run", "good.toml", "a.toml"], 2, &["log.csv has no column `order`"]);
}

#[test]
fn broken_rows_of_an_order_log_are_counted_and_the_others_run() {
    let desk = Desk::new();
    desk.write("a.toml", replay("o"));
    desk.write(
        "log.csv",
        "o,u,p,q,a,t\n\
         1,ann,tea,2,500,2020-01-01T00:00:00\n\
         1,ann\n\
         2,bob,tea,0,0,2020-01-01T00:00:01\n\
         3,bob,tea,many,250,2020-01-01T00:00:01\n\
         ,bob,tea,1,250,2020-01-01T00:00:01\n\
         5,bob,tea,1,250,yesterday\n",
    );
    let did = desk.does(&["run", "a.toml", "--seed", "1", "--format", "json", "--quiet"]);
    assert_eq!(did.code, Some(0), "{}", did.err);
    let summary: serde_json::Value = serde_json::from_str(&did.out).expect("JSON");
    let log = &summary["order_log"];
    assert_eq!(
        (&log["lines"], &log["accepted"], &log["orders"]),
        (&6.into(), &1.into(), &1.into())
    );
    let rejected = log["rejected"].as_object().expect("reasons");
    let reasons = ["broken row", "quantity 0", "bad number", "order missing", "bad time"];
    for reason in reasons {
        assert_eq!(rejected.get(reason), Some(&1.into()), "{rejected:?}");
    }
    assert_eq!(summary["orders"]["completed"], 1);
}

#[test]
fn where_reports_cannot_be_written_nothing_runs() {
    let desk = Desk::new();
    desk.write("a.toml", GOOD);
    desk.write("taken", "a file");
    desk.refuses(&["run", "a.toml", "--out", "taken"], 2, &["taken"]);
    assert_eq!(fs::read_to_string(desk.path("taken")).expect("untouched"), "a file");
    desk.refuses(&["run", "a.toml", "--out", "taken/deeper"], 2, &["taken"]);
}

#[test]
fn a_redis_that_is_not_there_ends_the_program_before_the_run() {
    let desk = Desk::new();
    desk.write("a.toml", GOOD);
    // Nothing listens on port 1.
    desk.refuses(&["run", "a.toml", "--redis", "redis://127.0.0.1:1"], 7, &["127.0.0.1:1"]);
    desk.refuses(&["run", "a.toml", "--redis", "nonsense"], 2, &["expected redis://"]);
}

#[test]
fn unknown_words_are_refused() {
    let desk = Desk::new();
    desk.write("a.toml", GOOD);
    desk.refuses(&["runn", "a.toml"], 2, &["unrecognized subcommand 'runn'", "run"]);
    desk.refuses(&["run"], 2, &["<FILE>"]);
    desk.refuses(&["run", "a.toml", "--sed", "1"], 2, &["--seed"]);
    desk.refuses(&["run", "a.toml", "--seed=-1"], 2, &["--seed"]);
    desk.refuses(&["run", "a.toml", "--coordination", "chaos"], 2, &["orchestration"]);
}

#[test]
fn a_good_scenario_leaves_a_complete_report() {
    let desk = Desk::new();
    desk.write("a.toml", GOOD);
    let did = desk.does(&["run", "a.toml", "--seed", "1", "--quiet"]);
    assert_eq!((did.code, did.err.as_str()), (Some(0), ""));
    let names = |path: &PathBuf| path.file_name().map(OsStr::to_os_string);
    let mut files: Vec<_> =
        files_below(&desk.path("reports/good")).iter().filter_map(names).collect();
    files.sort();
    let all = [
        "junit.xml",
        "latency.hgrm",
        "latency.hlog",
        "resolved.toml",
        "scenario.toml",
        "series.csv",
        "summary.json",
        "summary.md",
    ];
    assert_eq!(files, all);
}
