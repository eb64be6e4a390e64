//! Product: the catalogue and the stock.
//!
//! Knows only what is available; what is held or sold for whom lives in the ledger and in the
//! messages that come back to restore it.

#![warn(clippy::wildcard_enum_match_arm)]

use super::domain::Domain;
use crate::domain::{
    At, Audited, Datum, Exchange, Fact, Line, Move, Offer, Outbox, ProductCommand, Reason, Service,
};

/// Products on a page of the list.
const PAGE: usize = 20;

/// One product.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Article {
    /// Price of a unit.
    pub price: i64,
    /// Units available.
    pub units: i64,
}

/// The state Product owns.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Products {
    articles: Vec<Article>,
}

impl Products {
    /// A catalogue; the index is the product's id.
    #[must_use]
    pub const fn new(articles: Vec<Article>) -> Self {
        Products { articles }
    }

    /// Takes all lines or none. The same product may stand on several lines.
    fn deduct(&mut self, lines: &[Line], out: &mut Outbox) -> Result<(), Reason> {
        for (taken, line) in lines.iter().enumerate() {
            let wanted = i64::from(line.quantity);
            out.read(Datum::Stock { product: line.product });
            let article = self.articles.get_mut(line.product as usize);
            if let Some(article) = article.filter(|article| article.units >= wanted) {
                article.units -= wanted;
            } else {
                self.put_back(&lines[..taken]);
                return Err(Reason::OutOfStock);
            }
        }
        for line in lines {
            out.post(Move::Hold { product: line.product }, i64::from(line.quantity));
        }
        Ok(())
    }

    fn put_back(&mut self, lines: &[Line]) {
        for line in lines {
            self.articles[line.product as usize].units += i64::from(line.quantity);
        }
    }
}

impl Domain for Products {
    type Command = ProductCommand;
    const AT: Service = Service::Product;

    fn step(&mut self, _: At, key: Exchange, command: &ProductCommand, out: &mut Outbox) -> Fact {
        match command {
            ProductCommand::DeductStock { basket } => {
                if let Err(reason) = self.deduct(&basket.lines, out) {
                    return Fact::Refused(reason);
                }
            }
            ProductCommand::RestoreStock { basket } => {
                self.put_back(&basket.lines);
                for line in &basket.lines {
                    out.post(Move::Hold { product: line.product }, -i64::from(line.quantity));
                }
            }
            ProductCommand::ChangePrice { product, price } => {
                if let Some(article) = self.articles.get_mut(*product as usize) {
                    article.price = *price;
                }
            }
            ProductCommand::ListProducts { .. } if out.reads.is_none() => {}
            ProductCommand::ListProducts { from } => {
                let page = (*from..self.articles.len() as u32).take(PAGE);
                page.for_each(|product| out.read(Datum::Stock { product }));
            }
        }
        self.answer(key, command)
    }

    fn answer(&self, _: Exchange, command: &ProductCommand) -> Fact {
        match command {
            ProductCommand::DeductStock { basket } => {
                Fact::StockDeducted { basket: basket.clone() }
            }
            ProductCommand::RestoreStock { .. } => Fact::StockRestored,
            ProductCommand::ChangePrice { .. } => Fact::PriceChanged,
            ProductCommand::ListProducts { from } => {
                let page = self.articles.iter().zip(0..).skip(*from as usize).take(PAGE);
                let offer = |(&Article { price, units }, product)| Offer { product, price, units };
                Fact::Catalogue(page.map(offer).collect())
            }
        }
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        for (article, product) in self.articles.iter().zip(0..) {
            say(Audited::Stock { product, units: article.units });
        }
    }
}
