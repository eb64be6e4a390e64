//! Floor 3: one flat documented summary and its pure renderers. No I/O, no clock.

pub mod campaign;
pub mod compare;
pub mod explain;
pub mod metric;
pub mod stats;
mod summarise;
pub mod summary;
pub mod text;

pub use summarise::{Context, summarise};
pub use summary::Summary;
pub use text::{
    CampaignOptions, Charset, ComparisonOptions, TextOptions, render_campaign, render_comparison,
    render_text,
};
