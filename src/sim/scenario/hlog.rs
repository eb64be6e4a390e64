//! HdrHistogram interval logs (`.hlog`, version 2): what a service in production measured.

use super::Bucket;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{
    IntervalLogHistogram, IntervalLogIterator, LogEntry, LogIteratorError,
};
use std::collections::BTreeSet;

/// The recorded values of a log: of all its intervals, or of those with this tag (`""`: those
/// without one). What a recorded 1 stands for is not in the file.
///
/// # Errors
/// What is wrong with the file, in words that follow its name.
pub(super) fn read(bytes: &[u8], tag: Option<&str>) -> Result<Vec<Bucket>, String> {
    let mut tags = BTreeSet::new();
    let mut sum: Option<Histogram<u64>> = None;
    let mut intervals = 0_u64;
    for entry in IntervalLogIterator::new(bytes) {
        let entry = entry.map_err(|LogIteratorError::ParseError { offset }| {
            let line = bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1;
            format!("line {line} is not one of an HdrHistogram interval log")
        })?;
        let LogEntry::Interval(interval) = entry else { continue };
        intervals += 1;
        let own = interval.tag().map_or("", |tag| tag.as_str());
        tags.insert(own);
        if tag.is_some_and(|tag| tag != own) {
            continue;
        }
        let histogram = decoded(&interval).map_err(|why| format!("interval {intervals}: {why}"))?;
        match &mut sum {
            Some(sum) => {
                sum.add(&histogram).map_err(|why| format!("interval {intervals}: {why}"))?;
            }
            None => sum = Some(histogram),
        }
    }
    match (tag, sum) {
        (None, _) if tags.len() > 1 => {
            Err(format!("its intervals are of several kinds: say which, {}", named(&tags)))
        }
        (Some(tag), None) if intervals > 0 => {
            Err(format!("no interval has the tag \"{tag}\": say which, {}", named(&tags)))
        }
        (_, Some(sum)) if !sum.is_empty() => buckets(&sum),
        (_, Some(_) | None) => Err("nothing was recorded in it".to_owned()),
    }
}

/// The tags of a log, as one writes them.
fn named(tags: &BTreeSet<&str>) -> String {
    tags.iter().map(|tag| format!("tag = \"{tag}\"")).collect::<Vec<_>>().join(" or ")
}

fn decoded(interval: &IntervalLogHistogram<'_>) -> Result<Histogram<u64>, String> {
    let bytes = STANDARD.decode(interval.encoded_histogram()).map_err(|why| why.to_string())?;
    let histogram = Deserializer::new().deserialize(&mut bytes.as_slice());
    let mut histogram: Histogram<u64> = histogram.map_err(|why| why.to_string())?;
    // So that intervals with higher values can be added.
    histogram.auto(true);
    Ok(histogram)
}

fn buckets(histogram: &Histogram<u64>) -> Result<Vec<Bucket>, String> {
    let bucket = |value: u64, count: u64| {
        let high = i64::try_from(histogram.highest_equivalent(value)).ok()?;
        let low = i64::try_from(histogram.lowest_equivalent(value)).ok()?;
        Some(Bucket { count, low, high })
    };
    histogram
        .iter_recorded()
        .map(|step| bucket(step.value_iterated_to(), step.count_at_value()))
        .collect::<Option<Vec<Bucket>>>()
        .ok_or_else(|| "it holds values beyond 2^63".to_owned())
}
