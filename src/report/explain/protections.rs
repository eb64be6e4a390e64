//! The protections: what each switch adds, and what its absence breaks.

use super::wrapped;

/// One protection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProtectionText {
    /// The key under `[protection]`.
    pub name: &'static str,
    /// What it adds to the bare handlers.
    pub adds: &'static str,
    /// The smallest fault that shows its absence.
    pub without: &'static str,
    /// The invariant that breaks then; none: it only costs.
    pub breaks: Option<&'static str>,
}

/// All protections that can be switched.
pub const PROTECTIONS: [ProtectionText; 10] = [
    ProtectionText {
        name: "outbox",
        adds: "Messages are rows of the commit, sent again until the receiver has committed.",
        without: "A crash after the commit of deduct-stock: the order is never created.",
        breaks: Some("nothing-held"),
    },
    ProtectionText {
        name: "inbox",
        adds: "Events are recognised when they come again.",
        without: "A duplicate of OrderRolledBack at Product: the stock comes back twice.",
        breaks: Some("stock-conserved"),
    },
    ProtectionText {
        name: "idempotency_key",
        adds: "A call that comes again gets the stored answer.",
        without: "The reply of use-coupon is lost and the call is sent again.",
        breaks: Some("coupon-used-iff-completed"),
    },
    ProtectionText {
        name: "tombstone",
        adds: "An undo that found no effect bars the request it came for.",
        without: "A request of use-coupon that arrives after its own undo.",
        breaks: Some("coupon-used-iff-completed"),
    },
    ProtectionText {
        name: "semantic_lock",
        adds: "Order checks the state it expects; the orchestrator runs one process per order at \
               a time.",
        without: "A payment completes after the payment window has closed.",
        breaks: Some("order-state-machine"),
    },
    ProtectionText {
        name: "timeout",
        adds: "A call without an answer is given up after a while, and sent again.",
        without: "One lost UseCoupon: the order waits for ever.",
        breaks: Some("every-order-terminal"),
    },
    ProtectionText {
        name: "retry",
        adds: "Calls are sent again after a growing pause; undoing never gives up.",
        without: "One lost RestoreCoupon in a cancel: the order is never closed.",
        breaks: Some("every-order-terminal"),
    },
    ProtectionText {
        name: "saga_log",
        adds: "The orchestrator's records survive a crash.",
        without: "A crash of the orchestrator in the middle of an order.",
        breaks: Some("nothing-held"),
    },
    ProtectionText {
        name: "fencing",
        adds: "An orchestrator that was replaced by its standby after its `lease` cannot write to \
               the saga log any more.",
        without: "A pause longer than the lease with the answer to create-payment in hand, while \
                  the standby's answers are lost: one undoes the payment, the other completes it \
                  (scenarios/replaced-orchestrator.toml).",
        breaks: Some("completed-means-paid-once"),
    },
    ProtectionText {
        name: "circuit_breaker",
        adds: "After `failures` calls in a row without an answer nothing is sent for `open_for`; \
               then one call tries.",
        without: "None: without it, calls to a service that is gone cost messages and time; \
                  scenarios/retry-storm.toml judges that by a threshold.",
        breaks: None,
    },
];

/// One line per protection.
#[must_use]
pub fn list_protections() -> String {
    PROTECTIONS
        .iter()
        .map(|one| {
            let adds = wrapped(one.adds, 18);
            format!("{:<17} {}", one.name, adds.trim_start())
        })
        .collect()
}

/// One protection; none: no protection has this name.
#[must_use]
pub fn explain_protection(name: &str) -> Option<String> {
    let one = PROTECTIONS.iter().find(|one| one.name == name)?;
    let breaks = one.breaks.map_or_else(String::new, |name| format!("\nBroken then: {name}\n"));
    Some(format!(
        "{} (protection, on by default)\n\n{}\nThe smallest fault that shows its absence:\n{}{breaks}",
        one.name,
        wrapped(one.adds, 2),
        wrapped(one.without, 2)
    ))
}
