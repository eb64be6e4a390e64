//! Sampling: the values it must keep, agreement with theory, monotone and bounded.

use proptest::prelude::*;
use sagasim::sim::decide::mix;
use sagasim::sim::dist::{Popular, Sampler, inverse_normal};
use sagasim::sim::scenario::{Bucket, Dist, Empirical, HdrLog, Popularity};
use std::path::PathBuf;
use std::sync::Arc;

const MS: f64 = 1e6;

fn all() -> Vec<(&'static str, Dist)> {
    vec![
        ("fixed", Dist::Fixed(5_000)),
        ("uniform", Dist::Uniform { min: 1_000, max: 50_000 }),
        ("exponential", Dist::Exponential { mean: 2_000.0 * MS }),
        ("normal", Dist::Normal { mean: 1.0 * MS, stddev: 0.25 * MS }),
        ("lognormal", Dist::Lognormal { median: 40.0 * MS, p99: 250.0 * MS }),
        ("pareto", Dist::Pareto { scale: 2.0 * MS, shape: 1.5 }),
        ("zipf", Dist::Zipf { exponent: 1.1, max: 50 }),
        (
            "percentiles",
            percentiles(&[(0.0, 1_000), (50.0, 4_000), (99.9, 9_000), (100.0, 90_000)]),
        ),
        ("log", log(&[(3, 10, 10), (1, 20, 29), (4, 64, 95)])),
    ]
}

fn percentiles(points: &[(f64, i64)]) -> Dist {
    Dist::Empirical(Arc::new(Empirical::Percentiles(points.to_vec())))
}

/// (count, low, high) of each bucket.
fn log(buckets: &[(u64, i64, i64)]) -> Dist {
    let bucket = |&(count, low, high): &(u64, i64, i64)| Bucket { count, low, high };
    let buckets = buckets.iter().map(bucket).collect();
    let log = HdrLog { file: PathBuf::from("prod.hlog"), unit: 1, tag: None, buckets };
    Dist::Empirical(Arc::new(Empirical::Log(log)))
}

/// `count` evenly spaced values of `h`.
fn grid(count: u64) -> impl Iterator<Item = u64> {
    let step = u64::MAX / count;
    (0..count).map(move |i| i * step + step / 2)
}

fn grid_mean(dist: &Dist, count: u64) -> f64 {
    let sampler = Sampler::new(dist);
    let sum: i128 = grid(count).map(|h| i128::from(sampler.at(h))).sum();
    sum as f64 / count as f64
}

fn quantile(p: f64) -> u64 {
    (p * 2.0_f64.powi(64)) as u64
}

#[track_caller]
fn near(got: f64, wanted: f64, relative: f64) {
    let off = (got / wanted - 1.0).abs();
    assert!(off <= relative, "{got} is {:.5} % off {wanted}", off * 100.0);
}

#[test]
fn golden_values() {
    let luck = [0, 1 << 44, 1 << 62, 1 << 63, 3 << 62, mix(424_242, 1), mix(424_242, 2), u64::MAX];
    let got: Vec<String> = all()
        .iter()
        .map(|(name, dist)| format!("{name} {:?}", luck.map(|h| Sampler::new(dist).at(h))))
        .collect();
    let golden = [
        "fixed [5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000]",
        "uniform [1000, 1000, 13250, 25500, 37750, 40115, 2248, 50000]",
        "exponential [0, 1907, 575364145, 1386294361, 2772588722, 3201473757, 51613369, 90109133473]",
        "normal [0, 0, 831378, 1000000, 1168622, 1208848, 512030, 3288823]",
        "lognormal [29505, 938778, 23512916, 40000000, 68047706, 77243498, 8595918, 54228710852]",
        "pareto [2000000, 2000001, 2422827, 3174802, 5039684, 5814236, 2034706, 2305843009213693952]",
        "zipf [1, 1, 1, 4, 13, 17, 1, 50]",
        "percentiles [1000, 1000, 2500, 4000, 6505, 6988, 1153, 90000]",
        "log [10, 10, 10, 64, 80, 82, 10, 95]",
    ];
    assert_eq!(got, golden);
    let zipf = Popular::new(&Popularity::Zipf { exponent: 1.1 }, 50);
    assert_eq!(luck.map(|h| zipf.at(h)), [0, 0, 0, 3, 12, 16, 0, 49]);
    let uniform = Popular::new(&Popularity::Uniform, 50);
    assert_eq!(luck.map(|h| uniform.at(h)), [0, 0, 12, 25, 37, 39, 1, 49]);
}

#[test]
fn means_agree_with_theory() {
    for mean in [3_000.0, 2.0 * MS, 1e12] {
        let dist = Dist::Exponential { mean };
        assert_eq!(Sampler::new(&dist).mean(), mean);
        near(grid_mean(&dist, 1_000_000), mean, 1e-4);
    }
    for ratio in [1.5, 6.25, 40.0] {
        let dist = Dist::Lognormal { median: 40.0 * MS, p99: 40.0 * ratio * MS };
        near(grid_mean(&dist, 1_000_000), Sampler::new(&dist).mean(), 1e-4);
    }
    for (mean, stddev) in [(MS, 0.25 * MS), (MS, 2.0 * MS), (0.0, MS)] {
        let dist = Dist::Normal { mean, stddev };
        near(grid_mean(&dist, 1_000_000), Sampler::new(&dist).mean(), 1e-4);
    }
    for shape in [1.5, 2.5, 8.0] {
        let dist = Dist::Pareto { scale: 2.0 * MS, shape };
        near(Sampler::new(&dist).mean(), 2.0 * MS * shape / (shape - 1.0), 1e-12);
        // Without the tail beyond the last of a million: its share is 10^(-6 (1 - 1 / shape)).
        let missing = 10.0_f64.powf(-6.0 * (1.0 - 1.0 / shape));
        near(grid_mean(&dist, 1_000_000), Sampler::new(&dist).mean(), 1e-4 + missing);
    }
    let dist = Dist::Zipf { exponent: 2.0, max: 3 };
    near(Sampler::new(&dist).mean(), (1.0 + 0.5 + 1.0 / 3.0) / (1.0 + 0.25 + 1.0 / 9.0), 1e-12);
    near(grid_mean(&dist, 1_000_000), Sampler::new(&dist).mean(), 1e-5);
    let dist = percentiles(&[(0.0, 1_000), (50.0, 4_000), (100.0, 90_000)]);
    assert_eq!(Sampler::new(&dist).mean(), 0.5 * 2_500.0 + 0.5 * 47_000.0);
    near(grid_mean(&dist, 1_000_000), 24_750.0, 1e-6);
    let dist = log(&[(3, 10, 10), (1, 20, 30), (4, 64, 96)]);
    assert_eq!(Sampler::new(&dist).mean(), (3.0 * 10.0 + 25.0 + 4.0 * 80.0) / 8.0);
    near(grid_mean(&dist, 1_000_000), 46.875, 1e-5);
    let dist = Dist::Uniform { min: -3, max: 8 };
    assert_eq!(Sampler::new(&dist).mean(), 2.5);
    near(grid_mean(&dist, 1_200_000), 2.5, 1e-5);
    assert_eq!(Sampler::new(&Dist::Fixed(7)).mean(), 7.0);
}

#[test]
fn quantiles_agree_with_theory() {
    let exponential = Sampler::new(&Dist::Exponential { mean: 1e9 });
    for p in [1e-9, 0.001, 0.1, 0.5, 0.9, 0.99, 0.9999, 0.999_999_9] {
        let exact = -1e9 * f64::ln_1p(-p);
        let got = exponential.at(quantile(p)) as f64;
        assert!((got - exact).abs() <= 3.1e-5 * 1e9, "p = {p}: {got} for {exact}");
    }
    near(exponential.high() as f64, 1e9 * 10_000_f64.ln(), 1e-5);

    let lognormal = Sampler::new(&Dist::Lognormal { median: 40.0 * MS, p99: 250.0 * MS });
    near(lognormal.at(quantile(0.5)) as f64, 40.0 * MS, 1e-6);
    near(lognormal.at(quantile(0.99)) as f64, 250.0 * MS, 1e-4);
    let sigma = 6.25_f64.ln() / 2.326_347_874_040_841;
    near(lognormal.high() as f64, 40.0 * MS * (3.719_016_485_455_709 * sigma).exp(), 1e-4);

    for shape in [1.05, 1.5, 2.5, 8.0] {
        let pareto = Sampler::new(&Dist::Pareto { scale: 1e6, shape });
        for p in [0.0, 0.001, 0.5, 0.9, 0.99, 0.9999, 0.999_999_9] {
            near(pareto.at(quantile(p)) as f64, 1e6 * (1.0 - p).powf(-1.0 / shape), 1e-4);
        }
    }
    let measured =
        Sampler::new(&percentiles(&[(0.0, 0), (50.0, 400), (99.9, 900), (100.0, 5_000)]));
    let at = |p| measured.at(quantile(p));
    assert_eq!((at(0.0), at(0.25), at(0.5), at(0.999), at(0.9995)), (0, 200, 400, 900, 2_950));
    assert_eq!((measured.at(u64::MAX), measured.high()), (5_000, 5_000));
    let logged = Sampler::new(&log(&[(3, 10, 10), (1, 20, 30), (4, 64, 96)]));
    let at = |p| logged.at(quantile(p));
    assert_eq!((at(0.0), at(0.374), at(0.375), at(0.4375), at(0.499)), (10, 10, 20, 25, 30));
    assert_eq!((at(0.5), at(0.75), logged.at(u64::MAX)), (64, 80, 96));

    let normal = Sampler::new(&Dist::Normal { mean: 1e9, stddev: 1e8 });
    near(normal.at(quantile(0.5)) as f64, 1e9, 1e-9);
    near(normal.at(quantile(0.975)) as f64, 1e9 + 1.959_963_984_540_054e8, 1e-5);
    assert_eq!(Sampler::new(&Dist::Normal { mean: 0.0, stddev: 1e8 }).at(quantile(0.4)), 0);
}

/// The inverse against an independent distribution function, far into both tails.
#[test]
fn inverse_normal_inverts() {
    for exponent in 1..=18 {
        for digit in [1.0, 2.5, 4.999] {
            let p = digit * 10.0_f64.powi(-exponent);
            let back = libm::erfc(-inverse_normal(p) / std::f64::consts::SQRT_2) / 2.0;
            near(back, p, 1e-13);
        }
    }
    assert_eq!(inverse_normal(0.5), 0.0);
    near(inverse_normal(0.99), 2.326_347_874_040_841, 1e-15);
}

#[test]
fn edges() {
    let whole = Sampler::new(&Dist::Uniform { min: i64::MIN, max: i64::MAX });
    assert_eq!((whole.at(0), whole.at(u64::MAX)), (i64::MIN, i64::MAX));
    assert_eq!((whole.high(), whole.at(1 << 63)), (i64::MAX, 0));
    let die = Sampler::new(&Dist::Uniform { min: 1, max: 6 });
    assert_eq!((die.at(0), die.at(u64::MAX), die.high()), (1, 6, 6));
    let still = Sampler::new(&Dist::Lognormal { median: 9.0, p99: 9.0 });
    assert_eq!((still.at(0), still.at(u64::MAX), still.mean()), (9, 9, 9.0));
    let wide = Sampler::new(&Dist::Lognormal { median: 1e17, p99: 1e19 });
    assert_eq!(wide.at(u64::MAX), 1 << 61);
    let none = Sampler::new(&Dist::Exponential { mean: 0.0 });
    assert_eq!((none.at(0), none.at(u64::MAX)), (0, 0));
    for popularity in [Popularity::Uniform, Popularity::Zipf { exponent: 1.0 }] {
        assert_eq!(Popular::new(&popularity, 0).at(u64::MAX), 0);
        assert_eq!(Popular::new(&popularity, 1).at(u64::MAX), 0);
    }
    let halves = Popular::new(&Popularity::Zipf { exponent: 0.0 }, 2);
    assert_eq!((halves.at((1 << 63) - 1), halves.at(1 << 63)), (0, 1));
    let steep = Popular::new(&Popularity::Zipf { exponent: 400.0 }, 1_000);
    assert_eq!((steep.at(0), steep.at(u64::MAX)), (0, 0));
}

/// Each product's share of a fine grid is its weight's share.
#[test]
fn zipf_has_its_weights() {
    for (exponent, count) in [(0.0, 10), (0.5, 1_000), (1.1, 50), (2.0, 300)] {
        let popular = Popular::new(&Popularity::Zipf { exponent }, count);
        let weights: Vec<f64> = (1..=count).map(|k| f64::from(k).powf(-exponent)).collect();
        let sum: f64 = weights.iter().sum();
        let mut hits = vec![0_u32; count as usize];
        for h in grid(1_000_000) {
            hits[popular.at(h) as usize] += 1;
        }
        for (hits, weight) in hits.iter().zip(weights) {
            assert!((f64::from(*hits) - weight / sum * 1e6).abs() <= 1.01);
        }
    }
}

/// Each number's share of a fine grid is its weight's share.
#[test]
fn zipf_values_have_their_weights() {
    let zipf = Sampler::new(&Dist::Zipf { exponent: 1.1, max: 20 });
    let sum: f64 = (1..=20).map(|k| f64::from(k).powf(-1.1)).sum();
    for k in 1..=20 {
        let hits = grid(1_000_000).filter(|h| zipf.at(*h) == i64::from(k)).count();
        assert!((hits as f64 - f64::from(k).powf(-1.1) / sum * 1e6).abs() <= 1.01, "{k}: {hits}");
    }
}

fn any_dist() -> impl Strategy<Value = Dist> {
    prop_oneof![
        any::<i64>().prop_map(Dist::Fixed),
        (any::<i64>(), any::<i64>())
            .prop_map(|(a, b)| Dist::Uniform { min: a.min(b), max: a.max(b) }),
        (0.0..1e15).prop_map(|mean| Dist::Exponential { mean }),
        (0.0..1e15, 0.0..1e15).prop_map(|(mean, stddev)| Dist::Normal { mean, stddev }),
        (0.1..1e15, 1.0..1e4).prop_map(|(m, k)| Dist::Lognormal { median: m, p99: m * k }),
        (0.1..1e15, 1.001..50.0).prop_map(|(scale, shape)| Dist::Pareto { scale, shape }),
        (0.0..4.0, 1..5_000_u32).prop_map(|(exponent, max)| Dist::Zipf { exponent, max }),
        prop::collection::vec((0.001..30.0, 0..1_i64 << 61), 2..9).prop_map(|mut steps| {
            let mut values: Vec<i64> = steps.iter().map(|(_, value)| *value).collect();
            values.sort_unstable();
            steps[0].0 = 0.0;
            let sum: f64 = steps.iter().map(|(step, _)| step).sum();
            let mut percent = 0.0;
            let rise = steps.iter().map(|(step, _)| {
                percent += step / sum * 100.0;
                percent.min(99.999)
            });
            let mut points: Vec<(f64, i64)> = rise.zip(values).collect();
            points.last_mut().expect("two at least").0 = 100.0;
            percentiles(&points)
        }),
        prop::collection::vec((1..1_u64 << 40, 0..1_000_000_i64, 0..1_000_000_i64), 1..40)
            .prop_map(|mut steps| {
                let mut floor = 0;
                for (_, low, high) in &mut steps {
                    (*low, *high) = (floor + *low, floor + *low + *high);
                    floor = *high + 1;
                }
                log(&steps)
            }),
    ]
}

/// Luck near both ends and near the borders of cells as well as anywhere.
fn luck() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0..64_u32, any::<bool>()).prop_map(|(h, shift, top)| {
        let h = h >> shift;
        if top { !h } else { h }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn draws_are_monotone_and_bounded(
        dist in any_dist(),
        mut all in prop::collection::vec((luck(), 0..3_u64), 64),
    ) {
        let sampler = Sampler::new(&dist);
        let mut lucks: Vec<u64> = all.drain(..).flat_map(|(h, d)| [h, h.saturating_add(d)]).collect();
        lucks.extend((0..64).flat_map(|bit| [1_u64 << bit, (1_u64 << bit) - 1, !(1_u64 << bit)]));
        lucks.sort_unstable();
        let draws: Vec<i64> = lucks.iter().map(|&h| sampler.at(h)).collect();
        prop_assert!(draws.is_sorted());
        let (low, high) = match dist {
            Dist::Fixed(value) => (value, value),
            Dist::Uniform { min, max } => (min, max),
            Dist::Zipf { max, .. } => (1, i64::from(max)),
            Dist::Exponential { .. }
            | Dist::Normal { .. }
            | Dist::Lognormal { .. }
            | Dist::Pareto { .. }
            | Dist::Empirical(_) => (0, 1 << 61),
        };
        prop_assert!(draws.iter().all(|draw| (low..=high).contains(draw)));
        prop_assert!(sampler.high() <= high);
    }

    #[test]
    fn products_are_monotone_and_bounded(
        exponent in prop_oneof![Just(0.0), 0.0..4.0],
        count in prop_oneof![1..9_u32, 1..5_000_u32],
        mut lucks in prop::collection::vec(luck(), 128),
    ) {
        lucks.sort_unstable();
        for popularity in [Popularity::Zipf { exponent }, Popularity::Uniform] {
            let popular = Popular::new(&popularity, count);
            let products: Vec<u32> = lucks.iter().map(|&h| popular.at(h)).collect();
            prop_assert!(products.is_sorted());
            prop_assert!(products.iter().all(|&product| product < count));
            prop_assert_eq!(popular.at(0), 0);
        }
    }
}
