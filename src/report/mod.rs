//! Floor 3: one flat documented summary and its pure renderers. No I/O, no clock.

pub mod explain;
pub mod schema;
mod summarise;
pub mod summary;
pub mod text;

pub use summarise::{Context, summarise};
pub use summary::Summary;
pub use text::{Charset, TextOptions, render_outlook, render_text};
