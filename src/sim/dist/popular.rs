//! Which product a basket line names.

use super::weighted::Weighted;
use crate::sim::scenario::Popularity;

/// A choice among products `0..count`. The luckier the draw, the higher the number, so in a Zipf
/// distribution the rarer the product.
#[derive(Clone, Debug)]
pub struct Popular {
    choice: Choice,
}

#[derive(Clone, Debug)]
enum Choice {
    Uniform { count: u32 },
    Weighted(Weighted),
}

impl Popular {
    /// Prepares a choice among `count` products (none: everything is product 0). A Zipf choice
    /// takes 24 to 40 bytes a product, and at least 4 kB.
    #[must_use]
    pub fn new(popularity: &Popularity, count: u32) -> Popular {
        let choice = match *popularity {
            Popularity::Uniform => Choice::Uniform { count },
            Popularity::Zipf { exponent } => {
                if count < 2 {
                    Choice::Uniform { count }
                } else {
                    Choice::Weighted(Weighted::zipf(exponent, count))
                }
            }
        };
        Popular { choice }
    }

    /// The product that belongs to 64 uniform bits. Never decreases as `h` grows.
    #[inline]
    #[must_use]
    pub fn at(&self, h: u64) -> u32 {
        match &self.choice {
            Choice::Uniform { count } => ((u128::from(h) * u128::from(*count)) >> 64) as u32,
            Choice::Weighted(weighted) => weighted.at(h),
        }
    }
}
