//! Closed enums of lower floors in JSON: by the names they carry themselves.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

fn named<'de, D: Deserializer<'de>, T: Copy>(
    deserializer: D,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    let found = all.iter().copied().find(|&one| name(one) == text);
    found.ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|&one| name(one)).collect();
        D::Error::custom(format!("unknown name `{text}`, expected one of {}", names.join(", ")))
    })
}

/// One serde module (`#[serde(with = …)]`) per enum.
macro_rules! by_name {
    ($module:ident, $type:ty, $all:expr) => {
        pub(super) mod $module {
            use serde::{Deserializer, Serializer};

            pub(in crate::report::summary) fn serialize<S: Serializer>(
                value: &$type,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(value.name())
            }

            pub(in crate::report::summary) fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<$type, D::Error> {
                super::named(deserializer, &$all, <$type>::name)
            }

            pub(in crate::report::summary) fn schema(
                _: &mut schemars::SchemaGenerator,
            ) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": $all.map(<$type>::name) })
            }
        }
    };
}

by_name!(
    verdict,
    crate::sim::scenario::Verdict,
    [
        crate::sim::scenario::Verdict::Passed,
        crate::sim::scenario::Verdict::Failed,
        crate::sim::scenario::Verdict::Inconclusive,
    ]
);
by_name!(coordination, crate::domain::Coordination, crate::domain::Coordination::ALL);
by_name!(
    invariant_kind,
    crate::sim::check::catalogue::InvariantKind,
    crate::sim::check::catalogue::InvariantKind::ALL
);
by_name!(severity, crate::sim::threshold::Severity, crate::sim::threshold::Severity::ALL);
by_name!(unit, crate::sim::threshold::catalogue::Unit, crate::sim::threshold::catalogue::Unit::ALL);
