//! The variants of a scenario that an ablation compares: as it is, without each protection, and
//! with each other undo policy.

use super::switch::Switch;
use crate::domain::{Coordination, UndoPolicy};
use crate::sim::scenario::Scenario;

/// A scenario, and at most one thing of it that is different.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Variant {
    /// Nothing is different.
    Whole,
    /// A protection is off.
    Without(Switch),
    /// Other steps are undone after an unclear failure.
    Undoing(UndoPolicy),
}

impl Variant {
    /// Why there is nothing to switch off.
    pub const OFF: &'static str = "off in the scenario";

    /// The variants of a scenario: itself first.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Vec<Variant> {
        let own = scenario.protection.compensate;
        let others = UndoPolicy::ALL.into_iter().filter(|policy| *policy != own);
        let without = Switch::ALL.map(Variant::Without);
        [Variant::Whole].into_iter().chain(without).chain(others.map(Variant::Undoing)).collect()
    }

    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Variant::Whole => "whole",
            Variant::Without(switch) => switch.name(),
            Variant::Undoing(policy) => policy.name(),
        }
    }

    /// What is different, in a word.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Variant::Whole => "whole",
            Variant::Without(_) => "without",
            Variant::Undoing(_) => "undo-policy",
        }
    }

    /// The setting (`--set`) that makes a scenario this variant; none: it is the scenario.
    #[must_use]
    pub fn setting(self) -> Option<String> {
        match self {
            Variant::Whole => None,
            Variant::Without(switch) => Some(format!("protection.{}=false", switch.name())),
            Variant::Undoing(policy) => Some(format!("protection.compensate={}", policy.name())),
        }
    }

    /// The scenario as this variant.
    #[must_use]
    pub fn apply(self, scenario: &Scenario) -> Scenario {
        let mut scenario = scenario.clone();
        match self {
            Variant::Whole => {}
            Variant::Without(switch) => switch.set(&mut scenario, false),
            Variant::Undoing(policy) => scenario.protection.compensate = policy,
        }
        scenario
    }

    /// Why it would be the scenario itself; none: something is different.
    #[must_use]
    pub fn idle(self, scenario: &Scenario) -> Option<&'static str> {
        let coordination = scenario.flow.coordination;
        let orchestrated = coordination == Coordination::Orchestration;
        match self {
            Variant::Without(switch) if !switch.is_on(scenario) => Some(Variant::OFF),
            Variant::Without(Switch::SagaLog | Switch::Fencing) if !orchestrated => {
                Some("there is no orchestrator")
            }
            Variant::Without(Switch::Fencing) if scenario.protection.lease_ns.is_none() => {
                Some("without a lease there is no standby")
            }
            Variant::Undoing(_) if coordination == Coordination::Monolith => {
                Some("a transaction undoes itself")
            }
            Variant::Whole | Variant::Without(_) | Variant::Undoing(_) => None,
        }
    }
}
