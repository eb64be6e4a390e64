//! Direct calls of the same handlers, without actix: the differential twin of the virtual bus.

use super::Finished;
use super::outage::Notice;
use super::world::World;
use crate::actors::Owner;
use crate::actors::choreography::Heard;
use crate::actors::gate::Receipt;
use crate::actors::host::Cast;
use crate::domain::{At, Envelope, Outbox, Service};

/// A world and its actors, one input at a time.
pub(super) struct Direct {
    pub(super) world: World,
    cast: Cast,
    /// What the last handler said and nobody has committed yet.
    pub(super) out: Outbox,
}

impl Direct {
    pub(super) fn new(world: World, cast: Cast) -> Self {
        let out = cast.outbox();
        Direct { world, cast, out }
    }

    /// The next input for a handler; none: the run is over.
    pub(super) fn next(&mut self) -> Option<(At, Envelope)> {
        let next = self.world.next();
        for notice in self.world.notices.drain(..) {
            match notice {
                Notice::Crashed(service) => self.cast.crash(service),
                Notice::TakenOver => self.cast.owner(Owner::Standby),
                Notice::Replaced => self.cast.owner(Owner::Replaced),
            }
        }
        next
    }

    /// Its addressee handles it.
    pub(super) fn handle(&mut self, at: At, envelope: Envelope) -> (Service, Heard, Receipt) {
        let service = envelope.body.to();
        let (heard, receipt) = self.cast.receive(at, envelope, &mut self.out);
        (service, heard, receipt)
    }

    /// What it said is committed.
    pub(super) fn commit(&mut self, (service, heard, receipt): (Service, Heard, Receipt)) {
        self.world.commit(service, &heard, receipt, &mut self.out);
        if let Some(page) = self.world.forgettable() {
            self.cast.forget(page);
        }
    }

    /// Goes on to the end; every owner shows its books.
    pub(super) fn run(mut self) -> Finished {
        while let Some((at, envelope)) = self.next() {
            let handled = self.handle(at, envelope);
            self.commit(handled);
        }
        let mut reckoning = self.world.reckon();
        self.cast.audit(&mut |row| reckoning.audited(row));
        self.world.finish(reckoning)
    }
}
