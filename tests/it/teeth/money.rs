//! Defects in User and Payment.

use super::bend::{
    gated, hears, mishears, misstates, miswrites, naive, repeats, shows, users, without_postings,
};
use super::world::{paid, paid_at_second_try, payments_fail, poor, refunded};
use sagasim::actors::host::Cast;
use sagasim::domain::{Audited, PaymentCommand, Process, Undoing, UserCommand};
use sagasim::sim::plan::Plan;
use std::cell::RefCell;
use std::rc::Rc;

super::teeth! {
    a_balance_that_is_not_looked_at_breaks_balance_never_negative:
        BalanceNeverNegative, poor, overdraw;
    a_payment_charged_twice_breaks_charged_at_most_once: ChargedAtMostOnce, paid, charge_twice;
    a_payment_charged_too_high_and_given_back_breaks_charged_at_most_once:
        ChargedAtMostOnce, payments_fail, charge_too_much;
    a_refund_of_more_than_the_charge_breaks_refund_within_charge:
        RefundWithinCharge, refunded, refund_too_much;
    a_refund_of_another_payment_breaks_refund_within_charge:
        RefundWithinCharge, paid_at_second_try, refund_another;
    a_charge_of_another_member_breaks_money_conserved: MoneyConserved, paid, charge_another;
    a_balance_other_than_its_postings_breaks_money_conserved:
        MoneyConserved, payments_fail, restore_more_in_state;
    a_member_missing_from_the_books_breaks_money_conserved: MoneyConserved, paid, lose_row;
    a_top_up_of_another_amount_breaks_money_conserved: MoneyConserved, poor, top_up_more;
    a_top_up_done_twice_breaks_money_conserved: MoneyConserved, poor, top_up_twice;
    money_never_given_back_breaks_nothing_held: NothingHeld, payments_fail, keep_money;
    a_payment_that_outlives_its_refund_breaks_completed_means_paid_once:
        CompletedMeansPaidOnce, refunded, keep_payment;
    a_payment_of_another_amount_breaks_completed_means_paid_once:
        CompletedMeansPaidOnce, paid, another_amount;
}

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

fn top_up_twice(mut cast: Cast, plan: &Plan) -> Cast {
    let tops_up = |command: &UserCommand| matches!(command, UserCommand::TopUp { .. });
    cast.user = repeats(naive(users(plan, 0), plan), tops_up);
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
