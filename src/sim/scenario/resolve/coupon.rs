//! `[[coupon]]`.

use super::super::diagnostics::Diagnostic;
use super::super::file::{CouponFile, File};
use super::super::{Campaign, Discount, Issue, limits};
use super::{Sink, required_text, unique};
use toml::Spanned;

pub(super) fn coupons(file: &File, sink: &mut Sink) -> Vec<Campaign> {
    unique(file.coupon.iter().filter_map(|coupon| coupon.get_ref().name.as_ref()), "coupons", sink);
    file.coupon.iter().map(|coupon| campaign(coupon, sink)).collect()
}

fn campaign(coupon: &Spanned<CouponFile>, sink: &mut Sink) -> Campaign {
    let place = coupon.span();
    let file = coupon.get_ref();
    if file.quantity.is_none() {
        sink.missing(place.clone(), "quantity", "quantity = 1_000");
    }
    let issues = [("before", Issue::Before), ("on-demand", Issue::OnDemand)];
    Campaign {
        name: required_text(&file.name, "name", "name = \"ten-percent\"", place, sink),
        discount: discount(coupon, sink),
        quantity: sink.whole(&file.quantity, &limits::COUPONS, 1),
        issue: sink.word(&file.issue, "issue", &issues, Issue::Before),
    }
}

const DISCOUNT_EXAMPLE: &str = "discount = { percent = 10 } or discount = { amount = 3_000 }";

fn discount(coupon: &Spanned<CouponFile>, sink: &mut Sink) -> Discount {
    let fallback = Discount::Percent(1);
    let Some(field) = &coupon.get_ref().discount else {
        sink.missing(coupon.span(), "discount", DISCOUNT_EXAMPLE);
        return fallback;
    };
    let file = field.get_ref();
    match (&file.percent, &file.amount) {
        (percent @ Some(_), None) => Discount::Percent(sink.whole(percent, &limits::PERCENT, 1)),
        (None, amount @ Some(_)) => Discount::Amount(sink.whole(amount, &limits::DISCOUNT, 1)),
        (Some(_), Some(_)) => {
            let problem = Diagnostic::at(field.span(), "a discount is a percentage or an amount");
            sink.add(problem.label("both are given").help(DISCOUNT_EXAMPLE));
            fallback
        }
        (None, None) => {
            sink.missing(field.span(), "percent", DISCOUNT_EXAMPLE);
            fallback
        }
    }
}
