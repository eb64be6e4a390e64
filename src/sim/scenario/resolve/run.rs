//! Version, name, `[expect]`, `[run]`, `[flow]`.

use super::super::diagnostics::Diagnostic;
use super::super::file::{Field, File};
use super::super::{Expect, Flow, Run, Verdict, defaults, names};
use super::{Sink, required_text, top, words};
use crate::domain::{Coordination, Omitted};
use crate::sim::lint::Lint;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::fmt::temporal::{DateTimeParser, PiecesOffset};
use toml::Spanned;

/// The only version of the format.
const VERSION: i64 = 1;
/// Longest name, so that paths stay usable.
const LONGEST_NAME: usize = 100;

pub(super) fn version(file: &File, sink: &mut Sink) {
    match &file.version {
        None => sink.missing(top(), "version", "version = 1"),
        Some(version) if *version.get_ref() != VERSION => {
            let title = format!("version {} of the format is not known", version.get_ref());
            sink.add(
                Diagnostic::at(version.span(), title).help("this version reads `version = 1`"),
            );
        }
        Some(_) => {}
    }
}

/// The name: also a folder, so only characters that every file system takes.
pub(super) fn name(file: &File, sink: &mut Sink) -> String {
    let name = required_text(&file.name, "name", "name = \"flash-sale\"", top(), sink);
    let Some(field) = file.name.as_ref().filter(|_| !name.trim().is_empty()) else { return name };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let usable = name.chars().all(plain) && !name.starts_with('.') && !name.ends_with('.');
    if !usable {
        let title = "the name is also a folder: letters, digits, `-`, `_` and inner `.` only";
        let meant = as_folder(&name);
        let problem = Diagnostic::at(field.span(), title);
        sink.add(match meant.is_empty() {
            true => problem,
            false => problem.help(format!("did you mean `{meant}`?")),
        });
    } else if name.len() > LONGEST_NAME {
        let title = format!("the name is longer than {LONGEST_NAME} characters");
        sink.add(Diagnostic::at(field.span(), title));
    } else if name == "latest" {
        let title = "the name `latest` is taken: `reports/latest` is the last run";
        sink.add(Diagnostic::at(field.span(), title));
    }
    name
}

fn as_folder(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

pub(super) fn expect(file: &File, sink: &mut Sink) -> Expect {
    let Some(expect) = &file.expect else {
        return Expect { verdict: Verdict::Passed, violated: Vec::new(), sometimes: Vec::new() };
    };
    let verdicts = words(&[Verdict::Passed, Verdict::Failed, Verdict::Inconclusive], Verdict::name);
    Expect {
        verdict: sink.word(&expect.verdict, "verdict", &verdicts, Verdict::Passed),
        violated: sink.names(&expect.violated, "invariant", &names::INVARIANTS),
        sometimes: sink.names(&expect.sometimes, "happening", &names::sometimes()),
    }
}

/// Warnings that are meant, each once.
pub(super) fn allowed(file: &File, sink: &mut Sink) -> Vec<Lint> {
    let Some(file) = &file.lint else { return Vec::new() };
    let known = words(&Lint::ALL, Lint::name);
    file.allow.iter().filter_map(|name| sink.one_of(name, "warning", &known)).collect()
}

/// `ends`: the loads end by themselves.
pub(super) fn run(file: &File, ends: bool, sink: &mut Sink) -> Run {
    let empty = Default::default();
    let (run, place) = match &file.run {
        Some(run) => (run.get_ref(), run.span()),
        None => (&empty, top()),
    };
    clock(&run.clock, sink);
    let duration_ns = sink.some_duration(&run.duration);
    match &run.duration {
        None if !ends && file.run.is_none() => {
            sink.missing(place, "run", "[run] duration = \"4m\"");
        }
        None if !ends => sink.missing(place, "duration", "duration = \"4m\""),
        Some(field) if duration_ns == Some(0) => {
            sink.add(Diagnostic::at(field.span(), "a run cannot last 0 s"));
        }
        None | Some(_) => {}
    }
    let warmup_ns = sink.duration(&run.warmup, defaults::WARMUP_NS);
    if let (Some(warmup), Some(duration)) = (&run.warmup, duration_ns)
        && warmup_ns >= duration
        && duration > 0
    {
        let problem = Diagnostic::at(warmup.span(), "the warm-up takes the whole run");
        sink.add(problem.help("it must be shorter than `duration`"));
    }
    let (epoch_local_ns, epoch_offset_s) = epoch(&run.epoch, sink);
    Run {
        seed: run.seed.as_ref().map(|seed| *seed.get_ref()),
        duration_ns,
        warmup_ns,
        drain_ns: sink.duration(&run.drain, defaults::DRAIN_NS),
        epoch_local_ns,
        epoch_offset_s,
        anomalies: run.anomalies.unwrap_or(false),
    }
}

fn clock(field: &Field<String>, sink: &mut Sink) {
    let Some(field) = field else { return };
    let clocks = [("virtual", true), ("live", false), ("streams", false)];
    if sink.one_of(field, "clock", &clocks) == Some(false) {
        let title = format!("the clock `{}` does not exist in this version", field.get_ref());
        sink.add(Diagnostic::at(field.span(), title).help("write `clock = \"virtual\"`"));
    }
}

/// Local nanoseconds since 1970-01-01T00:00 local time, and the offset in seconds.
fn epoch(field: &Field<String>, sink: &mut Sink) -> (i64, i32) {
    let default = Spanned::new(0..0, defaults::EPOCH.to_owned());
    let field = field.as_ref().unwrap_or(&default);
    match parse_epoch(field.get_ref()) {
        Ok(epoch) => epoch,
        Err(reason) => {
            let example = "write date, time and offset, such as \"2026-11-22T00:00:00+09:00\"";
            sink.add(Diagnostic::at(field.span(), reason).help(example));
            (0, 0)
        }
    }
}

fn parse_epoch(text: &str) -> Result<(i64, i32), String> {
    let not_one = || format!("`{text}` is not a date and time with an offset");
    let pieces = DateTimeParser::new().parse_pieces(text).map_err(|_| not_one())?;
    let time = pieces.time().ok_or_else(not_one)?;
    let offset_s = match pieces.offset() {
        Some(PiecesOffset::Zulu) => 0,
        Some(PiecesOffset::Numeric(numeric)) => numeric.offset().seconds(),
        Some(_) | None => return Err(not_one()),
    };
    let local = DateTime::from_parts(pieces.date(), time);
    let start = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    let since = start.duration_until(local).as_nanos();
    let local_ns = i64::try_from(since)
        .map_err(|_| format!("`{text}` is too far from 1970 (the years 1678 to 2261 are known)"))?;
    Ok((local_ns, offset_s))
}

/// The text of an epoch, as scenario files have it.
pub(in crate::sim::scenario) fn format_epoch(local_ns: i64, offset_s: i32) -> String {
    let start = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    let local = start.checked_add(SignedDuration::from_nanos(local_ns));
    let text = local.map_or_else(|_| String::new(), |local| local.to_string());
    let sign = if offset_s < 0 { '-' } else { '+' };
    let total = offset_s.unsigned_abs();
    let (hours, minutes, seconds) = (total / 3_600, total / 60 % 60, total % 60);
    let zone = format!("{text}{sign}{hours:02}:{minutes:02}");
    if seconds == 0 { zone } else { format!("{zone}:{seconds:02}") }
}

pub(super) fn flow(file: &File, sink: &mut Sink) -> Flow {
    let empty = Default::default();
    let flow = file.flow.as_ref().unwrap_or(&empty);
    let coordinations = words(&Coordination::ALL, Coordination::name);
    let known = ["restore-coupon", "expiry", "undo-final-amount"];
    let omitted = sink.names(&flow.omit, "part of the flow", &known);
    let omits = |name: &str| omitted.iter().any(|omitted| omitted == name);
    let omit = Omitted {
        restore_coupon: omits("restore-coupon"),
        expiry: omits("expiry"),
        undo_final_amount: omits("undo-final-amount"),
    };
    let default = defaults::COORDINATION;
    Flow {
        coordination: sink.word(&flow.coordination, "coordination", &coordinations, default),
        payment_window_ns: sink.duration(&flow.payment_window, defaults::PAYMENT_WINDOW_NS),
        omit,
    }
}
