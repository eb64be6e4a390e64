//! Floor 2: order, time, chance and failure; and the proof.

pub mod check;
pub mod decide;
pub mod defect;
pub mod dist;
pub mod engine;
pub mod explore;
pub mod forecast;
pub mod lint;
pub mod order_log;
pub mod plan;
pub mod quantile;
pub mod scenario;
pub mod threshold;
