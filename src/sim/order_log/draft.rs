//! The orders of a log while its lines come in.

use super::columns::Fields;
use super::time::{self, When};
use super::{LoggedOrder, OrderLog, reason};
use crate::domain::Line;
use rustc_hash::FxHashMap;
use std::num::IntErrorKind;

/// Everything read so far. Its maps are only looked up, never walked.
pub(super) struct Draft<'a> {
    log: OrderLog,
    cancel_prefix: Option<&'a str>,
    orders: Names,
    drafts: Vec<DraftOrder>,
    users: Names,
    products: Names,
    cancellations: Names,
    cancels: Vec<DraftCancel>,
    /// Lines of cancellations, to be judged when all orders are known: line, cancellation.
    cancel_lines: Vec<(u64, u32)>,
    /// Whether this log's times have an offset, once known.
    offset: Option<bool>,
    /// Sum of all accepted amounts.
    total: i64,
}

#[derive(Default)]
struct DraftOrder {
    lines: Vec<Line>,
    /// User, time and line number of the first accepted line.
    first: Option<(u32, When, u64)>,
}

/// A cancellation: its first line's time and number, and the id of the order it cancels.
struct DraftCancel {
    order: String,
    when: When,
    line: u64,
}

/// What is wanted from the columns of one line.
struct Parsed {
    quantity: u32,
    amount: i64,
    when: When,
}

impl<'a> Draft<'a> {
    pub(super) fn new(cancel_prefix: Option<&'a str>) -> Draft<'a> {
        Draft {
            log: OrderLog::default(),
            cancel_prefix: cancel_prefix.filter(|prefix| !prefix.is_empty()),
            orders: Names::default(),
            drafts: Vec::new(),
            users: Names::default(),
            products: Names::default(),
            cancellations: Names::default(),
            cancels: Vec::new(),
            cancel_lines: Vec::new(),
            offset: None,
            total: 0,
        }
    }

    /// True if no line came.
    pub(super) fn is_empty(&self) -> bool {
        self.log.lines == 0
    }

    /// Takes note of a broken row.
    pub(super) fn broken(&mut self, line: u64) {
        self.log.lines += 1;
        self.log.reject(reason::BROKEN_ROW, line);
    }

    /// Takes one sound row.
    pub(super) fn line(&mut self, line: u64, fields: &Fields<'_>, per_unit: bool) {
        self.log.lines += 1;
        let cancelled = self.cancel_prefix.and_then(|prefix| fields.order.strip_prefix(prefix));
        let taken = match cancelled {
            Some(order) => self.cancel_line(line, order.trim(), fields),
            None => self.order_line(line, fields, per_unit),
        };
        if let Err(reason) = taken {
            self.log.reject(reason, line);
        }
    }

    fn cancel_line(
        &mut self,
        line: u64,
        order: &str,
        fields: &Fields<'_>,
    ) -> Result<(), &'static str> {
        if order.is_empty() {
            return Err(reason::ORDER_MISSING);
        }
        let when = time::parse(fields.time, &mut self.offset)?;
        let index = self.cancellations.id(order);
        if index as usize == self.cancels.len() {
            self.cancels.push(DraftCancel { order: order.to_owned(), when, line });
        }
        self.cancel_lines.push((line, index));
        Ok(())
    }

    fn order_line(
        &mut self,
        line: u64,
        fields: &Fields<'_>,
        per_unit: bool,
    ) -> Result<(), &'static str> {
        if fields.order.is_empty() {
            return Err(reason::ORDER_MISSING);
        }
        let order = self.orders.id(fields.order) as usize;
        if order == self.drafts.len() {
            self.drafts.push(DraftOrder::default());
        }
        if fields.user.is_empty() {
            return Err(reason::USER_MISSING);
        }
        if fields.product.is_empty() {
            return Err(reason::PRODUCT_MISSING);
        }
        let Parsed { quantity, amount, when } = self.parse(fields, per_unit)?;
        let draft = &mut self.drafts[order];
        if let Some((user, ..)) = draft.first
            && self.users.names[user as usize] != fields.user
        {
            return Err(reason::ANOTHER_USER);
        }
        self.total = self.total.checked_add(amount).ok_or(reason::OUT_OF_RANGE)?;
        if draft.first.is_none() {
            draft.first = Some((self.users.id(fields.user), when, line));
        }
        let product = self.products.id(fields.product);
        draft.lines.push(Line { product, quantity, line_amount: amount });
        self.log.accepted += 1;
        Ok(())
    }

    fn parse(&mut self, fields: &Fields<'_>, per_unit: bool) -> Result<Parsed, &'static str> {
        let quantity = whole(fields.quantity, reason::NEGATIVE_QUANTITY)?;
        if quantity == 0 {
            return Err(reason::QUANTITY_0);
        }
        let mut amount = whole(fields.amount, reason::NEGATIVE_AMOUNT)?;
        if per_unit {
            amount = amount.checked_mul(quantity).ok_or(reason::OUT_OF_RANGE)?;
        }
        Ok(Parsed {
            quantity: u32::try_from(quantity).map_err(|_| reason::OUT_OF_RANGE)?,
            amount,
            when: time::parse(fields.time, &mut self.offset)?,
        })
    }

    /// Puts everything in order; none if the log does not fit into virtual time at this speed.
    pub(super) fn finish(mut self, speed: f64) -> Option<OrderLog> {
        let product_ids = self.number_products();
        let all = self.drafts.len();
        let mut placed = Vec::new();
        for (index, draft) in self.drafts.iter_mut().enumerate() {
            for line in &mut draft.lines {
                line.product = product_ids[line.product as usize];
            }
            placed.extend(draft.first.map(|(_, when, line)| (when.instant_ns, line, index)));
        }
        self.log.orders_without_lines = (all - placed.len()) as u64;
        placed.extend(self.judge_cancellations());
        placed.sort_unstable();

        let start = placed.first().map_or(0, |&(instant_ns, ..)| instant_ns);
        let mut places = vec![0; all];
        for (place, &(instant_ns, _, index)) in placed.iter().enumerate() {
            let arrival_ns = scale(instant_ns.abs_diff(start), speed)?;
            let order = self.place(index, arrival_ns, &places);
            if index < all {
                places[index] = u32::try_from(place).ok()?;
            }
            self.log.orders.extend(order);
        }
        self.log.first_day = self.log.orders.first().map_or(0, |order| order.day);
        self.log.span_ns = self.log.orders.last().map_or(0, |order| order.arrival_ns);
        self.log.users = self.users.names;
        Some(self.log)
    }

    /// The order, or the cancellation (counted on after the orders), with this index.
    fn place(&mut self, index: usize, arrival_ns: u64, places: &[u32]) -> Option<LoggedOrder> {
        let cancel = index.checked_sub(self.drafts.len()).map(|cancel| &self.cancels[cancel]);
        let Some(cancel) = cancel else {
            let draft = &mut self.drafts[index];
            let (user, when, _) = draft.first?;
            let lines = std::mem::take(&mut draft.lines).into_boxed_slice();
            return Some(LoggedOrder { user, lines, arrival_ns, day: when.day, cancels: None });
        };
        let order = self.orders.known(&cancel.order)?;
        let (user, ..) = self.drafts[order].first?;
        Some(LoggedOrder {
            user,
            lines: Box::default(),
            arrival_ns,
            day: cancel.when.day,
            cancels: Some(places[order]),
        })
    }

    /// Accepts or rejects every cancellation's lines; gives time, line and index of the accepted.
    fn judge_cancellations(&mut self) -> Vec<(i64, u64, usize)> {
        let verdict = |cancel: &DraftCancel| {
            let order = self.orders.known(&cancel.order).and_then(|order| self.drafts[order].first);
            match order {
                None => Some(reason::UNKNOWN_ORDER),
                Some((_, when, line))
                    if (cancel.when.instant_ns, cancel.line) < (when.instant_ns, line) =>
                {
                    Some(reason::TOO_EARLY)
                }
                Some(_) => None,
            }
        };
        let verdicts: Vec<_> = self.cancels.iter().map(verdict).collect();
        for (line, index) in std::mem::take(&mut self.cancel_lines) {
            match verdicts[index as usize] {
                Some(reason) => self.log.reject(reason, line),
                None => self.log.accepted += 1,
            }
        }
        let all = self.drafts.len();
        let accepted = verdicts.iter().enumerate().filter(|(_, verdict)| verdict.is_none());
        accepted
            .map(|(i, _)| (self.cancels[i].when.instant_ns, self.cancels[i].line, all + i))
            .collect()
    }

    /// Names the products in ascending order; gives the dense id for each id so far.
    fn number_products(&mut self) -> Vec<u32> {
        let names = std::mem::take(&mut self.products.names);
        let numbers: Option<Vec<u128>> = names.iter().map(|name| digits(name)).collect();
        let mut sorted: Vec<usize> = (0..names.len()).collect();
        match &numbers {
            Some(numbers) => sorted.sort_by_key(|&id| (numbers[id], &names[id])),
            None => sorted.sort_by_key(|&id| &names[id]),
        }
        let mut ids = vec![0; names.len()];
        for (dense, &id) in (0..).zip(&sorted) {
            ids[id] = dense;
        }
        self.log.products = sorted.into_iter().map(|id| names[id].clone()).collect();
        ids
    }
}

/// A whole number of at least 0.
fn whole(text: &str, negative: &'static str) -> Result<i64, &'static str> {
    match text.parse::<i64>() {
        Ok(value) if value < 0 => Err(negative),
        Ok(value) => Ok(value),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Err(reason::OUT_OF_RANGE),
        Err(error) if *error.kind() == IntErrorKind::NegOverflow => Err(negative),
        Err(_) => Err(reason::BAD_NUMBER),
    }
}

/// A name that is a whole number, as one.
fn digits(name: &str) -> Option<u128> {
    let all = name.bytes().all(|byte| byte.is_ascii_digit());
    if all { name.parse().ok() } else { None }
}

/// A duration at a speed; none if it leaves the range of virtual time.
fn scale(ns: u64, speed: f64) -> Option<u64> {
    if !(speed > 0.0 && speed.is_finite()) {
        return None;
    }
    if speed == 1.0 {
        return i64::try_from(ns).is_ok().then_some(ns);
    }
    let scaled = libm::round(ns as f64 / speed);
    (scaled < i64::MAX as f64).then_some(scaled as u64)
}

/// Names, numbered by first appearance.
#[derive(Default)]
struct Names {
    ids: FxHashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    /// The number of a name, the next one if it is new.
    fn id(&mut self, name: &str) -> u32 {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = self.names.len() as u32;
        self.ids.insert(name.to_owned(), id);
        self.names.push(name.to_owned());
        id
    }

    /// The number of a name seen before.
    fn known(&self, name: &str) -> Option<usize> {
        self.ids.get(name).map(|&id| id as usize)
    }
}
