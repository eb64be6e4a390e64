//! Integration tests: one crate, one file per subject.

// Scenario files: what is refused, and how it is said.
mod scenario_diagnostics;
// Scenario files: what is read, which defaults hold, what contradicts itself.
mod scenario_file;
// Scenarios that are valid and odd, for the properties.
mod scenario_generator;
// Scenario files: properties over random, broken and generated ones.
mod scenario_properties;
