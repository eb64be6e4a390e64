//! The proof: what must hold, and whether it did.

pub mod catalogue;
