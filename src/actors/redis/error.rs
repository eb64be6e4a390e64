//! What can go wrong with Redis, in words for a person. No text here ever holds the URL, because a
//! URL holds a password.

/// Why Redis cannot be used. The command line ends with exit code 7 on any of them, but with 2 if
/// the URL cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum RedisError {
    /// The URL cannot be understood.
    #[error(
        "the Redis URL is not usable ({reason}); expected redis://[user:password@]host[:port][/db] \
         or redis+unix:///path"
    )]
    Url {
        /// What is wrong with it, without quoting it.
        reason: String,
    },
    /// The name of the run cannot be part of a key.
    #[error("{name:?} cannot name a run: 1 to 128 of the characters A-Z a-z 0-9 . _ - /")]
    Name {
        /// The name refused.
        name: String,
    },
    /// Nothing answers at the address, or not in time.
    #[error("Redis at {address} cannot be reached: {reason}")]
    Unreachable {
        /// Host and port, or the path of the socket.
        address: String,
        /// What happened.
        reason: String,
    },
    /// The server answers, and refuses: password, read-only replica, full memory, too old.
    #[error(
        "Redis at {address} refuses to serve: {reason} (7.0 or newer, and writable, is needed)"
    )]
    Refused {
        /// Host and port, or the path of the socket.
        address: String,
        /// The server's words.
        reason: String,
    },
    /// Another run has written under this name.
    #[error("Redis at {address} already holds a run named {run}: give this run another name")]
    NameTaken {
        /// Host and port, or the path of the socket.
        address: String,
        /// The name of the run.
        run: String,
    },
    /// The background thread could not be started, or has ended.
    #[error("the thread that writes to Redis is not running: {reason}")]
    Thread {
        /// What happened.
        reason: String,
    },
}
