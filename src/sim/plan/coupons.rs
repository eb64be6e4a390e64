//! Coupons issued before the run, in the order of the plan.

use super::{Plan, Source};
use crate::sim::scenario::Issue;

/// Rounds of a closed load that are looked at for wishes.
const ROUNDS: u32 = 64;

/// Who got a coupon before the run: a bit per user and campaign.
#[derive(Clone, Debug, Default)]
pub(super) struct Issued {
    users: Vec<Vec<u64>>,
}

impl Issued {
    /// Issues the coupons of every campaign that issues before the run: first come, first served
    /// in the order of the plan, one to a user, among those who will want to use one.
    pub(super) fn before(plan: &Plan) -> Self {
        let campaigns = &plan.scenario.coupons;
        let words = plan.users().div_ceil(64) as usize;
        let mut left: Vec<u32> = campaigns
            .iter()
            .map(|campaign| if campaign.issue == Issue::Before { campaign.quantity } else { 0 })
            .collect();
        let mut issued = Issued { users: vec![vec![0; words]; campaigns.len()] };
        if left.iter().all(|&left| left == 0) {
            return issued;
        }
        for (user, coupon) in wishers(plan) {
            let word = &mut issued.users[coupon as usize][user as usize / 64];
            let bit = 1 << (user % 64);
            if *word & bit == 0 && left[coupon as usize] > 0 {
                *word |= bit;
                left[coupon as usize] -= 1;
                if left.iter().all(|&left| left == 0) {
                    break;
                }
            }
        }
        issued
    }

    /// The same among some of the users, by their places.
    pub(super) fn among(&self, users: &[u32]) -> Self {
        let words = users.len().div_ceil(64);
        let mut issued = Issued { users: vec![vec![0; words]; self.users.len()] };
        for (coupon, words) in (0..).zip(&mut issued.users) {
            for (place, user) in users.iter().enumerate() {
                words[place / 64] |= u64::from(self.has(coupon, *user)) << (place % 64);
            }
        }
        issued
    }

    pub(super) fn has(&self, coupon: u32, user: u32) -> bool {
        self.users[coupon as usize][user as usize / 64] & (1 << (user % 64)) != 0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.users.iter().zip(0u32..).flat_map(|(words, coupon)| {
            words.iter().zip(0u32..).flat_map(move |(&word, at)| {
                (0..64)
                    .filter(move |bit| word & (1 << bit) != 0)
                    .map(move |bit| (coupon, at * 64 + bit))
            })
        })
    }
}

/// Those who wish for a coupon: arrivals in their order, then the users of closed loads, round by
/// round.
fn wishers(plan: &Plan) -> impl Iterator<Item = (u32, u32)> {
    let users = plan.crowds.last().map_or(0, |crowd| crowd.users.end);
    let visits =
        (0..ROUNDS).flat_map(move |k| (0..users).map(move |user| Source::Visit { user, k }));
    plan.every_arrival().chain(visits).filter_map(|source| plan.wisher(source))
}
