//! The orchestrator: walks the saga table for each order, one process at a time.
//!
//! Its saga log is kept folded, one row an order: *intent(step)* is the row's position, written in
//! the commit that sends the command; *answer(step)* moves the position on. A restart reads the
//! row and sends the open intent again, under the same key.

use super::Rules;
use super::choreography::{self, Heard};
use super::gate::{Gates, Receipt};
use super::participant::{Owner, Role};
use super::walk::{self, Material};
use crate::domain::{
    After, At, Audited, Body, Envelope, Exchange, Fact, OrchestratorInput, Outbox, Process, Reason,
    Request, RequestId, Service, SharedBasket, Step, Table, Turn, UndoPolicy, Undoing, Word,
    saga::{self, Kind},
};

const ME: Service = Service::Orchestrator;

/// What the saga of an order is doing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
enum Stage {
    /// No process runs.
    #[default]
    Idle,
    /// The row at this position was sent.
    Forward(Process, u8),
    /// The compensation of the row at this position was sent, for this reason.
    Backward(Process, u8, Reason),
}

/// Requests that wait for the running process to end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Waiting {
    pay: Option<u8>,
    cancel: bool,
    refund: bool,
    expiry: bool,
}

/// The folded log of one order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Saga {
    basket: Option<SharedBasket>,
    discount: i64,
    amount: i64,
    day: i32,
    /// The newest payment; of a completed order, the one that completed it.
    n: u8,
    stage: Stage,
    /// Positions of the running process whose compensation is owed, a bit each.
    owed: u8,
    waiting: Waiting,
}

/// The coordinator.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Orchestrator {
    log: Table<Saga>,
    gates: Gates,
    rules: Rules,
    /// What an orchestrator that was replaced remembers, as far as no fence keeps it out.
    replaced: Option<Table<Saga>>,
    /// The next input reaches that one.
    by_replaced: bool,
}

impl Orchestrator {
    /// A coordinator that has seen nothing yet.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        let (log, gates) = (Table::new(), Gates::default());
        Orchestrator { log, gates, rules, replaced: None, by_replaced: false }
    }

    fn ask(&mut self, heard: &Heard, request: Request, out: &mut Outbox) -> Receipt {
        let receipt = self.gates.of(heard.key).admit(heard.key, heard.transport, self.rules.on);
        heard.reply(ME, Body::Customer(Word::Accepted), out);
        if receipt != Receipt::Fresh {
            return receipt;
        }
        self.gates.of(heard.key).store(heard.key, &Fact::ToppedUp);
        let order = heard.key.request();
        let saga = self.log.at(order.0);
        let process = heard.key.process();
        match request {
            Request::Place { basket } => saga.basket = Some(basket),
            Request::Pay { amount } => saga.amount = amount,
            Request::Cancel | Request::Refund => {}
        }
        self.enter(order, process, heard.key.n(), out);
        receipt
    }

    /// Starts a process, or lets it wait for the running one.
    fn enter(&mut self, order: RequestId, process: Process, n: u8, out: &mut Outbox) {
        let one_at_a_time = self.rules.on.semantic_lock;
        let saga = self.log.at(order.0);
        if saga.stage != Stage::Idle && one_at_a_time {
            let waiting = &mut saga.waiting;
            match process {
                Process::Payment => waiting.pay = Some(n),
                Process::Cancel => waiting.cancel = true,
                Process::Refund => waiting.refund = true,
                Process::Expiry => waiting.expiry = true,
                Process::Order | Process::Issue | Process::Traffic => {}
            }
            return;
        }
        if process == Process::Payment {
            saga.n = n;
        }
        saga.owed = 0;
        self.forward(order, process, 0, out);
    }

    fn key(&self, order: RequestId, process: Process, step: Step, turn: Turn) -> Exchange {
        let n = match process {
            Process::Payment | Process::Refund if step != Step::StartRefund => {
                self.log.get(order.0).map_or(0, |saga| saga.n)
            }
            _ => 0,
        };
        Exchange::new(order, process, n, step, turn)
    }

    /// Sends the first row at or after `position` that applies; ends the process after the last.
    fn forward(&mut self, order: RequestId, process: Process, position: u8, out: &mut Outbox) {
        let keep_coupon = self.rules.omit.restore_coupon;
        let saga = self.log.at(order.0);
        let Some(basket) = saga.basket.clone() else { return };
        let Saga { discount, amount, day, .. } = *saga;
        let material = Material { basket: &basket, discount, amount, day, keep_coupon };
        let rows = saga::rows(process).iter().zip(0u8..).skip(position as usize);
        for (row, position) in rows {
            let Some(body) = walk::command(row, &material) else { continue };
            let saga = self.log.at(order.0);
            saga.stage = Stage::Forward(process, position);
            if self.rules.compensate == UndoPolicy::RegisterBefore
                && row.kind == Kind::Compensatable
            {
                saga.owed |= 1 << position;
            }
            let key = self.key(order, process, row.step, row.turn);
            out.call(ME, key, body);
            return;
        }
        self.end(order, process, out);
    }

    /// Sends the compensation of the highest position still owed; ends the process after the last.
    fn backward(&mut self, order: RequestId, process: Process, reason: Reason, out: &mut Outbox) {
        let keep_coupon = self.rules.omit.restore_coupon;
        let saga = self.log.at(order.0);
        let Some(basket) = saga.basket.clone() else { return };
        let Saga { discount, amount, day, .. } = *saga;
        let material = Material { basket: &basket, discount, amount, day, keep_coupon };
        let rows = saga::rows(process);
        for position in (0..rows.len() as u8).rev() {
            let row = &rows[position as usize];
            let saga = self.log.at(order.0);
            if saga.owed & (1 << position) == 0 {
                continue;
            }
            saga.owed &= !(1 << position);
            let undo = walk::undo(row, &material, Undoing::Payment(reason));
            let Some(body) = undo else { continue };
            saga.stage = Stage::Backward(process, position, reason);
            let key = self.key(order, process, row.step, Turn::Undo);
            out.call(ME, key, body);
            return;
        }
        let word = match process {
            Process::Payment => Word::PayFailed(reason),
            Process::Order
            | Process::Expiry
            | Process::Cancel
            | Process::Refund
            | Process::Issue
            | Process::Traffic => Word::Failed(reason),
        };
        self.tell(order, process, word, out);
        self.end(order, process, out);
    }

    /// An answer to the command in flight. Others are ignored: the call they answer is closed.
    fn answer(&mut self, heard: &Heard, fact: &Fact, out: &mut Outbox) {
        let order = heard.key.request();
        match self.log.at(order.0).stage {
            Stage::Idle => {}
            Stage::Forward(process, position) => {
                let row = &saga::rows(process)[position as usize];
                if (row.process, row.step, row.turn) == place(heard.key) {
                    self.answered(order, process, position, fact, out);
                }
            }
            Stage::Backward(process, position, reason) => {
                let row = &saga::rows(process)[position as usize];
                if (row.process, row.step, Turn::Undo) == place(heard.key) {
                    self.backward(order, process, reason, out);
                }
            }
        }
    }

    fn answered(
        &mut self,
        order: RequestId,
        process: Process,
        position: u8,
        fact: &Fact,
        out: &mut Outbox,
    ) {
        let row = &saga::rows(process)[position as usize];
        let first = position == 0;
        match fact {
            Fact::Refused(reason) if row.kind == Kind::Compensatable => {
                let reason = *reason;
                self.failed(order, process, first, row.step, reason, out);
            }
            Fact::Refused(reason) if process == Process::Payment => {
                self.backward(order, process, *reason, out);
            }
            Fact::Refused(reason) if row.kind == Kind::Pivot => {
                self.tell(order, process, Word::Refused(*reason), out);
                self.end(order, process, out);
            }
            Fact::Unknown if row.kind == Kind::Compensatable => {
                if self.rules.compensate != UndoPolicy::Completed {
                    self.log.at(order.0).owed |= 1 << position;
                }
                self.failed(order, process, false, row.step, Reason::NoAnswer, out);
            }
            fact => {
                if row.kind == Kind::Compensatable {
                    self.log.at(order.0).owed |= 1 << position;
                }
                self.learn(order, process, fact, out);
                self.forward(order, process, position + 1, out);
            }
        }
    }

    /// A step before the pivot failed: undo what is owed, or nothing if it was the first.
    fn failed(
        &mut self,
        order: RequestId,
        process: Process,
        nothing_done: bool,
        step: Step,
        reason: Reason,
        out: &mut Outbox,
    ) {
        if step == Step::SetFinalAmount && self.rules.omit.undo_final_amount {
            return self.end(order, process, out);
        }
        if nothing_done && self.log.at(order.0).owed == 0 {
            self.tell(order, process, Word::Refused(reason), out);
            return self.end(order, process, out);
        }
        self.backward(order, process, reason, out);
    }

    /// Notes what an answer brings and tells the customer what is final with it.
    fn learn(&mut self, order: RequestId, process: Process, fact: &Fact, out: &mut Outbox) {
        let saga = self.log.at(order.0);
        match fact {
            Fact::CouponUsed { discount } => saga.discount = *discount,
            Fact::OrderPlaced { amount } => {
                saga.amount = *amount;
                if !self.rules.omit.expiry {
                    out.arm.push((After::PaymentWindow, window(order)));
                }
                self.tell(order, process, Word::Placed { amount: *amount }, out);
            }
            Fact::OrderCompleted(sale) => {
                saga.day = sale.day;
                out.disarm.push(window(order).key);
                self.tell(order, process, Word::Paid, out);
            }
            Fact::OrderClosed { .. } => out.disarm.push(window(order).key),
            Fact::RefundStarted { amount, n, day, .. } => {
                saga.amount = *amount;
                saga.n = *n;
                saga.day = *day;
            }
            _ => {}
        }
    }

    /// Ends a process and starts the next one that waits.
    fn end(&mut self, order: RequestId, process: Process, out: &mut Outbox) {
        match process {
            Process::Expiry if self.closed(order) => {
                self.tell(order, process, Word::Expired, out);
            }
            Process::Cancel if self.closed(order) => {
                self.tell(order, process, Word::Cancelled, out);
            }
            Process::Refund if self.closed(order) => {
                self.tell(order, process, Word::Refunded, out);
            }
            _ => {}
        }
        let saga = self.log.at(order.0);
        saga.stage = Stage::Idle;
        let waiting = &mut saga.waiting;
        if let Some(n) = waiting.pay.take() {
            self.enter(order, Process::Payment, n, out);
        } else if std::mem::take(&mut waiting.cancel) {
            self.enter(order, Process::Cancel, 0, out);
        } else if std::mem::take(&mut waiting.refund) {
            self.enter(order, Process::Refund, 0, out);
        } else if std::mem::take(&mut waiting.expiry) {
            self.enter(order, Process::Expiry, 0, out);
        }
    }

    /// Whether the running process went past its pivot, that is, beyond its first row.
    fn closed(&mut self, order: RequestId) -> bool {
        match self.log.at(order.0).stage {
            Stage::Forward(_, position) => position > 0,
            Stage::Idle | Stage::Backward(..) => false,
        }
    }

    fn tell(&self, order: RequestId, process: Process, word: Word, out: &mut Outbox) {
        let step = match process {
            Process::Order | Process::Issue | Process::Traffic => Step::DeductStock,
            Process::Payment => Step::DeductBalance,
            Process::Expiry | Process::Cancel => Step::CloseOrder,
            Process::Refund => Step::StartRefund,
        };
        let key = self.key(order, process, step, Turn::Said);
        out.event(ME, key, Body::Customer(word));
    }

    /// What an input sets in motion.
    fn handle(&mut self, heard: &Heard, input: OrchestratorInput, out: &mut Outbox) -> Receipt {
        match input {
            OrchestratorInput::Ask(request) => return self.ask(heard, request, out),
            OrchestratorInput::Answer(fact) => self.answer(heard, &fact, out),
            OrchestratorInput::WindowClosed => {
                self.enter(heard.key.request(), Process::Expiry, 0, out);
            }
        }
        Receipt::Fresh
    }
}

impl Role<OrchestratorInput> for Orchestrator {
    fn receive(
        &mut self,
        _: At,
        heard: &Heard,
        input: OrchestratorInput,
        out: &mut Outbox,
    ) -> Receipt {
        if std::mem::take(&mut self.by_replaced)
            && let Some(memory) = self.replaced.take()
        {
            // It acts on what it remembers, and writes that down for nobody to read.
            let log = std::mem::replace(&mut self.log, memory);
            let receipt = self.handle(heard, input, out);
            self.replaced = Some(std::mem::replace(&mut self.log, log));
            return receipt;
        }
        self.handle(heard, input, out)
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        for (order, saga) in self.log.iter() {
            match saga.stage {
                Stage::Idle => {}
                Stage::Forward(process, position) | Stage::Backward(process, position, _) => {
                    let row = &saga::rows(process)[position as usize];
                    let key = self.key(RequestId(order), process, row.step, row.turn);
                    say(Audited::OpenSaga { key });
                }
            }
        }
    }

    fn forget(&mut self, page: usize) {
        self.gates.forget(page);
    }

    fn crash(&mut self) {
        if !self.rules.on.saga_log {
            self.log = Table::new();
        }
    }

    fn owner(&mut self, owner: Owner) {
        match owner {
            Owner::Standby => {
                self.replaced = (!self.rules.on.fencing).then(|| self.log.clone());
                self.crash();
            }
            Owner::Replaced => self.by_replaced = true,
        }
    }
}

const fn place(key: Exchange) -> (Process, Step, Turn) {
    (key.process(), key.step(), key.turn())
}

/// The timer that closes the order's payment window.
fn window(order: RequestId) -> Envelope {
    choreography::window(order, ME, Body::Orchestrator(OrchestratorInput::WindowClosed))
}
