//! Defects in Product.

use super::bend::{hears, ignores, mishears, miswrites, naive, products, repeats};
use super::world::{cancelled, last_unit, paid};
use sagasim::actors::Role;
use sagasim::actors::gate::Receipt;
use sagasim::actors::host::Cast;
use sagasim::domain::{
    Audited, Basket, Body, Effect, Line, Move, ProductCommand, Reason, Service, SharedBasket,
    Transport, Word,
};
use sagasim::sim::plan::Plan;

super::teeth! {
    a_restore_that_is_skipped_breaks_nothing_held: NothingHeld, cancelled, skip;
    a_restore_done_twice_breaks_undo_follows_its_effect: UndoFollowsItsEffect, cancelled, twice;
    a_decrement_long_after_its_check_breaks_stock_never_negative:
        StockNeverNegative, last_unit, late;
    units_of_another_product_given_back_break_stock_conserved: StockConserved, cancelled, other;
    units_of_another_product_in_the_state_alone_break_stock_conserved:
        StockConserved, cancelled, other_in_state;
    a_product_missing_from_the_catalogue_breaks_stock_conserved: StockConserved, paid, lose_row;
}

fn restores(command: &ProductCommand) -> bool {
    matches!(command, ProductCommand::RestoreStock { .. })
}

fn skip(mut cast: Cast, _: &Plan) -> Cast {
    cast.product = ignores(cast.product, restores);
    cast
}

fn twice(mut cast: Cast, plan: &Plan) -> Cast {
    cast.product = repeats(naive(products(plan, 0), plan), restores);
    cast
}

/// The sound actor has so many more units that it never refuses; they are not shown.
const MORE: i64 = 1_000;

fn units(product: &dyn Role<ProductCommand>, wanted: u32) -> i64 {
    let mut found = -MORE;
    product.audit(&mut |row| {
        if let Audited::Stock { product, units } = row
            && product == wanted
        {
            found += units;
        }
    });
    found
}

/// Checks on request, answers, and takes the units in a later commit, without looking again.
fn late(mut cast: Cast, plan: &Plan) -> Cast {
    let plenty = naive(products(plan, MORE), plan);
    let late = hears(plenty, |sound, at, heard, input, out| match &input {
        ProductCommand::DeductStock { basket } if heard.transport == Transport::Call => {
            let short = |line: &Line| units(sound, line.product) < i64::from(line.quantity);
            if basket.lines.iter().any(short) {
                out.close_effect(heard.key, Effect::Refused);
                let word = Word::Refused(Reason::OutOfStock);
                heard.reply(Service::Product, Body::Customer(word), out);
            } else {
                heard.reply(Service::Product, Body::Customer(Word::Accepted), out);
                out.event(Service::Product, heard.key, Body::Product(input.clone()));
            }
            Receipt::Fresh
        }
        _ => sound.receive(at, heard, input, out),
    });
    cast.product = miswrites(late, |row| match row {
        Audited::Stock { product, units } => Some(Audited::Stock { product, units: units - MORE }),
        row => Some(row),
    });
    cast
}

fn lose_row(mut cast: Cast, _: &Plan) -> Cast {
    cast.product = miswrites(cast.product, |row| {
        Some(row).filter(|row| !matches!(row, Audited::Stock { product: 0, .. }))
    });
    cast
}

fn shifted(basket: &Basket, products: u32) -> SharedBasket {
    let shift = |line: &Line| Line { product: (line.product + 1) % products, ..*line };
    let lines = basket.lines.iter().map(shift).collect();
    Basket::new(basket.user, basket.coupon(), lines).into()
}

fn other(mut cast: Cast, plan: &Plan) -> Cast {
    let products = plan.products();
    cast.product = mishears(cast.product, move |input| match input {
        ProductCommand::RestoreStock { basket } => {
            ProductCommand::RestoreStock { basket: shifted(&basket, products) }
        }
        input => input,
    });
    cast
}

fn other_in_state(mut cast: Cast, plan: &Plan) -> Cast {
    let products = plan.products();
    cast.product = hears(cast.product, move |sound, at, heard, input, out| {
        let ProductCommand::RestoreStock { basket } = input else {
            return sound.receive(at, heard, input, out);
        };
        let wrong = ProductCommand::RestoreStock { basket: shifted(&basket, products) };
        let receipt = sound.receive(at, heard, wrong, out);
        for (posting, line) in out.postings.iter_mut().zip(&basket.lines) {
            posting.between = Move::Hold { product: line.product };
        }
        receipt
    });
    cast
}
