//! The steps and their compensations.

use super::{MatrixRow, wrapped};
use crate::domain::Step;

/// What a step does, in one sentence.
#[must_use]
pub const fn step_meaning(step: Step) -> &'static str {
    match step {
        Step::DeductStock => "Product takes the units off the stock, all lines or none.",
        Step::CreateOrder => "Order stores the order.",
        Step::UseCoupon => "Coupon marks the customer's coupon as used and tells the discount.",
        Step::SetFinalAmount => "Order stores the amount to pay and opens the payment window.",
        Step::DeductBalance => "User takes the money off the balance, or refuses.",
        Step::CreatePayment => "Payment stores the payment.",
        Step::CompleteOrder => "Order becomes completed: from here a payment only goes forward.",
        Step::PublishOrder => "The sale goes to the data platform.",
        Step::RankProducts => "The sale goes to the ranking of popular products.",
        Step::CloseOrder => "Order stops accepting payment, because of expiry or cancellation.",
        Step::StartRefund => "Order takes a completed sale back: from here it is given back.",
        Step::FinishRefund => "Order records that money and coupon are back.",
        Step::PublishRefund => "The refund goes to the data platform.",
        Step::UnrankProducts => "The refunded units leave the ranking on the day of sale.",
        Step::IssueCoupon => "Coupon gives a coupon to a customer: limited, one each.",
        Step::TopUp => "A customer charges the balance.",
        Step::ListCoupons => "A customer lists the coupons held.",
        Step::ListProducts => "A customer lists products with their exact stock.",
        Step::PopularProducts => "A customer asks for the top five of three days.",
        Step::ChangePrice => "The shop changes a price; orders already placed keep theirs.",
    }
}

/// One line per step.
#[must_use]
pub fn list_steps() -> String {
    Step::ALL
        .into_iter()
        .map(|step| {
            let meaning = wrapped(step_meaning(step), 19);
            format!("{:<18} {}", step.name(), meaning.trim_start())
        })
        .collect()
}

/// A step or a compensation, and where the flow uses it; none: no step has this name.
#[must_use]
pub fn explain_step(name: &str, rows: &[MatrixRow]) -> Option<String> {
    let step = Step::ALL.into_iter().find(|step| step.name() == name);
    let undone = Step::ALL.into_iter().find(|step| step.undo_name() == Some(name));
    let mut text = match (step, undone) {
        (Some(step), _) => format!("{name} (step)\n\n{}", wrapped(step_meaning(step), 2)),
        (None, Some(step)) => {
            let what = format!("Undoes {}: {}", step.name(), step_meaning(step));
            format!("{name} (compensation)\n\n{}", wrapped(&what, 2))
        }
        (None, None) => return None,
    };
    if let Some(undo) = step.and_then(Step::undo_name) {
        text.push_str(&format!("  Undone by {undo}.\n"));
    }
    let uses: Vec<String> = rows.iter().filter_map(|row| usage(row, name)).collect();
    if !uses.is_empty() {
        text.push_str(&format!("\nIn the flow:\n{}", uses.concat()));
    }
    Some(text)
}

fn usage(row: &MatrixRow, name: &str) -> Option<String> {
    if row.step == name {
        Some(format!("  {} process: a {} step of {}\n", row.process, row.kind, row.service))
    } else if row.undo == Some(name) {
        Some(format!("  {} process: undoes {} in {}\n", row.process, row.step, row.service))
    } else {
        None
    }
}
