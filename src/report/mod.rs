//! Floor 3: one flat documented summary and its pure renderers.
