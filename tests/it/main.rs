//! The integration tests: one crate, so that it links once.

// The sinks on a real Redis: what they hold at rest is what they were given.
mod redis;
// A private redis-server that a test may kill and start again.
mod redis_server;
