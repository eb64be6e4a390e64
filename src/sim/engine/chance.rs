//! Keyed decisions of the bus. A decision is a function of the seed and of what is decided; a run
//! is (scenario, seed, planted strikes), and taking one strike away redraws nothing else.

use super::Options;
use super::planted::Question;
use crate::domain::{Exchange, RequestId, Transport};
use crate::sim::decide::mix;
use crate::sim::plan::Intent;

/// Where chance is asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub(super) enum Site {
    /// Latency of a hop.
    Network,
    /// Service time.
    Service,
    /// Which of two events at the same instant comes first.
    Tie,
    /// Jitter of a pause before a retry.
    Jitter,
    /// Whether a declared fault strikes.
    Fault,
}

const SITES: usize = 5;

/// Draws by key.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    seeds: [u64; SITES],
}

impl Chance {
    /// Schedule 0 is the seed's own.
    pub(super) fn new(seed: u64, schedule: u32) -> Self {
        let seed = if schedule == 0 { seed } else { mix(seed, u64::from(schedule)) };
        Chance { seeds: std::array::from_fn(|site| mix(seed, 0x6368_616e_6365_0000 | site as u64)) }
    }

    /// 64 uniform bits for this decision; `salt` tells apart what the key does not.
    #[inline]
    pub(super) fn draw(&self, site: Site, key: Exchange, salt: u8) -> u64 {
        let seed = self.seeds[site as usize].rotate_left(u32::from(salt));
        mix(seed, key.bits())
    }

    /// Latency of a hop: each copy of each kind of message has its own.
    #[inline]
    pub(super) fn hop(&self, key: Exchange, transport: Transport, copy: u8) -> u64 {
        self.draw(Site::Network, key, (copy & 7) * 8 + transport as u8)
    }

    /// Order among events of one instant that nothing else was drawn for.
    pub(super) fn tie(&self, key: Exchange, salt: u8) -> u32 {
        tie(self.draw(Site::Tie, key, salt))
    }
}

/// Order among events of one instant: never the order of their making. The low half of the draw
/// that decided the instant: a distribution looks at the high half first.
#[inline]
pub(super) const fn tie(luck: u64) -> u32 {
    luck as u32
}

/// The seven places where an exchange can break, and the one where a rule may refuse it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Position {
    /// (a) The request is lost.
    RequestLost,
    /// (b) The receiver crashes before its commit.
    BeforeCommit,
    /// (c) The receiver crashes after its commit, before it publishes or replies.
    AfterCommit,
    /// (d) What the commit sent back or on is lost once: the reply, or the event.
    ReplyLost,
    /// (e) The reply comes later than the caller's timeout.
    LateReply,
    /// (f) The acknowledgement is lost, so the message is delivered again.
    AckLost,
    /// (g) The request is held back past the caller's last timeout.
    LateRequest,
    /// (r) A business rule refuses the step before its effect, on every attempt.
    Refused,
}

impl Position {
    /// Every position, in the order of the exchange; the refusal last.
    pub const ALL: [Position; 8] = [
        Position::RequestLost,
        Position::BeforeCommit,
        Position::AfterCommit,
        Position::ReplyLost,
        Position::LateReply,
        Position::AckLost,
        Position::LateRequest,
        Position::Refused,
    ];

    /// The letter that maps and certificates use.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Position::RequestLost => 'a',
            Position::BeforeCommit => 'b',
            Position::AfterCommit => 'c',
            Position::ReplyLost => 'd',
            Position::LateReply => 'e',
            Position::AckLost => 'f',
            Position::LateRequest => 'g',
            Position::Refused => 'r',
        }
    }

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Position::RequestLost => "request-lost",
            Position::BeforeCommit => "before-commit",
            Position::AfterCommit => "after-commit",
            Position::ReplyLost => "reply-lost",
            Position::LateReply => "late-reply",
            Position::AckLost => "ack-lost",
            Position::LateRequest => "late-request",
            Position::Refused => "refused",
        }
    }

    /// The kind of fault, as a scenario would declare it.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Position::RequestLost | Position::ReplyLost => "drop",
            Position::BeforeCommit | Position::AfterCommit => "crash",
            Position::LateReply | Position::LateRequest => "latency",
            Position::AckLost => "duplicate",
            Position::Refused => "error",
        }
    }
}

/// One planted fault: this exchange breaks at this position.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Strike {
    /// Which exchange.
    pub key: Exchange,
    /// Where.
    pub position: Position,
    /// True: every attempt; false: the attempt in the key.
    pub every_attempt: bool,
    /// True: it is the caller that breaks, while it handles the answer (before or after its
    /// commit, or its acknowledgement); false: the receiver of the request.
    pub answer: bool,
}

impl Strike {
    /// A business rule refuses the step.
    #[must_use]
    pub const fn refusal(key: Exchange) -> Self {
        let key = key.with_attempt(0);
        Strike { key, position: Position::Refused, every_attempt: true, answer: false }
    }
}

/// One message that is held back on its way, so that others overtake it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Late {
    /// Which exchange, and which attempt.
    pub key: Exchange,
    /// True: the reply; false: the request, or the event.
    pub answer: bool,
    /// For how long, in milliseconds.
    pub by_ms: u32,
}

/// The planted strikes of a run. Usually none, and then asking costs one comparison.
#[derive(Clone, Debug, Default)]
pub(super) struct Strikes {
    planted: Vec<(Strike, u64)>,
    /// What customers want instead of what the plan says.
    intents: Vec<(RequestId, Intent)>,
    /// Messages that are held back.
    late: Vec<Late>,
    /// What was asked, if somebody wants to know.
    asked: Option<Vec<Question>>,
    /// Something is planted, or somebody wants to know.
    awake: bool,
}

impl Strikes {
    pub(super) fn new(options: &Options) -> Self {
        Strikes {
            planted: options.strikes.iter().map(|strike| (*strike, 0)).collect(),
            intents: options.intents.clone(),
            late: options.late.clone(),
            asked: options.listen.then(|| Vec::with_capacity(256)),
            awake: options.breaks(),
        }
    }

    /// Nothing is planted, and nobody wants to know.
    pub(super) const fn asleep(&self) -> bool {
        !self.awake
    }

    /// Whether this delivery breaks here. What the bus itself delivers again is left alone, so
    /// that what was lost once is not lost for ever.
    #[inline]
    pub(super) fn hits(
        &mut self,
        (key, transport): (Exchange, Transport),
        copy: u8,
        position: Position,
    ) -> bool {
        self.awake && copy == 0 && self.strikes(key, transport, position)
    }

    /// At these positions it is the caller that breaks, if the message is an answer.
    #[cold]
    fn strikes(&mut self, key: Exchange, transport: Transport, position: Position) -> bool {
        let at_receiver =
            matches!(position, Position::BeforeCommit | Position::AfterCommit | Position::AckLost);
        let answer = transport == Transport::Reply && at_receiver;
        let strike = Strike { key, position, every_attempt: false, answer };
        // An event has one way to be lost.
        if !(transport == Transport::Event && position == Position::RequestLost) {
            self.ask(Question::Break { strike, transport });
        }
        self.find(strike)
    }

    /// How long this message is held back, in nanoseconds.
    pub(super) fn late_ns(&self, (key, transport): (Exchange, Transport), copy: u8) -> u64 {
        let answer = transport == Transport::Reply;
        let mut late = self.late.iter();
        let late = late.find(|late| copy == 0 && late.key == key && late.answer == answer);
        late.map_or(0, |late| u64::from(late.by_ms) * 1_000_000)
    }

    /// Whether the step is refused.
    pub(super) fn refuse(&mut self, key: Exchange) -> bool {
        let strike = Strike::refusal(key);
        self.ask(Question::Break { strike, transport: Transport::Call });
        self.planted.iter().any(|(planted, _)| *planted == strike)
    }

    /// A step was refused.
    pub(super) fn refused(&mut self, key: Exchange) {
        if self.awake {
            self.find(Strike::refusal(key));
        }
    }

    fn find(&mut self, asked: Strike) -> bool {
        let hit = self.planted.iter_mut().find(|(strike, _)| {
            let same = if strike.every_attempt {
                strike.key.identity() == asked.key.identity()
            } else {
                strike.key.bits() == asked.key.bits()
            };
            same && (strike.position, strike.answer) == (asked.position, asked.answer)
        });
        if let Some((_, hits)) = hit {
            *hits += 1;
            return true;
        }
        false
    }

    /// Notes a place where the run could go another way.
    #[inline]
    pub(super) fn ask(&mut self, question: Question) {
        if let Some(asked) = &mut self.asked {
            asked.push(question);
        }
    }

    /// What the customer wants instead of what the plan says.
    #[inline]
    pub(super) fn intent(&self, order: RequestId) -> Option<Intent> {
        self.intents.iter().find(|(customer, _)| *customer == order).map(|(_, intent)| *intent)
    }

    /// Each planted strike with the number of its hits, and what was asked.
    pub(super) fn into_figures(self) -> (Vec<(Strike, u64)>, Vec<Question>) {
        (self.planted, self.asked.unwrap_or_default())
    }
}
