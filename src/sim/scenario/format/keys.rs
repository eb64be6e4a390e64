//! The table.

use super::Kind::{
    Duration, DurationOrEnd, DurationOrNever, Epoch, From, Name, Named, Numbers, Popularity, Rate,
    RateOrWhole, Seed, Share, SomeTables, Switch, Table as OneTable, TableOrNever, Tables, Text,
    Times, Version, Whole, Word, Words,
};
use super::Presence::{Default, Optional, Required};
use super::{Key, Kind, Presence, Rule, Table};
use crate::domain::{Coordination, Service, Step};
use crate::sim::scenario::limits::{self, Limits};
use crate::sim::scenario::names;
use crate::sim::scenario::resolve::EXECUTORS;
use crate::sim::threshold::Severity;

const fn key(name: &'static str, kind: Kind, presence: Presence, meaning: &'static str) -> Key {
    Key { name, kind, presence, meaning }
}

const fn table(keys: &'static [Key]) -> Table {
    Table { keys, rules: &[] }
}

const fn whole(limits: Limits) -> Kind {
    Whole(limits.min, limits.max)
}

const fn numbers(limits: Limits) -> Kind {
    Numbers(limits.min, limits.max)
}

/// The highest rank that a distribution over ranks can have.
pub const LARGEST_RANK: i64 = limits::ZIPF_MAX.max;

/// The whole file.
pub const ROOT: Table = table(&[
    key("version", Version, Required, "The version of the format."),
    key("name", Name, Required, "Short name; also the folder of its reports."),
    key("question", Text, Required, "The question this scenario asks."),
    key("answer", Text, Optional, "What its author expects, in one sentence."),
    key("expect", OneTable(&EXPECT), Optional, "What must happen, and what the tests expect."),
    key("lint", OneTable(&LINT), Optional, "Which warnings of `sagasim check` are meant."),
    key("run", OneTable(&RUN), Required, "Seed, durations, calendar."),
    key("flow", OneTable(&FLOW), Optional, "Who coordinates, and what the flow leaves out."),
    key("customers", OneTable(&CUSTOMERS), Optional, "How customers behave."),
    key("traffic", OneTable(&TRAFFIC), Optional, "The services' other duties."),
    key("users", OneTable(&USERS), Optional, "Members."),
    key("products", OneTable(&PRODUCTS), Optional, "The catalogue."),
    key("coupon", Tables(&COUPON), Optional, "Campaigns."),
    key("basket", OneTable(&BASKET), Optional, "What one order asks for."),
    key("service", Named(stations, &SERVICE), Optional, "Workers and queues, by service."),
    key("network", OneTable(&NETWORK), Optional, "Between the services."),
    key(
        "load",
        SomeTables(&LOAD),
        Required,
        "Who arrives when: one, or several beside each other.",
    ),
    key("protection", OneTable(&PROTECTION), Optional, "What guards the flow; all is on."),
    key("fault", Tables(&FAULT), Optional, "What goes wrong, and when."),
    key("threshold", Tables(&THRESHOLD), Optional, "What the figures must be."),
]);

const EXPECT: Table = table(&[
    key("verdict", Word(verdicts), Default("\"passed\""), "The verdict the tests expect."),
    key("violated", Words(invariants), Default("[]"), "The invariants the tests expect broken."),
    key(
        "sometimes",
        Words(names::sometimes),
        Default("[]"),
        "What must happen at least once, or the run is inconclusive.",
    ),
]);

const LINT: Table =
    table(&[key("allow", Words(lints), Default("[]"), "Warnings that are not to be given.")]);

const RUN: Table = table(&[
    key("clock", Word(|| vec!["virtual"]), Default("\"virtual\""), "What time is."),
    key("seed", Seed, Optional, "Omitted: drawn at random and printed."),
    key(
        "duration",
        Duration,
        Optional,
        "Arrivals stop then; needed unless all loads end by themselves.",
    ),
    key("warmup", Duration, Default("\"0s\""), "Orders before it are left out of latencies."),
    key("drain", Duration, Default("\"10m\""), "After the load all must settle within this."),
    key(
        "epoch",
        Epoch,
        Default("\"2026-01-01T00:00:00+00:00\""),
        "The calendar's date and time when the run begins.",
    ),
    key("anomalies", Switch, Optional, "Counts isolation anomalies from what is read; costs time."),
]);

const FLOW: Table = table(&[
    key("coordination", Word(coordinations), Default("\"choreography\""), "Who coordinates."),
    key("payment_window", Duration, Default("\"5m\""), "An order not paid by then expires."),
    key(
        "omit",
        Words(|| vec!["restore-coupon", "expiry", "undo-final-amount"]),
        Default("[]"),
        "What the flow forgets to do.",
    ),
]);

const CUSTOMERS: Table = table(&[
    key("think_time", Times, Default("\"2s\""), "Before paying or cancelling."),
    key("intents", OneTable(&INTENTS), Default("{ pay = 1 }"), "Shares; they sum to 1."),
    key("refund_delay", Times, Default("\"30s\""), "From paid until the refund is asked for."),
    key("pay_attempts", whole(limits::PAYMENTS), Default("1"), "Payments tried per order."),
    key("top_up", Switch, Default("false"), "Charges the balance when it is too low."),
    key("patience", Duration, Default("\"30s\""), "Gives up after waiting this long."),
]);

const INTENTS: Table = table(&[
    key("pay", Share, Default("0"), "Pays after thinking."),
    key("abandon", Share, Default("0"), "Never pays."),
    key("cancel", Share, Default("0"), "Cancels instead of paying."),
    key("cancel_while_paying", Share, Default("0"), "Pays and cancels at the same moment."),
    key("pay_then_refund", Share, Default("0"), "Pays, and takes it back later."),
]);

const TRAFFIC: Table = table(&[
    key("top_up", Rate, Default("\"0/s\""), "Customers charging their balance."),
    key("list_coupons", Rate, Default("\"0/s\""), "Customers listing their coupons."),
    key("list_products", Rate, Default("\"0/s\""), "Customers listing products."),
    key("popular_products", Rate, Default("\"0/s\""), "Customers asking what is popular."),
    key("price_change", Rate, Default("\"0/s\""), "The shop changing a price."),
]);

const USERS: Table = table(&[
    key("count", whole(limits::USERS), Default("1_000"), "How many; an order log has its own."),
    key("balance", numbers(limits::BALANCE), Default("1_000_000"), "Money of each at the start."),
]);

const PRODUCTS: Table = table(&[
    key("count", whole(limits::PRODUCTS), Default("100"), "How many; an order log has its own."),
    key("stock", numbers(limits::STOCK), Default("10_000"), "Units of each at the start."),
    key("price", numbers(limits::PRICE), Default("10_000"), "Price of a unit of each."),
    key(
        "popularity",
        Popularity(&POPULARITY),
        Default("\"uniform\""),
        "Which product a basket line names.",
    ),
]);

const POPULARITY: Table = table(&[key(
    "zipf",
    OneTable(&Table {
        keys: &[key("exponent", From(0.0), Required, "0 is uniform, 1 is typical of shops.")],
        rules: &[],
    }),
    Required,
    "The product of rank k has weight k^-exponent.",
)]);

const COUPON: Table = table(&[
    key("name", Text, Required, "Unique."),
    key("discount", OneTable(&DISCOUNT), Required, "What a coupon takes off."),
    key("quantity", whole(limits::COUPONS), Required, "How many there are, one to a customer."),
    key(
        "issue",
        Word(|| vec!["before", "on-demand"]),
        Default("\"before\""),
        "Before the run, or to whoever asks first.",
    ),
]);

const DISCOUNT: Table = Table {
    keys: &[
        key("percent", whole(limits::PERCENT), Optional, "Of the subtotal."),
        key("amount", whole(limits::DISCOUNT), Optional, "At most the subtotal."),
    ],
    rules: &[Rule::ExactlyOne(&["percent", "amount"])],
};

const BASKET: Table = table(&[
    key("lines", numbers(limits::LINES), Default("1"), "Different products of an order."),
    key("quantity", numbers(limits::QUANTITY), Default("1"), "Units of a line."),
    key("coupon_rate", Share, Default("0"), "Share of the orders that present a coupon."),
]);

const SERVICE: Table = table(&[
    key("workers", whole(limits::WORKERS), Default("8"), "Messages served at once."),
    key("queue", OneTable(&QUEUE), Optional, "Without it the queue has no limit."),
    key("service_time", Times, Default("\"2ms\""), "Time that one message takes."),
]);

const QUEUE: Table = table(&[
    key("capacity", whole(limits::CAPACITY), Required, "Messages that may wait."),
    key("overflow", Word(|| vec!["reject"]), Default("\"reject\""), "What a full queue does."),
]);

const NETWORK: Table =
    table(&[key("latency", Times, Default("\"1ms\""), "One way, between two services.")]);

const LOAD: Table = Table {
    keys: &[
        key("name", Text, Optional, "Unique; shown in reports instead of the executor."),
        key(
            "executor",
            Word(|| EXECUTORS.map(|(name, _)| name).to_vec()),
            Required,
            "Where the orders come from.",
        ),
        key("start", Duration, Default("\"0s\""), "When it begins."),
        key("duration", Duration, Optional, "How long it lasts; else to the end of the run."),
        key("rate", Rate, Optional, "Orders; whoever is still waiting does not slow it down."),
        key("start_rate", Rate, Default("\"0/s\""), "Orders at the start of the first stage."),
        key(
            "spacing",
            Word(|| vec!["poisson", "even"]),
            Default("\"poisson\""),
            "The gaps between arrivals.",
        ),
        key("users", whole(limits::ACTIVE_USERS), Optional, "Customers who order in turns."),
        key("start_users", whole(limits::RAMPED_USERS), Default("0"), "Customers at the start."),
        key("stages", SomeTables(&STAGE), Optional, "Rate or users, changing linearly to each."),
        key("orders", whole(limits::ORDERS), Optional, "How many, by all customers together."),
        key("orders_per_user", whole(limits::USER_ORDERS), Optional, "How many, by each."),
        key("pause", Times, Default("\"1s\""), "Before each order of a customer."),
        key("speed", From(0.0), Default("1.0"), "How much faster than the log; above 0."),
        key("log", OneTable(&LOG), Optional, "Which column of the order log is what."),
    ],
    rules: &[
        Rule::Where {
            key: "executor",
            is: "constant-arrival-rate",
            needs: &["rate"],
            takes: &["name", "start", "duration", "spacing"],
            one_of: &[],
        },
        Rule::Where {
            key: "executor",
            is: "ramping-arrival-rate",
            needs: &["stages"],
            takes: &["name", "start", "start_rate", "spacing"],
            one_of: &[],
        },
        Rule::Where {
            key: "executor",
            is: "constant-users",
            needs: &["users"],
            takes: &["name", "start", "duration", "pause"],
            one_of: &[],
        },
        Rule::Where {
            key: "executor",
            is: "ramping-users",
            needs: &["stages"],
            takes: &["name", "start", "start_users", "pause"],
            one_of: &[],
        },
        Rule::Where {
            key: "executor",
            is: "fixed-orders",
            needs: &["users"],
            takes: &["name", "start", "duration", "pause"],
            one_of: &["orders", "orders_per_user"],
        },
        Rule::Where {
            key: "executor",
            is: "order-log",
            needs: &["log"],
            takes: &["name", "speed"],
            one_of: &[],
        },
    ],
};

const STAGE: Table = table(&[
    key(
        "target",
        RateOrWhole(limits::RAMPED_USERS.min, limits::RAMPED_USERS.max),
        Required,
        "Reached at its end: a rate, or a number of users.",
    ),
    key("duration", Duration, Required, "How long it takes; \"0s\" is a jump."),
]);

const LOG: Table = Table {
    keys: &[
        key("file", Text, Required, "A CSV file, seen from the scenario's folder."),
        key("order", Text, Required, "Column of the order id."),
        key("user", Text, Required, "Column of the user id."),
        key("product", Text, Required, "Column of the product id."),
        key("quantity", Text, Required, "Column of the units."),
        key("line_amount", Text, Optional, "Column of the line's total."),
        key("unit_price", Text, Optional, "Column of a unit's price."),
        key("time", Text, Required, "Column of the time."),
        key("cancel_prefix", Text, Optional, "Orders whose id begins so are cancellations."),
    ],
    rules: &[Rule::ExactlyOne(&["line_amount", "unit_price"])],
};

const PROTECTION: Table = table(&[
    key("outbox", Switch, Default("true"), "Messages are rows of the commit, sent again."),
    key("inbox", Switch, Default("true"), "Events are recognised when they come again."),
    key("idempotency_key", Switch, Default("true"), "A repeated call gets the stored answer."),
    key("tombstone", Switch, Default("true"), "An undo that came first bars its request."),
    key("semantic_lock", Switch, Default("true"), "Order checks the state it expects."),
    key("saga_log", Switch, Default("true"), "The orchestrator's records survive a crash."),
    key(
        "compensate",
        Word(|| vec!["completed", "unknown-too", "register-before"]),
        Default("\"unknown-too\""),
        "Which steps are undone after an unclear failure.",
    ),
    key("timeout", DurationOrNever, Default("\"1s\""), "Unanswered, a call is sent again."),
    key("retry", TableOrNever(&RETRY), Default("{ max_attempts = 4 }"), "How calls are repeated."),
    key("relay_interval", Duration, Default("\"1s\""), "What was lost comes again after this."),
    key("mark_retention", Duration, Default("\"10m\""), "Marks outlive their order by this."),
    key("fencing", Switch, Default("true"), "A replaced orchestrator cannot write any more."),
    key("lease", DurationOrNever, Default("\"10s\""), "A silent orchestrator is replaced then."),
    key(
        "circuit_breaker",
        TableOrNever(&BREAKER),
        Default("{ failures = 20 }"),
        "Services leave one alone that does not answer.",
    ),
]);

const BREAKER: Table = table(&[
    key("failures", whole(limits::FAILURES), Default("20"), "Unanswered calls in a row."),
    key("open_for", Duration, Default("\"2s\""), "Then nothing is sent for this long."),
]);

const RETRY: Table = table(&[
    key("max_attempts", whole(limits::ATTEMPTS), Default("4"), "The first one included."),
    key("backoff", OneTable(&BACKOFF), Optional, "Pauses between the attempts."),
]);

const BACKOFF: Table = table(&[
    key("initial", Duration, Default("\"50ms\""), "First pause."),
    key("multiplier", From(1.0), Default("2.0"), "Factor from pause to pause."),
    key("max", Duration, Default("\"2s\""), "Longest pause."),
    key("jitter", Word(|| vec!["full", "none"]), Default("\"full\""), "Drawn from 0, or exact."),
]);

const NOTHING: Table = table(&[]);

const FAULT: Table = Table {
    keys: &[
        key("name", Text, Required, "Unique; shown in reports."),
        key("target", OneTable(&TARGET), Optional, "What is hit; the sinks need none."),
        key("probability", Share, Default("1"), "Of each exchange."),
        key("nth", whole(limits::OCCURRENCE), Optional, "The n-th time, from 1."),
        key("order", whole(limits::ORDER_ID), Optional, "This order, from 0."),
        key("n", whole(limits::PAYMENTS), Optional, "Of this order, this payment, from 1."),
        key("attempt", Word(|| vec!["*"]), Optional, "All attempts share one decision."),
        key("at", Duration, Default("\"0s\""), "From when on."),
        key("for", DurationOrEnd, Default("\"end\""), "How long."),
        key("every", Duration, Optional, "From one window to the next."),
        key(
            "repeat",
            whole(limits::WINDOWS),
            Optional,
            "Windows in all; else until the load ends.",
        ),
        key("error", OneTable(&NOTHING), Optional, "Refused, no effect."),
        key("crash", OneTable(&CRASH), Optional, "Loses its line and what it works on."),
        key("pause", OneTable(&NOTHING), Optional, "Stands still."),
        key("slow", OneTable(&SLOW), Optional, "Service takes longer."),
        key("latency", OneTable(&LATENCY), Optional, "Messages take longer."),
        key("drop", OneTable(&NOTHING), Optional, "Messages are lost."),
        key("duplicate", OneTable(&DUPLICATE), Optional, "Messages arrive twice."),
        key("reorder", OneTable(&REORDER), Optional, "Messages may be overtaken."),
        key("partition", OneTable(&PARTITION), Optional, "Nothing gets through."),
        key("queue-full", OneTable(&NOTHING), Optional, "Refuses what comes."),
        key("redis-down", OneTable(&NOTHING), Optional, "The ranking refuses what comes."),
        key("platform-down", OneTable(&NOTHING), Optional, "The data platform refuses what comes."),
    ],
    rules: &[
        Rule::AtMostOne(&["probability", "nth", "order"]),
        Rule::AtMostOne(&["nth", "at"]),
        Rule::AtMostOne(&["nth", "for"]),
        Rule::AtMostOne(&["nth", "every"]),
        Rule::AtMostOne(&["order", "at"]),
        Rule::AtMostOne(&["order", "for"]),
        Rule::AtMostOne(&["order", "every"]),
        Rule::With("n", "order"),
        Rule::With("every", "for"),
        Rule::With("repeat", "every"),
        Rule::ExactlyOne(&[
            "error",
            "crash",
            "pause",
            "slow",
            "latency",
            "drop",
            "duplicate",
            "reorder",
            "partition",
            "queue-full",
            "redis-down",
            "platform-down",
        ]),
    ],
};

const TARGET: Table = Table {
    keys: &[
        key("step", Word(targets), Optional, "A step, or an undo."),
        key("position", Word(positions), Optional, "Where in the exchange of the step."),
        key("service", Word(stations), Optional, "A service."),
        key("services", Words(stations), Optional, "Several services."),
        key("link", Text, Optional, "Two services, such as `payment -> order`."),
    ],
    rules: &[
        Rule::ExactlyOne(&["step", "service", "services", "link"]),
        Rule::With("position", "step"),
    ],
};

const CRASH: Table =
    table(&[key("restart", Duration, Default("\"1s\""), "Up again after this, without a window.")]);

const SLOW: Table = table(&[key("factor", From(0.0), Required, "Of the service time; above 0.")]);

const LATENCY: Table = table(&[
    key("add", Duration, Default("\"0s\""), "Always."),
    key("jitter", Duration, Default("\"0s\""), "On top, drawn evenly up to this."),
]);

const DUPLICATE: Table =
    table(&[key("delay", Duration, Default("\"10ms\""), "The copy is later by this.")]);

const REORDER: Table =
    table(&[key("within", Duration, Default("\"50ms\""), "Held back by up to this.")]);

const PARTITION: Table = table(&[key(
    "direction",
    Word(|| vec!["in", "out", "both"]),
    Default("\"both\""),
    "Seen from the services that are cut off.",
)]);

fn verdicts() -> Vec<&'static str> {
    use crate::sim::scenario::Verdict;
    [Verdict::Passed, Verdict::Failed, Verdict::Inconclusive].map(Verdict::name).to_vec()
}

fn invariants() -> Vec<&'static str> {
    names::INVARIANTS.to_vec()
}

fn lints() -> Vec<&'static str> {
    crate::sim::lint::Lint::ALL.map(crate::sim::lint::Lint::name).to_vec()
}

fn coordinations() -> Vec<&'static str> {
    Coordination::ALL.map(Coordination::name).to_vec()
}

fn stations() -> Vec<&'static str> {
    Service::ALL[..Service::STATIONS].iter().map(|service| service.name()).collect()
}

fn positions() -> Vec<&'static str> {
    use crate::sim::scenario::FaultPosition;
    FaultPosition::ALL.map(FaultPosition::name).to_vec()
}

/// Every step, then every undo.
fn targets() -> Vec<&'static str> {
    let steps = Step::ALL.iter().map(|step| step.name());
    steps.chain(Step::ALL.iter().filter_map(|step| step.undo_name())).collect()
}

const THRESHOLD: Table = Table {
    keys: &[
        key("name", Text, Optional, "Shown in the report instead of metric and condition."),
        key("metric", Text, Required, "A metric and its tags; `sagasim explain metrics`."),
        key("expr", Text, Required, "What must hold of it, such as `p(99) < 3s`."),
        key(
            "severity",
            Word(|| Severity::ALL.map(Severity::name).to_vec()),
            Default("\"fail\""),
            "What a failure means: `warn` changes neither verdict nor exit code.",
        ),
        key("abort_on_fail", Switch, Default("false"), "Its failure stops the run."),
        key("delay_abort", Duration, Optional, "But not before this instant of the run."),
    ],
    rules: &[Rule::With("delay_abort", "abort_on_fail")],
};
