//! The one integration crate: one line per file.

// Keyed chance: bits, avalanche, golden values.
mod decide;
// Sampling: golden values, agreement with theory, monotone and bounded.
mod dist;
// Order logs: the real week recounted, every reason for rejection, mutated files.
mod order_log;
// The rules of the house: floors, purity, sizes, reasons, texts.
mod tidy;
