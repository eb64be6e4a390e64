//! Background traffic: the domains' other duties, kept alive beside the checkout.

use super::queue::What;
use super::world::World;
use crate::domain::{
    Body, Coordination, CouponCommand, Exchange, MonolithInput, Process, ProductCommand,
    RankingCommand, RequestId, Service, Step, Turn, UserCommand,
};
use crate::sim::decide::{mix, unit};

/// The duties, in the order of their rates.
const DUTIES: [Step; 5] =
    [Step::TopUp, Step::ListCoupons, Step::ListProducts, Step::PopularProducts, Step::ChangePrice];

/// Most that a background top-up charges: a common limit per charge in shops of this kind.
const LARGEST_TOP_UP: i64 = 100_000;
const SMALLEST_TOP_UP: i64 = 1_000;

impl World {
    fn rate_per_s(&self, duty: Step) -> f64 {
        let traffic = &self.plan.scenario.traffic;
        match duty {
            Step::TopUp => traffic.top_up_per_s,
            Step::ListCoupons => traffic.list_coupons_per_s,
            Step::ListProducts => traffic.list_products_per_s,
            Step::PopularProducts => traffic.popular_products_per_s,
            _ => traffic.change_price_per_s,
        }
    }

    /// Schedules the first unit of each duty.
    pub(super) fn start_traffic(&mut self) {
        for duty in DUTIES {
            self.next_unit(duty);
        }
    }

    /// Poisson arrivals while the load lasts.
    fn next_unit(&mut self, duty: Step) {
        let rate_per_s = self.rate_per_s(duty);
        if rate_per_s <= 0.0 {
            return;
        }
        let id = RequestId(self.traffic);
        self.traffic += 1;
        let key = Exchange::new(id, Process::Traffic, 0, duty, Turn::Do);
        let luck = unit(mix(self.plan.seed, key.bits()));
        let gap_ns = (-libm::log1p(-luck) * 1e9 / rate_per_s) as u64;
        if self.now_ns.saturating_add(gap_ns) < self.plan.duration_ns {
            self.later(gap_ns, What::Traffic, key, Service::Customer);
        }
    }

    /// A unit of traffic arrives; the next one is scheduled.
    pub(super) fn unit_of_traffic(&mut self, key: &Exchange) {
        let body = self.duty(*key);
        self.ask(*key, body);
        self.next_unit(key.step());
    }

    fn duty(&self, key: Exchange) -> Body {
        let luck = mix(self.plan.seed ^ 0x6475_7479, key.bits());
        let pick = |count: u32| (((luck >> 32) * u64::from(count)) >> 32) as u32;
        let user = pick(self.plan.users());
        match key.step() {
            Step::TopUp => {
                let range = (LARGEST_TOP_UP - SMALLEST_TOP_UP) as u64;
                let amount = SMALLEST_TOP_UP + (((luck & 0xffff_ffff) * range) >> 32) as i64;
                self.to_user(UserCommand::TopUp { user, amount })
            }
            Step::ListCoupons => self.to_coupons(CouponCommand::ListCoupons { user }),
            Step::PopularProducts => {
                let today = self.plan.calendar.today(self.now_ns);
                Body::Ranking(RankingCommand::PopularProducts { today })
            }
            Step::ListProducts => {
                let from = pick(self.plan.products());
                self.to_product(ProductCommand::ListProducts { from })
            }
            _ => {
                let product = pick(self.plan.products());
                let old = self.plan.price(product);
                let price = old + old * (luck & 0xff) as i64 / 2_560 - old / 20;
                self.to_product(ProductCommand::ChangePrice { product, price })
            }
        }
    }

    fn monolithic(&self) -> bool {
        self.coordination() == Coordination::Monolith
    }

    pub(super) fn to_user(&self, command: UserCommand) -> Body {
        if self.monolithic() {
            Body::Monolith(MonolithInput::User(command))
        } else {
            Body::User(command)
        }
    }

    pub(super) fn to_coupons(&self, command: CouponCommand) -> Body {
        if self.monolithic() {
            Body::Monolith(MonolithInput::Coupon(command))
        } else {
            Body::Coupon(command)
        }
    }

    fn to_product(&self, command: ProductCommand) -> Body {
        if self.monolithic() {
            Body::Monolith(MonolithInput::Product(command))
        } else {
            Body::Product(command)
        }
    }
}
