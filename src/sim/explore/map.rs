//! The fault map: what each exchange comes to when it breaks, position by position.

use super::class::Class;
use super::decision::step_name;
use super::search::{Exploration, Point};
use crate::domain::{Coordination, Exchange, Process, Service, Turn, saga};
use crate::sim::engine::{Position, Strike};
use std::collections::BTreeMap;

/// A column of the map: a position, at the receiver of the request or at its caller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Column {
    /// Where.
    pub position: Position,
    /// At the caller, while it takes in the answer.
    pub answer: bool,
}

impl Column {
    /// Every column, in the order of the map.
    pub const ALL: [Column; 11] = [
        Column::of(Position::RequestLost, false),
        Column::of(Position::BeforeCommit, false),
        Column::of(Position::AfterCommit, false),
        Column::of(Position::ReplyLost, false),
        Column::of(Position::LateReply, false),
        Column::of(Position::AckLost, false),
        Column::of(Position::LateRequest, false),
        Column::of(Position::Refused, false),
        Column::of(Position::BeforeCommit, true),
        Column::of(Position::AfterCommit, true),
        Column::of(Position::AckLost, true),
    ];

    const fn of(position: Position, answer: bool) -> Self {
        Column { position, answer }
    }

    /// The letter at its head.
    #[must_use]
    pub const fn letter(self) -> char {
        let letter = self.position.letter();
        if self.answer { letter.to_ascii_uppercase() } else { letter }
    }
}

/// What a position of an exchange came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cell {
    /// Struck: the worst that came of it, and whether one fault was enough.
    Struck {
        /// The worst.
        class: Class,
        /// No second fault was needed.
        alone: bool,
    },
    /// The message does not have this position, or no run reached it.
    NotApplicable,
}

/// One exchange of the map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapRow {
    /// The exchange, its first attempt.
    pub key: Exchange,
    /// A cell for each of [`Column::ALL`].
    pub cells: [Cell; Column::ALL.len()],
}

impl MapRow {
    /// The process, with the number of the payment.
    #[must_use]
    pub fn process(&self) -> String {
        match self.key.n() {
            0 => self.key.process().name().to_owned(),
            n => format!("{} {n}", self.key.process().name()),
        }
    }

    /// The step.
    #[must_use]
    pub fn step(&self) -> String {
        step_name(self.key)
    }
}

/// A row of the saga table that no message stands for, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotApplicable {
    /// The process.
    pub process: Process,
    /// The step or undo.
    pub name: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// The map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Map {
    /// The exchanges that were struck, process by process, in the order of the saga table.
    pub rows: Vec<MapRow>,
    /// Rows of the saga table that no exchange of a run stands for.
    pub not_applicable: Vec<NotApplicable>,
}

impl Map {
    /// The map of an exploration.
    #[must_use]
    pub fn of(exploration: &Exploration, coordination: Coordination) -> Self {
        let mut cells: BTreeMap<(u32, Process, u8, Turn, u8), MapRow> = BTreeMap::new();
        for point in &exploration.points {
            let key = point.strike.key.with_attempt(0).with_part(0);
            let place = (key.request().0, key.process(), key.n(), key.turn(), key.step() as u8);
            let row = cells
                .entry(place)
                .or_insert_with(|| MapRow { key, cells: [Cell::NotApplicable; Column::ALL.len()] });
            enter(row, point);
        }
        let rows: Vec<MapRow> = cells.into_values().collect();
        let not_applicable = absent(&rows, coordination);
        Map { rows, not_applicable }
    }
}

fn enter(row: &mut MapRow, point: &Point) {
    let Strike { position, answer, .. } = point.strike;
    let Some(at) = Column::ALL.iter().position(|c| *c == Column { position, answer }) else {
        return;
    };
    let fresh = (point.class, point.alone);
    let worst = match row.cells[at] {
        Cell::Struck { class, alone } => fresh.max((class, alone)),
        Cell::NotApplicable => fresh,
    };
    row.cells[at] = Cell::Struck { class: worst.0, alone: worst.1 };
}

fn absent(rows: &[MapRow], coordination: Coordination) -> Vec<NotApplicable> {
    let struck = |row: &saga::Row| {
        rows.iter().any(|one| {
            let MapRow { key, cells } = one;
            let message = cells.iter().zip(Column::ALL).any(|(cell, column)| {
                *cell != Cell::NotApplicable && column.position != Position::Refused
            });
            message && (key.process(), key.step(), key.turn()) == (row.process, row.step, row.turn)
        })
    };
    let reason = |row: &saga::Row| match row.service {
        Service::Platform | Service::Ranking => "on no path that was run",
        _ if coordination == Coordination::Monolith => "inside the transaction of its process",
        _ => "in the commit of the step before it, or on no path that was run",
    };
    let row = |row: &saga::Row| NotApplicable {
        process: row.process,
        name: row.name(),
        reason: reason(row),
    };
    saga::table().filter(|row| !struck(row)).map(row).collect()
}
