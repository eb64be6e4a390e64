//! Floor 2: order, time, chance and failure; and the proof.

pub mod check;
pub mod scenario;
