//! Defects in Product.

use super::bend::{
    forgetful, gated, hears, ignores, mishears, miswrites, naive, products, repeats,
};
use super::{CHOREOGRAPHY, Defect, EVERYWHERE};
use crate::actors::Role;
use crate::actors::gate::Receipt;
use crate::actors::host::Cast;
use crate::domain::{
    Audited, Basket, Body, Effect, Line, Move, OrderCommand, ProductCommand, Reason, Service,
    SharedBasket, Transport, Word,
};
use crate::sim::check::Law;
use crate::sim::plan::Plan;

/// The defects.
pub(super) const DEFECTS: &[Defect] = &[
    Defect::new(
        "stock-not-restored",
        Law::NothingHeld,
        skip,
        "Product is told to give units back, and does not.",
        "medusajs/medusa#13625",
    ).by(1),
    Defect::new(
        "stock-restored-twice",
        Law::UndoFollowsItsEffect,
        twice,
        "Product gives the same units back twice.",
        "Adyen/adyen-magento2#1174",
    ).by(1),
    Defect::new(
        "stock-checked-then-taken",
        Law::StockNeverNegative,
        late,
        "Product looks whether there is enough, says yes, and takes the units later without looking again.",
        "medusajs/medusa#16825",
    ).at(CHOREOGRAPHY),
    Defect::new(
        "stock-taken-as-far-as-it-goes",
        Law::StockConserved,
        short,
        "Product takes what there is, and says that it took what was ordered.",
        "dotnet/eShop#888",
    ).at(CHOREOGRAPHY),
    Defect::new(
        "other-product-restored",
        Law::StockConserved,
        other,
        "Product gives back units of the next product.",
        "an undo with the wrong key",
    ).by(1),
    Defect::new(
        "other-product-in-state",
        Law::StockConserved,
        other_in_state,
        "Product posts the right undo, and gives back units of the next product.",
        "an undo with the wrong key",
    ).by(1),
    Defect::new(
        "product-row-lost",
        Law::StockConserved,
        lose_row,
        "Product's books lack the first product.",
        "a row lost by a migration",
    ).by(0),
    Defect::new(
        "stock-events-forgotten",
        Law::StockConserved,
        forget_events,
        "Product does again what comes again.",
        "an inbox that is missing",
    ).at(CHOREOGRAPHY).by(2).within(1_000),
    Defect::new(
        "unit-missing",
        Law::StockConserved,
        miss_unit,
        "The books show one unit of the first product less than there is.",
        "nothing: the canary, which no run survives",
    ).at(EVERYWHERE).by(0),
];

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
    let mut found = 0;
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
    let plenty = gated(products(plan, MORE), plan);
    let late = hears(plenty, |sound, at, heard, input, out| match &input {
        ProductCommand::DeductStock { basket } if heard.transport == Transport::Call => {
            let short = |line: &Line| units(sound, line.product) - MORE < i64::from(line.quantity);
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

fn short(mut cast: Cast, _: &Plan) -> Cast {
    cast.product = hears(cast.product, |sound, at, heard, input, out| {
        let ProductCommand::DeductStock { basket } = input else {
            return sound.receive(at, heard, input, out);
        };
        let there = |line: &Line| {
            let most = u32::try_from(units(sound, line.product)).unwrap_or_default();
            Line { quantity: line.quantity.min(most), ..*line }
        };
        let lines = basket.lines.iter().map(there).collect();
        let less = Basket::new(basket.user, basket.coupon(), lines).into();
        let receipt = sound.receive(at, heard, ProductCommand::DeductStock { basket: less }, out);
        for envelope in &mut out.sends {
            if let Body::Order(OrderCommand::Create { basket: said }) = &mut envelope.body {
                *said = basket.clone();
            }
        }
        receipt
    });
    cast
}

fn forget_events(mut cast: Cast, plan: &Plan) -> Cast {
    cast.product = forgetful(products(plan, 0), plan, |on| on.inbox = false);
    cast
}

/// One unit less of the first product.
fn one_less(row: Audited) -> Option<Audited> {
    Some(match row {
        Audited::Stock { product: 0, units } => Audited::Stock { product: 0, units: units - 1 },
        row => row,
    })
}

fn miss_unit(mut cast: Cast, _: &Plan) -> Cast {
    cast.product = miswrites(cast.product, one_less);
    cast.monolith = miswrites(cast.monolith, one_less);
    cast
}
