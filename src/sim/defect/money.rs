//! Defects in User and Payment.

use super::bend::{
    forgetful, gated, hears, ignores, mishears, misstates, miswrites, naive, repeats, shows, users,
    without_postings,
};
use super::{CHOREOGRAPHY, Defect};
use crate::actors::host::Cast;
use crate::domain::{Audited, PaymentCommand, Process, RequestId, Undoing, UserCommand};
use crate::sim::check::Law;
use crate::sim::plan::Plan;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The defects.
pub(super) const DEFECTS: &[Defect] = &[
    Defect::new(
        "balance-not-looked-at",
        Law::BalanceNeverNegative,
        overdraw,
        "User takes money that the balance does not have.",
        "a floor that nobody checks",
    ),
    Defect::new(
        "charged-twice",
        Law::ChargedAtMostOnce,
        charge_twice,
        "User takes the money of a payment twice.",
        "a retried payment that charges again",
    )
    .by(0),
    Defect::new(
        "charged-too-much",
        Law::ChargedAtMostOnce,
        charge_too_much,
        "User takes one unit of money too many, and gives as much back if the payment fails.",
        "a rounding error in a charge",
    )
    .by(0),
    Defect::new(
        "refund-too-high",
        Law::RefundWithinCharge,
        refund_too_much,
        "User gives back more for a refund than was paid.",
        "a rounding error in a refund",
    )
    .by(1),
    Defect::new(
        "refund-of-another-payment",
        Law::RefundWithinCharge,
        refund_another,
        "A refund is booked on the payment that failed before.",
        "a refund with the wrong key",
    ),
    Defect::new(
        "foreign-refund",
        Law::MoneyConserved,
        refund_foreign,
        "A payment that fails gives back the money of the first order that the member paid.",
        "medusajs/medusa#15527",
    ),
    Defect::new(
        "another-member-charged",
        Law::MoneyConserved,
        charge_another,
        "User takes the money from the next member.",
        "a wrong customer id",
    )
    .by(0),
    Defect::new(
        "balance-unlike-its-postings",
        Law::MoneyConserved,
        restore_more_in_state,
        "User gives back more than it says.",
        "a ledger written beside the balance, not with it",
    )
    .by(1),
    Defect::new(
        "member-row-lost",
        Law::MoneyConserved,
        lose_row,
        "User's books lack the first member.",
        "a row lost by a migration",
    )
    .by(0),
    Defect::new(
        "top-up-of-another-amount",
        Law::MoneyConserved,
        top_up_more,
        "A top-up adds more than was charged.",
        "a fee that is added instead of taken",
    ),
    Defect::new(
        "top-up-twice",
        Law::MoneyConserved,
        top_up_twice,
        "A top-up is added twice.",
        "a webhook that is handled twice",
    ),
    Defect::new(
        "money-kept",
        Law::NothingHeld,
        keep_money,
        "User is told to give money back, says so, and does not.",
        "GoogleCloudPlatform/microservices-demo: charge, ship, no refund",
    )
    .by(1),
    Defect::new(
        "payment-outlives-its-refund",
        Law::CompletedMeansPaidOnce,
        keep_payment,
        "Payment says that it is cancelled, and keeps it.",
        "a status set in one table of two",
    )
    .by(1),
    Defect::new(
        "payment-of-another-amount",
        Law::CompletedMeansPaidOnce,
        another_amount,
        "Payment stores another amount than was taken.",
        "an amount read again after a change",
    )
    .by(0),
    Defect::new(
        "payment-acknowledged-unhandled",
        Law::NothingHeld,
        swallow,
        "Payment fails to store a payment, logs that, and acknowledges the message.",
        "dotnet/eShop: exceptions of handlers are logged, messages acknowledged",
    )
    .at(CHOREOGRAPHY)
    .by(0),
    Defect::new(
        "balance-answers-forgotten",
        Law::ChargedAtMostOnce,
        forget_answers,
        "User takes the money again when it is asked again.",
        "idempotency keys that are missing",
    )
    .by(1)
    .within(1_000),
];

/// The sound actor has so much more money that it never refuses; it is not shown.
const MORE: i64 = 1_000_000_000;

fn overdraw(mut cast: Cast, plan: &Plan) -> Cast {
    cast.user = miswrites(gated(users(plan, MORE), plan), |row| match row {
        Audited::Balance { user, money } => Some(Audited::Balance { user, money: money - MORE }),
        row => Some(row),
    });
    cast
}

fn charge_twice(mut cast: Cast, plan: &Plan) -> Cast {
    let deducts = |command: &UserCommand| matches!(command, UserCommand::DeductBalance { .. });
    cast.user = repeats(naive(users(plan, 0), plan), deducts);
    cast
}

fn charge_too_much(mut cast: Cast, _: &Plan) -> Cast {
    cast.user = mishears(cast.user, |input| match input {
        UserCommand::DeductBalance { user, amount } => {
            UserCommand::DeductBalance { user, amount: amount + 1 }
        }
        input => input,
    });
    cast
}

fn refund_too_much(mut cast: Cast, _: &Plan) -> Cast {
    cast.user = mishears(cast.user, |input| match input {
        UserCommand::RestoreBalance { user, amount, after: Undoing::Refund } => {
            UserCommand::RestoreBalance { user, amount: amount + 1, after: Undoing::Refund }
        }
        input => input,
    });
    cast
}

/// The money goes back on behalf of the payment that failed before.
fn refund_another(mut cast: Cast, _: &Plan) -> Cast {
    cast.user = misstates(cast.user, |_, out| {
        let refunds = out
            .effects
            .iter_mut()
            .filter(|effected| effected.key.process() == Process::Refund && effected.key.n() > 1);
        refunds.for_each(|effected| effected.key = effected.key.with_n(effected.key.n() - 1));
    });
    cast
}

fn charge_another(mut cast: Cast, plan: &Plan) -> Cast {
    let users = plan.users();
    cast.user = mishears(cast.user, move |input| match input {
        UserCommand::DeductBalance { user, amount } => {
            UserCommand::DeductBalance { user: (user + 1) % users, amount }
        }
        input => input,
    });
    cast
}

fn lose_row(mut cast: Cast, _: &Plan) -> Cast {
    cast.user = miswrites(cast.user, |row| {
        Some(row).filter(|row| !matches!(row, Audited::Balance { user: 0, .. }))
    });
    cast
}

fn top_up_more(mut cast: Cast, _: &Plan) -> Cast {
    cast.user = mishears(cast.user, |input| match input {
        UserCommand::TopUp { user, amount } => UserCommand::TopUp { user, amount: amount + 1 },
        input => input,
    });
    cast
}

fn top_up_twice(mut cast: Cast, _: &Plan) -> Cast {
    cast.user = mishears(cast.user, |input| match input {
        UserCommand::TopUp { user, amount } => UserCommand::TopUp { user, amount: 2 * amount },
        input => input,
    });
    cast
}

fn restore_more_in_state(mut cast: Cast, _: &Plan) -> Cast {
    cast.user = hears(cast.user, |sound, at, heard, input, out| {
        let UserCommand::RestoreBalance { user, amount, after } = input else {
            return sound.receive(at, heard, input, out);
        };
        let wrong = UserCommand::RestoreBalance { user, amount: amount + 1, after };
        let receipt = sound.receive(at, heard, wrong, out);
        out.postings.iter_mut().for_each(|posting| posting.amount = -amount);
        receipt
    });
    cast
}

/// Says that the money is back, and keeps it.
fn keep_money(mut cast: Cast, _: &Plan) -> Cast {
    cast.user = mishears(cast.user, |input| match input {
        UserCommand::RestoreBalance { user, after, .. } => {
            UserCommand::RestoreBalance { user, amount: 0, after }
        }
        input => input,
    });
    cast
}

/// Says that the payment is cancelled, and keeps it.
fn keep_payment(mut cast: Cast, _: &Plan) -> Cast {
    let kept = Rc::new(RefCell::new(Vec::new()));
    let keep = Rc::clone(&kept);
    let keeps = hears(cast.payment, move |sound, at, heard, input, out| {
        let cancelled = match input {
            PaymentCommand::Cancel { amount, .. } => Some(amount),
            PaymentCommand::Create { .. } => None,
        };
        let receipt = sound.receive(at, heard, input, out);
        if let Some(money) = cancelled {
            without_postings(out);
            let (order, n) = (heard.key.request(), heard.key.n());
            keep.borrow_mut().push(Audited::Payment { order, n, money });
        }
        receipt
    });
    cast.payment = shows(keeps, move |sound, say| {
        sound.audit(say);
        kept.borrow().iter().for_each(|row| say(*row));
    });
    cast
}

fn another_amount(mut cast: Cast, _: &Plan) -> Cast {
    cast.payment = miswrites(cast.payment, |row| match row {
        Audited::Payment { order, n, money } => {
            Some(Audited::Payment { order, n, money: money + 1 })
        }
        row => Some(row),
    });
    cast
}

fn refund_foreign(mut cast: Cast, _: &Plan) -> Cast {
    let mut first = BTreeMap::<u32, RequestId>::new();
    cast.user = hears(cast.user, move |sound, at, heard, input, out| {
        let foreign = match input {
            UserCommand::DeductBalance { user, .. } => {
                first.entry(user).or_insert(heard.key.request());
                None
            }
            UserCommand::RestoreBalance { user, after: Undoing::Payment(_), .. } => {
                first.get(&user).copied()
            }
            UserCommand::RestoreBalance { .. } | UserCommand::TopUp { .. } => None,
        };
        let receipt = sound.receive(at, heard, input, out);
        for effected in &mut out.effects {
            effected.key = effected.key.with_request(foreign.unwrap_or(effected.key.request()));
        }
        receipt
    });
    cast
}

fn swallow(mut cast: Cast, _: &Plan) -> Cast {
    let creates = |command: &PaymentCommand| matches!(command, PaymentCommand::Create { .. });
    cast.payment = ignores(cast.payment, creates);
    cast
}

fn forget_answers(mut cast: Cast, plan: &Plan) -> Cast {
    cast.user = forgetful(users(plan, 0), plan, |on| on.idempotency_key = false);
    cast
}
