//! Where the time of each step went, message by message.

use super::parts::Parts;
use super::queue::Event;
use super::station::StationFigures;
use crate::domain::{Exchange, Process, Service, Step, Turn};

/// Rows of the table: the low bits of an exchange's key, which are process, step and turn.
const ROWS: usize = 1 << 11;

/// Messages of one kind and their times. Sums are in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Row {
    service: u8,
    count: u64,
    wait_ns: u128,
    service_ns: u128,
    network_ns: u128,
}

/// Times of the messages that did one thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StepTimes {
    /// Of which process.
    pub process: Process,
    /// The step.
    pub step: Step,
    /// Its direction. An orchestrator's handling of the answer has the turn of its question; what
    /// a customer asks of a coordinator is [`Turn::Ask`].
    pub turn: Turn,
    /// Who did it.
    pub service: Service,
    /// Messages whose service ended, duplicates and refusals included.
    pub count: u64,
    /// Sum of the waits in line.
    pub wait_ns: u128,
    /// Sum of the times at a worker.
    pub service_ns: u128,
    /// Sum of the times on the network. What the bus delivers again has none.
    pub network_ns: u128,
}

/// Times by process, step and turn; none: they are not kept.
#[derive(Debug)]
pub(super) struct StepTable(Option<Box<[Row; ROWS]>>);

impl StepTable {
    pub(super) fn new(kept: bool) -> Self {
        StepTable(kept.then(|| Box::new([Row::default(); ROWS])))
    }

    fn rows(&self) -> &[Row] {
        self.0.as_ref().map_or(&[], |rows| rows.as_slice())
    }

    /// The service of a message ends: its times are counted, and returned.
    pub(super) fn served(
        &mut self,
        service: Service,
        work: Exchange,
        event: &Event,
        now_ns: u64,
    ) -> Parts {
        let travelled_ns = event.arrived_ns - event.sent_ns;
        let parts = Parts {
            wait_ns: event.begun_ns - event.arrived_ns,
            service_ns: now_ns - event.begun_ns,
            // What the bus delivers again was stored, not sent.
            network_ns: if event.copy == 0 { travelled_ns } else { 0 },
        };
        let Some(rows) = &mut self.0 else { return parts };
        let mut row = work.bits() as usize % ROWS;
        if service == Service::Orchestrator {
            row = row / TURNS * TURNS + answer(work.turn());
        }
        let row = &mut rows[row];
        row.service = service as u8;
        row.count += 1;
        row.wait_ns += u128::from(parts.wait_ns);
        row.service_ns += u128::from(parts.service_ns);
        row.network_ns += u128::from(parts.network_ns);
        parts
    }

    /// Adds what the messages of each station spent to its figures.
    pub(super) fn add_to(&self, stations: &mut [StationFigures; Service::STATIONS]) {
        for row in self.rows().iter().filter(|row| row.count > 0) {
            let figures = &mut stations[row.service as usize];
            figures.handled += row.count;
            figures.wait_ns += row.wait_ns;
            figures.service_ns += row.service_ns;
            figures.network_ns += row.network_ns;
        }
    }

    /// What happened at least once, in the order of the enums.
    pub(super) fn times(&self) -> Vec<StepTimes> {
        let seen = self.rows().iter().enumerate().filter(|(_, row)| row.count > 0);
        seen.filter_map(|(at, row)| {
            let turn = at % TURNS;
            Some(StepTimes {
                process: *Process::ALL.get(at / TURNS / STEPS)?,
                step: *Step::ALL.get(at / TURNS % STEPS)?,
                turn: TURN_OF[turn],
                service: *Service::ALL.get(row.service as usize)?,
                count: row.count,
                wait_ns: row.wait_ns,
                service_ns: row.service_ns,
                network_ns: row.network_ns,
            })
        })
        .collect()
    }
}

/// Values of three bits, and of five.
const TURNS: usize = 1 << 3;
const STEPS: usize = 1 << 5;
/// What each value of the three bits stands for; those above the turns are the orchestrator's.
const TURN_OF: [Turn; TURNS] =
    [Turn::Do, Turn::Undo, Turn::Said, Turn::Timer, Turn::Ask, Turn::Do, Turn::Undo, Turn::Ask];

/// The orchestrator's messages carry the keys of the steps they are about: they get rows of
/// their own.
const fn answer(turn: Turn) -> usize {
    match turn {
        Turn::Do => 5,
        Turn::Undo => 6,
        Turn::Said | Turn::Timer | Turn::Ask => 7,
    }
}
