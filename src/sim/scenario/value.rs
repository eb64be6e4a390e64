//! Values that may take more than one form in the file. They are read without judging them, so
//! that one bad value does not hide the next; their meaning is judged later, with their place.

use super::file::Field;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use toml::Spanned;

/// A single value.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Scalar {
    /// `"40ms"`
    Text(String),
    /// `5`
    Whole(i64),
    /// `0.5`
    Decimal(f64),
    /// `false`
    Switch(bool),
}

impl fmt::Display for Scalar {
    /// As written in a scenario file.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Text(text) => write!(formatter, "{text:?}"),
            Scalar::Whole(number) => write!(formatter, "{number}"),
            Scalar::Decimal(number) => write!(formatter, "{number:?}"),
            Scalar::Switch(on) => write!(formatter, "{on}"),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a single value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Decimal(number))
    }

    fn visit_bool<E: Error>(self, on: bool) -> Result<Scalar, E> {
        Ok(Scalar::Switch(on))
    }
}

/// A single value where a table may stand as well.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum BareOr<T> {
    /// `stock = 100`
    Bare(Scalar),
    /// `stock = { uniform = { … } }`
    Table(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for BareOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BareOrVisitor(PhantomData))
    }
}

struct BareOrVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for BareOrVisitor<T> {
    type Value = BareOr<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a single value or a table")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<BareOr<T>, E> {
        ScalarVisitor.visit_str(text).map(BareOr::Bare)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<BareOr<T>, E> {
        ScalarVisitor.visit_i64(number).map(BareOr::Bare)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<BareOr<T>, E> {
        ScalarVisitor.visit_f64(number).map(BareOr::Bare)
    }

    fn visit_bool<E: Error>(self, on: bool) -> Result<BareOr<T>, E> {
        ScalarVisitor.visit_bool(on).map(BareOr::Bare)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<BareOr<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(BareOr::Table)
    }
}

/// A distribution: a bare value is a fixed one.
pub(super) type DistField = Field<BareOr<DistFile>>;

/// `{ uniform = { min = 1, max = 3 } }`: one key per kind.
#[derive(serde::Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct DistFile {
    pub(super) fixed: Field<Scalar>,
    pub(super) uniform: Field<UniformFile>,
    pub(super) exponential: Field<ExponentialFile>,
    pub(super) normal: Field<NormalFile>,
    pub(super) lognormal: Field<LognormalFile>,
    pub(super) pareto: Field<ParetoFile>,
    pub(super) zipf: Field<ZipfValueFile>,
    pub(super) empirical: Field<EmpiricalFile>,
}

/// `uniform = { min, max }`, both included.
#[derive(serde::Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct UniformFile {
    pub(super) min: Field<Scalar>,
    pub(super) max: Field<Scalar>,
}

/// `exponential = { mean }`
#[derive(serde::Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ExponentialFile {
    pub(super) mean: Field<Scalar>,
}

/// `normal = { mean, stddev }`
#[derive(serde::Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct NormalFile {
    pub(super) mean: Field<Scalar>,
    pub(super) stddev: Field<Scalar>,
}

/// `lognormal = { median, p99 }`
#[derive(serde::Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct LognormalFile {
    pub(super) median: Field<Scalar>,
    pub(super) p99: Field<Scalar>,
}

/// `pareto = { scale, shape }`
#[derive(serde::Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ParetoFile {
    pub(super) scale: Field<Scalar>,
    pub(super) shape: Field<f64>,
}

/// `zipf = { exponent, max }`
#[derive(serde::Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ZipfValueFile {
    pub(super) exponent: Field<f64>,
    pub(super) max: Field<i64>,
}

/// `empirical = { percentiles = { p0, …, p100 } }` or `{ file, unit, tag }`
#[derive(serde::Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct EmpiricalFile {
    pub(super) percentiles: Field<BTreeMap<Spanned<String>, Spanned<Scalar>>>,
    pub(super) file: Field<String>,
    pub(super) unit: Field<Scalar>,
    pub(super) tag: Field<String>,
}
