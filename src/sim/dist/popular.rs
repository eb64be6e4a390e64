//! Which product a basket line names.

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

/// The largest `h` of each product, and where to start looking.
#[derive(Clone, Debug)]
struct Weighted {
    last: Box<[u64]>,
    /// For each of the equal buckets of `h`: the product of its smallest `h`; one more at the end.
    guide: Box<[u32]>,
    shift: u32,
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

impl Weighted {
    /// Product of rank k, from 1, with weight k^-exponent.
    fn zipf(exponent: f64, count: u32) -> Weighted {
        let weight = |rank: u32| libm::pow(f64::from(rank), -exponent);
        // From the smallest weight up, so that the sums keep all their bits.
        let mut above = vec![0.0; count as usize];
        let mut sum = 0.0;
        for (rest, rank) in above.iter_mut().rev().zip((1..=count).rev()) {
            *rest = sum;
            sum += weight(rank);
        }
        let last: Box<[u64]> =
            above.iter().map(|rest| u64::MAX - (rest / sum * TWO_TO_64) as u64).collect();
        let bits = (34 - (count - 1).leading_zeros()).clamp(10, 32);
        let shift = 64 - bits;
        let product = |h: u64| last.partition_point(|&end| end < h) as u32;
        let guide = (0..=1_u64 << bits)
            .map(|bucket| if bucket >> bits == 1 { count - 1 } else { product(bucket << shift) })
            .collect();
        Weighted { last, guide, shift }
    }

    #[inline]
    fn at(&self, h: u64) -> u32 {
        let bucket = (h >> self.shift) as usize;
        let (first, end) = (self.guide[bucket], self.guide[bucket + 1]);
        let reach = &self.last[first as usize..end as usize];
        // Most buckets lie within one product; with a large exponent the rare ones crowd in the last.
        let passed = if reach.len() < 8 {
            reach.iter().take_while(|&&end| end < h).count()
        } else {
            reach.partition_point(|&end| end < h)
        };
        first + passed as u32
    }
}

const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;
