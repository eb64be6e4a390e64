//! Floor 3: one flat documented summary and its pure renderers. No I/O, no clock.

pub mod explain;
mod explored;
mod summarise;
pub mod summary;
pub mod text;

pub use explored::{Exploring, sum_up};
pub use summarise::{Context, scenario_figures, summarise};
pub use summary::Summary;
pub use text::{Charset, TextOptions, render_exploration, render_text};
