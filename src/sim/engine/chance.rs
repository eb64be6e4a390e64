//! Keyed decisions of the bus. A decision is a function of the seed and of what is decided; a run
//! is (scenario, seed, planted strikes), and taking one strike away redraws nothing else.

use crate::domain::{Exchange, Transport};
use crate::sim::decide::mix;

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
    pub(super) fn new(seed: u64) -> Self {
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

/// The seven places where an exchange can break.
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

/// The planted strikes of a run. Usually none, and then asking costs one comparison.
#[derive(Clone, Debug, Default)]
pub(super) struct Strikes {
    planted: Vec<(Strike, u64)>,
}

impl Strikes {
    pub(super) fn new(strikes: &[Strike]) -> Self {
        Strikes { planted: strikes.iter().map(|strike| (*strike, 0)).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.planted.is_empty()
    }

    /// Whether this delivery breaks here. What the bus itself delivers again is left alone, so
    /// that what was lost once is not lost for ever.
    #[inline]
    pub(super) fn hits(
        &mut self,
        key: Exchange,
        copy: u8,
        position: Position,
        answer: bool,
    ) -> bool {
        !self.planted.is_empty() && copy == 0 && self.find(key, position, answer)
    }

    #[cold]
    fn find(&mut self, key: Exchange, position: Position, answer: bool) -> bool {
        let hit = self.planted.iter_mut().find(|(strike, _)| {
            let same = if strike.every_attempt {
                strike.key.identity() == key.identity()
            } else {
                strike.key.bits() == key.bits()
            };
            same && (strike.position, strike.answer) == (position, answer)
        });
        if let Some((_, hits)) = hit {
            *hits += 1;
            return true;
        }
        false
    }

    /// Each planted strike with the number of its hits.
    pub(super) fn hit_counts(&self) -> Vec<(Strike, u64)> {
        self.planted.clone()
    }
}
