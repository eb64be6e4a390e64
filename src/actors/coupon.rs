//! Coupon: issue (limited, first come, first served, one to a customer), use, restore, list.

#![warn(clippy::wildcard_enum_match_arm)]

use super::domain::Domain;
use crate::domain::{
    At, Audited, CouponCommand, Datum, Discount, Exchange, Fact, Move, Outbox, Reason, RequestId,
    Service, Table,
};

/// What a customer's coupon of one campaign is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
enum Holding {
    /// Never issued.
    #[default]
    None,
    /// Can be used.
    Issued,
    /// Used by this order.
    Used(RequestId),
}

/// One campaign.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Campaign {
    discount: Discount,
    left: u32,
    holdings: Table<Holding>,
}

/// The state Coupon owns.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Coupons {
    campaigns: Vec<Campaign>,
}

impl Coupons {
    /// Campaigns as (discount, how many may be issued); the index is the campaign's id.
    #[must_use]
    pub fn new(campaigns: &[(Discount, u32)]) -> Self {
        let campaign = |&(discount, left)| Campaign { discount, left, holdings: Table::new() };
        Coupons { campaigns: campaigns.iter().map(campaign).collect() }
    }

    /// Issues a coupon before anything runs.
    pub fn issue_before(&mut self, coupon: u32, user: u32) {
        let issued = self.issue(coupon, user);
        debug_assert!(issued.is_ok(), "the plan issues within the limit, one to a user");
    }

    fn holding(&mut self, coupon: u32, user: u32) -> &mut Holding {
        self.campaigns[coupon as usize].holdings.at(user)
    }

    fn take(&mut self, order: RequestId, coupon: u32, user: u32) -> Result<(), Reason> {
        let holding = self.holding(coupon, user);
        match *holding {
            Holding::None => Err(Reason::CouponNotOwned),
            Holding::Used(_) => Err(Reason::CouponSpent),
            Holding::Issued => {
                *holding = Holding::Used(order);
                Ok(())
            }
        }
    }

    /// Whether the coupon was used by this order.
    fn give_back(&mut self, order: RequestId, coupon: u32, user: u32) -> bool {
        let holding = self.holding(coupon, user);
        let mine = *holding == Holding::Used(order);
        if mine {
            *holding = Holding::Issued;
        }
        mine
    }

    fn issue(&mut self, coupon: u32, user: u32) -> Result<(), Reason> {
        let campaign = &mut self.campaigns[coupon as usize];
        let holding = campaign.holdings.at(user);
        match *holding {
            Holding::Issued | Holding::Used(_) => Err(Reason::CouponAlreadyIssued),
            Holding::None if campaign.left == 0 => Err(Reason::CouponsSoldOut),
            Holding::None => {
                campaign.left -= 1;
                *holding = Holding::Issued;
                Ok(())
            }
        }
    }

    fn discount(&self, coupon: u32, subtotal: i64) -> i64 {
        match self.campaigns[coupon as usize].discount {
            Discount::Percent(percent) => (i128::from(subtotal) * i128::from(percent) / 100) as i64,
            Discount::Amount(amount) => amount.min(subtotal),
        }
    }
}

impl Domain for Coupons {
    type Command = CouponCommand;
    const AT: Service = Service::Coupon;

    fn step(&mut self, _: At, key: Exchange, command: &CouponCommand, out: &mut Outbox) -> Fact {
        match *command {
            CouponCommand::Use { user, coupon, .. } => {
                out.read(Datum::Coupon { coupon, user });
                if let Err(reason) = self.take(key.request(), coupon, user) {
                    return Fact::Refused(reason);
                }
                out.post(Move::Spend { coupon, user }, 1);
            }
            CouponCommand::Restore { user, coupon } => {
                if self.give_back(key.request(), coupon, user) {
                    out.post(Move::Spend { coupon, user }, -1);
                }
            }
            CouponCommand::Issue { user, coupon } => {
                out.read(Datum::Coupon { coupon, user });
                if let Err(reason) = self.issue(coupon, user) {
                    return Fact::Refused(reason);
                }
                out.post(Move::Issue { coupon, user }, 1);
            }
            CouponCommand::ListCoupons { .. } if out.reads.is_none() => {}
            CouponCommand::ListCoupons { user } => {
                let campaigns = 0..self.campaigns.len() as u32;
                campaigns.for_each(|coupon| out.read(Datum::Coupon { coupon, user }));
            }
        }
        self.answer(key, command)
    }

    fn answer(&self, _: Exchange, command: &CouponCommand) -> Fact {
        match *command {
            CouponCommand::Use { coupon, subtotal, .. } => {
                Fact::CouponUsed { discount: self.discount(coupon, subtotal) }
            }
            CouponCommand::Restore { .. } => Fact::CouponRestored,
            CouponCommand::Issue { .. } => Fact::CouponIssued,
            CouponCommand::ListCoupons { user } => {
                let held = self.campaigns.iter().zip(0..).filter_map(|(campaign, id)| {
                    let holding = campaign.holdings.get(user).copied().unwrap_or_default();
                    (holding == Holding::Issued).then_some((id, 1))
                });
                Fact::Listing(held.collect())
            }
        }
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        for (campaign, coupon) in self.campaigns.iter().zip(0..) {
            for (user, holding) in campaign.holdings.iter() {
                match *holding {
                    Holding::None => {}
                    Holding::Issued => say(Audited::Coupon { coupon, user, used_by: None }),
                    Holding::Used(order) => {
                        say(Audited::Coupon { coupon, user, used_by: Some(order) });
                    }
                }
            }
        }
    }
}
