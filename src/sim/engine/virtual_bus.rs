//! The virtual bus: actors in one actix system on one thread, one delivery at a time.

use super::outage::Notice;
use super::world::World;
use super::{Broken, Finished};
use crate::actors::Owner;
use crate::actors::choreography::Heard;
use crate::actors::gate::Receipt;
use crate::actors::host::{Audit, Bus, Cast, Flow};
use crate::domain::{Audited, Outbox, Service};
use crate::sim::check::Reckoning;
use actix::Recipient;
use std::cell::RefCell;
use std::rc::Rc;
use tokio::sync::oneshot;

/// The world, the actors, and the word that the run is over.
struct Stage {
    /// Taken when the run is over.
    world: Option<World>,
    /// Taken at the end: it closes a circle of references.
    flow: Option<Flow>,
    over: Option<oneshot::Sender<Result<(), Broken>>>,
    /// Takes the owners' books once the run is over.
    reckoning: Option<Reckoning>,
}

impl Stage {
    /// Hands the next input to its actor, or ends the run.
    fn go_on(&mut self) {
        let (Some(world), Some(flow)) = (&mut self.world, &self.flow) else { return };
        if let Some(page) = world.forgettable() {
            flow.forget(page);
        }
        let next = world.next();
        if !world.notices.is_empty() {
            world.notices.drain(..).for_each(|notice| tell(flow, notice));
        }
        match next {
            Some((at, envelope)) => flow.deliver(at, envelope),
            None => self.end(Ok(())),
        }
    }

    fn end(&mut self, how: Result<(), Broken>) {
        if let Some(over) = self.over.take() {
            // The receiver waits until this is sent.
            let _ = over.send(how);
        }
    }
}

fn tell(flow: &Flow, notice: Notice) {
    match notice {
        Notice::Crashed(service) => flow.crash(service),
        Notice::TakenOver => flow.owner(Owner::Standby),
        Notice::Replaced => flow.owner(Owner::Replaced),
    }
}

/// The bus as the actors see it.
#[derive(Clone)]
struct VirtualBus(Rc<RefCell<Stage>>);

impl Bus for VirtualBus {
    fn committed(&self, at: Service, heard: &Heard, receipt: Receipt, out: &mut Outbox) {
        let mut stage = self.0.borrow_mut();
        if let Some(world) = &mut stage.world {
            world.commit(at, heard, receipt, out);
        }
        stage.go_on();
    }

    fn audited(&self, row: Audited) {
        if let Some(reckoning) = &mut self.0.borrow_mut().reckoning {
            reckoning.audited(row);
        }
    }

    fn broken(&self, at: Service) {
        if let Ok(mut stage) = self.0.try_borrow_mut() {
            let at_ns = stage.world.as_ref().map_or(0, World::now_ns);
            stage.end(Err(Broken::Panicked { service: at, at_ns }));
        }
    }
}

/// Runs the world with one actix actor per part, in a system of its own.
pub(super) fn run(world: World, cast: Cast, then: impl FnOnce(Result<Finished, Broken>)) {
    actix::System::new().block_on(async move {
        let (over, when_over) = oneshot::channel();
        let stage = Stage { world: Some(world), flow: None, over: Some(over), reckoning: None };
        let bus = VirtualBus(Rc::new(RefCell::new(stage)));
        let flow = Flow::start(cast, &bus);
        let auditors = flow.auditors();
        bus.0.borrow_mut().flow = Some(flow);
        bus.0.borrow_mut().go_on();
        let how = when_over.await;
        then(match how {
            Ok(Err(broken)) => Err(broken),
            Ok(Ok(())) | Err(_) => reckon(&bus, &auditors).await,
        });
        // The circle is opened: every actor stops when its last address goes.
        bus.0.borrow_mut().flow = None;
    });
}

/// Every owner shows its books, one after another.
async fn reckon(
    bus: &VirtualBus,
    auditors: &[(Service, Recipient<Audit>)],
) -> Result<Finished, Broken> {
    let mut world = bus.0.borrow_mut().world.take().expect("nobody else takes the world");
    bus.0.borrow_mut().reckoning = Some(world.reckon());
    for (service, auditor) in auditors {
        // An owner that is gone was dropped by a panic. Without its books nothing is proved.
        if auditor.send(Audit).await.is_err() {
            return Err(Broken::Panicked { service: *service, at_ns: world.now_ns() });
        }
    }
    let reckoning = bus.0.borrow_mut().reckoning.take().expect("nobody else takes it");
    Ok(world.finish(reckoning))
}
