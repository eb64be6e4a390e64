//! The thread that writes: it owes each record to Redis until both sinks have acknowledged it.
//!
//! It never reorders on the good path, never gives a record up, and keeps all records of the run,
//! so that a server which comes back empty can be told everything again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use redis::{Pipeline, RedisResult, Script, cmd, pipe};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::time::{Instant, timeout_at};

use super::keys::{Keys, LIFE_S, RunName};
use super::link::{CALL, Link};
use super::outage::Outage;
use super::readback::{Held, SinkReadback, compare};
use super::record::Receipts;
use super::{Receipt, RecordKey, RedisError, SinkRecord, reader};

/// Records in one pipeline: two script calls each.
const BATCH: usize = 100;

/// What the thread is asked to do.
pub(super) enum Order {
    /// Write this.
    Write(SinkRecord),
    /// Write what is owed, read everything back, answer before `until`.
    Finish { until: Instant, answer: Sender<SinkReadback> },
    /// The popular products.
    Top { today: i32, k: usize, answer: Sender<Result<Vec<(u32, i64)>, RedisError>> },
}

/// The state of the thread.
pub(super) struct Writer {
    link: Link,
    keys: Keys,
    orders: UnboundedReceiver<Order>,
    receipts: Arc<Receipts>,
    given: BTreeMap<RecordKey, SinkRecord>,
    owed: VecDeque<RecordKey>,
    outage: Outage,
    resent: u64,
}

/// What the thread does next.
enum Next {
    Obey(Order),
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
        orders: UnboundedReceiver<Order>,
        receipts: Arc<Receipts>,
    ) -> Result<Writer, RedisError> {
        let keys = Keys::new(run);
        let mut claim = cmd("SET");
        claim.arg(&keys.run).arg(std::process::id()).arg("NX").arg("EX").arg(LIFE_S);
        let claimed: Option<String> = link
            .query(&claim, Instant::now() + CALL)
            .await
            .map_err(|fault| link.explain(&fault))?;
        if claimed.is_none() {
            let (address, run) = (link.address().to_owned(), run.as_str().to_owned());
            return Err(RedisError::NameTaken { address, run });
        }
        Ok(Writer {
            link,
            keys,
            orders,
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
                Next::Write => self.write_batch(Instant::now() + CALL).await,
                Next::Obey(Order::Write(record)) => self.accept(record),
                // An asker that has gone away needs no answer.
                Next::Obey(Order::Finish { until, answer }) => {
                    answer.send(self.finish(until).await).ok();
                }
                Next::Obey(Order::Top { today, k, answer }) => {
                    answer.send(self.top(today, k).await).ok();
                }
                Next::Stop => break,
            }
        }
        if !self.owed.is_empty() {
            tracing::warn!(owed = self.owed.len(), "records given up: nobody waits for Redis");
        }
    }

    /// Orders first, until there is a batch to write; during an outage, until the next attempt.
    async fn next(&mut self) -> Next {
        let order = if self.owed.is_empty() {
            self.orders.recv().await
        } else if let Some(at) = self.outage.retry_at() {
            match timeout_at(at, self.orders.recv()).await {
                Ok(order) => order,
                Err(_) => return Next::Write,
            }
        } else if self.owed.len() >= BATCH {
            return Next::Write;
        } else {
            match self.orders.try_recv() {
                Ok(order) => Some(order),
                Err(TryRecvError::Empty) => return Next::Write,
                Err(TryRecvError::Disconnected) => None,
            }
        };
        order.map_or(Next::Stop, Next::Obey)
    }

    /// Takes a record in. A repeated one is written again, for Redis to ignore.
    fn accept(&mut self, record: SinkRecord) {
        let key = record.key();
        self.given.entry(key).or_insert(record);
        self.owed.push_back(key);
    }

    /// Writes the oldest records owed. What fails stays owed.
    async fn write_batch(&mut self, until: Instant) {
        let batch: Vec<&SinkRecord> =
            self.owed.iter().take(BATCH).filter_map(|key| self.given.get(key)).collect();
        let mut pipeline = pipe();
        for record in &batch {
            let scripts = &self.link.scripts;
            rank(&mut pipeline, &scripts.rank, &self.keys, record);
            publish(&mut pipeline, &scripts.platform, &self.keys, record);
        }
        let count = batch.len();
        match self.link.pipeline(&mut pipeline, until).await {
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

    /// Writes until nothing is owed. `false`: the deadline came first.
    async fn flush(&mut self, until: Instant) -> bool {
        while !self.owed.is_empty() {
            if !self.outage.wait(until).await {
                return false;
            }
            self.write_batch(until).await;
        }
        true
    }

    async fn read(&mut self, until: Instant) -> Option<Held> {
        while self.outage.wait(until).await {
            match reader::read(&mut self.link, &self.keys, &self.given, until).await {
                Ok(held) => {
                    self.outage.over(self.link.address(), self.owed.len());
                    return Some(held);
                }
                Err(fault) => {
                    self.outage.failed(self.link.address(), fault.to_string(), self.owed.len());
                }
            }
        }
        None
    }

    /// Flushes, reads back, and tells the server everything once more if it has forgotten some.
    async fn finish(&mut self, until: Instant) -> SinkReadback {
        self.flush(until).await;
        let mut held = self.read(until).await;
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
                self.flush(until).await;
                held = self.read(until).await;
            }
        }
        self.report(held)
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
        let until = Instant::now() + CALL;
        let best = reader::top(&mut self.link, &self.keys, today, k, until).await;
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
