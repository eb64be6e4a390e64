//! What faults do to messages on their way.

use super::{Faults, Occasion, asks};
use crate::domain::{Envelope, Transport};
use crate::sim::decide::mix;
use crate::sim::engine::chance::Chance;
use crate::sim::scenario::{Direction, Fault, FaultKind, FaultPosition, Target};

/// Tells the jitter of a fault from its decision.
const JITTER: u64 = 0x6a69_7474_6572;

/// What becomes of a message that is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::sim::engine) struct Passage {
    /// It is lost.
    pub(in crate::sim::engine) lost: bool,
    /// It is later by this, in nanoseconds.
    pub(in crate::sim::engine) late_ns: u64,
    /// Later messages of the same order may be there first.
    pub(in crate::sim::engine) overtaken: bool,
    /// It arrives a second time, later by this, in nanoseconds.
    pub(in crate::sim::engine) again_ns: Option<u64>,
}

impl Faults {
    /// Rules on a message. Latencies add up; what is lost is not late.
    pub(in crate::sim::engine) fn passage(
        &mut self,
        envelope: &Envelope,
        copy: u8,
        now_ns: u64,
        chance: &Chance,
    ) -> Passage {
        let mut passage = Passage::default();
        if self.calm || envelope.transport == Transport::Timer {
            return passage;
        }
        let occasion = Occasion::of(envelope, copy);
        let load_ns = self.load_ns;
        let mut struck: u64 = 0;
        for (declared, index) in self.each() {
            let kind = declared.fault.kind;
            if !concerns(&declared.fault, envelope) {
                continue;
            }
            let Some(luck) = declared.strikes(occasion, now_ns, load_ns, (chance, index)) else {
                continue;
            };
            struck |= 1 << index;
            let luck = mix(luck, JITTER);
            match kind {
                FaultKind::Drop | FaultKind::Partition { .. } => passage.lost = true,
                FaultKind::Latency { add_ns, jitter_ns } => {
                    passage.late_ns += add_ns + below(jitter_ns, luck);
                    passage.overtaken |= matches!(declared.fault.target, Target::Step { .. });
                }
                FaultKind::Reorder { within_ns } => {
                    passage.late_ns += below(within_ns, luck);
                    passage.overtaken = true;
                }
                FaultKind::Duplicate { delay_ns } => {
                    passage.again_ns = Some(passage.again_ns.unwrap_or(0).max(delay_ns));
                }
                FaultKind::Error
                | FaultKind::Crash { .. }
                | FaultKind::Pause
                | FaultKind::Slow { .. }
                | FaultKind::QueueFull
                | FaultKind::RedisDown
                | FaultKind::PlatformDown => {}
            }
        }
        self.count(struck, passage.lost);
        passage
    }

    /// Counts the hits: of a message that is lost, those of what lost it.
    fn count(&mut self, struck: u64, lost: bool) {
        for (declared, index) in self.each() {
            let loses =
                matches!(declared.fault.kind, FaultKind::Drop | FaultKind::Partition { .. });
            declared.hits += u64::from(struck & 1 << index != 0 && (loses || !lost));
        }
    }
}

/// An even draw from 0 to a length.
fn below(length_ns: u64, luck: u64) -> u64 {
    let wide = u128::from(length_ns) * u128::from(luck >> 32);
    (wide >> 32) as u64
}

/// Whether a fault of a message's way is about this message.
fn concerns(fault: &Fault, envelope: &Envelope) -> bool {
    let (from, to) = (envelope.from, envelope.body.to());
    let direction = match fault.kind {
        FaultKind::Latency { .. }
        | FaultKind::Drop
        | FaultKind::Duplicate { .. }
        | FaultKind::Reorder { .. } => None,
        FaultKind::Partition { direction } => Some(direction),
        FaultKind::Error
        | FaultKind::Crash { .. }
        | FaultKind::Pause
        | FaultKind::Slow { .. }
        | FaultKind::QueueFull
        | FaultKind::RedisDown
        | FaultKind::PlatformDown => return false,
    };
    match fault.target {
        Target::Step { step, undo, position } => {
            asks(envelope, step, undo, position == FaultPosition::Reply)
        }
        // A message to oneself does not touch the network.
        Target::Link { .. } | Target::Services(_) if from == to => false,
        Target::Link { from: one, to: other, both } => {
            (from, to) == (one, other) || both && (to, from) == (one, other)
        }
        Target::Services(services) => {
            let (inside, outside) = (services.contains(to), services.contains(from));
            match direction {
                None => inside || outside,
                Some(Direction::In) => inside && !outside,
                Some(Direction::Out) => outside && !inside,
                Some(Direction::Both) => inside != outside,
            }
        }
    }
}
