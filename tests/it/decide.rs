//! The mixer: the values it must keep, and that its bits look independent.

use sagasim::sim::decide::{mix, unit};

#[test]
fn golden_values() {
    let keys = [(0, 0), (1, 0), (0, 1), (424_242, 7), (u64::MAX, u64::MAX)];
    let got: Vec<String> = keys.iter().map(|&(a, b)| format!("{:016x}", mix(a, b))).collect();
    let golden = [
        "fa303abc2b1d7630",
        "8fd90e7337ab042d",
        "08c4d7a3914ada0d",
        "2a9694ad31900cd8",
        "e506a4902fff4bc4",
    ];
    assert_eq!(got, golden);
    assert_eq!(unit(0), 0.0);
    assert_eq!(unit(1 << 63), 0.5);
    assert!(unit(u64::MAX) < 1.0);
}

/// Flipping any of the 128 input bits flips each output bit about every second time, for keys as
/// they occur: a seed and small consecutive numbers.
#[test]
fn avalanche() {
    const KEYS: u32 = 4_000;
    let mut worst = 0.0_f64;
    for flip in 0..128 {
        let (da, db) = if flip < 64 { (1_u64 << flip, 0) } else { (0, 1_u64 << (flip - 64)) };
        let mut flipped = [0_u32; 64];
        for key in 0..u64::from(KEYS) {
            let (a, b) = (424_242 + key % 5, key);
            let change = mix(a, b) ^ mix(a ^ da, b ^ db);
            for (bit, count) in flipped.iter_mut().enumerate() {
                *count += (change >> bit & 1) as u32;
            }
        }
        for count in flipped {
            worst = worst.max((f64::from(count) / f64::from(KEYS) - 0.5).abs());
        }
    }
    // One standard deviation is 0.0079; the largest of 8,192 is expected near 4 of them.
    assert!(worst < 0.045, "worst bias {worst}");
}

/// Chi-square over 256 cells must stay between the quantiles at one in a million, both ways.
fn looks_uniform(name: &str, counts: &[u32; 256]) {
    let expected = f64::from(counts.iter().sum::<u32>()) / 256.0;
    let chi: f64 = counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
    assert!((158.0..381.0).contains(&chi), "{name}: chi-square {chi}");
}

#[test]
fn consecutive_keys_look_independent() {
    type Key = fn(u64) -> u64;
    let walks: [(&str, Key); 4] = [
        ("second word", |i| mix(424_242, i)),
        ("first word", |i| mix(i, 3)),
        ("high bits", |i| mix(1, i << 40)),
        ("chained", |i| mix(mix(7, i >> 3), i & 7)),
    ];
    for (name, word) in walks {
        for shift in (0..64).step_by(8) {
            let (mut bytes, mut pairs) = ([0; 256], [0; 256]);
            for i in 0..100_000 {
                let (this, next) = (word(i) >> shift, word(i + 1) >> shift);
                bytes[(this & 255) as usize] += 1;
                pairs[((this & 15) << 4 | (next & 15)) as usize] += 1;
            }
            looks_uniform(&format!("{name}, byte at {shift}"), &bytes);
            looks_uniform(&format!("{name}, neighbours at {shift}"), &pairs);
        }
    }
}
