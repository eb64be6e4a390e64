//! `[customers]`, `[traffic]`, `[users]`, `[products]`, `[basket]`.

use super::super::diagnostics::Diagnostic;
use super::super::dist::Unit;
use super::super::file::{Field, File, IntentsFile, PopularityFile};
use super::super::value::{BareOr, Scalar};
use super::super::{BasketShape, Customers, Intents, Popularity, Products, Traffic, Users};
use super::super::{defaults, limits};
use super::Sink;
use toml::Spanned;

pub(super) fn customers(file: &File, sink: &mut Sink) -> Customers {
    let default = defaults::CUSTOMERS;
    let Some(file) = &file.customers else { return default };
    let attempts = &limits::PAYMENTS;
    Customers {
        think_time: sink.dist(&file.think_time, Unit::Time, default.think_time),
        intents: intents(&file.intents, sink),
        refund_delay: sink.dist(&file.refund_delay, Unit::Time, default.refund_delay),
        pay_attempts: sink.whole(&file.pay_attempts, attempts, default.pay_attempts),
        top_up: file.top_up.unwrap_or(default.top_up),
        patience_ns: sink.duration(&file.patience, default.patience_ns),
    }
}

/// How far the shares may be from 1 in sum.
const SHARES_TOLERANCE: f64 = 1e-9;

fn intents(field: &Field<IntentsFile>, sink: &mut Sink) -> Intents {
    let default = defaults::CUSTOMERS.intents;
    let Some(field) = field else { return default };
    let already_wrong = sink.blamed(&field.span());
    let file = field.get_ref();
    let intents = Intents {
        pay: sink.probability(&file.pay, 0.0),
        abandon: sink.probability(&file.abandon, 0.0),
        cancel: sink.probability(&file.cancel, 0.0),
        cancel_while_paying: sink.probability(&file.cancel_while_paying, 0.0),
        pay_then_refund: sink.probability(&file.pay_then_refund, 0.0),
    };
    let Intents { pay, abandon, cancel, cancel_while_paying, pay_then_refund } = intents;
    let sum = pay + abandon + cancel + cancel_while_paying + pay_then_refund;
    let is_one = (sum - 1.0).abs() <= SHARES_TOLERANCE;
    if !is_one && !already_wrong && !sink.blamed(&field.span()) {
        let title = format!("the shares of the intents sum to {}, not to 1", rounded(sum));
        let problem = Diagnostic::at(field.span(), title);
        let rest = 1.0 - (sum - pay);
        sink.add(if rest >= 0.0 {
            problem.help(format!("with `pay = {}` they would", rounded(rest)))
        } else {
            problem.help("a share that is not named is 0")
        });
    }
    intents
}

fn rounded(number: f64) -> String {
    let text = format!("{number:.10}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn traffic(file: &File, sink: &mut Sink) -> Traffic {
    let Some(file) = &file.traffic else { return Traffic::default() };
    Traffic {
        top_up_per_s: sink.rate(&file.top_up, 0.0),
        list_coupons_per_s: sink.rate(&file.list_coupons, 0.0),
        list_products_per_s: sink.rate(&file.list_products, 0.0),
        popular_products_per_s: sink.rate(&file.popular_products, 0.0),
        change_price_per_s: sink.rate(&file.price_change, 0.0),
    }
}

/// Members. With an order log their number is the log's, and 0 here.
pub(super) fn users(file: &File, from_log: bool, sink: &mut Sink) -> Users {
    let empty = Default::default();
    let file = file.users.as_ref().unwrap_or(&empty);
    let count = count(&file.count, from_log, &limits::USERS, defaults::USERS, sink);
    let balance = Unit::Whole(limits::BALANCE);
    Users { count, balance: sink.dist(&file.balance, balance, defaults::BALANCE) }
}

/// The catalogue. With an order log the number of products is the log's, and 0 here.
pub(super) fn products(file: &File, from_log: bool, sink: &mut Sink) -> Products {
    let empty = Default::default();
    let file = file.products.as_ref().unwrap_or(&empty);
    Products {
        count: count(&file.count, from_log, &limits::PRODUCTS, defaults::PRODUCTS, sink),
        stock: sink.dist(&file.stock, Unit::Whole(limits::STOCK), defaults::STOCK),
        price: sink.dist(&file.price, Unit::Whole(limits::PRICE), defaults::PRICE),
        popularity: popularity(&file.popularity, sink),
    }
}

fn count(
    field: &Field<i64>,
    from_log: bool,
    limits: &limits::Limits,
    default: u32,
    sink: &mut Sink,
) -> u32 {
    match field {
        Some(field) if from_log => {
            let title = format!("the {} is taken from the order log", limits.what);
            sink.add(Diagnostic::at(field.span(), title).help("leave `count` out"));
            0
        }
        None if from_log => 0,
        field => sink.whole(field, limits, default),
    }
}

fn popularity(field: &Field<BareOr<PopularityFile>>, sink: &mut Sink) -> Popularity {
    let Some(field) = field else { return defaults::POPULARITY };
    match field.get_ref() {
        BareOr::Bare(Scalar::Text(word)) => {
            let word = Spanned::new(field.span(), word.clone());
            let known = [("uniform", Popularity::Uniform)];
            sink.one_of(&word, "popularity", &known).unwrap_or(defaults::POPULARITY)
        }
        BareOr::Bare(Scalar::Whole(_) | Scalar::Decimal(_) | Scalar::Switch(_)) => {
            sink.add(Diagnostic::at(field.span(), "not a popularity").help(POPULARITY_EXAMPLE));
            defaults::POPULARITY
        }
        BareOr::Table(PopularityFile { zipf: Some(zipf) }) => {
            if zipf.exponent.is_none() {
                sink.missing(
                    field.span(),
                    "exponent",
                    "popularity = { zipf = { exponent = 1.1 } }",
                );
            }
            let exponent = sink.at_least(&zipf.exponent, "the exponent", 0.0, 1.0);
            Popularity::Zipf { exponent }
        }
        BareOr::Table(PopularityFile { zipf: None }) => {
            if !sink.blamed(&field.span()) {
                let problem = Diagnostic::at(field.span(), "a popularity without a kind");
                sink.add(problem.help(POPULARITY_EXAMPLE));
            }
            defaults::POPULARITY
        }
    }
}

const POPULARITY_EXAMPLE: &str = "write \"uniform\" or { zipf = { exponent = 1.1 } }";

/// Baskets. An order log brings its own.
pub(super) fn basket(file: &File, from_log: bool, sink: &mut Sink) -> BasketShape {
    let default = defaults::BASKET;
    let Some(field) = &file.basket else { return default };
    if from_log {
        let problem = Diagnostic::at(field.span(), "the baskets are taken from the order log");
        sink.add(problem.help("leave `[basket]` out"));
        return default;
    }
    let file = field.get_ref();
    BasketShape {
        lines: sink.dist(&file.lines, Unit::Whole(limits::LINES), default.lines),
        quantity: sink.dist(&file.quantity, Unit::Whole(limits::QUANTITY), default.quantity),
        coupon_rate: sink.probability(&file.coupon_rate, default.coupon_rate),
    }
}
