//! The sinks on a real Redis that is killed, emptied, hung, and asked what it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sagasim::actors::redis::{
    Receipt, RecordKey, RedisError, RedisSinks, RunName, SinkReadback, SinkRecord,
};

use crate::redis_server::RedisServer;

/// The day of the first record: 2026-11-22.
const DAY: i32 = 20_779;
/// Never reached when all is well.
const PATIENCE: Duration = Duration::from_secs(60);

fn connect(server: &RedisServer) -> RedisSinks {
    let run = RunName::new("test/1").expect("a plain name");
    RedisSinks::connect(&server.url(), run).expect("the server runs")
}

/// A sale of one to three lines; every fifth order is refunded too, every third over midnight.
fn records(orders: u32) -> Vec<SinkRecord> {
    let mut all = Vec::new();
    for order in 0..orders {
        let lines = (0..=order % 3).map(|i| ((order * 7 + i * 13) % 1_500, 1 + (order + i) % 4));
        let sale = SinkRecord {
            order,
            refund: false,
            day: DAY + i32::from(order % 3 == 0),
            lines: lines.collect(),
            amount: i64::from(order) * 100,
            user: order % 97,
        };
        if order % 5 == 0 {
            all.push(SinkRecord { refund: true, ..sale.clone() });
        }
        all.push(sale);
    }
    all
}

/// Holds the read-back against sums made here.
fn assert_holds_exactly(back: &SinkReadback, records: &[SinkRecord]) {
    let mut ranking: BTreeMap<(i32, u32), i64> = BTreeMap::new();
    let mut platform = BTreeMap::new();
    for record in records {
        for &(product, quantity) in &record.lines {
            let units = i64::from(quantity) * if record.refund { -1 } else { 1 };
            *ranking.entry((record.day, product)).or_default() += units;
        }
        platform.insert((record.order, record.refund), (record.amount, 1));
    }
    ranking.retain(|_, units| *units != 0);
    assert!(back.reachable, "{:?}", back.reason);
    assert_eq!(back.missing, []);
    assert_eq!(back.wrong, []);
    assert!(back.agrees());
    assert_eq!(back.ranking, ranking);
    assert_eq!(back.platform, platform);
    assert_eq!(back.sent, records.len() as u64);
    assert_eq!(back.acknowledged, records.len() as u64);
}

fn wait_until_taken(sinks: &RedisSinks, key: RecordKey) {
    let started = Instant::now();
    while sinks.receipt(key) != Some(Receipt::Taken) {
        assert!(started.elapsed() < PATIENCE, "{key} is never taken");
        std::thread::yield_now();
    }
}

/// Sends everything; does `what` to the server when a third of it has been taken.
fn send_with_an_incident(
    server: &mut RedisServer,
    sinks: &RedisSinks,
    records: &[SinkRecord],
    what: impl FnOnce(&mut RedisServer),
) {
    let (before, after) = records.split_at(records.len() * 2 / 3);
    for record in before {
        sinks.send(record.clone());
    }
    wait_until_taken(sinks, records[records.len() / 3].key());
    what(server);
    for record in after {
        sinks.send(record.clone());
    }
}

#[test]
fn every_record_sent_twice_is_held_once() {
    let server = RedisServer::start();
    let sinks = connect(&server);
    let records = records(3_000);
    for record in &records {
        sinks.send(record.clone());
    }
    for record in records.iter().rev() {
        sinks.send(record.clone());
    }
    let back = sinks.finish(PATIENCE);
    assert_holds_exactly(&back, &records);
    assert_eq!((back.resent, back.reconnects), (0, 0));
    // Asked again, it says the same.
    assert_eq!(sinks.finish(PATIENCE), back);
}

#[test]
fn a_server_killed_in_mid_run_and_restarted_on_its_file_holds_everything_once() {
    let mut server = RedisServer::start();
    let sinks = connect(&server);
    let records = records(4_000);
    send_with_an_incident(&mut server, &sinks, &records, RedisServer::kill);
    server.restart();
    let back = sinks.finish(PATIENCE);
    assert_holds_exactly(&back, &records);
    assert!(back.reconnects >= 1);
}

#[test]
fn a_server_that_comes_back_empty_is_told_everything_again() {
    let mut server = RedisServer::start();
    let sinks = connect(&server);
    let records = records(3_000);
    send_with_an_incident(&mut server, &sinks, &records, RedisServer::restart_empty);
    let back = sinks.finish(PATIENCE);
    assert_holds_exactly(&back, &records);
    assert_eq!(back.resent, records.len() as u64);
    // It forgets even after the end of the run.
    server.restart_empty();
    assert_holds_exactly(&sinks.finish(PATIENCE), &records);
}

#[test]
fn scripts_flushed_in_mid_run_are_loaded_again() {
    let mut server = RedisServer::start();
    let sinks = connect(&server);
    let records = records(1_000);
    send_with_an_incident(&mut server, &sinks, &records, |server| {
        ask::<()>(server, &["SCRIPT", "FLUSH"]);
    });
    let back = sinks.finish(PATIENCE);
    assert_holds_exactly(&back, &records);
    assert_eq!(back.resent, 0);
}

#[test]
fn a_server_that_stays_down_leaves_exactly_what_it_did_not_acknowledge() {
    let mut server = RedisServer::start();
    let sinks = connect(&server);
    let records = records(600);
    let (before, after) = records.split_at(300);
    for record in before {
        sinks.send(record.clone());
    }
    assert!(sinks.finish(PATIENCE).agrees());
    server.kill();
    for record in after {
        sinks.send(record.clone());
    }
    let back = sinks.finish(Duration::from_millis(100));
    assert!(!back.reachable && !back.agrees() && back.reason.is_some());
    let mut owed: Vec<RecordKey> = after.iter().map(SinkRecord::key).collect();
    owed.sort_unstable();
    assert_eq!(back.missing, owed);
    assert_eq!((back.sent, back.acknowledged), (600 + 120, 300));
    assert!(back.ranking.is_empty() && back.platform.is_empty() && back.wrong.is_empty());
    assert!(matches!(sinks.top(DAY, 5), Err(RedisError::Unreachable { .. })));
    // Nothing was given up: a later end finds it whole.
    server.restart();
    assert_holds_exactly(&sinks.finish(PATIENCE), &records);
}

#[test]
fn a_server_that_refuses_writes_in_mid_run_is_read_and_says_what_it_lacks() {
    let server = RedisServer::start();
    let sinks = connect(&server);
    let records = records(500);
    let (before, after) = records.split_at(200);
    for record in before {
        sinks.send(record.clone());
    }
    assert!(sinks.finish(PATIENCE).agrees());
    ask::<()>(&server, &["CONFIG", "SET", "maxmemory", "1"]);
    for record in after {
        sinks.send(record.clone());
    }
    let back = sinks.finish(Duration::from_millis(100));
    assert!(back.reachable && !back.agrees());
    assert!(back.reason.as_ref().is_some_and(|reason| reason.contains("OOM")), "{back:?}");
    let mut owed: Vec<RecordKey> = after.iter().map(SinkRecord::key).collect();
    owed.sort_unstable();
    assert_eq!(back.missing, owed);
    assert_eq!(back.platform.len(), before.len());
    ask::<()>(&server, &["CONFIG", "SET", "maxmemory", "0"]);
    assert_holds_exactly(&sinks.finish(PATIENCE), &records);
}

#[test]
fn a_server_that_hangs_is_given_up_in_time_and_taken_up_again() {
    let server = RedisServer::start();
    let sinks = connect(&server);
    let records = records(100);
    server.signal("STOP");
    for record in &records {
        sinks.send(record.clone());
    }
    let back = sinks.finish(Duration::from_millis(100));
    assert!(!back.reachable);
    assert_eq!(back.missing.len(), records.len());
    server.signal("CONT");
    assert_holds_exactly(&sinks.finish(PATIENCE), &records);
}

#[test]
fn a_refund_takes_the_units_of_the_day_of_sale_back() {
    let server = RedisServer::start();
    let sinks = connect(&server);
    let lines: Box<[(u32, u32)]> = [(8, 2), (9, 1), (8, 3)].into();
    let sale = SinkRecord { order: 1, refund: false, day: DAY, lines, amount: 900, user: 4 };
    sinks.send(sale.clone());
    let sold = sinks.finish(PATIENCE);
    assert_eq!(sold.ranking, BTreeMap::from([((DAY, 8), 5), ((DAY, 9), 1)]));
    assert_eq!(sinks.top(DAY, 5).expect("reachable"), [(8, 5), (9, 1)]);
    sinks.send(SinkRecord { refund: true, ..sale });
    let refunded = sinks.finish(PATIENCE);
    assert!(refunded.agrees());
    assert_eq!(refunded.ranking, BTreeMap::new());
    assert_eq!(refunded.platform, BTreeMap::from([((1, false), (900, 1)), ((1, true), (900, 1))]));
    assert_eq!(sinks.top(DAY, 5).expect("reachable"), []);
}

#[test]
fn the_top_five_unite_three_days_and_break_ties_by_product() {
    let server = RedisServer::start();
    let sinks = connect(&server);
    let sales = [
        // Too old, and not yet.
        (DAY - 3, 1, 100),
        (DAY + 1, 2, 100),
        // Three days that count.
        (DAY - 2, 30, 4),
        (DAY - 1, 30, 3),
        (DAY, 30, 2),
        (DAY, 7, 5),
        (DAY - 1, 100, 5),
        (DAY - 2, 9, 5),
        (DAY, 20, 5),
        (DAY, 1_000, 5),
        (DAY, 40, 4),
    ];
    for (order, (day, product, quantity)) in (0..).zip(sales) {
        let lines = [(product, quantity)].into();
        sinks.send(SinkRecord { order, refund: false, day, lines, amount: 1, user: 1 });
    }
    assert!(sinks.finish(PATIENCE).agrees());
    let top = sinks.top(DAY, 5).expect("reachable");
    assert_eq!(top, [(30, 9), (7, 5), (9, 5), (20, 5), (100, 5)]);
    assert_eq!(sinks.top(DAY, 100).expect("reachable").len(), 7);
}

#[test]
fn keys_expire_and_share_the_hash_tag_of_the_run() {
    let server = RedisServer::start();
    let sinks = connect(&server);
    for record in records(10) {
        sinks.send(record);
    }
    assert!(sinks.finish(PATIENCE).agrees());
    let keys: BTreeSet<String> = ask(&server, &["KEYS", "*"]);
    let names = ["platform", "platform:seen", "rank:20261122", "rank:20261123", "rank:seen", "run"];
    assert_eq!(keys, names.map(|name| format!("sagasim:{{test/1}}:{name}")).into());
    for key in keys {
        let life_s: i64 = ask(&server, &["TTL", &key]);
        assert!((1..=7 * 86_400).contains(&life_s), "{key} lives {life_s} s");
    }
}

#[test]
fn a_name_already_used_is_refused() {
    let server = RedisServer::start();
    let _first = connect(&server);
    let run = RunName::new("test/1").expect("a plain name");
    let second = RedisSinks::connect(&server.url(), run);
    assert!(matches!(second, Err(RedisError::NameTaken { .. })), "{second:?}");
}

#[test]
fn what_cannot_be_used_is_refused_before_the_run() {
    let connect = |url: &str| {
        RedisSinks::connect(url, RunName::new("x").expect("a plain name")).expect_err(url)
    };
    for url in ["", "localhost:6379", "http://localhost", "redis://", "redis://h/not-a-number"] {
        assert!(matches!(connect(url), RedisError::Url { .. }), "{url}");
    }
    let nobody = connect("redis+unix:///tmp/no-such-folder/socket");
    assert!(matches!(nobody, RedisError::Unreachable { .. }), "{nobody:?}");
    let address = |socket: &TcpListener| socket.local_addr().expect("bound");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let error = connect(&format!("redis://{}", address(&silent)));
    assert!(matches!(error, RedisError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("no answer within 3 s"), "{error}");
    let web = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("redis://{}", address(&web));
    let server = std::thread::spawn(move || {
        let (mut stream, _) = web.accept().expect("someone connects");
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").expect("someone reads");
        // Until the client hangs up, so that it is not the broken connection that is reported.
        io::copy(&mut stream, &mut io::sink()).ok();
    });
    let error = connect(&url);
    server.join().expect("no panic");
    assert!(error.to_string().contains("does not speak Redis"), "{error}");
    let replica = RedisServer::start_with(&["--replicaof", "127.0.0.1 1"]);
    let readonly = connect(&replica.url());
    assert!(matches!(readonly, RedisError::Refused { .. }), "{readonly:?}");
    assert!(readonly.to_string().contains("read only replica"), "{readonly}");
}

#[test]
fn the_password_appears_nowhere() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let mut server = RedisServer::start_with(&["--requirepass", "opensesame"]);
    let address = server.url();
    let url = |password: &str| format!("{address}?pass={password}");
    let run = || RunName::new("x").expect("a plain name");
    let mut said = String::new();
    for bad in [
        url("sekrit"),
        url("sekrit&db=x"),
        "redis://me:sekrit@h:port".to_owned(),
        "redis://me:sekrit@h/db".to_owned(),
        "redis://me:sekrit@0.0.0.0".to_owned(),
        "rediss://me:sekrit@h".to_owned(),
        "redis://me:sekrit@localhost:1".to_owned(),
    ] {
        let error = RedisSinks::connect(&bad, run()).expect_err(&bad);
        said.push_str(&format!("{error}\n{error:?}\n"));
    }
    tracing::subscriber::with_default(subscriber, || {
        let sinks = RedisSinks::connect(&url("opensesame"), run()).expect("the right password");
        server.kill();
        sinks.send(records(1).remove(0));
        let down = sinks.finish(Duration::from_millis(100));
        server.restart();
        let up = sinks.finish(PATIENCE);
        assert!(!down.agrees() && up.agrees());
        said.push_str(&format!("{sinks:?}\n{down:?}\n{up:?}\n"));
    });
    let log = log.text();
    assert!(log.contains("WARN") && log.contains("INFO"), "the outage is told: {log}");
    for text in [said, log] {
        assert!(!text.contains("sekrit") && !text.contains("opensesame"), "{text}");
    }
}

/// Runs one command over a connection of its own.
fn ask<T: redis::FromRedisValue>(server: &RedisServer, words: &[&str]) -> T {
    let client = redis::Client::open(server.url()).expect("a URL");
    let mut connection = client.get_connection().expect("the server runs");
    redis::cmd(words[0]).arg(&words[1..]).query(&mut connection).expect("an answer")
}

/// Collects what is logged, from every thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no writer panicked")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
