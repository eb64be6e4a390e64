//! What protections cost: the difference that each makes to the same orders.

use super::layout::{BOLD, DIM, DOT, PLAIN, flow, pad, paint, piece, plain, wrap};
use super::units::{NONE, count, significant, span};
use crate::report::summary::{Cost, PriceFigures, PriceRow};

/// Columns of a row's name.
const NAME: usize = 24;
/// Columns of a figure.
const FIGURE: usize = 13;
/// Columns of the figures of one run.
const BOTH: usize = 2 * FIGURE;

/// The block of the price.
pub(super) fn price(figures: &PriceFigures) -> Vec<String> {
    let orders = if figures.orders == 1 { "order" } else { "orders" };
    let head = [
        plain(figures.scenario.name.as_str()),
        plain(format!("{} {orders}", count(figures.orders))),
        plain(format!("seed {}", figures.seed)),
        plain("what each adds to the same orders"),
    ];
    let mut lines = flow("PRICE", &head, DOT);
    let faulty = figures.variants.iter().any(|row| row.faulty.is_some());
    let mut columns = format!("{:>FIGURE$}{:>FIGURE$}", "msg/order", "checkout p99");
    if faulty {
        let over = format!("{:>BOTH$}{:>BOTH$}", "without faults", "under its faults");
        lines.push(format!("{}{}", " ".repeat(NAME), paint(DIM, &over)));
        columns = columns.repeat(2);
    }
    lines.push(format!("{}{}", " ".repeat(NAME), paint(DIM, &columns)));
    let mut whole: Option<&PriceRow> = None;
    let mut free: Vec<&str> = Vec::new();
    for row in &figures.variants {
        let base = match whole {
            Some(base) if base.coordination == row.coordination => base,
            Some(_) | None => {
                whole = Some(row);
                lines.extend(nothing(&mut free));
                lines.push(line(row.coordination.name(), row, None));
                continue;
            }
        };
        if (row.calm, row.faulty) == (base.calm, base.faulty) {
            free.push(&row.name);
        } else {
            lines.push(line(&format!("  {}", row.name), row, Some(base)));
        }
    }
    lines.extend(nothing(&mut free));
    let why = "a protection also costs rows; they are of the same commit, and virtual time does not \
               charge for them";
    let mut notes = vec![why];
    if whole.is_some_and(|row| row.calm.checkout_p99_ns.is_none()) {
        notes.push("a p99 needs a thousand checkouts: name a load with --price FILE");
    }
    lines.extend(notes.into_iter().flat_map(|note| wrap("", note)));
    lines
}

/// Those that make no difference; empties the list.
fn nothing(free: &mut Vec<&str>) -> Vec<String> {
    if free.is_empty() {
        return Vec::new();
    }
    let names: Vec<_> = free.drain(..).map(|name| piece(DIM, name)).collect();
    flow("  nothing", &names, DOT)
}

/// The figures of the whole, or what a protection adds to them.
fn line(name: &str, row: &PriceRow, whole: Option<&PriceRow>) -> String {
    // What is on adds to what is left without it; a policy adds to the policy it replaces.
    let sign = if row.kind == "without" { -1.0 } else { 1.0 };
    let cells = |cost: &Cost, of: Option<&Cost>| match of {
        None => [significant(cost.messages_per_order), p99(cost)],
        Some(of) => [
            added(sign * (cost.messages_per_order - of.messages_per_order)),
            longer(sign, cost, of),
        ],
    };
    let mut figures = cells(&row.calm, whole.map(|whole| &whole.calm)).to_vec();
    if let Some(faulty) = &row.faulty {
        figures.extend(cells(faulty, whole.and_then(|whole| whole.faulty.as_ref())));
    }
    let figures: String = figures.iter().map(|figure| format!("{figure:>FIGURE$}")).collect();
    let style = if whole.is_none() { BOLD } else { PLAIN };
    format!("{}{figures}", paint(style, &pad(name, NAME)))
}

fn p99(cost: &Cost) -> String {
    cost.checkout_p99_ns.map_or_else(|| NONE.to_owned(), span)
}

/// A difference with its sign.
fn added(value: f64) -> String {
    let text = significant(value);
    if value > 0.0 { format!("+{text}") } else { text }
}

fn longer(sign: f64, cost: &Cost, of: &Cost) -> String {
    let (Some(mine), Some(base)) = (cost.checkout_p99_ns, of.checkout_p99_ns) else {
        return NONE.to_owned();
    };
    let (more, less) = if sign > 0.0 { (mine, base) } else { (base, mine) };
    match more.cmp(&less) {
        std::cmp::Ordering::Equal => "0".to_owned(),
        std::cmp::Ordering::Greater => format!("+{}", span(more - less)),
        std::cmp::Ordering::Less => format!("-{}", span(less - more)),
    }
}
