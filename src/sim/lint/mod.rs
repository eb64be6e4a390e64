//! What a valid scenario probably does not mean: warnings with place and help, before anything
//! runs. Each has a name, and `[lint] allow = ["NAME"]` says that it is meant.

mod load;
mod places;
mod reach;
mod timing;

use super::forecast::{Forecast, forecast};
use super::plan::Plan;
use super::scenario::{Diagnostic, Diagnostics};
use places::Places;
use std::path::Path;

/// A warning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Lint {
    /// A service is offered more work than its workers can do.
    Overload,
    /// What is left over when the load ends does not settle within the drain.
    ShortDrain,
    /// Marks are dropped before the last late message can arrive.
    ShortMarks,
    /// Calls are sent again before their answers can be there.
    RetryStorm,
    /// Customers give up before a typical answer.
    ShortPatience,
    /// Two faults hit the same exchanges.
    OverlappingFaults,
    /// A fault can hardly ever strike.
    IdleFault,
    /// A percentile that is asked for would be printed as a dash.
    FewSamples,
    /// Customers mean to do what they cannot do, or hardly any of them ever does.
    IdleIntent,
    /// Coupons are left over whatever happens.
    IdleCoupon,
    /// What must happen cannot happen.
    VainExpectation,
}

impl Lint {
    /// Every warning.
    pub const ALL: [Lint; 11] = [
        Lint::Overload,
        Lint::ShortDrain,
        Lint::ShortMarks,
        Lint::RetryStorm,
        Lint::ShortPatience,
        Lint::OverlappingFaults,
        Lint::IdleFault,
        Lint::FewSamples,
        Lint::IdleIntent,
        Lint::IdleCoupon,
        Lint::VainExpectation,
    ];

    /// The name used in scenario files and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Lint::Overload => "overload",
            Lint::ShortDrain => "short-drain",
            Lint::ShortMarks => "short-marks",
            Lint::RetryStorm => "retry-storm",
            Lint::ShortPatience => "short-patience",
            Lint::OverlappingFaults => "overlapping-faults",
            Lint::IdleFault => "idle-fault",
            Lint::FewSamples => "few-samples",
            Lint::IdleIntent => "idle-intent",
            Lint::IdleCoupon => "idle-coupon",
            Lint::VainExpectation => "vain-expectation",
        }
    }

    /// What it warns of, and why that matters.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Lint::Overload => {
                "A service is offered more work than its workers can do: arrivals × visits per \
                 order × mean service time ÷ workers is 1 or more, for the whole load or a part \
                 of it. Its queue grows as long as that lasts, and latencies say how long the load \
                 lasted, nothing about the service."
            }
            Lint::ShortDrain => {
                "When the load ends, the last customers still think, pay and retry, windows are \
                 open and queues are full. What has not settled when the drain is over is stuck, \
                 and the run has failed for want of time."
            }
            Lint::ShortMarks => {
                "Marks, stored answers and tombstones recognise what comes twice or late. Dropped \
                 before the last retry has left the longest queue, they no longer do: an effect \
                 may happen twice."
            }
            Lint::RetryStorm => {
                "The timeout, and the first pause after it, are shorter than a mean round trip: \
                 most calls are sent again although nothing was lost, the copies lengthen the \
                 queues, and the longer queues make more copies."
            }
            Lint::ShortPatience => {
                "Customers give up before a mean answer is there, without any queue: most of them \
                 are told that nothing is known, and do not pay."
            }
            Lint::OverlappingFaults => {
                "Two faults hit the same step at the same time. One refusal then counts for both, \
                 and no figure says which of them did it."
            }
            Lint::IdleFault => {
                "A fault is expected to strike less than once. A fault that never struck makes a \
                 run inconclusive."
            }
            Lint::FewSamples => {
                "A percentile needs ten samples above it; the load is too small or too short for \
                 one that is asked for, and a dash will stand in its place."
            }
            Lint::IdleIntent => {
                "Customers mean to do what they cannot do (thinking longer than the payment window \
                 lasts, paying more than anybody has), or so few mean it that most runs will not \
                 see one."
            }
            Lint::IdleCoupon => {
                "A campaign has more coupons than there are customers, one for each, or nobody \
                 presents one: it never runs out, and what happens then is not tested."
            }
            Lint::VainExpectation => {
                "`[expect] sometimes` names what cannot happen with these settings: every run will \
                 be inconclusive."
            }
        }
    }
}

/// What the rules look at, and what they found.
struct Finder<'a> {
    plan: &'a Plan,
    forecast: &'a Forecast,
    places: Places<'a>,
    found: Vec<Diagnostic>,
}

impl Finder<'_> {
    /// Warns at the value behind the keys, or at the nearest table around it.
    fn warn(&mut self, lint: Lint, at: &str, title: String, help: String) {
        let span = self.places.of(at);
        self.found.push(Diagnostic::at(span, title).help(help).of_lint(lint));
    }
}

/// Everything that a plan's scenario probably does not mean, by place. `text` is what the scenario
/// was read from, `path` where from; settings that were changed since count as they are in the
/// plan. Empty if there is nothing.
#[must_use]
pub fn lint(path: &Path, text: &str, plan: &Plan) -> Diagnostics {
    let forecast = forecast(plan);
    let places = Places::new(text);
    let mut finder = Finder { plan, forecast: &forecast, places, found: Vec::new() };
    load::overload(&mut finder);
    load::short_drain(&mut finder);
    load::few_samples(&mut finder);
    timing::short_marks(&mut finder);
    timing::retry_storm(&mut finder);
    timing::short_patience(&mut finder);
    reach::overlapping_faults(&mut finder);
    reach::idle_faults(&mut finder);
    reach::idle_intents(&mut finder);
    reach::idle_coupons(&mut finder);
    reach::vain_expectations(&mut finder);
    let mut found = finder.found;
    found.retain(|one| one.lint.is_none_or(|lint| !plan.scenario.allowed.contains(&lint)));
    Diagnostics::new(path, text, found)
}
