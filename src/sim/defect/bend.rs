//! What defects are made of: roles around roles.

use crate::actors::choreography::Heard;
use crate::actors::gate::Receipt;
use crate::actors::{
    Article, Coupons, Domain, Owner, Participant, Products, Role, Rules, Users, choreography::React,
};
use crate::domain::{At, Audited, Outbox, Protection};
use crate::sim::plan::Plan;
use crate::sim::scenario::Campaign;

/// Does something else with what it hears.
struct Hears<I, F> {
    sound: Box<dyn Role<I>>,
    hear: F,
}

impl<I, F> Role<I> for Hears<I, F>
where
    I: 'static,
    F: FnMut(&mut dyn Role<I>, At, &Heard, I, &mut Outbox) -> Receipt + 'static,
{
    fn receive(&mut self, at: At, heard: &Heard, input: I, out: &mut Outbox) -> Receipt {
        (self.hear)(&mut *self.sound, at, heard, input, out)
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        self.sound.audit(say);
    }

    fn forget(&mut self, page: usize) {
        self.sound.forget(page);
    }

    fn crash(&mut self) {
        self.sound.crash();
    }

    fn owner(&mut self, owner: Owner) {
        self.sound.owner(owner);
    }
}

/// Shows other books than its own.
struct Shows<I, F> {
    sound: Box<dyn Role<I>>,
    show: F,
}

impl<I, F> Role<I> for Shows<I, F>
where
    I: 'static,
    F: Fn(&dyn Role<I>, &mut dyn FnMut(Audited)) + 'static,
{
    fn receive(&mut self, at: At, heard: &Heard, input: I, out: &mut Outbox) -> Receipt {
        self.sound.receive(at, heard, input, out)
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        (self.show)(&*self.sound, say);
    }

    fn forget(&mut self, page: usize) {
        self.sound.forget(page);
    }

    fn crash(&mut self) {
        self.sound.crash();
    }

    fn owner(&mut self, owner: Owner) {
        self.sound.owner(owner);
    }
}

/// Hands what it hears to `hear` instead of the sound role.
pub fn hears<I: 'static>(
    sound: Box<dyn Role<I>>,
    hear: impl FnMut(&mut dyn Role<I>, At, &Heard, I, &mut Outbox) -> Receipt + 'static,
) -> Box<dyn Role<I>> {
    Box::new(Hears { sound, hear })
}

/// Hears something else than it was told.
pub(super) fn mishears<I: 'static>(
    sound: Box<dyn Role<I>>,
    mut change: impl FnMut(I) -> I + 'static,
) -> Box<dyn Role<I>> {
    hears(sound, move |sound, at, heard, input, out| sound.receive(at, heard, change(input), out))
}

/// Never hears some of what it is told.
pub(super) fn ignores<I: 'static>(
    sound: Box<dyn Role<I>>,
    deaf: impl Fn(&I) -> bool + 'static,
) -> Box<dyn Role<I>> {
    hears(
        sound,
        move |sound, at, heard, input, out| {
            if deaf(&input) { Receipt::Fresh } else { sound.receive(at, heard, input, out) }
        },
    )
}

/// Says something else in its commits than it should.
pub(super) fn misstates<I: 'static>(
    sound: Box<dyn Role<I>>,
    mut change: impl FnMut(&Heard, &mut Outbox) + 'static,
) -> Box<dyn Role<I>> {
    hears(sound, move |sound, at, heard, input, out| {
        let receipt = sound.receive(at, heard, input, out);
        change(heard, out);
        receipt
    })
}

/// Does some of what it is told twice. The role must be naive, or it would notice.
pub(super) fn repeats<I: Clone + 'static>(
    naive: Box<dyn Role<I>>,
    twice: impl Fn(&I) -> bool + 'static,
) -> Box<dyn Role<I>> {
    hears(naive, move |naive, at, heard, input, out| {
        if twice(&input) {
            naive.receive(at, heard, input.clone(), out);
        }
        naive.receive(at, heard, input, out)
    })
}

/// Shows other books than its own.
pub fn shows<I: 'static>(
    sound: Box<dyn Role<I>>,
    show: impl Fn(&dyn Role<I>, &mut dyn FnMut(Audited)) + 'static,
) -> Box<dyn Role<I>> {
    Box::new(Shows { sound, show })
}

/// Shows some rows of its books changed, others not at all.
pub(super) fn miswrites<I: 'static>(
    sound: Box<dyn Role<I>>,
    change: impl Fn(Audited) -> Option<Audited> + 'static,
) -> Box<dyn Role<I>> {
    shows(sound, move |sound, say| {
        sound.audit(&mut |row| change(row).into_iter().for_each(&mut *say));
    })
}

/// The settings of a plan's actors.
pub(super) fn rules(plan: &Plan) -> Rules {
    Rules {
        coordination: plan.scenario.flow.coordination,
        compensate: plan.scenario.protection.compensate,
        omit: plan.scenario.flow.omit,
        on: plan.scenario.protection.switches,
    }
}

/// A domain behind a gate that remembers nothing.
pub(super) fn naive<D>(domain: D, plan: &Plan) -> Box<dyn Role<D::Command>>
where
    D: Domain,
    D::Command: React,
{
    forgetful(domain, plan, |on| {
        *on = Protection {
            inbox: false,
            idempotency_key: false,
            tombstone: false,
            ..Protection::ALL
        };
    })
}

/// A domain behind a gate that lacks something.
pub(super) fn forgetful<D>(
    domain: D,
    plan: &Plan,
    lack: fn(&mut Protection),
) -> Box<dyn Role<D::Command>>
where
    D: Domain,
    D::Command: React,
{
    let mut rules = rules(plan);
    lack(&mut rules.on);
    Box::new(Participant::new(domain, rules))
}

/// A domain behind its gate.
pub(super) fn gated<D>(domain: D, plan: &Plan) -> Box<dyn Role<D::Command>>
where
    D: Domain,
    D::Command: React,
{
    forgetful(domain, plan, |_| {})
}

/// The plan's catalogue, with some more units of everything.
pub(super) fn products(plan: &Plan, more: i64) -> Products {
    let article = |id| Article { price: plan.price(id), units: plan.stock(id) + more };
    Products::new((0..plan.products()).map(article).collect())
}

/// The plan's members, with some more money each.
pub(super) fn users(plan: &Plan, more: i64) -> Users {
    Users::new((0..plan.users()).map(|user| plan.balance(user) + more).collect())
}

/// The plan's campaigns, with some more coupons each.
pub(super) fn coupons(plan: &Plan, more: u32) -> Coupons {
    let campaign = |campaign: &Campaign| (campaign.discount, campaign.quantity + more);
    let campaigns: Vec<_> = plan.scenario.coupons.iter().map(campaign).collect();
    let mut coupons = Coupons::new(&campaigns);
    for (coupon, user) in plan.issued_coupons() {
        coupons.issue_before(coupon, user);
    }
    coupons
}

/// Takes the postings out of a commit that has only one effect.
pub(super) fn without_postings(out: &mut Outbox) {
    out.postings.clear();
    for effected in &mut out.effects {
        effected.postings_end = 0;
    }
}
