//! The files of a run: they agree with its summary, and with themselves byte for byte.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// A day with everything in it, shorter, with a warm-up and a fault in its middle.
fn scenario() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/checkout.toml");
    let text = fs::read_to_string(file).expect("the scenario is there");
    let mut table: toml::Table = text.parse().expect("TOML");
    let run = table["run"].as_table_mut().expect("[run]");
    run.insert("duration".to_owned(), "60s".into());
    run.insert("warmup".to_owned(), "10s".into());
    table.remove("expect");
    let faults = table["fault"].as_array_mut().expect("faults");
    faults.truncate(1);
    let fault = faults[0].as_table_mut().expect("a fault");
    fault.insert("at".to_owned(), "20s".into());
    fault.insert("for".to_owned(), "10s".into());
    fault.insert("probability".to_owned(), 0.5.into());
    table.to_string()
}

/// Runs the program at a fixed time; gives the name of the run's folder, and its files.
fn run() -> (String, BTreeMap<String, Vec<u8>>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("day.toml");
    fs::write(&file, scenario()).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_sagasim"))
        // What to type again is in the files, so they name the same file.
        .args(["run", "day.toml", "--seed", "9", "--quiet"])
        .current_dir(folder.path())
        .env("SOURCE_DATE_EPOCH", "1795335302")
        .env_remove("RUST_LOG")
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let latest = folder.path().join("reports/latest");
    let name = fs::read_link(&latest).expect("a link").display().to_string();
    let files = fs::read_dir(&latest).expect("a folder").map(|entry| {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, fs::read(entry.path()).expect("a file"))
    });
    (name, files.collect())
}

/// One run for all tests.
fn files() -> &'static BTreeMap<String, Vec<u8>> {
    static FILES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    FILES.get_or_init(|| run().1)
}

fn text(name: &str) -> &'static str {
    std::str::from_utf8(&files()[name]).expect("UTF-8")
}

fn summary() -> Value {
    serde_json::from_str(text("summary.json")).expect("JSON")
}

#[test]
fn at_the_same_time_the_same_seed_gives_the_same_bytes() {
    let (name, first) = run();
    assert_eq!(name, "checkout/20261122T081502Z-9");
    let (again, second) = run();
    assert_eq!(again, name);
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
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
    assert_eq!(names, all);
    for (name, bytes) in &first {
        assert!(*bytes == second[name], "{name} differs");
    }
    let time = &summary()["time"];
    assert_eq!((time["wall_ns"].as_u64(), time["events_per_s"].as_f64()), (Some(0), Some(0.0)));
}

/// The interval log by tag, summed up; the number of its lines; the largest maximum in ms.
fn logged() -> BTreeMap<String, (Histogram<u64>, u64, f64)> {
    let mut tags = BTreeMap::new();
    let mut deserializer = Deserializer::new();
    let mut from = 0.0;
    for entry in IntervalLogIterator::new(text("latency.hlog").as_bytes()) {
        let LogEntry::Interval(line) = entry.expect("a line of an interval log") else { continue };
        assert!(line.start_timestamp().as_secs_f64() >= from, "in the order of time");
        from = line.start_timestamp().as_secs_f64();
        let tag = line.tag().expect("a tag").as_str().to_owned();
        let bytes = STANDARD.decode(line.encoded_histogram()).expect("base64");
        let histogram: Histogram<u64> =
            deserializer.deserialize(&mut bytes.as_slice()).expect("a histogram");
        assert!(!histogram.is_empty(), "{tag}");
        match tags.get_mut(&tag) {
            None => {
                tags.insert(tag, (histogram, 1, line.max()));
            }
            Some((sum, lines, max)) => {
                sum.add(&histogram).expect("the same bounds");
                *lines += 1;
                *max = line.max().max(*max);
            }
        }
    }
    tags
}

#[test]
fn the_interval_log_adds_up_to_the_percentiles_of_the_summary() {
    let tags = logged();
    let summary = summary();
    let rows = summary["latency"].as_array().expect("rows");
    let cold = tags.keys().filter(|tag| !tag.starts_with("warm-up."));
    assert_eq!(cold.count(), rows.len());
    for row in rows {
        let (metric, outcome) = (row["metric"].as_str(), row["outcome"].as_str());
        let tag = format!("{}.{}", metric.expect("text"), outcome.expect("text"));
        let (histogram, _, max_ms) = &tags[&tag];
        assert_eq!(row["count"], histogram.len(), "{tag}");
        let (min, max) = (row["min_ns"].as_u64(), row["max_ns"].as_u64());
        let (min, max) = (min.expect("exact"), max.expect("exact"));
        assert!((max as f64 / 1e6 - max_ms).abs() < 1e-6, "{tag}: {max_ms}");
        for (key, q) in [("p50_ns", 0.5), ("p90_ns", 0.9), ("p99_ns", 0.99), ("p999_ns", 0.999)] {
            if let Some(ns) = row[key].as_u64() {
                assert_eq!(ns, histogram.value_at_quantile(q).clamp(min, max), "{tag} {key}");
            }
        }
    }
    let (checkout, lines, _) = &tags["checkout.completed"];
    assert!(*lines > 20 && checkout.len() > 100, "{lines} lines");
    // The warm-up is there, apart.
    let warm = &summary["phases"][0];
    assert_eq!(warm["kind"], "warm-up");
    let place = warm["latency"].as_array().expect("rows").iter().find(|row| {
        (&row["metric"], &row["outcome"]) == (&Value::from("place"), &Value::from("placed"))
    });
    assert_eq!(place.expect("placed")["count"], tags["warm-up.place.placed"].0.len());
}

#[test]
fn the_head_of_the_interval_log_is_what_readers_expect() {
    let lines: Vec<&str> = text("latency.hlog").lines().take(6).collect();
    assert_eq!(lines[1], "#[Histogram log format version 1.3]");
    assert!(lines[2].starts_with("#[StartTime: 0.000 (seconds since epoch)"), "{}", lines[2]);
    assert!(lines[4].starts_with("\"StartTimestamp\",\"Interval_Length\""), "{}", lines[4]);
    assert!(lines[5].starts_with("Tag=warm-up."), "{}", lines[5]);
}

#[test]
fn the_percentile_file_has_a_distribution_for_each_row_of_the_summary() {
    let summary = summary();
    let blocks: Vec<&str> = text("latency.hgrm").split("\n\n#[Metric = ").collect();
    let rows = summary["latency"].as_array().expect("rows");
    assert_eq!(text("latency.hgrm").matches("#[Metric = ").count(), rows.len());
    assert!(blocks[0].starts_with("#[Metric = checkout.completed, values in milliseconds]"));
    for row in rows {
        let name = format!("{}.{}", row["metric"], row["outcome"]).replace('"', "");
        let text = text("latency.hgrm");
        let at = text.find(&format!("#[Metric = {name},")).expect("a block");
        let lines: Vec<&str> = text[at..].lines().skip(3).collect();
        let end = lines.iter().position(|line| line.starts_with('#')).expect("an end");
        let figures = |line: &str| -> Vec<f64> {
            line.split_whitespace().map(|cell| cell.parse().expect("a number")).collect()
        };
        let all: Vec<Vec<f64>> = lines[..end].iter().map(|line| figures(line)).collect();
        for pair in all.windows(2) {
            assert!(pair[0].iter().zip(&pair[1]).all(|(a, b)| a <= b), "{name}: {pair:?}");
        }
        let last = all.last().expect("a line");
        let max_ms = row["max_ns"].as_u64().expect("exact") as f64 / 1e6;
        assert_eq!((last.len(), last[1]), (3, 1.0), "{name}");
        assert!((last[0] - max_ms).abs() <= 0.000_5, "{name}: {} is not {max_ms}", last[0]);
        assert_eq!(Some(last[2] as u64), row["count"].as_u64(), "{name}");
        let half = all.iter().find(|line| line[1] >= 0.5).expect("a median");
        if let Some(p50) = row["p50_ns"].as_u64() {
            assert!((half[0] - p50 as f64 / 1e6).abs() <= 0.000_5, "{name}: {half:?}");
        }
    }
}

/// A column of the series; empty cells are left out.
fn column(name: &str) -> Vec<f64> {
    let mut lines = text("series.csv").lines();
    let head = lines.next().expect("a header");
    let at = head.split(',').position(|column| column == name);
    let at = at.unwrap_or_else(|| panic!("no column {name} in {head}"));
    let cells = lines.map(|line| line.split(',').nth(at).expect("as many cells as columns"));
    let full = cells.filter(|cell| !cell.is_empty());
    full.map(|cell| cell.parse().expect("a number")).collect()
}

#[test]
fn the_series_has_no_gaps_and_adds_up_to_the_summary() {
    let summary = summary();
    let (from, until) = (column("from_ns"), column("until_ns"));
    assert_eq!(from[0], 0.0);
    assert!(from[1..] == until[..until.len() - 1], "an interval begins where the last ended");
    let load = until.iter().filter(|until_ns| **until_ns <= 60e9).count();
    assert!((41..=125).contains(&load), "{load} intervals");
    assert!(from.len() < 500, "{} intervals", from.len());
    let simulated = summary["time"]["simulated_ns"].as_f64().expect("a time");
    assert!(*from.last().expect("rows") <= simulated && simulated <= until[until.len() - 1]);
    let sum = |name: &str| column(name).iter().sum::<f64>();
    let orders = &summary["orders"];
    for (name, key) in [
        ("offered", "offered"),
        ("started", "started"),
        ("rejected", "rejected"),
        ("compensated", "compensated"),
        ("completed", "completed"),
        ("refunded", "refunded"),
    ] {
        assert_eq!(Some(sum(name)), orders[key].as_f64(), "{name}");
    }
    assert!(sum("expired") > 0.0 && sum("cancelled") > 0.0 && sum("pay_failed") > 0.0);
    assert_eq!(column("in_flight").last(), Some(&0.0));
    assert!(column("in_flight").iter().any(|in_flight| *in_flight > 0.0));
    let slowest = column("place_max_ns").into_iter().fold(0.0, f64::max);
    assert!(
        summary["latency"]
            .as_array()
            .expect("rows")
            .iter()
            .any(|row| { row["metric"] == "place" && row["max_ns"].as_f64() == Some(slowest) })
    );
}

#[test]
fn the_series_and_littles_law_are_about_the_same_stations() {
    let summary = summary();
    let lengths = column("until_ns").into_iter().zip(column("from_ns"));
    let lengths: Vec<f64> = lengths.map(|(until, from)| until - from).collect();
    for service in summary["services"].as_array().expect("services") {
        let name = service["name"].as_str().expect("a name");
        let means = column(&format!("{name}_present_mean"));
        assert_eq!(means.len(), lengths.len(), "{name}");
        let area: f64 = means.iter().zip(&lengths).map(|(mean, length)| mean * length).sum();
        let exact = service["little_area_ns"].as_f64().expect("an area");
        // Means have six decimals.
        let rounding: f64 = lengths.iter().map(|length| length * 0.5e-6).sum();
        assert!((area - exact).abs() <= rounding + 1.0, "{name}: {area} is not {exact}");
        let workers = service["workers"].as_f64().expect("workers");
        assert!(column(&format!("{name}_busy")).iter().all(|busy| *busy <= workers));
        let most = service["queue_max"].as_f64().expect("a queue");
        assert!(column(&format!("{name}_queue")).iter().all(|queue| *queue <= most));
    }
}
