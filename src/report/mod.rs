//! Floor 3: one flat documented summary and its pure renderers. No I/O, no clock.

pub mod explain;
mod hgrm;
mod hlog;
mod measure;
mod series;
mod summarise;
pub mod summary;
pub mod text;

pub use hgrm::hgrm;
pub use series::Series;
pub use summarise::{Context, summarise};
pub use summary::Summary;
pub use text::{Charset, TextOptions, render_text};
