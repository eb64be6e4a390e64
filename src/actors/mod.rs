//! Floor 1: the actors.

pub mod redis;
