//! Acceptances: answers that say nothing but that the final word will follow.

use super::world::World;
use crate::domain::{Body, Envelope, Transport, Word};

impl World {
    /// A request was accepted, and the customer will hear so before the call times out. Nobody does
    /// anything then: all there is to it is that the call is over. So no event is made of it, for
    /// two messages an order would be kept and sorted for nothing. False: it goes the usual way.
    pub(super) fn only_accepts(&mut self, envelope: &Envelope, at_ns: u64) -> bool {
        let Envelope { key, transport, body: Body::Customer(Word::Accepted), .. } = *envelope
        else {
            return false;
        };
        if transport != Transport::Reply || !self.calls.answered_in_time(key, at_ns) {
            return false;
        }
        self.trace(at_ns, key.bits() ^ (transport as u64) << 60);
        self.messages.delivered += 1;
        self.stories.heard(at_ns, key, &Word::Accepted);
        true
    }
}
