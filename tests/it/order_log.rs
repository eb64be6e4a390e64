//! Order logs: the real week recounted, every reason for rejection, mutated files.

use proptest::prelude::*;
use sagasim::domain::Line;
use sagasim::sim::order_log::{LogError, OrderLog, read};
use sagasim::sim::scenario::{LogAmount, LogSettings};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn week() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/data/completejourney_week_2017-11-20.csv")
}

fn week_settings() -> LogSettings {
    LogSettings {
        file: week(),
        order: "basket_id".into(),
        user: "household_id".into(),
        product: "product_id".into(),
        quantity: "quantity".into(),
        amount: LogAmount::LineAmount("sales_value_cents".into()),
        time: "ts".into(),
        cancel_prefix: None,
        speed: 1.0,
    }
}

/// Reads text as a log with the columns o, u, p, q, a, t.
fn read_with(text: &[u8], change: impl FnOnce(&mut LogSettings)) -> Result<OrderLog, LogError> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("log.csv");
    std::fs::write(&file, text).expect("a file");
    let mut settings = LogSettings {
        file,
        order: "o".into(),
        user: "u".into(),
        product: "p".into(),
        quantity: "q".into(),
        amount: LogAmount::LineAmount("a".into()),
        time: "t".into(),
        cancel_prefix: None,
        speed: 1.0,
    };
    change(&mut settings);
    read(&settings)
}

fn read_lines(lines: &str) -> OrderLog {
    read_with(format!("o,u,p,q,a,t\n{lines}").as_bytes(), |_| {}).expect("columns and lines")
}

fn assert_adds_up(log: &OrderLog) {
    assert_eq!(log.lines, log.accepted + log.rejected_lines());
    for (index, order) in log.orders.iter().enumerate() {
        assert_eq!(order.lines.is_empty(), order.cancels.is_some());
        assert!(order.cancels.is_none_or(|cancelled| (cancelled as usize) < index));
        assert!((order.user as usize) < log.users.len());
        for line in &order.lines {
            assert!(line.quantity >= 1 && line.line_amount >= 0);
            assert!((line.product as usize) < log.products.len());
        }
    }
    assert!(log.orders.is_sorted_by_key(|order| order.arrival_ns));
    assert_eq!(log.span_ns, log.orders.last().map_or(0, |order| order.arrival_ns));
}

/// The week's text, split by hand: shares nothing with the reader but the file.
struct Recount {
    lines: u64,
    zero: u64,
    /// Basket to household, units, cents, time, products in order.
    baskets: BTreeMap<String, (String, u64, i64, String, Vec<u64>)>,
    units_by_day: BTreeMap<(String, u64), u64>,
}

fn whole(cell: &str) -> u64 {
    cell.parse().expect("the week has only whole numbers")
}

fn recount() -> Recount {
    let text = std::fs::read_to_string(week()).expect("the week is there");
    let mut all =
        Recount { lines: 0, zero: 0, baskets: BTreeMap::new(), units_by_day: BTreeMap::new() };
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [time, basket, household, product, quantity, cents, ..] = cells[..] else { panic!() };
        all.lines += 1;
        let units: u64 = whole(quantity);
        if units == 0 {
            all.zero += 1;
            continue;
        }
        let product: u64 = whole(product);
        let entry = all
            .baskets
            .entry(basket.to_owned())
            .or_insert_with(|| (household.to_owned(), 0, 0, time.to_owned(), Vec::new()));
        entry.1 += units;
        entry.2 += whole(cents).cast_signed();
        entry.4.push(product);
        *all.units_by_day.entry((time[..10].to_owned(), product)).or_default() += units;
    }
    all
}

/// Units of the five best products of three days, ties by ascending product id.
fn top_five(units: impl Iterator<Item = (u64, u64)>) -> Vec<(u64, u64)> {
    let mut sums = BTreeMap::<u64, u64>::new();
    for (product, count) in units {
        *sums.entry(product).or_default() += count;
    }
    let mut all: Vec<(u64, u64)> = sums.into_iter().collect();
    all.sort_by_key(|&(product, count)| (std::cmp::Reverse(count), product));
    all.truncate(5);
    all
}

#[test]
fn week_agrees_with_a_recount() {
    let log = read(&week_settings()).unwrap();
    let recount = recount();
    assert_adds_up(&log);
    assert_eq!((log.lines, log.accepted, log.rejected_lines()), (28_366, 28_157, 209));
    assert_eq!((recount.lines, recount.zero), (28_366, 209));
    assert_eq!(log.rejected.keys().copied().collect::<Vec<_>>(), ["quantity 0"]);
    assert_eq!((log.orders.len(), log.orders_without_lines), (3_088, 10));
    assert_eq!(
        (recount.baskets.len(), log.users.len(), log.products.len()),
        (3_088, 1_370, 11_460)
    );

    // Per household: orders, units, cents.
    let mut ours = BTreeMap::<&str, (u64, u64, i64)>::new();
    for order in &log.orders {
        let sum = ours.entry(&log.users[order.user as usize]).or_default();
        sum.0 += 1;
        sum.1 += order.lines.iter().map(|line| u64::from(line.quantity)).sum::<u64>();
        sum.2 += order.lines.iter().map(|line| line.line_amount).sum::<i64>();
    }
    let mut theirs = BTreeMap::<&str, (u64, u64, i64)>::new();
    for (household, units, cents, ..) in recount.baskets.values() {
        let sum = theirs.entry(household).or_default();
        *sum = (sum.0 + 1, sum.1 + units, sum.2 + cents);
    }
    assert_eq!(ours, theirs);
    let totals =
        ours.values().fold((0, 0), |sum, (_, units, cents)| (sum.0 + units, sum.1 + cents));
    assert_eq!(totals, (2_960_072, 9_235_646));

    // The last three days, whose days the reader counts and the recount reads.
    let last = log.orders.iter().map(|order| order.day).max().unwrap();
    let ours = top_five(log.orders.iter().filter(|order| order.day > last - 3).flat_map(|order| {
        let product = |line: &Line| log.products[line.product as usize].parse().unwrap();
        order.lines.iter().map(move |line| (product(line), u64::from(line.quantity)))
    }));
    let days = ["2017-11-24", "2017-11-25", "2017-11-26"];
    let theirs = recount.units_by_day.iter().filter(|((day, _), _)| days.contains(&day.as_str()));
    assert_eq!(ours, top_five(theirs.map(|((_, product), units)| (*product, *units))));
}

#[test]
fn week_keeps_its_order_and_time() {
    let log = read(&week_settings()).unwrap();
    let text = std::fs::read_to_string(week()).unwrap();
    // The file is sorted by time: users by first appearance, orders in file order.
    let (mut seen, mut users, mut orders) = (BTreeSet::new(), Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if cells[4] == "0" {
            continue;
        }
        if seen.insert(("user", cells[2])) {
            users.push(cells[2]);
        }
        if seen.insert(("order", cells[1])) {
            let clock = |range: std::ops::Range<usize>| cells[0][range].parse::<u64>().unwrap();
            let seconds = ((clock(8..10) * 24 + clock(11..13)) * 60 + clock(14..16)) * 60;
            orders.push((cells[2], seconds + clock(17..19)));
        }
    }
    assert_eq!(log.users, users);
    let start = orders[0].1;
    let wanted: Vec<_> =
        orders.iter().map(|&(user, s)| (user, (s - start) * 1_000_000_000)).collect();
    let got: Vec<_> =
        log.orders.iter().map(|o| (log.users[o.user as usize].as_str(), o.arrival_ns)).collect();
    assert_eq!(got, wanted);
    assert_eq!(log.first_day, 17_490);
    assert!(log.orders.iter().all(|o| (17_490..=17_496).contains(&o.day)));
    assert!(
        log.products
            .windows(2)
            .all(|pair| { pair[0].parse::<u64>().unwrap() < pair[1].parse::<u64>().unwrap() })
    );
}

#[test]
fn speed_divides_time_but_not_days() {
    let mut settings = week_settings();
    let real = read(&settings).unwrap();
    settings.speed = 60.0;
    let fast = read(&settings).unwrap();
    for (real, fast) in real.orders.iter().zip(&fast.orders) {
        assert!(real.arrival_ns.abs_diff(fast.arrival_ns * 60) <= 30);
        assert_eq!((real.day, real.user), (fast.day, fast.user));
    }
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-9] {
        settings.speed = speed;
        assert!(matches!(read(&settings), Err(LogError::Speed { .. })));
    }
}

#[test]
fn every_reason_is_counted_with_its_lines() {
    let log = read_lines(
        "A,u1,p1,1,100,2020-01-01T00:00:00\n\
         A,u1,p1,0,100,2020-01-01T00:00:00\n\
         A,u1,p1,-1,100,2020-01-01T00:00:00\n\
         A,,p1,1,100,2020-01-01T00:00:00\n\
         A,u1,,1,100,2020-01-01T00:00:00\n\
         ,u1,p1,1,100,2020-01-01T00:00:00\n\
         A,u1,p1,one,100,2020-01-01T00:00:00\n\
         A,u1,p1,1,1.5,2020-01-01T00:00:00\n\
         A,u1,p1,1,,2020-01-01T00:00:00\n\
         A,u1,p1,1,-5,2020-01-01T00:00:00\n\
         A,u1,p1,4294967296,5,2020-01-01T00:00:00\n\
         A,u1,p1,1,99999999999999999999,2020-01-01T00:00:00\n\
         A,u1,p1,1,9223372036854775807,2020-01-01T00:00:00\n\
         A,u1,p1,1,100,yesterday\n\
         A,u1,p1,1,100,2020-01-01\n\
         A,u1,p1,1,100,2020-01-01T00:00:00Z\n\
         A,u1,p1,1,100,9999-01-01T00:00:00\n\
         A,u2,p1,1,100,2020-01-01T00:00:00\n\
         A,u1,p1,1\n\
         A,u1,p1,1,100,2020-01-01T00:00:00,extra\n\
         A,u1,p\"1,1,100,2020-01-01T00:00:00\n\
         A,u1,\"p1\"1,1,100,2020-01-01T00:00:00\n\
         A,u1,\"p1,1,100,2020-01-01T00:00:00\n\
         \n\
         B,u3,p1,0,100,2020-01-01T00:00:00\n\
         A,u1,p1,1,0,2020-01-01T00:00:00\n",
    );
    assert_adds_up(&log);
    let got: Vec<_> =
        log.rejected.iter().map(|(reason, r)| (*reason, r.lines, r.examples.clone())).collect();
    let wanted: [(&str, u64, Vec<u64>); 11] = [
        ("another user", 1, vec![19]),
        ("bad number", 3, vec![8, 9, 10]),
        ("bad time", 3, vec![15, 16, 17]),
        ("broken row", 5, vec![20, 21, 22, 23, 24]),
        ("negative amount", 1, vec![11]),
        ("negative quantity", 1, vec![4]),
        ("order missing", 1, vec![7]),
        ("out of range", 4, vec![12, 13, 14, 18]),
        ("product missing", 1, vec![6]),
        ("quantity 0", 2, vec![3, 26]),
        ("user missing", 1, vec![5]),
    ];
    assert_eq!(got, wanted);
    assert_eq!((log.lines, log.accepted, log.orders_without_lines), (25, 2, 1));
    let line = |line_amount| Line { product: 0, quantity: 1, line_amount };
    assert_eq!(log.orders.len(), 1);
    assert_eq!(*log.orders[0].lines, [line(100), line(0)]);
}

#[test]
fn only_the_first_examples_are_kept() {
    let log = read_lines(&"A,u,p,0,1,2020-01-01T00:00\n".repeat(9));
    assert_eq!(log.rejected["quantity 0"].lines, 9);
    assert_eq!(log.rejected["quantity 0"].examples, [2, 3, 4, 5, 6]);
    assert_eq!((log.orders.len(), log.orders_without_lines, log.span_ns), (0, 1, 0));
}

/// A quote that never closes costs its own line, not the rest of the log; a quoted line break is
/// part of its row; bytes that are no UTF-8 cost their line.
#[test]
fn broken_rows_do_not_spread() {
    let text = b"\xEF\xBB\xBFo,u,p,q,a,t,note\r\n\
        1,u,p,1,5,2020-01-01 00:00,\"said \"\"hi\"\",\r\ntwice\"\r\n\
        2,u,p,1,5,2020-01-01 00:01,\"never closed\r\n\
        3,u,p,1,5,2020-01-01 00:02,\xFF\r\n\
        4,u,p,1,5,2020-01-01 00:03,a\rb\r\n\
        5,u,p,1,5,2020-01-01 00:04,\"\"\r\n\
        6,u,p,1,5,2020-01-01 00:05,last";
    let log = read_with(text, |_| {}).unwrap();
    assert_adds_up(&log);
    assert_eq!((log.lines, log.accepted), (6, 3));
    assert_eq!(log.rejected["broken row"].examples, [4, 5, 6]);
    let minutes: Vec<u64> = log.orders.iter().map(|o| o.arrival_ns / 60_000_000_000).collect();
    assert_eq!(minutes, [0, 4, 5]);
}

#[test]
fn orders_gather_their_lines_and_stand_in_time_order() {
    let log = read_lines(
        "late,u1,p,1,1,2020-01-02T00:00:00\n\
         tie-b,u2,p,2,2,2020-01-01T12:00:00\n\
         tie-a,u3,p,3,3,2020-01-01 12:00:00.000\n\
         first,u1,p,4,4,2020-01-01T11:59:59.5\n\
         late,u1,p,5,5,2019-01-01T00:00:00\n",
    );
    let got: Vec<_> = log
        .orders
        .iter()
        .map(|o| (o.arrival_ns, o.user, o.lines.iter().map(|l| l.quantity).collect::<Vec<_>>()))
        .collect();
    let second = 1_000_000_000;
    let wanted = [
        (0, 0, vec![4]),
        (second / 2, 1, vec![2]),
        (second / 2, 2, vec![3]),
        (12 * 3_600 * second + second / 2, 0, vec![1, 5]),
    ];
    assert_eq!(got, wanted);
    assert_eq!(log.orders.iter().map(|o| o.day - log.first_day).collect::<Vec<_>>(), [0, 0, 0, 1]);
}

#[test]
fn products_ascend_as_numbers_or_as_text() {
    let rows = |ids: [&str; 4]| {
        ids.iter().map(|id| format!("{id},u,{id},1,1,2020-01-01T00:00\n")).collect::<String>()
    };
    assert_eq!(read_lines(&rows(["10", "9", "007", "100"])).products, ["007", "9", "10", "100"]);
    assert_eq!(read_lines(&rows(["10", "9", "A7", "100"])).products, ["10", "100", "9", "A7"]);
}

#[test]
fn offsets_shift_the_instant_and_not_the_day() {
    let log = read_lines(
        "1,u,p,1,1,2020-02-29T23:30:00-05:00\n\
         2,u,p,1,1,2020-03-01T04:00:00Z\n\
         3,u,p,1,1,2020-03-01T13:15:00+09:00\n",
    );
    let got: Vec<_> = log.orders.iter().map(|o| (o.arrival_ns / 60_000_000_000, o.day)).collect();
    assert_eq!(got, [(0, 18_322), (15, 18_322), (30, 18_321)]);
    for (date, day) in
        [("1970-01-01", 0), ("1969-12-31", -1), ("2000-03-01", 11_017), ("1900-01-01", -25_567)]
    {
        assert_eq!(read_lines(&format!("1,u,p,1,1,{date}T00:00\n")).first_day, day);
    }
}

#[test]
fn unit_price_is_multiplied() {
    let unit_price = |text: &str| {
        let text = format!("o,u,p,q,a,t\n{text}");
        read_with(text.as_bytes(), |settings| settings.amount = LogAmount::UnitPrice("a".into()))
    };
    let log =
        unit_price("1,u,p,3,500,2020-01-01T00:00\n1,u,p,3,9000000000000000000,2020-01-01T00:00\n")
            .unwrap();
    assert_eq!(*log.orders[0].lines, [Line { product: 0, quantity: 3, line_amount: 1_500 }]);
    assert_eq!(log.rejected["out of range"].lines, 1);
}

#[test]
fn cancellations_name_their_order() {
    let text = "o,u,p,q,a,t\n\
        1,ann,p,1,5,2020-01-01T00:00\n\
        C2,bob,p,-1,5,2020-01-01T00:01\n\
        2,bob,p,1,5,2020-01-01T00:02\n\
        C1,,,-1,x,2020-01-01T00:03\n\
        C1,,,-1,x,2020-01-01T00:03\n\
        C9,ann,p,-1,5,2020-01-01T00:04\n\
        C,ann,p,-1,5,2020-01-01T00:04\n\
        C2x,bob,p,1,5,later\n";
    let log = read_with(text.as_bytes(), |s| s.cancel_prefix = Some("C".into())).unwrap();
    assert_adds_up(&log);
    let got: Vec<_> = log.orders.iter().map(|o| (o.user, o.lines.len(), o.cancels)).collect();
    assert_eq!(got, [(0, 1, None), (1, 1, None), (0, 0, Some(0))]);
    let rejected: Vec<_> = log.rejected.iter().map(|(r, n)| (*r, n.examples.clone())).collect();
    let wanted: [(&str, Vec<u64>); 4] = [
        ("bad time", vec![9]),
        ("cancelled before ordered", vec![3]),
        ("order missing", vec![8]),
        ("unknown order cancelled", vec![7]),
    ];
    assert_eq!(rejected, wanted);
}

#[test]
fn errors_name_the_file_and_help() {
    let folder = tempfile::tempdir().unwrap();
    let message = |change: &dyn Fn(&mut LogSettings)| {
        let mut settings = week_settings();
        change(&mut settings);
        read(&settings).unwrap_err().to_string()
    };
    let missing = message(&|s| s.file = "no/such.csv".into());
    assert!(missing.starts_with("cannot open the order log no/such.csv: "), "{missing}");
    let folder = message(&|s| s.file = folder.path().to_owned());
    assert!(folder.contains("cannot read the order log"), "{folder}");
    let column = message(&|s| s.order = "basketid".into());
    assert!(
        column.ends_with("has no column `basketid` (load.log.order); did you mean `basket_id`?")
    );
    let column = message(&|s| s.amount = LogAmount::UnitPrice("zzz".into()));
    assert!(column.contains("(load.log.unit_price); the columns are: ts, basket_id,"), "{column}");

    let error = |text: &[u8]| read_with(text, |_| {}).unwrap_err().to_string();
    assert!(error(b"").ends_with("is empty: it has no header"));
    assert!(error(b"\n\r\n").ends_with("is empty: it has no header"));
    assert!(error(b"o,u,p,q,a,t\n").ends_with("is empty: it has no line below its header"));
    assert!(error(b"\no,u,\"p,q,a,t\n1,u,p,1,1,2020-01-01T00:00\n").contains("header in line 2"));
    assert!(error(b"o,u,p,q,a,t,u\n").contains("more than one column `u` (load.log.user)"));
}

/// A log of a few sound lines with a few bytes replaced, added, removed or doubled.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop_oneof![
        Just(b"\"".to_vec()),
        Just(b",".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"-".to_vec()),
        Just(b"99999999999".to_vec()),
        Just(Vec::new()),
        prop::collection::vec(any::<u8>(), 1..4),
    ];
    let change = (any::<prop::sample::Index>(), 0..4_usize, bytes);
    prop::collection::vec(change, 0..12).prop_map(|changes| {
        let mut text = b"o,u,p,q,a,t\n".to_vec();
        for i in 0..12 {
            let row = format!(
                "{0},u{0},\"p\"\"{1}\",{1},{i},2020-01-0{2} 0{1}:00:00\n",
                i / 2,
                i % 4,
                i % 3 + 1
            );
            text.extend_from_slice(row.as_bytes());
            if i % 5 == 4 {
                text.extend_from_slice(format!("C{},u,p,1,1,2020-01-04T00:00\n", i / 3).as_bytes());
            }
        }
        for (place, cut, bytes) in changes {
            let start = place.index(text.len() + 1);
            let end = (start + cut).min(text.len());
            text.splice(start..end, bytes);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn mutated_logs_add_up(text in mutated(), prefix in any::<bool>()) {
        let outcome = read_with(&text, |settings| {
            settings.cancel_prefix = prefix.then(|| "C".to_owned());
        });
        if let Ok(log) = outcome {
            assert_adds_up(&log);
            // A row takes at least one line, and only one quoted line break of ours can join two.
            let physical = text.split(|&byte| byte == b'\n').filter(|line| {
                !line.is_empty() && *line != b"\r"
            });
            let quotes = text.iter().filter(|&&byte| byte == b'"').count() as u64;
            let physical = physical.count() as u64 - 1;
            prop_assert!(log.lines <= physical && log.lines + quotes >= physical);
        }
    }
}
