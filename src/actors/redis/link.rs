//! One connection that is made again after every failure, with a deadline around every wait.
//!
//! The crate's connection manager is not used: waiting for its reconnect is not bounded by any
//! time-out. Here any failure hangs up, and the next call dials anew and loads the scripts again,
//! which also covers a server that lost them in a restart.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisResult, Script,
};
use tokio::time::{Instant, timeout_at};

use super::RedisError;

/// The longest wait for one call, dialling included: far above what a healthy server needs.
const CALL: Duration = Duration::from_secs(3);

/// Why a call brought no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("no answer within {} s", CALL.as_secs())]
    Late,
    #[error("what answers there does not speak Redis")]
    Foreign,
    #[error("{0}")]
    Failed(redis::RedisError),
}

impl From<redis::RedisError> for Fault {
    fn from(error: redis::RedisError) -> Fault {
        if error.kind() == ErrorKind::Parse { Fault::Foreign } else { Fault::Failed(error) }
    }
}

impl Fault {
    /// Whether a server has answered, and with a refusal.
    fn is_refusal(&self) -> bool {
        match self {
            Fault::Late | Fault::Foreign => false,
            Fault::Failed(error) => {
                error.code().is_some() || error.kind() == ErrorKind::AuthenticationFailed
            }
        }
    }
}

/// The two scripts, each the atomic step of one sink.
pub(super) struct Scripts {
    pub(super) rank: Script,
    pub(super) platform: Script,
}

/// The connection to the server.
pub(super) struct Link {
    client: Client,
    config: AsyncConnectionConfig,
    address: String,
    /// What the server is asked to run.
    pub(super) scripts: Scripts,
    connection: Option<MultiplexedConnection>,
    dialled: u64,
}

impl Link {
    /// Reads the URL; dials nothing yet.
    ///
    /// # Errors
    /// [`RedisError::Url`].
    pub(super) fn new(url: &str) -> Result<Link, RedisError> {
        let client =
            Client::open(url).map_err(|error| RedisError::Url { reason: describe(&error) })?;
        // The crate takes any whole number and leaves it to the server to refuse it.
        if client.get_connection_info().redis_settings().db() < 0 {
            return Err(RedisError::Url { reason: "Negative database number".to_owned() });
        }
        let config = AsyncConnectionConfig::new()
            // The crate's own 0.5 s and 1 s: every wait below has its deadline.
            .set_response_timeout(None)
            .set_connection_timeout(None);
        let scripts = Scripts {
            rank: Script::new(include_str!("rank.lua")),
            platform: Script::new(include_str!("platform.lua")),
        };
        let address = client.get_connection_info().addr().to_string();
        Ok(Link { client, config, address, scripts, connection: None, dialled: 0 })
    }

    /// Host and port, or the path of the socket.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// How often the connection had to be made again.
    pub(super) fn reconnects(&self) -> u64 {
        self.dialled.saturating_sub(1)
    }

    /// Ends the connection: the next call makes another.
    pub(super) fn hang_up(&mut self) {
        self.connection = None;
    }

    /// Says what a fault means to a person.
    pub(super) fn explain(&self, fault: &Fault) -> RedisError {
        let (address, reason) = (self.address.clone(), fault.to_string());
        if fault.is_refusal() {
            RedisError::Refused { address, reason }
        } else {
            RedisError::Unreachable { address, reason }
        }
    }

    /// Runs one command.
    pub(super) async fn query<T: FromRedisValue>(&mut self, command: &Cmd) -> Result<T, Fault> {
        let until = Instant::now() + CALL;
        let mut connection = self.ready(until).await?;
        let answer = timeout_at(until, command.query_async(&mut connection)).await;
        self.judge(answer)
    }

    /// Runs a pipeline and gives the answer of each of its commands.
    pub(super) async fn pipeline<T: FromRedisValue>(
        &mut self,
        pipeline: &mut Pipeline,
    ) -> Result<Vec<RedisResult<T>>, Fault> {
        let until = Instant::now() + CALL;
        let mut connection = self.ready(until).await?;
        pipeline.ignore_errors();
        let answer = timeout_at(until, pipeline.query_async(&mut connection)).await;
        self.judge(answer)
    }

    /// The connection, made now if there is none, with both scripts loaded.
    async fn ready(&mut self, until: Instant) -> Result<MultiplexedConnection, Fault> {
        if let Some(connection) = &self.connection {
            return Ok(connection.clone());
        }
        let dial = async {
            let mut connection =
                self.client.get_multiplexed_async_connection_with_config(&self.config).await?;
            self.scripts.rank.load_async(&mut connection).await?;
            self.scripts.platform.load_async(&mut connection).await?;
            RedisResult::Ok(connection)
        };
        let connection = timeout_at(until, dial).await.map_err(|_| Fault::Late)??;
        self.connection = Some(connection.clone());
        self.dialled += 1;
        Ok(connection)
    }

    fn judge<T>(
        &mut self,
        answer: Result<RedisResult<T>, tokio::time::error::Elapsed>,
    ) -> Result<T, Fault> {
        let judged = match answer {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error.into(),
            Err(_) => Fault::Late,
        };
        self.hang_up();
        Err(judged)
    }
}

/// The crate's fixed words for a URL it refuses. Not its details, which could quote the URL.
fn describe(error: &redis::RedisError) -> String {
    let text = error.to_string();
    match text.split_once(" - ") {
        Some((words, _)) if error.detail().is_none() => words.to_owned(),
        Some(_) | None => error.category().to_owned(),
    }
}
