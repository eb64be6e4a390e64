//! What an explorer plants in a run, and what it hears from it.

use super::Options;
use super::chance::{Position, Strike};
use super::world::World;
use crate::domain::{Exchange, RequestId, Service, Step, Steps, Transport, saga};

/// A place where a run could have gone another way, in the order of asking.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Question {
    /// An exchange breaks here, or a rule refuses it.
    Break {
        /// The strike that would do it, on this attempt only.
        strike: Strike,
        /// How the message travels.
        transport: Transport,
    },
    /// The customer was told the amount: now the intent matters.
    Placed(RequestId),
    /// The customer has paid: now it matters whether the sale is taken back.
    Paid(RequestId),
}

impl Options {
    /// Whether messages may break or be late, or somebody wants to know where they could.
    pub(super) const fn breaks(&self) -> bool {
        self.listen || !self.strikes.is_empty() || !self.late.is_empty()
    }
}

impl World {
    /// Whether this delivery breaks here; its story tells.
    #[inline]
    pub(super) fn breaks(
        &mut self,
        message: (Exchange, Transport),
        copy: u8,
        position: Position,
    ) -> bool {
        if self.strikes.asleep() || !self.strikes.hits(message, copy, position) {
            return false;
        }
        self.stories.breaks(self.now_ns, message.0, position);
        true
    }

    /// What is refused in a delivery: what is ruled already, or else what is planted.
    pub(super) fn planted_refusals(
        &mut self,
        service: Service,
        step: Exchange,
        ruled: Steps,
    ) -> Steps {
        match service {
            Service::Orchestrator => ruled,
            Service::Monolith => self.planted_in_transaction(step, ruled),
            Service::Product
            | Service::Order
            | Service::Coupon
            | Service::User
            | Service::Payment
            | Service::Platform
            | Service::Ranking
            | Service::Customer => self.planted_refusal(step).unwrap_or(ruled),
        }
    }

    fn planted_refusal(&mut self, step: Exchange) -> Option<Steps> {
        let refused = saga::refusable(step.step(), step.turn()) && self.strikes.refuse(step);
        refused.then(|| Steps::NONE.with(step.step()))
    }

    /// A transaction goes no further than the first refusal. Without a coupon there is none to use.
    fn planted_in_transaction(&mut self, first: Exchange, ruled: Steps) -> Steps {
        let coupon = self.books.presents(first.request());
        for row in saga::rows(first.process()) {
            if ruled.contains(row.step) {
                return ruled;
            }
            if row.step == Step::UseCoupon && !coupon {
                continue;
            }
            if let Some(refused) = self.planted_refusal(first.to(row.step, row.turn)) {
                return refused;
            }
        }
        ruled
    }
}
