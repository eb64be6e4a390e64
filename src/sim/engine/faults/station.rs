//! What faults do to services: crash, pause, slow down, refuse.

use super::{Faults, Occasion, does};
use crate::domain::{Coordination, Envelope, Service};
use crate::sim::engine::chance::Chance;
use crate::sim::scenario::{Fault, FaultKind, FaultPosition, Services, Target};

impl Faults {
    /// Whether a service crashes while it handles a message, and for how long, in nanoseconds.
    pub(in crate::sim::engine) fn crash(
        &mut self,
        position: FaultPosition,
        (envelope, copy, coupon): (&Envelope, u8, bool),
        now_ns: u64,
        chance: &Chance,
    ) -> Option<u64> {
        let occasion = Occasion::of(envelope, copy);
        let load_ns = self.load_ns;
        let mut longest_ns = None;
        for (declared, index) in self.each() {
            let FaultKind::Crash { restart_ns: Some(restart_ns) } = declared.fault.kind else {
                continue;
            };
            let mine = match declared.fault.target {
                Target::Step { step, undo, position: there } => {
                    there == position && does(envelope, step, undo, coupon)
                }
                Target::Services(services) => {
                    position == FaultPosition::BeforeCommit && services.contains(envelope.body.to())
                }
                Target::Link { .. } => false,
            };
            if mine && declared.strikes(occasion, now_ns, load_ns, (chance, index)).is_some() {
                declared.hits += 1;
                longest_ns = longest_ns.max(Some(restart_ns));
            }
        }
        longest_ns
    }

    /// How long a service that would take `service_ns` takes, in nanoseconds.
    pub(in crate::sim::engine) fn service_ns(
        &mut self,
        (envelope, copy, coupon): (&Envelope, u8, bool),
        service_ns: u64,
        now_ns: u64,
        chance: &Chance,
    ) -> u64 {
        let occasion = Occasion::of(envelope, copy);
        let (service, load_ns) = (envelope.body.to(), self.load_ns);
        let mut slow_ns = service_ns as f64;
        for (declared, index) in self.each() {
            let FaultKind::Slow { factor } = declared.fault.kind else { continue };
            let mine = match declared.fault.target {
                Target::Step { step, undo, .. } => does(envelope, step, undo, coupon),
                Target::Services(services) => services.contains(service),
                Target::Link { .. } => false,
            };
            if mine && declared.strikes(occasion, now_ns, load_ns, (chance, index)).is_some() {
                declared.hits += 1;
                slow_ns *= factor;
            }
        }
        // A cast from a double saturates; a day is longer than any service.
        let slow_ns = if slow_ns == service_ns as f64 { service_ns } else { slow_ns as u64 };
        self.around_pauses(service, slow_ns.min(86_400_000_000_000), now_ns) - now_ns
    }

    /// When a service that begins now ends: it stands still during pauses.
    fn around_pauses(&mut self, service: Service, service_ns: u64, now_ns: u64) -> u64 {
        let (mut at_ns, mut left_ns) = (now_ns, service_ns);
        while let Some((index, from_ns, until_ns)) = self.next_pause(service, at_ns, now_ns) {
            let before_ns = from_ns.saturating_sub(at_ns);
            // What ends at the very moment of the pause is done.
            if before_ns >= left_ns && before_ns > 0 {
                break;
            }
            left_ns -= before_ns;
            at_ns = until_ns;
            self.declared[index].hits += 1;
        }
        at_ns + left_ns
    }

    /// The first pause of a service that ends after an instant: which fault, from, until. For
    /// work begun at `begun_ns`: the standby of an orchestrator does not stand still.
    fn next_pause(&self, service: Service, at_ns: u64, begun_ns: u64) -> Option<(usize, u64, u64)> {
        let pauses = self.declared.iter().enumerate().filter_map(|(index, declared)| {
            let fault = &declared.fault;
            let mine = fault.kind == FaultKind::Pause && services(fault).contains(service);
            let replaced = |from_ns: u64, until_ns: u64| {
                let lease_ns = self.lease_ns.filter(|_| service == Service::Orchestrator);
                lease_ns.is_some_and(|lease_ns| {
                    let over_ns = from_ns.saturating_add(lease_ns);
                    over_ns < until_ns && begun_ns >= over_ns
                })
            };
            let mut windows = fault.windows_after(at_ns, self.load_ns).filter(|_| mine);
            windows
                .find(|(from_ns, until_ns)| !replaced(*from_ns, *until_ns))
                .map(|(from_ns, until_ns)| (index, from_ns, until_ns))
        });
        pauses.min_by_key(|(index, from_ns, _)| (*from_ns, *index))
    }

    /// Until when a service stands still, if it does.
    pub(in crate::sim::engine) fn paused_until(
        &self,
        service: Service,
        now_ns: u64,
    ) -> Option<u64> {
        let (_, from_ns, until_ns) = self.next_pause(service, now_ns, now_ns)?;
        let lease_ns = self.lease_ns.filter(|_| service == Service::Orchestrator);
        let over_ns = lease_ns.map_or(u64::MAX, |lease_ns| from_ns.saturating_add(lease_ns));
        (from_ns <= now_ns).then_some(until_ns.min(over_ns))
    }

    /// Whether a service refuses whatever comes.
    pub(in crate::sim::engine) fn turns_away(
        &mut self,
        envelope: &Envelope,
        copy: u8,
        now_ns: u64,
        chance: &Chance,
    ) -> bool {
        let occasion = Occasion::of(envelope, copy);
        let (service, load_ns) = (envelope.body.to(), self.load_ns);
        let mut refused = false;
        for (declared, index) in self.each() {
            if closes(&declared.fault)
                && services(&declared.fault).contains(service)
                && declared.strikes(occasion, now_ns, load_ns, (chance, index)).is_some()
            {
                declared.hits += 1;
                refused = true;
            }
        }
        refused
    }

    /// Whether some fault makes a service refuse what comes.
    pub(in crate::sim::engine) fn guards(&self, service: Service) -> bool {
        let mut faults = self.declared.iter().map(|declared| &declared.fault);
        !self.calm && faults.any(|fault| closes(fault) && services(fault).contains(service))
    }

    /// When each fault that begins by itself does so for the first time: a crash for a window, or
    /// the standby that replaces a paused orchestrator.
    pub(in crate::sim::engine) fn beginnings(&self) -> Vec<(usize, u64)> {
        let next = |index: usize| Some((index, self.begins(index, 0)?));
        (0..self.declared.len()).filter_map(next).collect()
    }

    /// When a fault begins by itself, from an instant on.
    pub(in crate::sim::engine) fn begins(&self, index: usize, from_ns: u64) -> Option<u64> {
        let declared = self.declared.get(index).filter(|declared| declared.applies)?;
        let fault = &declared.fault;
        let mut windows = fault.windows_after(from_ns, self.load_ns);
        match fault.kind {
            FaultKind::Crash { restart_ns: None } => {
                windows.map(|(at_ns, _)| at_ns).find(|at_ns| *at_ns >= from_ns)
            }
            FaultKind::Pause if services(fault).contains(Service::Orchestrator) => {
                let lease_ns = self.lease_ns?;
                let over = |(at_ns, until_ns): (u64, u64)| {
                    let over_ns = at_ns.saturating_add(lease_ns);
                    (over_ns < until_ns && over_ns >= from_ns).then_some(over_ns)
                };
                windows.find_map(over)
            }
            _ => None,
        }
    }

    /// A fault that begins by itself has begun: the services that crash, and until when.
    pub(in crate::sim::engine) fn begun(
        &mut self,
        index: usize,
        now_ns: u64,
        coordination: Coordination,
    ) -> (Vec<Service>, u64) {
        let load_ns = self.load_ns;
        let declared = &mut self.declared[index];
        if declared.fault.kind == FaultKind::Pause {
            return (Vec::new(), now_ns);
        }
        declared.hits += 1;
        let window = declared.fault.windows_after(now_ns, load_ns).next();
        let there = services(&declared.fault).iter().filter(|one| one.takes_part(coordination));
        (there.collect(), window.map_or(now_ns, |(_, until_ns)| until_ns))
    }
}

/// The services of a fault that is about services.
fn services(fault: &Fault) -> Services {
    match fault.target {
        Target::Services(services) => services,
        Target::Step { .. } | Target::Link { .. } => Services::default(),
    }
}

const fn closes(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::QueueFull | FaultKind::RedisDown | FaultKind::PlatformDown)
}
