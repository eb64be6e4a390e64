//! `[[load]]`.

use super::super::diagnostics::Diagnostic;
use super::super::dist::Unit;
use super::super::empirical::absolute;
use super::super::file::{Field, File, LoadFile, LogFile};
use super::super::value::Scalar;
use super::super::{Block, Load, LogAmount, LogSettings, Quota, Spacing, Stage, defaults, limits};
use super::{Sink, required_text, top, unique};
use std::ops::Range;
use toml::Spanned;

const EXAMPLE: &str = "[[load]] executor = \"constant-arrival-rate\", rate = \"40/s\"";
const STAGES: &str = "stages = [{ target = \"600/s\", duration = \"5s\" }]";
const USER_STAGES: &str = "stages = [{ target = 200, duration = \"30s\" }]";

/// Which executor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::sim::scenario) enum Executor {
    ConstantArrivalRate,
    RampingArrivalRate,
    ConstantUsers,
    RampingUsers,
    FixedOrders,
    OrderLog,
}

pub(in crate::sim::scenario) const EXECUTORS: [(&str, Executor); 6] = [
    ("constant-arrival-rate", Executor::ConstantArrivalRate),
    ("ramping-arrival-rate", Executor::RampingArrivalRate),
    ("constant-users", Executor::ConstantUsers),
    ("ramping-users", Executor::RampingUsers),
    ("fixed-orders", Executor::FixedOrders),
    ("order-log", Executor::OrderLog),
];

/// All loads; what is wrong with one hides nothing of the others.
pub(super) fn loads(file: &File, sink: &mut Sink) -> Vec<Block> {
    if file.load.is_empty() {
        sink.missing(top(), "load", EXAMPLE);
    }
    unique(file.load.iter().filter_map(|load| load.get_ref().name.as_ref()), "loads", sink);
    let blocks: Vec<Block> = file.load.iter().filter_map(|load| block(load, sink)).collect();
    let log = blocks.iter().position(|block| matches!(block.load, Load::OrderLog(_)));
    if let Some(log) = log
        && blocks.len() == file.load.len()
        && blocks.len() > 1
    {
        let title = "an order log is the only load: it brings its users, products and calendar";
        let other = &file.load[usize::from(log == 0)];
        let problem = Diagnostic::at(other.span(), title).label("another load");
        sink.add(problem.context(file.load[log].span(), "the log"));
    }
    blocks
}

fn block(field: &Spanned<LoadFile>, sink: &mut Sink) -> Option<Block> {
    let file = field.get_ref();
    let Some(executor) = &file.executor else {
        sink.missing(field.span(), "executor", EXAMPLE);
        return None;
    };
    let load = match sink.one_of(executor, "executor", &EXECUTORS)? {
        Executor::ConstantArrivalRate => constant_arrival_rate(field, sink),
        Executor::RampingArrivalRate => ramping_arrival_rate(field, sink),
        Executor::ConstantUsers => constant_users(field, sink),
        Executor::RampingUsers => ramping_users(field, sink),
        Executor::FixedOrders => fixed_orders(field, sink),
        Executor::OrderLog => order_log(field, sink),
    };
    let duration_ns = sink.some_duration(&file.duration);
    if let Some(duration) = file.duration.as_ref().filter(|_| duration_ns == Some(0)) {
        sink.add(Diagnostic::at(duration.span(), "a load cannot last 0 s"));
    }
    let name = file.name.as_ref().map(|name| name.get_ref().clone());
    if let Some(field) = file.name.as_ref().filter(|name| name.get_ref().trim().is_empty()) {
        sink.add(Diagnostic::at(field.span(), "`name` is blank").help("leave it out"));
    }
    Some(Block { name, start_ns: sink.duration(&file.start, 0), duration_ns, load })
}

/// Only these keys, beside `name` and `executor`, belong to the executor.
fn only(load: &LoadFile, executor: &str, allowed: &[&str], sink: &mut Sink) {
    let given: [(&str, Option<Range<usize>>); 13] = [
        ("start", load.start.as_ref().map(Spanned::span)),
        ("duration", load.duration.as_ref().map(Spanned::span)),
        ("rate", load.rate.as_ref().map(Spanned::span)),
        ("spacing", load.spacing.as_ref().map(Spanned::span)),
        ("users", load.users.as_ref().map(Spanned::span)),
        ("pause", load.pause.as_ref().map(Spanned::span)),
        ("speed", load.speed.as_ref().map(Spanned::span)),
        ("log", load.log.as_ref().map(Spanned::span)),
        ("start_rate", load.start_rate.as_ref().map(Spanned::span)),
        ("start_users", load.start_users.as_ref().map(Spanned::span)),
        ("stages", load.stages.as_ref().map(Spanned::span)),
        ("orders", load.orders.as_ref().map(Spanned::span)),
        ("orders_per_user", load.orders_per_user.as_ref().map(Spanned::span)),
    ];
    for (key, place) in given {
        if let Some(place) = place.filter(|_| !allowed.contains(&key)) {
            let title = format!("`{key}` does not belong to {executor}");
            let help = format!("its keys: {}", allowed.join(", "));
            sink.add(Diagnostic::at(place, title).help(help));
        }
    }
}

fn constant_arrival_rate(field: &Spanned<LoadFile>, sink: &mut Sink) -> Load {
    let load = field.get_ref();
    only(load, "constant-arrival-rate", &["rate", "spacing", "start", "duration"], sink);
    let rate_per_s = match &load.rate {
        None => {
            sink.missing(field.span(), "rate", "rate = \"40/s\"");
            1.0
        }
        Some(rate) => {
            let rate_per_s = sink.rate(&load.rate, 1.0);
            if rate_per_s <= 0.0 {
                let problem = Diagnostic::at(rate.span(), "nothing would ever arrive");
                sink.add(problem.help("the rate must be above 0, such as \"40/s\""));
            }
            rate_per_s
        }
    };
    Load::ConstantArrivalRate { rate_per_s, spacing: spacing(load, sink) }
}

fn spacing(load: &LoadFile, sink: &mut Sink) -> Spacing {
    let spacings = [("poisson", Spacing::Poisson), ("even", Spacing::Even)];
    sink.word(&load.spacing, "spacing", &spacings, defaults::SPACING)
}

fn ramping_arrival_rate(field: &Spanned<LoadFile>, sink: &mut Sink) -> Load {
    let load = field.get_ref();
    let keys = ["start_rate", "stages", "spacing", "start"];
    only(load, "ramping-arrival-rate", &keys, sink);
    let start_rate_per_s = sink.rate(&load.start_rate, 0.0);
    let stages = stages(field, STAGES, sink, |target, sink| sink.rate(target, 1.0));
    let ramps = |stage: &Stage<f64>| stage.duration_ns > 0 && stage.target > 0.0;
    // Before the first stage that takes time there may be jumps.
    let first = stages.iter().position(|stage| stage.duration_ns > 0);
    let begins_per_s = match first {
        Some(at) if at > 0 => stages[at - 1].target,
        Some(_) | None => start_rate_per_s,
    };
    let arrives = begins_per_s > 0.0 || stages.iter().any(ramps);
    if let Some(given) = load.stages.as_ref().filter(|_| first.is_some() && !arrives) {
        let problem = Diagnostic::at(given.span(), "nothing would ever arrive");
        sink.add_once(problem.help("a rate must be above 0, such as \"40/s\""));
    }
    Load::RampingArrivalRate { start_rate_per_s, stages, spacing: spacing(load, sink) }
}

/// The stages of a ramp; together they take time.
fn stages<T>(
    field: &Spanned<LoadFile>,
    example: &str,
    sink: &mut Sink,
    target: impl Fn(&Field<Scalar>, &mut Sink) -> T,
) -> Vec<Stage<T>> {
    let Some(list) = &field.get_ref().stages else {
        sink.missing(field.span(), "stages", example);
        return Vec::new();
    };
    let mut stages = Vec::new();
    for stage in list.get_ref() {
        let (place, stage) = (stage.span(), stage.get_ref());
        if stage.target.is_none() {
            sink.missing(place.clone(), "target", example);
        }
        if stage.duration.is_none() {
            sink.missing(place, "duration", example);
        }
        let duration_ns = sink.duration(&stage.duration, 1);
        stages.push(Stage { target: target(&stage.target, sink), duration_ns });
    }
    if stages.iter().all(|stage| stage.duration_ns == 0) {
        let problem = Diagnostic::at(list.span(), "these stages take no time");
        sink.add(problem.help(format!("write for example: {example}")));
    }
    stages
}

fn constant_users(field: &Spanned<LoadFile>, sink: &mut Sink) -> Load {
    let load = field.get_ref();
    only(load, "constant-users", &["users", "pause", "start", "duration"], sink);
    if load.users.is_none() {
        sink.missing(field.span(), "users", "users = 20");
    }
    Load::ConstantUsers {
        users: sink.whole(&load.users, &limits::ACTIVE_USERS, 1),
        pause: sink.dist(&load.pause, Unit::Time, defaults::PAUSE),
    }
}

fn ramping_users(field: &Spanned<LoadFile>, sink: &mut Sink) -> Load {
    let load = field.get_ref();
    only(load, "ramping-users", &["start_users", "stages", "pause", "start"], sink);
    let limits = &limits::RAMPED_USERS;
    let start_users = sink.whole(&load.start_users, limits, 0);
    let stages = stages(field, USER_STAGES, sink, |target, sink| {
        let target = target.as_ref()?;
        if let Scalar::Whole(users) = target.get_ref() {
            return Some(sink.whole(&Some(Spanned::new(target.span(), *users)), limits, 1));
        }
        let title = format!("expected a number of users, found {}", target.get_ref());
        sink.add(Diagnostic::at(target.span(), title).help(USER_STAGES));
        None
    });
    let known = |stage: Stage<Option<u32>>| Stage {
        target: stage.target.unwrap_or(1),
        duration_ns: stage.duration_ns,
    };
    let stages: Vec<Stage<u32>> = stages.into_iter().map(known).collect();
    let load_of = Load::RampingUsers {
        start_users,
        stages,
        pause: sink.dist(&load.pause, Unit::Time, defaults::PAUSE),
    };
    if let Some(given) = load.stages.as_ref().filter(|_| load_of.users() == 0) {
        sink.add_once(Diagnostic::at(given.span(), "there would never be a user"));
    }
    load_of
}

fn fixed_orders(field: &Spanned<LoadFile>, sink: &mut Sink) -> Load {
    let load = field.get_ref();
    let keys = ["users", "orders", "orders_per_user", "pause", "start", "duration"];
    only(load, "fixed-orders", &keys, sink);
    if load.users.is_none() {
        sink.missing(field.span(), "users", "users = 20");
    }
    let quota = match (&load.orders, &load.orders_per_user) {
        (Some(shared), Some(each)) => {
            let title = "orders are shared by all users, or each has its own";
            let problem = Diagnostic::at(each.span(), title).label("and here");
            sink.add(problem.context(shared.span(), "from here").help("keep one of the two"));
            Quota::Shared(1)
        }
        (None, Some(_)) => Quota::Each(sink.whole(&load.orders_per_user, &limits::USER_ORDERS, 1)),
        (Some(_), None) => Quota::Shared(sink.whole(&load.orders, &limits::ORDERS, 1)),
        (None, None) => {
            sink.missing(field.span(), "orders", "orders = 1_000, or orders_per_user = 50");
            Quota::Shared(1)
        }
    };
    Load::FixedOrders {
        users: sink.whole(&load.users, &limits::ACTIVE_USERS, 1),
        quota,
        pause: sink.dist(&load.pause, Unit::Time, defaults::PAUSE),
    }
}

fn order_log(field: &Spanned<LoadFile>, sink: &mut Sink) -> Load {
    let load = field.get_ref();
    only(load, "order-log", &["speed", "log"], sink);
    let speed = sink.at_least(&load.speed, "the speed", 0.0, defaults::SPEED);
    if let Some(given) = &load.speed
        && speed == 0.0
    {
        sink.add(Diagnostic::at(given.span(), "at speed 0 nothing would ever happen"));
    }
    let empty = LogFile::default();
    let (log, place) = match &load.log {
        Some(log) => (log.get_ref(), log.span()),
        None => {
            sink.missing(field.span(), "log", "[load.log] with file, order, user, product, …");
            (&empty, 0..0)
        }
    };
    let base = sink.base.clone();
    // Without the table its absence is the one mistake to name.
    let mut column = |field: &Field<String>, key: &str, example: &str| match load.log {
        Some(_) => {
            let example = format!("{key} = \"{example}\"");
            required_text(field, key, &example, place.clone(), sink)
        }
        None => String::new(),
    };
    let file = column(&log.file, "file", "orders.csv");
    let settings = LogSettings {
        file: absolute(&base, &file),
        order: column(&log.order, "order", "order_id"),
        user: column(&log.user, "user", "user_id"),
        product: column(&log.product, "product", "product_id"),
        quantity: column(&log.quantity, "quantity", "quantity"),
        amount: LogAmount::LineAmount(String::new()),
        time: column(&log.time, "time", "created_at"),
        cancel_prefix: log.cancel_prefix.as_ref().map(|prefix| prefix.get_ref().clone()),
        speed,
    };
    if let Some(prefix) = log.cancel_prefix.as_ref().filter(|prefix| prefix.get_ref().is_empty()) {
        let problem = Diagnostic::at(prefix.span(), "with an empty prefix every order cancels");
        sink.add(problem.help("leave `cancel_prefix` out if the log has no cancellations"));
    }
    let amount = match &load.log {
        Some(log) => amount(log, sink),
        None => settings.amount,
    };
    Load::OrderLog(LogSettings { amount, ..settings })
}

fn amount(log: &Spanned<LogFile>, sink: &mut Sink) -> LogAmount {
    match (&log.get_ref().line_amount, &log.get_ref().unit_price) {
        (Some(line), None) => LogAmount::LineAmount(line.get_ref().clone()),
        (None, Some(unit)) => LogAmount::UnitPrice(unit.get_ref().clone()),
        (Some(line), Some(unit)) => {
            let title = "a line's amount comes from one column";
            let problem = Diagnostic::at(unit.span(), title).label("and here");
            sink.add(problem.context(line.span(), "from here").help("keep one of the two"));
            LogAmount::LineAmount(String::new())
        }
        (None, None) => {
            let example = "line_amount = \"total\" or unit_price = \"price\"";
            sink.missing(log.span(), "line_amount", example);
            LogAmount::LineAmount(String::new())
        }
    }
}
