//! Floor 3: one flat documented summary and its pure renderers. No I/O, no clock.

pub mod campaign;
mod cases;
pub mod claims;
pub mod compare;
pub mod explain;
mod explored;
mod hgrm;
mod hlog;
mod junit;
mod markdown;
mod measure;
pub mod metric;
pub mod schema;
mod series;
pub mod stats;
mod summarise;
pub mod summary;
pub mod text;
mod thresholds;

pub use explored::{Exploring, sum_up, violation};
pub use hgrm::hgrm;
pub use junit::{render_campaign_junit, render_junit};
pub use markdown::{render_campaign_markdown, render_markdown};
pub use series::Series;
pub use summarise::{Again, Context, fails, scenario_figures, summarise};
pub use summary::Summary;
pub use text::{
    AblationOptions, CampaignOptions, Charset, ComparisonOptions, TextOptions, render_ablation,
    render_campaign, render_comparison, render_exploration, render_inspection, render_outlook,
    render_text,
};
