//! The handle: what the run holds of the thread that writes.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::link::Link;
use super::record::Receipts;
use super::writer::{Command, Writer};
use super::{Receipt, RecordKey, RedisError, RunName, SinkReadback, SinkRecord};

/// How long [`RedisSinks::finish`] waits for a Redis that takes nothing, unless told otherwise.
pub const FINISH_PATIENCE: Duration = Duration::from_secs(30);
/// The longest patience that counts, so that no sum of times can overflow: a day.
const LONGEST_PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Both sinks of one run on a real Redis, written in the background.
///
/// [`send`](RedisSinks::send) never waits; a thread of its own does all the waiting. The queue
/// between them has no bound, because every record is kept to the end anyway: about 200 bytes for
/// a record of two lines. Dropped without [`finish`](RedisSinks::finish), what is still owed is
/// given up.
pub struct RedisSinks {
    commands: UnboundedSender<Command>,
    receipts: Arc<Receipts>,
    address: String,
}

impl fmt::Debug for RedisSinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSinks").field("address", &self.address).finish_non_exhaustive()
    }
}

impl RedisSinks {
    /// Reads the URL; connects to nothing.
    ///
    /// # Errors
    /// [`RedisError::Url`]: it makes no sense.
    pub fn understand(url: &str) -> Result<(), RedisError> {
        Link::new(url).map(drop)
    }

    /// Connects within 3 seconds, and claims the run's name by writing to the server.
    ///
    /// # Errors
    /// [`RedisError`]: the URL makes no sense, nothing answers there, the server refuses to be
    /// written to, or it already holds a run of that name.
    pub fn connect(url: &str, run: RunName) -> Result<RedisSinks, RedisError> {
        let link = Link::new(url)?;
        let address = link.address().to_owned();
        let receipts = Arc::new(Receipts::default());
        let (commands, inbox) = unbounded_channel();
        let (ready, connected) = channel();
        let startup = Startup { link, run, inbox, receipts: Arc::clone(&receipts), ready };
        // What the thread logs goes where the caller's logs go.
        let log = tracing::dispatcher::get_default(Clone::clone);
        thread::Builder::new()
            .name("sagasim-redis".to_owned())
            .spawn(move || tracing::dispatcher::with_default(&log, || startup.run()))
            .map_err(|error| not_running(&error))?;
        connected.recv().map_err(|_| ended())??;
        Ok(RedisSinks { commands, receipts, address })
    }

    /// Hands a record over. Returns at once, whatever state Redis is in.
    pub fn send(&self, record: SinkRecord) {
        self.receipts.entry(record.key()).or_insert(Receipt::Owed);
        // Refused only if the thread has ended: then the record stays owed, and `finish` says so.
        self.commands.send(Command::Write(record)).ok();
    }

    /// How far a record has come; none if it was never sent.
    #[must_use]
    pub fn receipt(&self, key: RecordKey) -> Option<Receipt> {
        self.receipts.get(&key).map(|receipt| *receipt)
    }

    /// Writes what is owed, reads both sinks back and holds them against the records sent; heals
    /// a server that has forgotten some by writing all of them again, once.
    ///
    /// As long as Redis takes records this goes on (tens of thousands a second). It ends after
    /// `patience` of wall time without any progress (a call of 3 seconds under way is waited for)
    /// and says what is missing. Nothing is given up: records sent later, and those still owed,
    /// are in the next `finish`.
    #[must_use]
    pub fn finish(&self, patience: Duration) -> SinkReadback {
        let (answer, answered) = channel();
        let patience = patience.min(LONGEST_PATIENCE);
        self.commands.send(Command::Finish { patience, answer }).ok();
        answered.recv().unwrap_or_else(|_| self.lost())
    }

    /// The `k` most sold products of `today` (in days since 1970-01-01) and the two days before,
    /// added up by Redis from what it holds now: ties by product id ascending, products without
    /// units left out.
    ///
    /// # Errors
    /// [`RedisError`] if Redis does not answer within 3 seconds.
    pub fn top(&self, today: i32, k: usize) -> Result<Vec<(u32, i64)>, RedisError> {
        let (answer, answered) = channel();
        self.commands.send(Command::Top { today, k, answer }).ok();
        answered.recv().map_err(|_| ended())?
    }

    /// What can be said when the thread is gone.
    fn lost(&self) -> SinkReadback {
        let owed = self.receipts.iter().filter(|entry| *entry.value() == Receipt::Owed);
        let mut missing: Vec<RecordKey> = owed.map(|entry| *entry.key()).collect();
        missing.sort_unstable();
        let sent = self.receipts.len() as u64;
        SinkReadback {
            reason: Some(ended().to_string()),
            sent,
            acknowledged: sent - missing.len() as u64,
            missing,
            ..SinkReadback::default()
        }
    }
}

/// What the thread needs to begin.
struct Startup {
    link: Link,
    run: RunName,
    inbox: UnboundedReceiver<Command>,
    receipts: Arc<Receipts>,
    ready: Sender<Result<(), RedisError>>,
}

impl Startup {
    fn run(self) {
        let Startup { link, run, inbox, receipts, ready } = self;
        match runtime() {
            Err(error) => {
                ready.send(Err(not_running(&error))).ok();
            }
            Ok(runtime) => {
                runtime.block_on(async move {
                    match Writer::connect(link, &run, inbox, receipts).await {
                        Err(error) => {
                            ready.send(Err(error)).ok();
                        }
                        Ok(writer) => {
                            ready.send(Ok(())).ok();
                            writer.serve().await;
                        }
                    }
                });
                // A name look-up may still hang; nobody waits for it.
                runtime.shutdown_background();
            }
        }
    }
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

fn not_running(error: &io::Error) -> RedisError {
    RedisError::Thread { reason: error.to_string() }
}

fn ended() -> RedisError {
    RedisError::Thread { reason: "it has ended".to_owned() }
}
