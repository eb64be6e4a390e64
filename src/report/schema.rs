//! JSON Schema (draft-07, which every editor's TOML support knows) of what people write and what
//! programs read: scenario files and `summary.json`.

use super::Summary;
use crate::sim::scenario::format::{Key, Kind, Presence, ROOT, Rule, Table};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// A number with its unit, as many as one likes: `1m 30s`.
const DURATION: &str = r"^\s*([0-9._]+\s*(ns|us|µs|μs|ms|s|min|m|h|d)\s*)+$";
/// A number, thousands with `k`, per unit of time.
const RATE: &str = r"^\s*[0-9._]+k?\s*/\s*(s|min|m|h|d)\s*$";
/// What every file system takes as a folder.
const NAME: &str = r"^[A-Za-z0-9_-]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?$";
/// At least one character that is no space.
const NOT_BLANK: &str = r"\S";

/// The schema of scenario files, as committed in `schema/scenario.v1.json`.
#[must_use]
pub fn scenario_schema() -> String {
    let mut schema = table(&ROOT);
    let head = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A scenario of sagasim, version 1",
        "description": "One question a file; sagasim check says more than a schema can.",
    });
    let mut all = object(head);
    all.append(&mut schema);
    all.insert("definitions".to_owned(), json!({ "times": times() }));
    pretty(&Value::Object(all))
}

/// The schema of `summary.json`, as committed in `schema/summary.v1.json`.
#[must_use]
pub fn summary_schema() -> String {
    let generator = SchemaSettings::draft07().into_generator();
    pretty(generator.into_root_schema_for::<Summary>().as_value())
}

fn pretty(schema: &Value) -> String {
    format!("{schema:#}\n")
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => Map::from_iter([("const".to_owned(), other)]),
    }
}

fn table(table: &Table) -> Map<String, Value> {
    let properties = table.keys.iter().map(|key| (key.name.to_owned(), property(key)));
    let required = table.keys.iter().filter(|key| key.presence == Presence::Required);
    let required: Vec<&str> = required.map(|key| key.name).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties.collect()));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema.insert("additionalProperties".to_owned(), json!(false));
    if !table.rules.is_empty() {
        let rules: Vec<Value> = table.rules.iter().map(|rule| self::rule(rule, table)).collect();
        schema.insert("allOf".to_owned(), json!(rules));
    }
    schema
}

fn rule(rule: &Rule, table: &Table) -> Value {
    let there = |key: &&str| json!({ "required": [key] });
    match rule {
        Rule::ExactlyOne(keys) => json!({ "oneOf": keys.iter().map(there).collect::<Vec<_>>() }),
        Rule::AtMostOne(keys) => {
            let mut ways: Vec<Value> = keys.iter().map(there).collect();
            let any: Vec<Value> = keys.iter().map(there).collect();
            ways.push(json!({ "not": { "anyOf": any } }));
            json!({ "oneOf": ways })
        }
        Rule::With(key, other) => json!({ "dependencies": { *key: [other] } }),
        Rule::Where { key, is, needs, takes } => {
            let known = |name: &str| name == *key || needs.contains(&name) || takes.contains(&name);
            let others = table.keys.iter().filter(|other| !known(other.name));
            let refused = others.map(|other| (other.name.to_owned(), json!(false)));
            json!({
                "if": { "properties": { *key: { "const": is } } },
                "then": { "required": needs, "properties": Map::from_iter(refused) },
            })
        }
    }
}

fn property(key: &Key) -> Value {
    let mut schema = Map::from_iter([("description".to_owned(), json!(key.meaning))]);
    schema.append(&mut object(kind(&key.kind)));
    if let Presence::Default(value) = key.presence {
        schema.insert("default".to_owned(), from_toml(value));
    }
    // Whatever stands beside `$ref` is not seen in draft-07.
    if let Some(reference) = schema.remove("$ref") {
        schema.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
    Value::Object(schema)
}

fn kind(kind: &Kind) -> Value {
    let one = |table: &Table| Value::Object(self::table(table));
    match kind {
        Kind::Text => json!({ "type": "string", "pattern": NOT_BLANK }),
        Kind::Name => json!({
            "type": "string", "pattern": NAME, "maxLength": 100, "not": { "const": "latest" },
        }),
        Kind::Epoch => json!({ "type": "string", "examples": ["2026-11-22T09:00:00+09:00"] }),
        Kind::Word(words) => json!({ "type": "string", "enum": words() }),
        Kind::Words(words) => {
            json!({ "type": "array", "items": { "type": "string", "enum": words() } })
        }
        Kind::Version => json!({ "type": "integer", "const": 1 }),
        Kind::Whole(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Seed => json!({ "type": "integer", "minimum": 0 }),
        Kind::From(min) => json!({ "type": "number", "minimum": min }),
        Kind::Share => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Duration => duration(),
        Kind::DurationOrEnd => json!({ "anyOf": [{ "const": "end" }, duration()] }),
        Kind::DurationOrNever => json!({ "anyOf": [duration(), { "type": "boolean" }] }),
        Kind::Rate => json!({
            "type": "string", "pattern": RATE, "examples": ["40/s", "36k/h", "1.5/m"],
        }),
        Kind::Times => json!({ "$ref": "#/definitions/times" }),
        Kind::Numbers(min, max) => numbers(*min, *max),
        Kind::Popularity(table) => json!({ "anyOf": [{ "const": "uniform" }, one(table)] }),
        Kind::Table(table) => one(table),
        Kind::TableOrNever(table) => json!({ "anyOf": [{ "type": "boolean" }, one(table)] }),
        Kind::Named(names, table) => {
            let properties = names().into_iter().map(|name| (name.to_owned(), one(table)));
            json!({
                "type": "object",
                "properties": Map::from_iter(properties),
                "additionalProperties": false,
            })
        }
        Kind::Tables(table) => json!({ "type": "array", "items": one(table) }),
        Kind::SomeTables(table) => {
            json!({ "type": "array", "items": one(table), "minItems": 1, "maxItems": 1 })
        }
    }
}

fn duration() -> Value {
    json!({ "type": "string", "pattern": DURATION, "examples": ["250ms", "2s", "1m 30s"] })
}

/// Distributions of durations.
fn times() -> Value {
    distribution(&duration(), &duration(), &duration())
}

/// Distributions of whole numbers. A mean may lie between two of them.
fn numbers(min: i64, max: i64) -> Value {
    let whole = json!({ "type": "integer", "minimum": min, "maximum": max });
    let mean = json!({ "type": "number", "minimum": min, "maximum": max });
    let spread = json!({ "type": "number", "minimum": 0, "maximum": max });
    distribution(&whole, &mean, &spread)
}

/// A bare value, or a table with one key, which says the kind.
fn distribution(value: &Value, mean: &Value, spread: &Value) -> Value {
    let of = |parameters: &[(&str, &Value)]| {
        let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
        let properties =
            parameters.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).clone()));
        json!({
            "type": "object",
            "properties": Map::from_iter(properties),
            "required": names,
            "additionalProperties": false,
        })
    };
    json!({
        "anyOf": [
            value,
            {
                "type": "object",
                "properties": {
                    "fixed": value,
                    "uniform": of(&[("min", value), ("max", value)]),
                    "exponential": of(&[("mean", mean)]),
                    "normal": of(&[("mean", mean), ("stddev", spread)]),
                    "lognormal": of(&[("median", mean), ("p99", mean)]),
                },
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": false,
            },
        ],
    })
}

/// A value as TOML writes it, in JSON.
fn from_toml(text: &str) -> Value {
    let table = format!("value = {text}").parse::<toml::Table>();
    let value = table.ok().and_then(|mut table| table.remove("value"));
    value.and_then(|value| serde_json::to_value(value).ok()).unwrap_or(Value::Null)
}
