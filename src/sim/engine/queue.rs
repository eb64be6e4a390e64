//! What happens when: a timing wheel over a slab of events.

use super::parts::Parts;
use super::wheel::Wheel;
use crate::domain::Envelope;
use std::collections::VecDeque;

/// What an event is about to do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum What {
    /// The message reaches its addressee.
    Arrive,
    /// The service of the message ends.
    Done,
    /// The call is sent again.
    Resend,
    /// The callee was too busy for the call.
    Busy,
    /// The customer acts.
    Act,
    /// A user of a closed load places the next order.
    Visit,
    /// The next unit of background traffic.
    Traffic,
    /// A crashed service is up again.
    Restart,
    /// What was lost, or not sent, comes again.
    Relay,
    /// The caller stood still when the call timed out.
    Overdue,
    /// The caller's own transport says that nobody answered.
    Unanswered,
    /// A declared fault begins.
    Fault,
}

/// A message and its times.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) envelope: Envelope,
    pub(super) what: What,
    /// How often the bus itself delivered this again.
    pub(super) copy: u8,
    /// The incarnation of the service that serves it.
    pub(super) life: u32,
    pub(super) sent_ns: u64,
    pub(super) arrived_ns: u64,
    pub(super) begun_ns: u64,
    /// What its chain had spent when it was sent.
    pub(super) parts: Parts,
}

/// Index of an event in the slab.
pub(super) type Slot = u32;

/// Events by instant.
#[derive(Debug)]
pub(super) struct Queue {
    wheel: Wheel,
    slab: Vec<Option<Event>>,
    free: Vec<Slot>,
}

impl Queue {
    /// `few`: for a run of a few orders.
    pub(super) fn new(few: bool) -> Self {
        let wheel = if few { Wheel::of_few() } else { Wheel::default() };
        Queue { wheel, slab: Vec::new(), free: Vec::new() }
    }

    #[inline]
    pub(super) fn store(&mut self, event: Event) -> Slot {
        if let Some(slot) = self.free.pop() {
            self.slab[slot as usize] = Some(event);
            return slot;
        }
        self.slab.push(Some(event));
        (self.slab.len() - 1) as Slot
    }

    /// Lets a stored event happen at an instant. It must not be scheduled already.
    #[inline]
    pub(super) fn schedule(&mut self, at_ns: u64, tie: u32, slot: Slot) {
        self.wheel.add(at_ns, tie, slot);
    }

    /// The earliest entry that is not after an instant, as (instant and tie).
    #[inline]
    pub(super) fn peek_until(&mut self, until_ns: u64) -> Option<u128> {
        self.wheel.first_until(until_ns).map(|entry| entry >> 32 << 32)
    }

    /// Takes what `peek_until` showed.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Slot> {
        self.wheel.take().map(|entry| entry as Slot)
    }

    #[inline]
    pub(super) fn event(&mut self, slot: Slot) -> &mut Event {
        self.slab[slot as usize].as_mut().expect("a slot in use holds an event")
    }

    #[inline]
    pub(super) fn take(&mut self, slot: Slot) -> Event {
        self.free.push(slot);
        self.slab[slot as usize].take().expect("a slot in use holds an event")
    }

    /// The event of a slot, if it is in use.
    pub(super) fn get(&self, slot: Slot) -> Option<&Event> {
        self.slab.get(slot as usize).and_then(Option::as_ref)
    }

    /// Every event that is stored, with its slot.
    pub(super) fn slots(&self) -> impl Iterator<Item = (Slot, &Event)> {
        (0..).zip(&self.slab).filter_map(|(slot, event)| Some((slot, event.as_ref()?)))
    }

    /// Every event that is stored.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Event> {
        self.slab.iter().flatten()
    }

    /// Events stored, scheduled or waiting somewhere.
    pub(super) fn live(&self) -> usize {
        self.slab.len() - self.free.len()
    }
}

/// An instant and a tie as one number that sorts like both.
pub(super) const fn instant(at_ns: u64, tie: u32) -> u128 {
    (at_ns as u128) << 64 | (tie as u128) << 32
}

/// Timers of one constant length: first in, first out, no heap.
#[derive(Debug)]
pub(super) struct Lane<T> {
    length_ns: u64,
    timers: VecDeque<(u64, T)>,
}

impl<T> Lane<T> {
    pub(super) const fn new(length_ns: u64) -> Self {
        Lane { length_ns, timers: VecDeque::new() }
    }

    /// Sets a timer; returns when it is due. Before the lane grows, timers nobody waits for are
    /// dropped: most calls are answered long before they time out.
    pub(super) fn arm(&mut self, now_ns: u64, timer: T, mut live: impl FnMut(&T) -> bool) -> u64 {
        let due_ns = now_ns.saturating_add(self.length_ns);
        if self.timers.len() == self.timers.capacity() {
            self.timers.retain(|(_, timer)| live(timer));
            self.timers.reserve(self.timers.len() + 1);
        }
        self.timers.push_back((due_ns, timer));
        due_ns
    }

    /// Drops timers nobody waits for from the front and says when the first live one is due.
    pub(super) fn due(&mut self, mut live: impl FnMut(&T) -> bool) -> Option<u128> {
        while let Some((due_ns, timer)) = self.timers.front() {
            if live(timer) {
                return Some(instant(*due_ns, 0));
            }
            self.timers.pop_front();
        }
        None
    }

    /// The timers that are set, live or not.
    pub(super) fn timers(&self) -> impl Iterator<Item = &T> {
        self.timers.iter().map(|(_, timer)| timer)
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        self.timers.pop_front().map(|(_, timer)| timer)
    }
}
