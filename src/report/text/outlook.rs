//! What a run would be: its load over time, its faults, how busy its services would get.

use super::layout::{
    BOLD, Charset, DIM, DOT, LABEL, Piece, UNSURE, WIDTH, flow, pad, paint, piece, plain, to_ascii,
    wrap,
};
use super::units::{count, duration, significant, span};
use crate::domain::Service;
use crate::sim::forecast::{BINS, Forecast, Offered};
use crate::sim::plan::Plan;
use crate::sim::scenario::{Block, Fault, FaultKind, Target, Trigger};

/// Bars from nothing to full, and the same in ASCII.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_BARS: [char; 9] = [' ', '.', ':', '-', '=', '+', '*', '#', '@'];

/// What would run, within 80 columns. `seed` is the one that was asked for; none: it would be drawn.
#[must_use]
pub fn render_outlook(
    plan: &Plan,
    forecast: &Forecast,
    seed: Option<u64>,
    charset: Charset,
) -> String {
    let mut lines = header(plan, forecast, seed);
    lines.push(String::new());
    lines.extend(load(plan, forecast, charset));
    lines.extend(faults(plan, charset));
    lines.push(String::new());
    lines.extend(services(forecast));
    let mut text = String::new();
    for line in &lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    match charset {
        Charset::Utf8 => text,
        Charset::Ascii => to_ascii(&text),
    }
}

fn header(plan: &Plan, forecast: &Forecast, seed: Option<u64>) -> Vec<String> {
    let scenario = &plan.scenario;
    let rest = format!(
        "{DOT}{}{DOT}virtual{DOT}{}",
        scenario.flow.coordination.name(),
        seed.map_or("seed drawn when it runs".to_owned(), |seed| format!("seed {seed}")),
    );
    let room = WIDTH.saturating_sub("DRY RUN  ".len() + rest.chars().count()).max(1);
    let name = pad(&scenario.name, room.min(scenario.name.chars().count()));
    let mut lines = vec![format!("{}  {}{rest}", paint(BOLD, "DRY RUN"), paint(BOLD, &name))];
    lines.extend(wrap("QUESTION", &scenario.question));
    let orders = match forecast.arrivals.planned {
        Some(orders) => format!("{} orders in {}", count(orders), span(plan.duration_ns)),
        None => format!(
            "about {} orders in {}, if nobody has to wait",
            count(forecast.arrivals.orders().round() as u64),
            span(plan.duration_ns)
        ),
    };
    let settle = format!("then up to {} to settle", span(scenario.run.drain_ns));
    lines.extend(flow("PLANNED", &[plain(orders), plain(settle)], DOT));
    lines.extend(flow("CUSTOMERS", &intents(plan), DOT));
    let traffic = traffic(plan);
    if !traffic.is_empty() {
        lines.extend(flow("TRAFFIC", &traffic, DOT));
    }
    lines
}

fn intents(plan: &Plan) -> Vec<Piece> {
    let intents = &plan.scenario.customers.intents;
    let shares = [
        ("pay", intents.pay),
        ("abandon", intents.abandon),
        ("cancel", intents.cancel),
        ("cancel while paying", intents.cancel_while_paying),
        ("pay, then refund", intents.pay_then_refund),
    ];
    let named = shares.iter().filter(|(_, share)| *share > 0.0);
    named.map(|(name, share)| plain(format!("{name} {}%", significant(share * 100.0)))).collect()
}

fn traffic(plan: &Plan) -> Vec<Piece> {
    let traffic = &plan.scenario.traffic;
    let rates = [
        ("top-up", traffic.top_up_per_s),
        ("list-coupons", traffic.list_coupons_per_s),
        ("list-products", traffic.list_products_per_s),
        ("popular-products", traffic.popular_products_per_s),
        ("change-price", traffic.change_price_per_s),
    ];
    let named = rates.iter().filter(|(_, rate)| *rate > 0.0);
    named.map(|(name, rate)| plain(format!("{name} {}/s", significant(*rate)))).collect()
}

/// The curve of the load, its time axis, the warm-up.
fn load(plan: &Plan, forecast: &Forecast, charset: Charset) -> Vec<String> {
    let width_ns = plan.duration_ns.max(1) as f64 / BINS as f64;
    let rate = |bin: usize| {
        let from_ns = bin as f64 * width_ns;
        forecast.arrivals.expected(from_ns, from_ns + width_ns) / width_ns * 1e9
    };
    let rates: Vec<f64> = (0..BINS).map(rate).collect();
    let peak = rates.iter().copied().fold(0.0, f64::max);
    let mean = rates.iter().sum::<f64>() / BINS as f64;
    let figures = vec![
        plain(format!("{} orders/s on average", significant(mean))),
        plain(format!("{} at most, in {}", significant(peak), duration(width_ns as u64))),
    ];
    let loads = plan.scenario.loads.iter().map(|block| executor(plan, block));
    let mut rows: Vec<Vec<Piece>> = loads.chain([figures]).collect();
    if let [_, _] = rows.as_slice() {
        rows = vec![rows.into_iter().flatten().collect()];
    }
    let mut lines = Vec::new();
    for row in rows {
        lines.extend(flow(if lines.is_empty() { "LOAD" } else { "" }, &row, DOT));
    }
    let bars = if charset == Charset::Ascii { ASCII_BARS } else { BARS };
    let bar = |rate: &f64| bars[((rate / peak * 8.0).ceil() as usize).min(8)];
    lines.push(indented(&rates.iter().map(bar).collect::<String>()));
    lines.push(indented(&axis(plan.duration_ns)));
    let warmup_ns = plan.scenario.run.warmup_ns;
    if warmup_ns > 0 {
        let left_out = format!("the first {} are left out of latency figures", span(warmup_ns));
        lines.extend(flow("WARM-UP", &[plain(left_out)], DOT));
        lines.push(indented(&window(plan.duration_ns, 0, warmup_ns, charset)));
    }
    lines
}

/// What one load does, and when, unless it lasts as long as all of them.
fn executor(plan: &Plan, block: &Block) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = block.name.iter().map(|name| piece(BOLD, &**name)).collect();
    pieces.push(plain(block.load.name()));
    let end_ns = block.end_ns().unwrap_or(plan.duration_ns).min(plan.duration_ns);
    if (block.start_ns, end_ns) != (0, plan.duration_ns) {
        pieces.push(plain(format!("{} to {}", span(block.start_ns), span(end_ns))));
    }
    pieces
}

fn indented(text: &str) -> String {
    format!("{}{text}", " ".repeat(LABEL))
}

/// Four instants at the places where they are, and the last one.
fn axis(duration_ns: u64) -> String {
    let quarter = BINS / 4;
    let mut text = String::new();
    for at in 0..4 {
        text += &pad(&span(duration_ns / 4 * at), quarter);
    }
    let end = span(duration_ns);
    let room = BINS - end.chars().count();
    let head: String = text.chars().take(room).collect();
    // An instant that would run into the last one gives way.
    let free = head.ends_with(' ') || end.chars().count() < 4;
    let head = if free { head } else { pad(head.trim_end_matches(|c| c != ' '), room) };
    format!("{head}{end}")
}

/// A bar over the part of the load's time between two instants.
fn window(duration_ns: u64, from_ns: u64, until_ns: u64, charset: Charset) -> String {
    let (full, empty) = if charset == Charset::Ascii { ('#', '.') } else { ('█', '·') };
    let width = duration_ns.max(1) as f64 / BINS as f64;
    let inside = |bin: usize| {
        let start = bin as f64 * width;
        start < until_ns as f64 && start + width > from_ns as f64
    };
    (0..BINS).map(|bin| if inside(bin) { full } else { empty }).collect()
}

fn faults(plan: &Plan, charset: Charset) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, fault) in plan.scenario.faults.iter().enumerate() {
        let label = if at == 0 { "FAULTS" } else { "" };
        let pieces = [piece(BOLD, &*fault.name), plain(blow(fault))];
        lines.extend(flow(label, &pieces, DOT));
        if let Trigger::Probability { from_ns, until_ns, .. } = fault.trigger {
            lines.push(indented(&window(plan.duration_ns, from_ns, until_ns, charset)));
        }
    }
    lines
}

fn blow(fault: &Fault) -> String {
    let target = match fault.target {
        Target::Step { step, undo, .. } => {
            step.undo_name().filter(|_| undo).unwrap_or(step.name()).to_owned()
        }
        Target::Link { from, to, both } => {
            format!("{} {} {}", from.name(), if both { "<->" } else { "->" }, to.name())
        }
        Target::Services(services) => {
            services.iter().map(Service::name).collect::<Vec<_>>().join(", ")
        }
    };
    let target = match fault.kind {
        FaultKind::Error => target,
        kind => format!("{} at {target}", kind.name()),
    };
    match fault.trigger {
        Trigger::Probability { .. } if fault.lasting() => target,
        Trigger::Probability { probability, .. } if probability >= 1.0 => format!("every {target}"),
        Trigger::Probability { probability, .. } => {
            format!("{}% of {target}", significant(probability * 100.0))
        }
        Trigger::Nth(nth) => format!("{target} number {nth}"),
        Trigger::Exact { order, n: None } => format!("{target} of order {order}"),
        Trigger::Exact { order, n: Some(n) } => format!("{target} of order {order}, payment {n}"),
    }
}

fn services(forecast: &Forecast) -> Vec<String> {
    let title = "SERVICES        workers  visits/order  mean service      busy  at most";
    let mut lines = vec![paint(BOLD, title)];
    lines.extend(forecast.services.iter().map(service));
    let unless = "if every order finds its stock, every payment goes through and nothing is tried \
                  again";
    lines.extend(wrap("", unless).iter().map(|line| paint(DIM, line)));
    lines
}

fn service(one: &Offered) -> String {
    let per_visit_ns = one.busy_per_order_ns / one.visits_per_order;
    let mean = match one.visits_per_order > 0.0 {
        true => duration(per_visit_ns as u64),
        false => super::units::NONE.to_owned(),
    };
    let percent = |share: f64| format!("{}%", significant(share * 100.0));
    let line = format!(
        "  {} {:>8}  {:>12}  {mean:>12}  {:>8} {:>8}",
        pad(one.service.name(), 12),
        count(one.workers.into()),
        significant(one.visits_per_order),
        percent(one.utilization),
        percent(one.peak),
    );
    if one.surely < 1.0 { line } else { format!("{line}  {}", paint(UNSURE, "OVERLOAD")) }
}
