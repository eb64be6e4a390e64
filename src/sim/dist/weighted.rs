//! A choice among ranked things, some likelier than others.

use super::TWO_TO_64;

/// The largest `h` of each choice, and where to start looking.
#[derive(Clone, Debug)]
pub(super) struct Weighted {
    last: Box<[u64]>,
    /// For each of the equal buckets of `h`: the choice of its smallest `h`; one more at the end.
    guide: Box<[u32]>,
    shift: u32,
}

impl Weighted {
    /// The choice k from 0 with weight (k + 1)^-exponent; `count` is at least 1.
    pub(super) fn zipf(exponent: f64, count: u32) -> Weighted {
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
        let choice = |h: u64| last.partition_point(|&end| end < h) as u32;
        let guide = (0..=1_u64 << bits)
            .map(|bucket| if bucket >> bits == 1 { count - 1 } else { choice(bucket << shift) })
            .collect();
        Weighted { last, guide, shift }
    }

    /// The choice that belongs to 64 uniform bits. Never decreases as `h` grows.
    #[inline]
    pub(super) fn at(&self, h: u64) -> u32 {
        let bucket = (h >> self.shift) as usize;
        let (first, end) = (self.guide[bucket], self.guide[bucket + 1]);
        let reach = &self.last[first as usize..end as usize];
        // Most buckets lie within one choice; with a large exponent the rare ones crowd in the last.
        let passed = if reach.len() < 8 {
            reach.iter().take_while(|&&end| end < h).count()
        } else {
            reach.partition_point(|&end| end < h)
        };
        first + passed as u32
    }
}
