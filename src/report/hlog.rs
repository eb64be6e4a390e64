//! `latency.hlog`: the lines of an HdrHistogram interval log.
//!
//! A line holds a histogram in the V2 compressed encoding (HdrHistogram, `AbstractHistogram.java`).
//! It is written here, because an interval has few latencies: a library would fill and scan an
//! array of tens of thousands of counts for each line, and a compressor clear its tables, which
//! costs more than the run. So the zlib stream stores its bytes. Tests read it with the library.

use super::series::SECOND;
use crate::sim::engine::LONGEST_NS;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// Marks of the encoding, version 2, words of eight bytes at most.
const COOKIE: u32 = 0x1c84_9313;
const COMPRESSED_COOKIE: u32 = 0x1c84_9314;
/// Significant digits, as in the histograms of the run.
const DIGITS: u32 = 3;
/// Slots of a bucket: the power of two that holds twice 10^[`DIGITS`]. All buckets but the first
/// use their upper half only.
const SLOTS_BITS: u32 = 11;

/// An interval log.
#[derive(Debug)]
pub(super) struct IntervalLog {
    text: String,
    plain: Vec<u8>,
    packed: Vec<u8>,
}

impl IntervalLog {
    /// The head, as HdrHistogram's own writers make it (format 1.3). Time 0 is that of the run.
    pub(super) fn new(scenario: &str, seed: u64) -> Self {
        let scenario: String =
            scenario.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = format!(
            "#[Latencies of {scenario}, seed {seed}, in nanoseconds of virtual time]\n\
             #[Histogram log format version 1.3]\n\
             #[StartTime: 0.000 (seconds since epoch), the start of the run]\n\
             #[MaxValueDivisor: 1000000.000]\n\
             \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\
             \"Interval_Compressed_Histogram\"\n"
        );
        IntervalLog { text, plain: Vec::new(), packed: Vec::new() }
    }

    /// One line: the latencies of an interval, in nanoseconds, the shortest first, at least one.
    /// Instants and lengths are exact to the nanosecond.
    pub(super) fn line(&mut self, tag: &str, (from_ns, until_ns): (u64, u64), sorted: &[u64]) {
        let Some(max_ns) = sorted.last() else { return };
        self.encode(sorted);
        self.compress();
        let (from, length) = (seconds(from_ns), seconds(until_ns - from_ns));
        let max_ms = *max_ns as f64 / 1e6;
        // Writing into a string cannot fail.
        write!(self.text, "Tag={tag},{from},{length},{max_ms:.6},").ok();
        STANDARD.encode_string(&self.packed, &mut self.text);
        self.text.push('\n');
    }

    /// The whole file.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// The histogram, not yet compressed, into `plain`.
    fn encode(&mut self, sorted: &[u64]) {
        let plain = &mut self.plain;
        plain.clear();
        plain.extend(COOKIE.to_be_bytes());
        // The length is known at the end.
        plain.extend(0_u32.to_be_bytes());
        // Normalizing index offset.
        plain.extend(0_u32.to_be_bytes());
        plain.extend(DIGITS.to_be_bytes());
        plain.extend(1_u64.to_be_bytes());
        plain.extend(LONGEST_NS.to_be_bytes());
        // Ratio of whole to fractional values.
        plain.extend(1_f64.to_be_bytes());
        let head = plain.len();
        let mut next = 0;
        for same in sorted.chunk_by(|a, b| slot(*a) == slot(*b)) {
            let slot = slot(same[0]);
            match slot - next {
                0 => {}
                1 => zigzag(0, plain),
                empty => zigzag(-(empty as i64), plain),
            }
            zigzag(same.len() as i64, plain);
            next = slot + 1;
        }
        let length = (plain.len() - head) as u32;
        plain[4..8].copy_from_slice(&length.to_be_bytes());
    }

    /// `plain` as a zlib stream (RFC 1950) of stored blocks (RFC 1951, 3.2.4) and with its own
    /// head, into `packed`.
    fn compress(&mut self) {
        let packed = &mut self.packed;
        packed.clear();
        packed.extend(COMPRESSED_COOKIE.to_be_bytes());
        packed.extend(0_u32.to_be_bytes());
        let head = packed.len();
        packed.extend([0x78, 0x01]);
        let mut blocks = self.plain.chunks(usize::from(u16::MAX)).peekable();
        while let Some(block) = blocks.next() {
            let length = block.len() as u16;
            packed.push(u8::from(blocks.peek().is_none()));
            packed.extend(length.to_le_bytes());
            packed.extend((!length).to_le_bytes());
            packed.extend(block);
        }
        packed.extend(adler32(&self.plain).to_be_bytes());
        let length = (packed.len() - head) as u32;
        packed[4..8].copy_from_slice(&length.to_be_bytes());
    }
}

/// The checksum of a zlib stream (RFC 1950, 8.2).
fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    // Sums of so many bytes cannot overflow.
    for chunk in bytes.chunks(5_552) {
        for byte in chunk {
            a += u32::from(*byte);
            b += a;
        }
        (a, b) = (a % 65_521, b % 65_521);
    }
    b << 16 | a
}

/// Index of the count of a value (HdrHistogram, `countsArrayIndex`).
fn slot(ns: u64) -> u64 {
    let ns = ns.min(LONGEST_NS);
    let bucket = (u64::BITS - (ns | ((1 << SLOTS_BITS) - 1)).leading_zeros()) - SLOTS_BITS;
    (u64::from(bucket) << (SLOTS_BITS - 1)) + (ns >> bucket)
}

/// A signed number, small ones in few bytes: zigzag, then seven bits a byte, the lowest first.
fn zigzag(number: i64, bytes: &mut Vec<u8>) {
    let mut rest = ((number << 1) ^ (number >> 63)) as u64;
    while rest > 0x7f {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

fn seconds(ns: u64) -> String {
    format!("{}.{:09}", ns / SECOND, ns % SECOND)
}

#[cfg(test)]
mod tests {
    use super::{IntervalLog, LONGEST_NS};
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::Deserializer;

    #[test]
    fn the_library_reads_every_value_as_it_would_have_recorded_it() {
        let mut sorted: Vec<u64> = (0..64).flat_map(|bits| [1 << bits, (1 << bits) + 1]).collect();
        sorted.extend([0, 1, 2_047, 2_048, 2_049, 4_095, 4_096, 999_999, u64::MAX, LONGEST_NS]);
        sorted.extend((0..5_000).map(|n| n * n * 977));
        sorted.extend([31_000_000; 300]);
        sorted.sort_unstable();
        // Every slot, with counts of two bytes: more than one stored block.
        let slots = (0..36).flat_map(|bucket| (1_024..2_048_u64).map(move |n| n << bucket));
        let full: Vec<u64> = slots.flat_map(|ns| [ns; 65]).collect();
        for values in
            [&full[..], &sorted[..], &sorted[..1], &sorted[400..401], &sorted[sorted.len() - 1..]]
        {
            let mut log = IntervalLog::new("all values", 1);
            for _ in 0..2 {
                log.encode(values);
                log.compress();
                let mut expected = Histogram::<u64>::new_with_bounds(1, LONGEST_NS, 3)
                    .expect("the bounds of the run");
                let shorter = values.iter().map(|ns| (*ns).min(LONGEST_NS));
                shorter.for_each(|ns| expected.saturating_record(ns));
                let read: Histogram<u64> =
                    Deserializer::new().deserialize(&mut log.packed.as_slice()).expect("V2");
                assert!(read == expected, "{} values", values.len());
            }
            if values.len() == full.len() {
                assert!(log.plain.len() > usize::from(u16::MAX));
            }
        }
    }
}
