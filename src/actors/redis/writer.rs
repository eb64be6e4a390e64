//! The thread that writes: it owes each record to Redis until both sinks have acknowledged it.
//!
//! It never reorders on the good path, never gives a record up, and keeps all records of the run,
//! so that a server which comes back empty can be told everything again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use redis::{Pipeline, RedisResult, Script, cmd, pipe};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::time::{Instant, timeout_at};

use super::keys::{Keys, LIFE_S, RunName};
use super::link::Link;
use super::outage::Outage;
use super::readback::{Held, SinkReadback, compare};
use super::record::Receipts;
use super::{Receipt, RecordKey, RedisError, SinkRecord, reader};

/// Records in one pipeline: two script calls each.
const BATCH: usize = 100;

/// What the thread is asked to do.
pub(super) enum Command {
    /// Write this.
    Write(SinkRecord),
    /// Write what is owed, read everything back; give up after `patience` without progress.
    Finish { patience: Duration, answer: Sender<SinkReadback> },
    /// The popular products.
    Top { today: i32, k: usize, answer: Sender<Result<Vec<(u32, i64)>, RedisError>> },
}

/// The state of the thread.
pub(super) struct Writer {
    link: Link,
    keys: Keys,
    commands: UnboundedReceiver<Command>,
    receipts: Arc<Receipts>,
    given: BTreeMap<RecordKey, SinkRecord>,
    owed: VecDeque<RecordKey>,
    outage: Outage,
    resent: u64,
}

/// What the thread does next.
enum Next {
    Obey(Command),
    Write,
    Stop,
}

impl Writer {
    /// Dials, loads the scripts and claims the run's name by a write.
    ///
    /// # Errors
    /// [`RedisError::Unreachable`], [`RedisError::Refused`], [`RedisError::NameTaken`].
    pub(super) async fn connect(
        mut link: Link,
        run: &RunName,
        commands: UnboundedReceiver<Command>,
        receipts: Arc<Receipts>,
    ) -> Result<Writer, RedisError> {
        let keys = Keys::new(run);
        let mut claim = cmd("SET");
        claim.arg(&keys.run).arg(std::process::id()).arg("NX").arg("EX").arg(LIFE_S);
        let claimed: Option<String> =
            link.query(&claim).await.map_err(|fault| link.explain(&fault))?;
        if claimed.is_none() {
            let (address, run) = (link.address().to_owned(), run.as_str().to_owned());
            return Err(RedisError::NameTaken { address, run });
        }
        Ok(Writer {
            link,
            keys,
            commands,
            receipts,
            given: BTreeMap::new(),
            owed: VecDeque::new(),
            outage: Outage::default(),
            resent: 0,
        })
    }

    /// Serves until the other end is dropped.
    pub(super) async fn serve(mut self) {
        loop {
            match self.next().await {
                Next::Write => self.write_batch().await,
                Next::Obey(Command::Write(record)) => self.accept(record),
                // An asker that has gone away needs no answer.
                Next::Obey(Command::Finish { patience, answer }) => {
                    answer.send(self.finish(patience).await).ok();
                }
                Next::Obey(Command::Top { today, k, answer }) => {
                    answer.send(self.top(today, k).await).ok();
                }
                Next::Stop => break,
            }
        }
        if !self.owed.is_empty() {
            tracing::warn!(owed = self.owed.len(), "records given up: nobody waits for Redis");
        }
    }

    /// Commands first, until there is a batch to write; during an outage, until the next attempt.
    async fn next(&mut self) -> Next {
        let command = if self.owed.is_empty() {
            self.commands.recv().await
        } else if let Some(at) = self.outage.retry_at() {
            match timeout_at(at, self.commands.recv()).await {
                Ok(command) => command,
                Err(_) => return Next::Write,
            }
        } else if self.owed.len() >= BATCH {
            return Next::Write;
        } else {
            match self.commands.try_recv() {
                Ok(command) => Some(command),
                Err(TryRecvError::Empty) => return Next::Write,
                Err(TryRecvError::Disconnected) => None,
            }
        };
        command.map_or(Next::Stop, Next::Obey)
    }

    /// Takes a record in. A repeated one is written again, for Redis to ignore.
    fn accept(&mut self, record: SinkRecord) {
        let key = record.key();
        self.given.entry(key).or_insert(record);
        self.owed.push_back(key);
    }

    /// Writes the oldest records owed. What fails stays owed.
    async fn write_batch(&mut self) {
        let batch: Vec<&SinkRecord> =
            self.owed.iter().take(BATCH).filter_map(|key| self.given.get(key)).collect();
        let mut pipeline = pipe();
        for record in &batch {
            let scripts = &self.link.scripts;
            rank(&mut pipeline, &scripts.rank, &self.keys, record);
            publish(&mut pipeline, &scripts.platform, &self.keys, record);
        }
        let count = batch.len();
        match self.link.pipeline(&mut pipeline).await {
            Ok(answers) => self.settle(count, &answers),
            Err(fault) => {
                self.outage.failed(self.link.address(), fault.to_string(), self.owed.len());
            }
        }
    }

    /// Notes what the server said to the `count` oldest records.
    fn settle(&mut self, count: usize, answers: &[RedisResult<i64>]) {
        let written: Vec<RecordKey> = self.owed.drain(..count).collect();
        let mut refusal = None;
        for (key, answers) in written.into_iter().zip(answers.chunks(2)) {
            match answers.iter().find_map(|answer| answer.as_ref().err()) {
                None => {
                    self.receipts.insert(key, Receipt::Taken);
                }
                Some(error) => {
                    // Behind the others: one bad record must not hold them up.
                    self.owed.push_back(key);
                    refusal = Some(error);
                }
            }
        }
        match refusal {
            None => self.outage.over(self.link.address(), self.owed.len()),
            Some(error) => {
                // A new connection loads the scripts again, should they be what is missing.
                self.link.hang_up();
                self.outage.failed(self.link.address(), error.to_string(), self.owed.len());
            }
        }
    }

    /// Writes until nothing is owed, or until the server takes nothing for so long.
    async fn flush(&mut self, patience: Duration) {
        let mut until = Instant::now() + patience;
        while !self.owed.is_empty() && self.outage.wait(until).await {
            let before = self.owed.len();
            self.write_batch().await;
            if self.owed.len() < before {
                until = Instant::now() + patience;
            }
        }
    }

    /// Reads both sinks; tries again until `until`, but at least once.
    async fn read(&mut self, until: Instant) -> Option<Held> {
        loop {
            match reader::read(&mut self.link, &self.keys, &self.given).await {
                Ok(held) => {
                    // A server that can be read may still refuse to be written to.
                    if self.owed.is_empty() {
                        self.outage.over(self.link.address(), 0);
                    }
                    return Some(held);
                }
                Err(fault) => {
                    self.outage.failed(self.link.address(), fault.to_string(), self.owed.len());
                }
            }
            if !self.outage.wait(until).await {
                return None;
            }
        }
    }

    /// Flushes, reads back, and tells the server everything once more if it has forgotten some.
    async fn finish(&mut self, patience: Duration) -> SinkReadback {
        let mut held = self.flush_and_read(patience).await;
        if let Some(found) = &held {
            let (missing, _) = compare(&self.given, found);
            let forgotten = missing.iter().any(|key| self.is_taken(*key));
            if forgotten {
                tracing::warn!(
                    missing = missing.len(),
                    resending = self.given.len(),
                    "Redis has lost acknowledged records; all are written again"
                );
                for key in missing {
                    self.receipts.insert(key, Receipt::Owed);
                }
                self.owed = self.given.keys().copied().collect();
                self.resent += self.given.len() as u64;
                held = self.flush_and_read(patience).await;
            }
        }
        self.report(held)
    }

    async fn flush_and_read(&mut self, patience: Duration) -> Option<Held> {
        self.flush(patience).await;
        // What could not be written in all that time: a read is tried once, without waiting.
        let patience = if self.owed.is_empty() { patience } else { Duration::ZERO };
        self.read(Instant::now() + patience).await
    }

    fn report(&self, held: Option<Held>) -> SinkReadback {
        let counted = SinkReadback {
            reason: self.outage.reason().map(str::to_owned),
            sent: self.given.len() as u64,
            acknowledged: self.given.keys().filter(|key| self.is_taken(**key)).count() as u64,
            resent: self.resent,
            reconnects: self.link.reconnects(),
            ..SinkReadback::default()
        };
        match held {
            Some(held) => {
                let (missing, wrong) = compare(&self.given, &held);
                let Held { ranking, platform, ranked: _ } = held;
                SinkReadback { reachable: true, ranking, platform, missing, wrong, ..counted }
            }
            None => SinkReadback {
                missing: self.given.keys().copied().filter(|key| !self.is_taken(*key)).collect(),
                ..counted
            },
        }
    }

    fn is_taken(&self, key: RecordKey) -> bool {
        self.receipts.get(&key).is_some_and(|receipt| *receipt == Receipt::Taken)
    }

    async fn top(&mut self, today: i32, k: usize) -> Result<Vec<(u32, i64)>, RedisError> {
        let best = reader::top(&mut self.link, &self.keys, today, k).await;
        best.map_err(|fault| self.link.explain(&fault))
    }
}

/// One call of the ranking's script.
fn rank(pipeline: &mut Pipeline, script: &Script, keys: &Keys, record: &SinkRecord) {
    let call = pipeline.cmd("EVALSHA").arg(script.get_hash()).arg(2);
    call.arg(&keys.rank_seen).arg(keys.day(record.day));
    call.arg(record.key().to_string()).arg(LIFE_S);
    for (product, units) in record.units() {
        call.arg(product).arg(units);
    }
}

/// One call of the data platform's script.
fn publish(pipeline: &mut Pipeline, script: &Script, keys: &Keys, record: &SinkRecord) {
    let lines: Vec<String> = record.lines.iter().map(|(p, q)| format!("{p}x{q}")).collect();
    let key = record.key();
    let call = pipeline.cmd("EVALSHA").arg(script.get_hash()).arg(2);
    call.arg(&keys.platform_seen).arg(&keys.platform);
    call.arg(key.to_string()).arg(LIFE_S);
    call.arg(key.order).arg(key.kind()).arg(record.day).arg(record.user);
    call.arg(record.amount).arg(lines.join(" "));
}
