//! Means, intervals and nothing else. The unit of all statistics is the run, never the request:
//! the requests of one run share its seed, its queues and its faults.

use crate::sim::dist::inverse_normal;
use serde::Serialize;

/// An estimate with its interval.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Interval {
    /// The estimate.
    pub mean: f64,
    /// Half of the interval's width; none: a single value has no interval.
    pub half_width: Option<f64>,
}

impl Interval {
    /// Both ends, if there is an interval.
    #[must_use]
    pub fn ends(&self) -> Option<(f64, f64)> {
        self.half_width.map(|half| (self.mean - half, self.mean + half))
    }

    /// The same, all of it divided.
    #[must_use]
    pub fn divided_by(&self, by: f64) -> Interval {
        let half_width = self.half_width.map(|half| half / by.abs());
        Interval { mean: self.mean / by, half_width }
    }
}

/// The mean of some values; 0 of none.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The unbiased variance; none for fewer than two values.
#[must_use]
pub fn variance(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some(squares / (values.len() - 1) as f64)
}

/// The mean of independent values with Student's interval at this confidence (0 to 1).
///
/// Of the differences of pairs that share a seed, this is the paired-t interval (A. M. Law,
/// "Simulation Modeling and Analysis", 5th edition, section 10.2.1; common random numbers are its
/// section 11.2).
#[must_use]
pub fn student(values: &[f64], confidence: f64) -> Interval {
    let many = values.len() as f64;
    let half_width = variance(values)
        .map(|variance| t_quantile(1.0 - confidence, many - 1.0) * (variance / many).sqrt());
    Interval { mean: mean(values), half_width }
}

/// The difference of the means of two independent samples, `b` less `a`, with Welch's interval
/// (B. L. Welch, Biometrika 34, 1947, 28–35): neither equal variances nor equal counts are assumed.
#[must_use]
pub fn welch(a: &[f64], b: &[f64], confidence: f64) -> Interval {
    let share = |values: &[f64]| variance(values).map(|variance| variance / values.len() as f64);
    let half_width = share(a).zip(share(b)).map(|(in_a, in_b)| {
        let both = in_a + in_b;
        if both <= 0.0 {
            return 0.0;
        }
        let part = |share: f64, many: usize| share * share / (many as f64 - 1.0);
        let freedom = both * both / (part(in_a, a.len()) + part(in_b, b.len()));
        t_quantile(1.0 - confidence, freedom) * both.sqrt()
    });
    Interval { mean: mean(b) - mean(a), half_width }
}

/// How far from 0 Student's t with `freedom` degrees of freedom (1 or more) lies with probability
/// `tails` (0 to 1), both tails together: G. W. Hill, "Algorithm 396: Student's t-quantiles",
/// Communications of the ACM 13(10), 1970, 619–620. Good to six digits in the range used here.
#[must_use]
pub fn t_quantile(tails: f64, freedom: f64) -> f64 {
    if freedom < 1.5 {
        let half = tails * std::f64::consts::FRAC_PI_2;
        return libm::cos(half) / libm::sin(half);
    }
    if (freedom - 2.0).abs() < 1e-9 {
        return libm::sqrt(2.0 / (tails * (2.0 - tails)) - 2.0);
    }
    let a = 1.0 / (freedom - 0.5);
    let b = 48.0 / (a * a);
    let mut c = ((20_700.0 * a / b - 98.0) * a - 16.0) * a + 96.36;
    let root = libm::sqrt(a * std::f64::consts::FRAC_PI_2);
    let d = ((94.5 / (b + c) - 3.0) / b + 1.0) * root * freedom;
    let mut x = d * tails;
    let mut y = libm::pow(x, 2.0 / freedom);
    if y > 0.05 + a {
        x = inverse_normal(tails / 2.0);
        y = x * x;
        if freedom < 5.0 {
            c += 0.3 * (freedom - 4.5) * (x + 0.6);
        }
        c += (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b;
        y = (((((0.4 * y + 6.3) * y + 36.0) * y + 94.5) / c - y - 3.0) / b + 1.0) * x;
        y = libm::expm1(a * y * y);
    } else {
        let below = (freedom + 6.0) / (freedom * y) - 0.089 * d - 0.822;
        let inner = 1.0 / (below * (freedom + 2.0) * 3.0) + 0.5 / (freedom + 4.0);
        y = (inner * y - 1.0) * (freedom + 1.0) / (freedom + 2.0) + 1.0 / y;
    }
    libm::sqrt(freedom * y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_printed_tables() {
        for (tails, freedom, expected) in [
            (0.05, 1.0, 12.7062),
            (0.05, 2.0, 4.302_65),
            (0.05, 3.0, 3.182_45),
            (0.05, 4.0, 2.776_45),
            (0.05, 5.0, 2.570_58),
            (0.05, 9.0, 2.262_16),
            (0.01, 9.0, 3.249_84),
            (0.05, 19.0, 2.093_02),
            (0.05, 120.0, 1.979_93),
            (0.001, 10.0, 4.586_89),
            (0.05, 1e6, 1.959_97),
        ] {
            let found = t_quantile(tails, freedom);
            assert!((found / expected - 1.0).abs() < 2e-4, "{tails} {freedom}: {found}");
        }
    }

    #[test]
    fn intervals_are_those_worked_out_by_hand() {
        // 1, 2, 3: mean 2, deviation 1, half width 4.30265 / √3.
        let one = student(&[1.0, 2.0, 3.0], 0.95);
        assert!((one.mean - 2.0).abs() < 1e-12);
        assert!((one.half_width.expect("three values") - 2.484_14).abs() < 1e-4);
        assert_eq!(student(&[5.0], 0.95).half_width, None);
        assert_eq!(student(&[5.0, 5.0], 0.95).half_width, Some(0.0));
        // Equal variances and counts: 2 (n - 1) degrees of freedom.
        let two = welch(&[1.0, 2.0, 3.0], &[2.0, 3.0, 4.0], 0.95);
        assert!((two.mean - 1.0).abs() < 1e-12);
        let expected = 2.776_45 * (2.0_f64 / 3.0).sqrt();
        assert!((two.half_width.expect("six values") - expected).abs() < 1e-3);
        assert_eq!(welch(&[1.0], &[2.0, 3.0], 0.95).half_width, None);
    }
}
