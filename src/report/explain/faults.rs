//! The kinds of declared faults: what each does, to whom, and how it is written.

use super::wrapped;

/// One kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FaultText {
    /// The key under `[[fault]]`.
    pub name: &'static str,
    /// What it does.
    pub does: &'static str,
    /// What it can happen to.
    pub targets: &'static str,
    /// A fault of this kind, without its name; a valid piece of a scenario.
    pub example: &'static str,
}

/// All kinds.
pub const FAULT_KINDS: [FaultText; 12] = [
    FaultText {
        name: "error",
        does: "A business rule refuses the step before its effect. After a pivot, and in an undo, \
               it is refused for now and tried again.",
        targets: "step",
        example: "target = { step = \"create-payment\" }\nprobability = 0.05\nerror = {}\n",
    },
    FaultText {
        name: "crash",
        does: "The service loses its line and what it works on. What it committed stays. It is up \
               again when the window ends; of a step, or by count, after `restart` (1s).",
        targets: "service; step at before-commit (default) or after-commit",
        example: "target = { step = \"deduct-stock\", position = \"after-commit\" }\nnth = 3\n\
                  crash = { restart = \"2s\" }\n",
    },
    FaultText {
        name: "pause",
        does: "The service stands still for the window: nothing is lost, nothing goes on. An \
               orchestrator that is silent for longer than its `lease` is replaced by its standby.",
        targets: "service",
        example: "target = { service = \"payment\" }\nat = \"10s\"\nfor = \"5s\"\npause = {}\n",
    },
    FaultText {
        name: "slow",
        does: "Service takes `factor` times as long.",
        targets: "service; step",
        example: "target = { service = \"payment\" }\nat = \"10s\"\nfor = \"20s\"\n\
                  slow = { factor = 10.0 }\n",
    },
    FaultText {
        name: "latency",
        does: "Messages take longer by `add`, and by up to `jitter` on top. At the request of a \
               step, and longer than all timeouts: a late request, overtaken by its own undo.",
        targets: "link; service; step at request (default) or reply",
        example: "target = { step = \"use-coupon\" }\nprobability = 0.01\nattempt = \"*\"\n\
                  latency = { add = \"20s\" }\n",
    },
    FaultText {
        name: "drop",
        does: "Messages are lost. Events are sent again by their outbox, calls by their callers.",
        targets: "link; service; step at request (default) or reply",
        example: "target = { step = \"use-coupon\", position = \"reply\" }\nprobability = 0.1\n\
                  drop = {}\n",
    },
    FaultText {
        name: "duplicate",
        does: "Messages arrive twice, the copy later by `delay` (10ms).",
        targets: "link; service; step at request (default) or reply",
        example: "target = { link = \"order -> product\" }\nprobability = 0.05\n\
                  duplicate = { delay = \"30ms\" }\n",
    },
    FaultText {
        name: "reorder",
        does: "Messages are held back by up to `within` (50ms); later ones of the same order may be \
               there first.",
        targets: "link; service; step at request (default) or reply",
        example: "target = { link = \"order -> customer\" }\nprobability = 0.1\n\
                  reorder = { within = \"100ms\" }\n",
    },
    FaultText {
        name: "partition",
        does: "Nothing gets through: on a link as its arrow says, around services in the \
               `direction` in, out or both (default).",
        targets: "link; service",
        example: "target = { services = [\"payment\", \"user\"] }\nat = \"10s\"\nfor = \"5s\"\n\
                  every = \"20s\"\nrepeat = 2\npartition = { direction = \"both\" }\n",
    },
    FaultText {
        name: "queue-full",
        does: "The service refuses what comes, as if its queue were full.",
        targets: "service",
        example: "target = { service = \"coupon\" }\nat = \"10s\"\nfor = \"5s\"\nqueue-full = {}\n",
    },
    FaultText {
        name: "redis-down",
        does: "The ranking's Redis refuses connections.",
        targets: "none: it is the ranking",
        example: "at = \"10s\"\nfor = \"20s\"\nredis-down = {}\n",
    },
    FaultText {
        name: "platform-down",
        does: "The data platform refuses connections.",
        targets: "none: it is the platform",
        example: "at = \"10s\"\nfor = \"20s\"\nplatform-down = {}\n",
    },
];

/// How targets and triggers are written.
const GRAMMAR: [(&str, &str); 8] = [
    ("target", "{ step = \"use-coupon\", position = \"reply\" }; a compensation is a step, too"),
    ("", "{ link = \"payment -> order\" }, or \"payment <-> order\" for both ways"),
    ("", "{ service = \"payment\" }, or { services = [\"payment\", \"user\"] }"),
    ("at, for", "a window; without them the whole load. every, repeat: it comes again"),
    ("probability", "each message or exchange by itself, 0 to 1; may have a window"),
    ("nth", "the n-th time, counted from 1, retries left out"),
    ("order, n", "one order, and of its payments the n-th"),
    ("attempt", "\"*\": all attempts of a call share one decision"),
];

/// The grammar and all kinds.
#[must_use]
pub fn explain_faults() -> String {
    let mut text = wrapped(
        "A scenario declares what breaks, and when: one `[[fault]]` with a name, a target, a \
         trigger and one kind. What struck is counted; a fault that could have struck and did not \
         makes the verdict inconclusive, one that this coordination does not have is listed. \
         Windows and probabilities end with the load, so that everything can settle. Where faults \
         meet, latencies add up, a loss wins over a delay, and a crash over both.",
        0,
    );
    text.push_str("\nWHERE AND WHEN\n");
    for (key, meaning) in GRAMMAR {
        let meaning = wrapped(meaning, 15);
        text.push_str(&format!("  {key:<12} {}", meaning.trim_start()));
    }
    text.push_str("\nKINDS\n");
    for kind in FAULT_KINDS {
        let does = wrapped(kind.does, 17);
        text.push_str(&format!("  {:<14} {}", kind.name, does.trim_start()));
    }
    text.push_str("\nsagasim explain KIND says what it can happen to, with an example.\n");
    text
}

/// One kind; none: no kind has this name.
#[must_use]
pub fn explain_fault(name: &str) -> Option<String> {
    let kind = FAULT_KINDS.iter().find(|kind| kind.name == name)?;
    let example = kind.example.trim_end().replace('\n', "\n  ");
    Some(format!(
        "{name} (fault)\n\n{}\nHappens to:\n{}\nExample:\n  [[fault]]\n  name = \"example\"\n  \
         {example}\n",
        wrapped(kind.does, 2),
        wrapped(kind.targets, 2),
    ))
}
