//! The JSON Schemas: committed as they are printed, and true.

use crate::harness::{folder, plan, run_plan, scenario, seed, summary};
use crate::scenario_generator;
use jsonschema::Validator;
use proptest::prelude::*;
use sagasim::report::schema::{scenario_schema, summary_schema};
use sagasim::sim::scenario::format::{Kind, Presence, ROOT, Table};
use sagasim::sim::scenario::{Diagnostics, Scenario, parse, resolved_toml};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static SCENARIO: LazyLock<Validator> = LazyLock::new(|| validator(&scenario_schema()));

fn validator(schema: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema).expect("a schema is JSON");
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    jsonschema::validator_for(&schema).expect("a schema is a schema")
}

fn json(text: &str) -> Option<Value> {
    let table = text.parse::<toml::Table>().ok()?;
    serde_json::to_value(table).ok()
}

fn valid(text: &str) -> bool {
    SCENARIO.is_valid(&json(text).expect("TOML"))
}

fn read(text: &str) -> Result<Scenario, Diagnostics> {
    parse(&folder().join("held.toml"), text)
}

/// All scenario files of ours.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["scenarios", "museum", "src/cli/templates"] {
        for entry in fs::read_dir(root.join(folder)).expect("a folder").flatten() {
            files.extend(
                Some(entry.path()).filter(|path| path.extension() == Some("toml".as_ref())),
            );
        }
    }
    files
}

fn committed(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    fs::read_to_string(path).expect("committed")
}

#[test]
fn what_is_committed_is_what_is_printed() {
    for (name, printed, how) in [
        ("scenario.v1.json", scenario_schema(), "sagasim schema"),
        ("summary.v1.json", summary_schema(), "sagasim schema summary"),
    ] {
        assert!(committed(name) == printed, "`{how} > schema/{name}` brings it up to date");
    }
}

#[test]
fn every_scenario_names_the_schema_and_is_valid() {
    assert!(files().len() > 20);
    for path in files() {
        let text = fs::read_to_string(&path).expect("readable");
        // The blank line is wanted by some editors.
        assert!(text.starts_with("#:schema ../schema/scenario.v1.json\n\n"), "{}", path.display());
        let value = json(&text).expect("TOML");
        let found: Vec<String> = SCENARIO.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}

proptest! {
    #[test]
    fn any_scenario_is_valid_as_it_is_written(
        mut scenario in any::<bool>().prop_flat_map(scenario_generator::scenario)
    ) {
        // The table that the test reads it into takes whole numbers of 63 bits only.
        scenario.run.seed = scenario.run.seed.map(|seed| seed >> 1);
        let text = resolved_toml(&scenario);
        let value = json(&text).expect("TOML");
        let found: Vec<String> = SCENARIO.iter_errors(&value).map(|e| e.to_string()).collect();
        prop_assert!(found.is_empty(), "{:?}\n{}", found, text);
    }

    #[test]
    fn what_the_schema_refuses_the_reader_refuses(
        text in crate::scenario_properties::spoiled_text()
    ) {
        if let Some(value) = json(&text) && !SCENARIO.is_valid(&value) {
            prop_assert!(read(&text).is_err(), "{}", text);
        }
    }
}

/// Every table of the format by the path of a place where one stands, as JSON paths.
fn tables(table: &'static Table, at: &str, found: &mut Vec<(String, &'static Table)>) {
    found.push((at.to_owned(), table));
    for key in table.keys {
        let path = format!("{at}/{}", key.name);
        match key.kind {
            Kind::Named(names, inside) => {
                tables(inside, &format!("{path}/{}", names()[0]), found);
            }
            Kind::Tables(inside) | Kind::SomeTables(inside) => {
                tables(inside, &format!("{path}/0"), found);
            }
            kind => {
                if let Some(inside) = kind.inside() {
                    tables(inside, &path, found);
                }
            }
        }
    }
}

fn all_tables() -> Vec<(String, &'static Table)> {
    let mut found = Vec::new();
    tables(&ROOT, "", &mut found);
    found
}

/// A text in which the table at this path stands, and every other that can stand beside it, with
/// little in them.
fn skeleton(path: &str) -> Value {
    let load = if path.contains("/stages") {
        json!({
            "executor": "ramping-arrival-rate",
            "stages": [{ "target": "1/s", "duration": "1s" }],
        })
    } else {
        json!({ "executor": "order-log", "log": {
            "file": "f", "order": "o", "user": "u", "product": "p", "quantity": "q",
            "line_amount": "a", "time": "t",
        } })
    };
    json!({
        "version": 1, "name": "held", "question": "Does it hold?",
        "expect": {}, "lint": {}, "run": { "duration": "1m", "drain": "1h" }, "flow": {},
        "customers": { "intents": { "pay": 1 } }, "traffic": {}, "users": {},
        "products": { "popularity": { "zipf": { "exponent": 1 } } },
        "coupon": [{ "name": "c", "discount": { "percent": 1 }, "quantity": 1 }],
        "basket": {}, "service": { "product": { "queue": { "capacity": 1 } } }, "network": {},
        "load": [load],
        "protection": { "retry": { "backoff": {} }, "circuit_breaker": {} },
        "fault": [
            { "name": "f", "target": { "step": "create-order" }, "error": {} },
            { "name": "c", "target": { "service": "user" }, "nth": 1, "crash": {} },
            { "name": "p", "target": { "service": "user" }, "pause": {} },
            { "name": "s", "target": { "service": "user" }, "slow": { "factor": 2 } },
            { "name": "l", "target": { "service": "user" }, "latency": { "add": "1s" } },
            { "name": "d", "target": { "service": "user" }, "drop": {} },
            { "name": "t", "target": { "service": "user" }, "duplicate": {} },
            { "name": "r", "target": { "service": "user" }, "reorder": {} },
            { "name": "n", "target": { "service": "user" }, "partition": {} },
            { "name": "q", "target": { "service": "user" }, "queue-full": {} },
            { "name": "k", "redis-down": {} },
            { "name": "m", "platform-down": {} },
        ],
        "threshold": [{ "metric": "orders{outcome=completed}", "expr": "count > 1" }],
    })
}

fn toml_of(value: &Value) -> String {
    toml::to_string(value).expect("TOML can say it")
}

/// The place of a path in a text; of a kind of fault, in the fault that is of this kind.
fn place<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    let in_fault = |at: usize| path.replacen("/fault/0/", &format!("/fault/{at}/"), 1);
    let at = (0..12).find(|at| value.pointer(&in_fault(*at)).is_some())?;
    value.pointer_mut(&in_fault(at))
}

#[test]
fn the_schema_knows_the_keys_that_the_reader_knows() {
    let mut refused = BTreeSet::new();
    for (path, table) in all_tables() {
        let mut value = skeleton(&path);
        let place = place(&mut value, &path).unwrap_or_else(|| panic!("{path} in the skeleton"));
        place["zzzzzzzz"] = json!(1);
        assert!(!SCENARIO.is_valid(&value), "{path}");
        let found = read(&toml_of(&value)).expect_err("an unknown key");
        let unknown = found.items().iter().find(|item| item.title.contains("zzzzzzzz"));
        let unknown = unknown.unwrap_or_else(|| panic!("{path}: {found}"));
        let help = unknown.help.clone().unwrap_or_default();
        let known: BTreeSet<String> = help
            .strip_prefix("known here: ")
            .map(|known| known.split(", ").map(str::to_owned).collect())
            .unwrap_or_default();
        let ours: BTreeSet<String> = table.keys.iter().map(|key| key.name.to_owned()).collect();
        let lost: Vec<&String> = ours.difference(&known).collect();
        assert!(lost.is_empty(), "{path}: the reader does not know {lost:?}");
        refused.extend(known.difference(&ours).map(|name| format!("{path}/{name}")));
    }
    assert_eq!(refused, BTreeSet::new(), "what the reader knows and the table of keys does not");
}

/// Something that no key of this kind takes.
fn wrong(kind: &Kind) -> Value {
    match kind {
        Kind::Switch => json!("yes"),
        Kind::Times | Kind::Numbers(..) | Kind::Popularity(_) | Kind::DurationOrNever => json!([1]),
        Kind::Whole(_, max) if *max < i64::MAX => json!(max + 1),
        Kind::Table(_) | Kind::TableOrNever(_) | Kind::Named(..) => json!("none"),
        Kind::Tables(_) | Kind::SomeTables(_) => json!({}),
        Kind::Share => json!(1.5),
        Kind::From(min) => json!(min - 1.0),
        Kind::Text | Kind::Name => json!("  "),
        Kind::Words(_) => json!(["no such word"]),
        Kind::Epoch => json!(0),
        Kind::Whole(..) | Kind::Seed | Kind::Version => json!(-1),
        Kind::Word(_)
        | Kind::Duration
        | Kind::DurationOrEnd
        | Kind::Rate
        | Kind::RateOrWhole(..) => json!("no such word"),
    }
}

#[test]
fn a_wrong_value_of_any_key_is_refused_by_both() {
    let mut tried = 0;
    for (path, table) in all_tables() {
        for key in table.keys {
            let mut value = skeleton(&path);
            place(&mut value, &path).expect("in the skeleton")[key.name] = wrong(&key.kind);
            assert!(!SCENARIO.is_valid(&value), "{path}/{}", key.name);
            assert!(read(&toml_of(&value)).is_err(), "{path}/{}", key.name);
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn a_missing_key_is_refused_by_both() {
    for path in ["", "/load/0/stages/0"] {
        assert!(SCENARIO.is_valid(&skeleton(path)));
    }
    let mut tried = 0;
    for (path, table) in all_tables() {
        for key in table.keys.iter().filter(|key| key.presence == Presence::Required) {
            let mut value = skeleton(&path);
            let place = place(&mut value, &path).expect("in the skeleton");
            place.as_object_mut().expect("a table").remove(key.name);
            assert!(!SCENARIO.is_valid(&value), "{path}/{}", key.name);
            assert!(read(&toml_of(&value)).is_err(), "{path}/{}", key.name);
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

const TINY: &str = "version = 1\nname = \"tiny\"\nquestion = \"Does it hold?\"\n";
const OPEN: &str = "[[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"1/s\"\n";
const RAMP: &str = "[[load]]\nexecutor = \"ramping-arrival-rate\"\n";
const STAGES: &str = "stages = [{ target = \"1/s\", duration = \"1s\" }]\n";
const FIXED: &str = "[[load]]\nexecutor = \"fixed-orders\"\nusers = 3\n";

#[test]
fn keys_that_exclude_or_need_each_other_are_refused_by_both() {
    let run = "[run]\nduration = \"1m\"\n";
    let coupon = "[[coupon]]\nname = \"c\"\nquantity = 1\n";
    let fault = "[[fault]]\nname = \"f\"\ntarget = { step = \"create-order\" }\nerror = {}\n";
    let bad = [
        format!("{run}[[load]]\nexecutor = \"constant-arrival-rate\"\n"),
        format!("{run}{OPEN}users = 3\n"),
        format!("{run}[[load]]\nexecutor = \"constant-users\"\nrate = \"1/s\"\n"),
        format!("{run}{OPEN}stages = []\n"),
        format!("{run}{RAMP}stages = []\n"),
        format!("{run}{RAMP}stages = [{{ target = \"1/s\" }}]\n"),
        format!("{run}{RAMP}stages = [{{ target = 1.5, duration = \"1s\" }}]\n"),
        format!("{run}{RAMP}{STAGES}duration = \"1s\"\n"),
        format!("{run}{RAMP}{STAGES}start_users = 1\n"),
        format!("{run}{FIXED}"),
        format!("{run}{FIXED}orders = 5\norders_per_user = 5\n"),
        format!("{run}{FIXED}orders = 0\n"),
        format!("{run}{OPEN}orders = 5\n"),
        format!("{run}{OPEN}[basket]\nquantity = {{ zipf = {{ exponent = 1 }} }}\n"),
        format!("{run}{OPEN}[basket]\nquantity = {{ zipf = {{ exponent = -1, max = 3 }} }}\n"),
        format!("{run}{OPEN}[network]\nlatency = {{ zipf = {{ exponent = 1, max = 3 }} }}\n"),
        format!("{run}{OPEN}[network]\nlatency = {{ pareto = {{ scale = \"1s\", shape = 1 }} }}\n"),
        format!("{run}{OPEN}[network]\nlatency = {{ empirical = {{}} }}\n"),
        format!(
            "{run}{OPEN}[network]\nlatency = {{ empirical = {{ percentiles = {{ x = \"1s\", p100 = \"1s\" }} }} }}\n"
        ),
        format!(
            "{run}{OPEN}[network]\nlatency = {{ empirical = {{ percentiles = {{ p0 = \"1s\", p100 = \"1s\" }}, tag = \"a\" }} }}\n"
        ),
        format!("{run}{OPEN}{coupon}discount = {{}}\n"),
        format!("{run}{OPEN}{coupon}discount = {{ percent = 1, amount = 1 }}\n"),
        format!("{run}{OPEN}{fault}nth = 1\norder = 1\n"),
        format!("{run}{OPEN}{fault}nth = 1\nfor = \"1s\"\n"),
        format!("{run}{OPEN}{fault}n = 1\n"),
        format!("{run}{OPEN}[network]\nlatency = {{}}\n"),
        format!("{run}{OPEN}[network]\nlatency = {{ fixed = \"1s\", normal = {{}} }}\n"),
        format!("{run}{OPEN}[network]\nlatency = {{ uniform = {{ min = \"1s\" }} }}\n"),
        format!("{run}{OPEN}[protection]\ntimeout = 5\n"),
    ];
    for text in bad {
        let text = format!("{TINY}{text}");
        assert!(!valid(&text), "{text}");
        assert!(read(&text).is_err(), "{text}");
    }
    let good = [
        format!("{run}{OPEN}{OPEN}start = \"1s\"\nduration = \"1s\"\n"),
        format!("{run}{RAMP}{STAGES}{FIXED}orders = 5\n{FIXED}orders_per_user = 5\n"),
        format!("{run}{OPEN}[basket]\nquantity = {{ zipf = {{ exponent = 1, max = 3 }} }}\n"),
        format!(
            "{run}{OPEN}[network]\nlatency = {{ pareto = {{ scale = \"1ms\", shape = 2 }} }}\n"
        ),
        format!(
            "{run}{OPEN}[network]\nlatency = {{ empirical = {{ percentiles = {{ p0 = \"1us\", \"p99.9\" = \"1ms\", p100 = \"1s\" }} }} }}\n"
        ),
        format!("{run}{OPEN}{fault}nth = 1\n"),
        format!("{run}{OPEN}{fault}order = 1\n"),
        format!("{run}{OPEN}{fault}probability = 0.5\nat = \"1s\"\nfor = \"end\"\n"),
        format!("{run}{OPEN}[protection]\ntimeout = false\nretry = false\n"),
        format!("{run}{OPEN}[protection]\ntimeout = \"1m 30.5s\"\nretry = true\n"),
    ];
    for text in good {
        let text = format!("{TINY}{text}");
        assert!(valid(&text), "{text}");
        assert!(read(&text).is_ok(), "{text}");
    }
}

#[test]
fn defaults_are_what_they_are_said_to_be() {
    let ramping_users = "[[load]]\nexecutor = \"ramping-users\"\n\
                         stages = [{ target = 5, duration = \"1s\" }]\n";
    let ramp = format!("{RAMP}{STAGES}");
    let full = [OPEN, FIXED, &ramp, ramping_users].map(|load| {
        let mut spelled = skeleton("");
        spelled["load"] = json(load).expect("TOML")["load"].clone();
        if load == FIXED {
            spelled["load"][0]["orders"] = json!(3);
        }
        spelled
    });
    let mut tried = 0;
    for (path, table) in all_tables() {
        for key in table.keys {
            let Presence::Default(default) = key.presence else { continue };
            let default = json(&format!("value = {default}")).expect("TOML")["value"].clone();
            for base in &full {
                let mut with = base.clone();
                let Some(place) = place(&mut with, &path) else { continue };
                place.as_object_mut().expect("a table").remove(key.name);
                let Ok(without) = read(&toml_of(&with)) else { continue };
                self::place(&mut with, &path).expect("there")[key.name] = default.clone();
                let Ok(spelled) = read(&toml_of(&with)) else { continue };
                assert_eq!(spelled, without, "{path}/{}", key.name);
                tried += 1;
            }
        }
    }
    assert!(tried > 80, "{tried}");
}

#[test]
fn the_summary_of_a_run_is_valid_and_a_broken_one_is_not() {
    let schema = validator(&summary_schema());
    for name in ["checkout", "design-as-written", "order-log-week"] {
        let scenario = scenario(name);
        let plan = plan(&scenario, seed(&scenario), scenario.flow.coordination);
        let run = run_plan(&plan, &[]);
        let text = summary(&plan, &run).to_json();
        let value: Value = serde_json::from_str(&text).expect("JSON");
        let found: Vec<String> = schema.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(found.is_empty(), "{name}: {found:?}");
        for (key, bad) in [
            ("seed", json!(-1)),
            ("verdict", json!("fine")),
            ("coordination", json!("anarchy")),
            ("latency", json!(null)),
            ("orders", json!({})),
        ] {
            let mut broken = value.clone();
            broken[key] = bad;
            assert!(!schema.is_valid(&broken), "{key}");
            broken.as_object_mut().expect("an object").remove(key);
            assert!(!schema.is_valid(&broken), "without {key}");
        }
    }
}
