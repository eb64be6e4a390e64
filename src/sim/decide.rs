//! Keyed chance: every decision is a function of the seed and of what is decided, never of how
//! many decisions came before it. Taking one decision away redraws none of the others.

/// The first two words of the default secret of wyhash, final version 4.
const SECRET: [u64; 2] = [0x2d35_8dcc_aa6c_78a5, 0x8bb8_4b93_962e_acc9];

/// Mixes two words into one whose 64 bits all depend on all 128.
///
/// This is the two-word hash of wyhash (Wang Yi, final version 4, public domain,
/// <https://github.com/wangyi-fudan/wyhash>, `wyhash64`): a multiplication of 64 by 64 bits folded
/// twice, so that consecutive keys give bits that look independent. Chain it for longer keys:
/// `mix(mix(seed, a), b)`. It is not symmetric and not meant against an adversary: `a` equal to
/// the first secret word hides `b`, one word in 2^64.
#[inline]
#[must_use]
pub fn mix(a: u64, b: u64) -> u64 {
    let (low, high) = product(a ^ SECRET[0], b ^ SECRET[1]);
    let (low, high) = product(low ^ SECRET[0], high ^ SECRET[1]);
    low ^ high
}

/// The low and the high word of a product.
#[inline]
fn product(a: u64, b: u64) -> (u64, u64) {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64, (wide >> 64) as u64)
}

/// 64 uniform bits as a number in [0, 1): the upper 53 of them, so every value is exact.
#[inline]
#[must_use]
pub fn unit(h: u64) -> f64 {
    (h >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}
