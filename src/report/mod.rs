//! Floor 3: one flat documented summary and its pure renderers. No I/O, no clock.

mod cases;
pub mod explain;
mod hgrm;
mod hlog;
mod junit;
mod markdown;
mod measure;
pub mod schema;
mod series;
mod summarise;
pub mod summary;
pub mod text;
mod thresholds;

pub use hgrm::hgrm;
pub use junit::render_junit;
pub use markdown::render_markdown;
pub use series::Series;
pub use summarise::{Context, summarise};
pub use summary::Summary;
pub use text::{Charset, TextOptions, render_outlook, render_text};
