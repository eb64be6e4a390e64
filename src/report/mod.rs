//! Floor 3: one flat documented summary and its pure renderers. No I/O, no clock.

pub mod explain;
mod summarise;
pub mod summary;
pub mod text;
mod thresholds;

pub use summarise::{Context, summarise};
pub use summary::Summary;
pub use text::{Charset, TextOptions, render_text};
