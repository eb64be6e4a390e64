//! Decisions: what makes a run another one than the plain run of its plan.

use crate::domain::{Exchange, Process, RequestId, Transport, Turn, saga};
use crate::sim::engine::{Late, Position, Question, Strike};
use crate::sim::plan::Intent;

/// One decision.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Decision {
    /// A customer wants something else. Business, not a fault.
    Wants {
        /// Whose customer.
        order: RequestId,
        /// What.
        intent: Intent,
    },
    /// A rule refuses a step (business, not a fault), or an exchange breaks.
    Strikes(Strike),
    /// A message is held back, so that others overtake it.
    Late(Late),
    /// Latencies, service times, ties, jitter and whether declared faults strike are drawn by this
    /// number, instead of by the seed alone: the same orders on another schedule.
    Schedule(u32),
}

/// What customers do once they are told the amount, instead of paying.
const ONCE_PLACED: [Intent; 3] = [Intent::Abandon, Intent::Cancel, Intent::CancelWhilePaying];

impl Decision {
    /// Whether it counts as a fault. Intents and refusals are business: every branch of the flow
    /// is explored, whatever the number of faults.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        matches!(self, Decision::Strikes(strike) if strike.position != Position::Refused)
    }

    /// Whether it is a fault on every attempt.
    #[must_use]
    pub fn lasts(&self) -> bool {
        self.is_fault() && matches!(self, Decision::Strikes(strike) if strike.every_attempt)
    }

    /// The order it is about; none: all of them, or background traffic.
    #[must_use]
    pub const fn order(&self) -> Option<RequestId> {
        let key = match self {
            Decision::Wants { order, .. } => return Some(*order),
            Decision::Strikes(strike) => strike.key,
            Decision::Late(late) => late.key,
            Decision::Schedule(_) => return None,
        };
        if matches!(key.process(), Process::Traffic) { None } else { Some(key.request()) }
    }

    /// Whether it is an answer to this question.
    #[must_use]
    pub fn answers(&self, question: &Question) -> bool {
        match (self, question) {
            (Decision::Wants { order, intent }, Question::Placed(of)) => {
                order == of && *intent != Intent::PayThenRefund
            }
            (Decision::Wants { order, intent }, Question::Paid(of)) => {
                order == of && *intent == Intent::PayThenRefund
            }
            (Decision::Strikes(mine), Question::Break { strike, .. }) => {
                let same = if mine.every_attempt {
                    mine.key.identity() == strike.key.identity()
                } else {
                    mine.key == strike.key
                };
                same && (mine.position, mine.answer) == (strike.position, strike.answer)
            }
            (Decision::Late(mine), question) => {
                let asked = Decision::late(question, mine.by_ms);
                asked == Some(*self)
            }
            (Decision::Wants { .. }, Question::Break { .. })
            | (Decision::Strikes(_), Question::Placed(_) | Question::Paid(_))
            | (Decision::Schedule(_), _) => false,
        }
    }

    /// The message that a question is about is held back, if it is asked about on its way.
    pub(super) fn late(question: &Question, by_ms: u32) -> Option<Decision> {
        let Question::Break { strike, transport } = question else { return None };
        let answer = match (strike.position, transport) {
            (Position::RequestLost, Transport::Call | Transport::HeldCall)
            | (Position::ReplyLost, Transport::Event) => false,
            (Position::ReplyLost, Transport::Reply) => true,
            _ => return None,
        };
        Some(Decision::Late(Late { key: strike.key, answer, by_ms }))
    }

    /// The other answers to a question, in a run with these decisions. A customer changes its mind
    /// once, and a rule refuses one step of a run.
    pub(super) fn alternatives(question: &Question, so_far: &[Decision]) -> Vec<Decision> {
        let decided = |order: RequestId| {
            so_far
                .iter()
                .any(|one| matches!(one, Decision::Wants { order: of, .. } if *of == order))
        };
        let wants = |order, intents: &[Intent]| {
            let wants = |intent: &Intent| Decision::Wants { order, intent: *intent };
            if decided(order) { Vec::new() } else { intents.iter().map(wants).collect() }
        };
        match *question {
            Question::Placed(order) => wants(order, &ONCE_PLACED),
            Question::Paid(order) => wants(order, &[Intent::PayThenRefund]),
            Question::Break { strike, .. } if strike.position == Position::Refused => {
                let business =
                    |one: &Decision| matches!(one, Decision::Strikes(_)) && !one.is_fault();
                let refused = so_far.iter().any(business);
                if refused { Vec::new() } else { vec![Decision::Strikes(strike)] }
            }
            Question::Break { strike, transport } => {
                let mut faults = vec![Decision::Strikes(strike)];
                if lasting(&strike, transport) {
                    faults.push(Decision::Strikes(Strike { every_attempt: true, ..strike }));
                }
                faults
            }
        }
    }

    /// In words, for a person; the message tells a lost event from a lost reply.
    #[must_use]
    pub fn describe(&self, transport: Option<Transport>) -> String {
        match self {
            Decision::Wants { order, intent } => {
                let does = match intent {
                    Intent::Pay => "pays",
                    Intent::Abandon => "never pays",
                    Intent::Cancel => "cancels instead of paying",
                    Intent::CancelWhilePaying => "pays and cancels at the same moment",
                    Intent::PayThenRefund => "takes the sale back",
                };
                format!("the customer of order {} {does}", order.0)
            }
            Decision::Strikes(strike) => {
                let what = happens(strike, transport);
                let attempt = match (strike.every_attempt, strike.key.attempt()) {
                    (true, _) if strike.position == Position::Refused => String::new(),
                    (true, _) => ", on every attempt".to_owned(),
                    (false, 0) => String::new(),
                    (false, attempt) => format!(", on attempt {}", u32::from(attempt) + 1),
                };
                format!("{}: {what}{attempt}", place(strike.key))
            }
            Decision::Late(Late { key, answer, by_ms }) => {
                let what = match transport {
                    _ if *answer => "the reply",
                    Some(Transport::Event) => "the event",
                    _ => "the request",
                };
                let attempt = match key.attempt() {
                    0 => String::new(),
                    attempt => format!(" of attempt {}", u32::from(attempt) + 1),
                };
                format!("{}: {what}{attempt} is held back for {by_ms}ms", place(*key))
            }
            Decision::Schedule(number) => {
                format!("latencies and service times are drawn anew (schedule {number})")
            }
        }
    }
}

/// A caller tries a limited number of times, so that losing all of them ends; and what is late on
/// every attempt arrives in the end.
fn lasting(strike: &Strike, transport: Transport) -> bool {
    let first = strike.key.attempt() == 0 && transport != Transport::Event;
    let limited = !saga::unlimited(strike.key.step(), strike.key.turn());
    match strike.position {
        Position::LateRequest => first,
        Position::RequestLost | Position::ReplyLost => first && limited,
        Position::BeforeCommit
        | Position::AfterCommit
        | Position::LateReply
        | Position::AckLost
        | Position::Refused => false,
    }
}

fn happens(strike: &Strike, transport: Option<Transport>) -> &'static str {
    let event = transport == Some(Transport::Event);
    match (strike.position, strike.answer) {
        (Position::RequestLost, _) => "the request is lost",
        (Position::BeforeCommit, false) => "crash before the commit",
        (Position::BeforeCommit, true) => "the caller crashes before it takes in the answer",
        (Position::AfterCommit, false) => "crash after the commit, before anything is sent",
        (Position::AfterCommit, true) => {
            "the caller crashes with the answer taken in, before anything is sent"
        }
        (Position::ReplyLost, _) if event => "the event is lost",
        (Position::ReplyLost, _) => "the reply is lost",
        (Position::LateReply, _) => "the reply comes after the timeout",
        (Position::AckLost, _) => "the acknowledgement is lost, so it is delivered again",
        (Position::LateRequest, _) => "the request is held back past the last timeout",
        (Position::Refused, _) => "refused by a business rule",
    }
}

/// Where: `payment 1 of order 0, create-payment`.
fn place(key: Exchange) -> String {
    let (process, order, step) = (key.process().name(), key.request().0, step_name(key));
    match (key.n(), order) {
        (0, _) if process == "order" => format!("order {order}, {step}"),
        (0, _) => format!("{process} of order {order}, {step}"),
        (n, _) => format!("{process} {n} of order {order}, {step}"),
    }
}

/// The step of an exchange, its undo, or what is said about it.
#[must_use]
pub fn step_name(key: Exchange) -> String {
    let name = key.step().name();
    match key.turn() {
        Turn::Do => name.to_owned(),
        Turn::Undo => key.step().undo_name().unwrap_or(name).to_owned(),
        Turn::Said => format!("word of {name}"),
        Turn::Timer => format!("timer of {name}"),
        Turn::Ask => format!("ask for {name}"),
    }
}
