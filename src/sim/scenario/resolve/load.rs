//! `[[load]]`.

use super::super::diagnostics::Diagnostic;
use super::super::dist::Unit;
use super::super::empirical::absolute;
use super::super::file::{Field, File, LoadFile, LogFile};
use super::super::{Load, LogAmount, LogSettings, Spacing, defaults, limits};
use super::{Sink, required_text, top};
use std::ops::Range;
use toml::Spanned;

const EXAMPLE: &str = "[[load]] executor = \"constant-arrival-rate\", rate = \"40/s\"";

/// Which executor.
#[derive(Clone, Copy)]
enum Executor {
    ConstantArrivalRate,
    ConstantUsers,
    OrderLog,
    /// Known, but not in this version.
    Later,
}

const EXECUTORS: [(&str, Executor); 6] = [
    ("constant-arrival-rate", Executor::ConstantArrivalRate),
    ("constant-users", Executor::ConstantUsers),
    ("order-log", Executor::OrderLog),
    ("ramping-arrival-rate", Executor::Later),
    ("ramping-users", Executor::Later),
    ("fixed-orders", Executor::Later),
];

pub(super) fn load(file: &File, sink: &mut Sink) -> Load {
    let fallback = Load::ConstantArrivalRate { rate_per_s: 1.0, spacing: defaults::SPACING };
    if let Some(second) = file.load.get(1) {
        let problem = Diagnostic::at(second.span(), "this version takes exactly one `[[load]]`");
        sink.add(problem.label("a second one"));
    }
    let Some(load) = file.load.first() else {
        sink.missing(top(), "load", EXAMPLE);
        return fallback;
    };
    let Some(executor) = &load.get_ref().executor else {
        sink.missing(load.span(), "executor", EXAMPLE);
        return fallback;
    };
    match sink.one_of(executor, "executor", &EXECUTORS) {
        None => fallback,
        Some(Executor::ConstantArrivalRate) => constant_arrival_rate(load, sink),
        Some(Executor::ConstantUsers) => constant_users(load, sink),
        Some(Executor::OrderLog) => order_log(load, sink),
        Some(Executor::Later) => {
            let title =
                format!("the executor `{}` does not exist in this version", executor.get_ref());
            let help = "this version has constant-arrival-rate, constant-users and order-log";
            sink.add(Diagnostic::at(executor.span(), title).help(help));
            fallback
        }
    }
}

/// Refuses keys of other executors.
fn only(load: &LoadFile, executor: &str, allowed: &[&str], sink: &mut Sink) {
    let given: [(&str, Option<Range<usize>>); 9] = [
        ("rate", load.rate.as_ref().map(Spanned::span)),
        ("spacing", load.spacing.as_ref().map(Spanned::span)),
        ("users", load.users.as_ref().map(Spanned::span)),
        ("pause", load.pause.as_ref().map(Spanned::span)),
        ("speed", load.speed.as_ref().map(Spanned::span)),
        ("log", load.log.as_ref().map(Spanned::span)),
        ("start_rate", load.start_rate.as_ref().map(Spanned::span)),
        ("stages", load.stages.as_ref().map(Spanned::span)),
        ("orders", load.orders.as_ref().map(Spanned::span)),
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
    only(load, "constant-arrival-rate", &["rate", "spacing"], sink);
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
    let spacings = [("poisson", Spacing::Poisson), ("even", Spacing::Even)];
    let spacing = sink.word(&load.spacing, "spacing", &spacings, defaults::SPACING);
    Load::ConstantArrivalRate { rate_per_s, spacing }
}

fn constant_users(field: &Spanned<LoadFile>, sink: &mut Sink) -> Load {
    let load = field.get_ref();
    only(load, "constant-users", &["users", "pause"], sink);
    if load.users.is_none() {
        sink.missing(field.span(), "users", "users = 20");
    }
    Load::ConstantUsers {
        users: sink.whole(&load.users, &limits::ACTIVE_USERS, 1),
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
