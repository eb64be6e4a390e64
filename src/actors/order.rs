//! Order: the order and its state machine. It alone arbitrates every race.

#![warn(clippy::wildcard_enum_match_arm)]

use super::domain::Domain;
use crate::domain::{
    At, Audited, Basket, Cause, CouponFate, Datum, Exchange, Fact, Move, OrderCommand, OrderState,
    Outbox, Reason, RequestId, Sale, Service, SharedBasket, Table,
};
use OrderState::{
    Absent, AwaitingCoupon, AwaitingPayment, Cancelled, ClosingCancelled, ClosingExpired,
    Completed, Expired, Refunded, Refunding, RolledBack, Undoing,
};

/// One order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Row {
    basket: Option<SharedBasket>,
    /// To pay, once known.
    amount: i64,
    /// Day of the sale.
    day: i32,
    /// The payment that completed it.
    n: u8,
    state: OrderState,
    failed: Option<(Reason, CouponFate)>,
}

impl Row {
    fn basket(&self) -> SharedBasket {
        let nothing = || Basket::new(0, None, Box::new([])).into();
        self.basket.clone().unwrap_or_else(nothing)
    }

    fn sale(&self, refund: bool) -> Sale {
        Sale { basket: self.basket(), amount: self.amount, day: self.day, refund }
    }

    fn go(&mut self, state: OrderState, out: &mut Outbox) {
        out.moves.push((self.state, state));
        self.state = state;
    }

    /// Held → sold and money held → revenue, or back.
    fn settle(&self, sign: i64, out: &mut Outbox) {
        for line in self.basket.iter().flat_map(|basket| &basket.lines) {
            out.post(Move::Sell { product: line.product }, sign * i64::from(line.quantity));
        }
        out.post(Move::Earn, sign * self.amount);
    }

    /// Why an order in this state ended, or is ending, without a sale.
    fn cause(&self) -> Cause {
        match self.state {
            ClosingExpired | Expired => Cause::Expired,
            ClosingCancelled | Cancelled => Cause::Cancelled,
            Absent | AwaitingCoupon | AwaitingPayment | Completed | Refunding | Refunded
            | Undoing | RolledBack => {
                Cause::Failed(self.failed.map_or(Reason::WrongState, |(reason, _)| reason))
            }
        }
    }

    /// Why an order in this state cannot be completed or closed.
    fn refusal(&self) -> Reason {
        match self.cause() {
            Cause::Expired => Reason::Expired,
            Cause::Cancelled => Reason::Cancelled,
            Cause::Failed(_) => Reason::WrongState,
        }
    }
}

/// The state Order owns.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Orders {
    rows: Table<Row>,
    /// The semantic lock: a command is refused in a state it does not expect.
    locked: bool,
}

impl Orders {
    /// No orders yet. Without the semantic lock any state accepts any command.
    #[must_use]
    pub const fn new(semantic_lock: bool) -> Self {
        Orders { rows: Table::new(), locked: semantic_lock }
    }

    fn roll_back(row: &mut Row, locked: bool, out: &mut Outbox) -> Result<(), Reason> {
        match row.state {
            AwaitingCoupon => {
                row.go(Undoing, out);
                row.go(RolledBack, out);
            }
            ClosingExpired => row.go(Expired, out),
            ClosingCancelled => row.go(Cancelled, out),
            // Nothing was created, or it is rolled back already: an undo without an effect.
            Absent | RolledBack | Expired | Cancelled => {}
            AwaitingPayment | Completed | Refunding | Refunded if locked => {
                return Err(Reason::WrongState);
            }
            Undoing | AwaitingPayment | Completed | Refunding | Refunded => {
                row.go(RolledBack, out);
            }
        }
        Ok(())
    }

    fn complete(row: &mut Row, at: At, n: u8, amount: i64, out: &mut Outbox) -> Result<(), Reason> {
        if amount != row.amount {
            return Err(Reason::WrongAmount);
        }
        row.n = n;
        row.day = at.day;
        row.go(Completed, out);
        row.settle(1, out);
        Ok(())
    }
}

impl Domain for Orders {
    type Command = OrderCommand;
    const AT: Service = Service::Order;

    fn step(&mut self, at: At, key: Exchange, command: &OrderCommand, out: &mut Outbox) -> Fact {
        let locked = self.locked;
        let row = self.rows.at(key.request().0);
        if locked {
            out.read(Datum::Order);
        }
        let expected = |states: &[OrderState]| !locked || states.contains(&row.state);
        let done = match command {
            OrderCommand::Create { basket } if expected(&[Absent]) => {
                row.basket = Some(basket.clone());
                row.go(AwaitingCoupon, out);
                Ok(())
            }
            OrderCommand::SetFinalAmount { discount } if expected(&[AwaitingCoupon]) => {
                row.amount = row.basket().subtotal() - discount;
                row.go(AwaitingPayment, out);
                Ok(())
            }
            OrderCommand::BeginUndo { reason, coupon } if expected(&[AwaitingCoupon]) => {
                row.failed = Some((*reason, *coupon));
                row.go(Undoing, out);
                Ok(())
            }
            OrderCommand::RollBack => Self::roll_back(row, locked, out),
            OrderCommand::Complete { amount, .. } if expected(&[AwaitingPayment]) => {
                Self::complete(row, at, key.n(), *amount, out)
            }
            OrderCommand::Close { cause } if expected(&[AwaitingPayment]) => {
                let cancelled = *cause == Cause::Cancelled;
                row.go(if cancelled { ClosingCancelled } else { ClosingExpired }, out);
                Ok(())
            }
            OrderCommand::StartRefund if expected(&[Completed]) => {
                row.go(Refunding, out);
                row.settle(-1, out);
                Ok(())
            }
            OrderCommand::GiveBackCoupon if expected(&[Refunding]) => Ok(()),
            OrderCommand::FinishRefund if expected(&[Refunding]) => {
                row.go(Refunded, out);
                Ok(())
            }
            OrderCommand::Create { .. }
            | OrderCommand::SetFinalAmount { .. }
            | OrderCommand::BeginUndo { .. }
            | OrderCommand::Complete { .. }
            | OrderCommand::Close { .. }
            | OrderCommand::StartRefund
            | OrderCommand::GiveBackCoupon
            | OrderCommand::FinishRefund => Err(row.refusal()),
        };
        match done {
            Ok(()) => self.answer(key, command),
            Err(reason) => Fact::Refused(reason),
        }
    }

    fn answer(&self, key: Exchange, command: &OrderCommand) -> Fact {
        let nothing = Row::default();
        let row = self.rows.get(key.request().0).unwrap_or(&nothing);
        let basket = row.basket();
        match command {
            OrderCommand::Create { .. } => Fact::OrderCreated { basket },
            OrderCommand::SetFinalAmount { .. } => Fact::OrderPlaced { amount: row.amount },
            OrderCommand::BeginUndo { coupon, .. } => Fact::UndoBegun { basket, coupon: *coupon },
            OrderCommand::RollBack => Fact::OrderRolledBack { basket, cause: row.cause() },
            OrderCommand::Complete { .. } => Fact::OrderCompleted(row.sale(false)),
            OrderCommand::Close { cause } => Fact::OrderClosed { basket, cause: *cause },
            OrderCommand::StartRefund => {
                Fact::RefundStarted { basket, amount: row.amount, n: row.n, day: row.day }
            }
            OrderCommand::GiveBackCoupon => Fact::CouponDue { basket },
            OrderCommand::FinishRefund => Fact::OrderRefunded(row.sale(true)),
        }
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        for (order, row) in self.rows.iter().filter(|(_, row)| row.state != Absent) {
            let Row { state, amount, .. } = *row;
            say(Audited::Order { order: RequestId(order), state, amount });
        }
    }
}
