//! How far a run is, on stderr, by the wall clock: a bar on a terminal, a line now and then
//! elsewhere.

use super::engine::Moment;
use crate::report::text::{count, span};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::time::{Duration, Instant};

/// How progress is shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mode {
    /// A bar that is redrawn.
    Bar,
    /// A line every [`LINE_EVERY`].
    Plain,
    /// Not at all.
    Off,
}

/// Nothing is silent for longer.
pub const LINE_EVERY: Duration = Duration::from_secs(10);
const BAR_EVERY: Duration = Duration::from_millis(100);
/// Cells of the bar's scale.
const SCALE: f64 = 1_000.0;

/// Shows how far a run is.
pub struct Progress<'a> {
    mode: Mode,
    out: &'a mut dyn Write,
    bar: Option<ProgressBar>,
    pace: Pace,
    begin: Instant,
}

impl<'a> Progress<'a> {
    /// Nothing is shown before the first tick. Lines go to `out`; a bar draws on stderr itself.
    pub fn new(mode: Mode, out: &'a mut dyn Write) -> Self {
        let every = if mode == Mode::Plain { LINE_EVERY } else { BAR_EVERY };
        let bar = (mode == Mode::Bar).then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(10);
            let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}");
            let bar = ProgressBar::with_draw_target(Some(SCALE as u64), target);
            match style {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Progress { mode, out, bar, pace: Pace::new(every), begin: Instant::now() }
    }

    /// Call it often: the clock is read only now and then.
    pub fn tick(&mut self, moment: Moment) {
        self.tick_with(moment, describe);
    }

    /// The same for several runs together, of which `done` of `all` are over.
    pub fn tick_all(&mut self, done: usize, all: usize, moment: Moment) {
        self.tick_with(moment, |moment| format!("{done} of {all} runs, {}", describe(moment)));
    }

    fn tick_with(&mut self, moment: Moment, describe: impl Fn(Moment) -> String) {
        self.show(moment.fraction, || describe(moment));
    }

    /// The same for a part of the whole, 0 to 1, and what to say about it.
    pub fn show(&mut self, fraction: f64, text: impl FnOnce() -> String) {
        let begin = self.begin;
        if self.mode == Mode::Off || !self.pace.due(|| begin.elapsed()) {
            return;
        }
        let text = text().replace('\u{202f}', " ").replace('µ', "u");
        if let Some(bar) = &self.bar {
            bar.set_message(text);
            bar.set_position((fraction.clamp(0.0, 1.0) * SCALE) as u64);
        } else {
            let percent = fraction.clamp(0.0, 1.0) * 100.0;
            // There is nowhere to say that this failed.
            writeln!(self.out, "{percent:>3.0}%  {text}").and_then(|()| self.out.flush()).ok();
        }
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn describe(moment: Moment) -> String {
    format!("{} simulated, {} orders", span(moment.simulated_ns), count(moment.orders))
}

/// Says when something is due, reading the clock about every millisecond however often it is
/// asked.
struct Pace {
    every: Duration,
    next: Duration,
    read: Duration,
    stride: u32,
    left: u32,
}

impl Pace {
    const fn new(every: Duration) -> Self {
        Pace { every, next: every, read: Duration::ZERO, stride: 1, left: 1 }
    }

    fn due(&mut self, clock: impl Fn() -> Duration) -> bool {
        self.left -= 1;
        if self.left > 0 {
            return false;
        }
        let now = clock();
        let since = now.saturating_sub(self.read);
        self.stride = match since.as_micros() {
            0..1_000 => (self.stride * 2).min(1 << 16),
            1_000..4_000 => self.stride,
            _ => (self.stride / 4).max(1),
        };
        (self.read, self.left) = (now, self.stride);
        if now < self.next {
            return false;
        }
        self.next = now + self.every;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Asks `asks` times, `gap` apart; gives how often it was due and how often the clock was read.
    fn ask(every: Duration, asks: u32, gap: Duration) -> (u32, u32) {
        let (mut pace, reads, mut due) = (Pace::new(every), Cell::new(0), 0);
        for at in 1..=asks {
            let clock = || {
                reads.set(reads.get() + 1);
                gap * at
            };
            due += u32::from(pace.due(clock));
        }
        (due, reads.get())
    }

    #[test]
    fn asked_millions_of_times_a_second_the_clock_is_hardly_read() {
        let (due, reads) = ask(Duration::from_millis(100), 1_000_000, Duration::from_micros(1));
        assert!((9..=10).contains(&due), "due {due} times in a second");
        assert!(reads < 2_000, "read {reads} times");
    }

    #[test]
    fn asked_seldom_nothing_is_missed() {
        let (due, reads) = ask(LINE_EVERY, 60, Duration::from_secs(1));
        assert_eq!(due, 6);
        assert_eq!(reads, 60);
    }

    #[test]
    fn without_progress_nothing_is_written() {
        let mut out = Vec::new();
        let mut progress = Progress::new(Mode::Off, &mut out);
        progress.tick(Moment { fraction: 0.5, simulated_ns: 1, orders: 1 });
        progress.finish();
        assert!(out.is_empty());
    }

    #[test]
    fn a_line_says_how_far_in_plain_characters() {
        let moment = Moment { fraction: 0.5, simulated_ns: 100_000_000_000, orders: 12_345 };
        let mut out = Vec::new();
        let mut progress = Progress::new(Mode::Plain, &mut out);
        progress.pace = Pace::new(Duration::ZERO);
        progress.tick(moment);
        assert_eq!(String::from_utf8_lossy(&out), " 50%  1m40s simulated, 12 345 orders\n");
    }
}
