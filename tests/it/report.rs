//! The summary's JSON is stable; its text fits a terminal and says what matters.

use crate::sample::{failing, passing, widest};
use sagasim::report::{Charset, Summary, TextOptions, render_markdown, render_text};
use sagasim::sim::scenario::Verdict;
use unicode_width::UnicodeWidthStr;

const OPTIONS: TextOptions<'_> = TextOptions {
    charset: Charset::Utf8,
    report: Some("reports/flash-sale/20261122T081502Z-424242/summary.json"),
    again: "sagasim run scenarios/flash-sale.toml --seed 424242",
};

/// Without colours, thin spaces as spaces.
fn seen(summary: &Summary, options: &TextOptions<'_>) -> String {
    let text = render_text(summary, options);
    anstream::adapter::strip_str(&text).to_string().replace('\u{202f}', " ")
}

#[test]
fn a_passing_run_reads_like_this() {
    insta::assert_snapshot!(seen(&passing(), &OPTIONS), @r"
    PASSED (exit 0)  flash-sale · choreography · virtual · seed 424242
    QUESTION    Does a payment outage during a flash sale ever oversell or charge
                twice?
    EXPECTED    No: every order completes or leaves no trace.
    RUN         9m00s simulated in 1.70s (318×) · digest 7c1e9a04d2b81f66
    LOAD        41 208 orders offered · 41 208 started · 0 dropped · 2.03M events/s

    INVARIANTS  25 held · 14 976 636 checks
    SOMETIMES   restore-stock 2 118 · expired 5 121 · retry 9 402
    FAULTS      2/2 struck · payment refuses 14 233× · order 7 fails 1×
                not applicable: orchestrator stumbles

    LATENCY                         n    p50    p90    p99  p99.9 p99.99    max
      checkout completed       31 912   96.0    384  2 304  3 840      —  4 896 ms
      place completed          38 688   31.0    124    744  1 240      —  1 581 ms
      place compensated         2 118   45.0    180  1 080      —      —  2 295 ms
      place rejected              402   4.00   16.0      —      —      —    204 ms
                from the intended start (uncorrected checkout completed p99: 1.92s)
    PARTS       of checkout completed, 192ms on the average · wait 96.0ms 50.0%
                service 72.0ms 37.5% · network 19.2ms 10.0% · retry 4.80ms 2.50%
    OUTCOMES    completed 77.4% ████████████▍  expired 12.4% ██  cancelled 4.02% ▋
                compensated 5.14% ▉  rejected 0.976% ▏  (412 refunded later)
    SERVICES        workers     handled     busy  mean wait  mean service  max queue
      product             8      43 326    4.00%     1.23ms        4.00ms      1 250
      order               8     199 000    32.4%     1.23ms        4.00ms      1 250
      coupon              4      12 800    2.00%     1.23ms        4.00ms      1 250
      user                8      37 000    5.50%     1.23ms        4.00ms      1 250
      payment            16      32 324    91.2%     1.23ms        4.00ms      1 250
      platform            2      32 324  0.0200%     1.23ms        4.00ms      1 250
                idle: ranking · Little's law exact at all 7 stations
    BOOKS       stock 250 000 = 186 590 available + 0 held + 63 410 sold
                money 1 999 201 442 + 0 topped up = 1 422 001 121 balances + 0 held
                + 577 200 321 revenue · coupons 1 000 issued, 722 used
    MESSAGES    1 234 567 sent, 30.0 per order · 566 dropped · 12 duplicated
                566 redelivered · 9 402 retried · 31 late replies ignored

    also in summary.json: steps, more latency, anomalies, inconsistency, ranking
    report  reports/flash-sale/20261122T081502Z-424242/summary.json
    again   sagasim run scenarios/flash-sale.toml --seed 424242
    ");
}

#[test]
fn a_failing_run_reads_like_this() {
    insta::assert_snapshot!(seen(&failing(), &OPTIONS), @r"
    FAILED (exit 3)  flash-sale · orchestration · virtual · seed 424242
    QUESTION    Does a payment outage during a flash sale ever oversell or charge
                twice?
    EXPECTED    No: every order completes or leaves no trace.
    RUN         9m00s simulated in 1.70s (318×) · digest 7c1e9a04d2b81f66
    LOAD        41 208 orders offered · 41 208 started · 0 dropped · 2.03M events/s

    INVARIANTS  2 violated · 23 held · 14 976 636 checks
      VIOLATED  stock-conserved · 3× · first at 1m58.412s · order 1021
                held[7,1021]: expected at least 0 units, found -2: the stock came
                back twice
        because deduct-stock order 1021 at 1m58.400s → crash before publish
                → restore-stock
      VIOLATED  nothing-held · 12× · first at 9m00.000s
                held: 12 orders hold 19 units
    SOMETIMES   NEVER expired · restore-stock 2 118 · retry 9 402
    FAULTS      1/2 struck · NO HIT order 7 fails · payment refuses 14 233×
                not applicable: orchestrator stumbles
    THRESHOLDS  FAIL placing is quick             p(99.9) < 1s   1.24s   24.0% above
                FAIL anomalies                    count == 0     3       3 above
                WARN messages_per_order           value < 20     30.0    49.8% above
                none undo{process=refund}         p(99) < 1s     80 of 1000 samples
                ok   checkout{outcome=completed}  p(99) < 3s     2.30s   23.2% below
                ok   orders{outcome=completed}    rate > 0.7     0.774   10.6% above
                ok   throughput                   value > 100/s  133/s   33.0% above

    LATENCY                         n    p50    p90    p99  p99.9 p99.99    max
      checkout completed       31 912   96.0    384  2 304  3 840      —  4 896 ms
      place completed          38 688   31.0    124    744  1 240      —  1 581 ms
      place compensated         2 118   45.0    180  1 080      —      —  2 295 ms
      place rejected              402   4.00   16.0      —      —      —    204 ms
      pay completed            31 912   65.0    260  1 560  2 600      —  3 315 ms
      pay rejected              5 020   5.00   20.0    120      —      —    255 ms
      cancel completed          1 655   13.0   52.0    312      —      —    663 ms
      refund completed            412   88.0    352      —      —      —  4 488 ms
                from the intended start (uncorrected checkout completed p99: 1.92s)
    PARTS       of checkout completed, 192ms on the average · wait 96.0ms 50.0%
                service 72.0ms 37.5% · network 19.2ms 10.0% · retry 4.80ms 2.50%
    PHASES                           from         n       p50       p99       max
      warm-up                      0.000s    31 912    96.0ms     2.30s     4.90s
      steady                      20.000s    31 912    96.0ms     2.30s     4.90s
      during payment refuses    1m55.000s    31 912    96.0ms     2.30s     4.90s
      after payment refuses     2m03.000s    31 912    96.0ms     2.30s     4.90s
                of checkout completed
    OUTCOMES    STUCK 0.0291% ▏  completed 77.4% ████████████▍  expired 12.4% ██
                cancelled 4.02% ▋  compensated 5.14% ▉  rejected 0.976% ▏
                (412 refunded later)
    SERVICES        workers     handled     busy  mean wait  mean service  max queue
      product             8      43 326    4.00%     1.23ms        4.00ms      1 250
      order               8     199 000    32.4%     1.23ms        4.00ms      1 250
      coupon              4      12 800    2.00%     1.23ms        4.00ms      1 250
      user                8      37 000    5.50%     1.23ms        4.00ms      1 250
      payment            16      32 324    91.2%     1.23ms        4.00ms      1 250
      platform            2      32 324  0.0200%     1.23ms        4.00ms      1 250
                idle: ranking · Little's law exact at all 7 stations
    BOOKS       DOES NOT ADD UP: stock 250 000 = 186 592 available + 0 held + 63 410
                sold
                money 1 999 201 442 + 0 topped up = 1 422 001 121 balances + 0 held
                + 577 200 321 revenue · coupons 1 000 issued, 722 used
    MESSAGES    1 234 567 sent, 30.0 per order · 566 dropped · 12 duplicated
                566 redelivered · 9 402 retried · 31 late replies ignored
    ANOMALIES   lost-update 3
    UNSETTLED   failed orders held 1.23k unit-seconds of stock · 56.7M money-seconds
                slowest restore-stock, 2.31s
    POPULAR     product 0: 4 120 units · product 3: 1 008 units
                product 1: 977 units · product 8: 640 units · product 2: 555 units

    also in summary.json: steps, more latency
    report  reports/flash-sale/20261122T081502Z-424242/summary.json
    why     sagasim explain stock-conserved
    again   sagasim run scenarios/flash-sale.toml --seed 424242
    ");
}

#[test]
fn no_line_is_wider_than_a_terminal_and_a_run_that_held_fits_one() {
    let mut limited = passing();
    limited.thresholds = failing().thresholds;
    limited.thresholds.retain(|one| one.verdict == Verdict::Passed);
    let mut crowded = limited.clone();
    crowded.sometimes = vec![crowded.sometimes[0].clone(); 12];
    for summary in [passing(), failing(), widest(), limited, crowded] {
        let text = seen(&summary, &OPTIONS);
        for line in text.lines() {
            assert!(line.width() <= 80, "{} columns: {line}", line.width());
        }
        if summary.verdict == Verdict::Passed {
            assert!(text.lines().count() <= 40, "{} lines:\n{text}", text.lines().count());
        }
    }
}

#[test]
fn names_and_questions_cannot_command_the_terminal() {
    let plain = Summary { verdict: Verdict::Passed, ..widest() };
    let text = render_text(&plain, &OPTIONS);
    assert!(!text.contains("\u{1b}[2J"), "{text}");
}

#[test]
fn the_seed_stands_in_the_first_line_however_long_the_name() {
    let text = seen(&widest(), &OPTIONS);
    let first = text.lines().next().unwrap_or_default();
    assert!(first.starts_with("INCONCLUSIVE (exit 6)"), "{first}");
    assert!(first.ends_with("seed 18446744073709551615"), "{first}");
}

#[test]
fn ascii_output_is_ascii_and_lines_up() {
    for summary in [passing(), failing(), widest()] {
        let ascii = seen(&summary, &TextOptions { charset: Charset::Ascii, ..OPTIONS });
        assert!(ascii.is_ascii(), "{ascii}");
        assert_eq!(ascii.lines().count(), seen(&summary, &OPTIONS).lines().count());
    }
}

#[test]
fn what_is_left_out_is_named() {
    let text = seen(&passing(), &OPTIONS);
    assert!(text.contains("also in summary.json:"), "{text}");
    assert!(!text.contains("POPULAR") && text.contains("ranking"), "{text}");
}

#[test]
fn an_aborted_run_says_so() {
    let mut summary = passing();
    (summary.aborted, summary.exit_code) = (true, 130);
    assert!(seen(&summary, &OPTIONS).starts_with("PASSED (exit 130, aborted)"));
    // Orders that were not over yet are no fault of the flow.
    summary.orders.stuck = 12;
    let (stopped, page) = (seen(&summary, &OPTIONS), render_markdown(&summary, OPTIONS.again));
    assert!(stopped.contains("in flight") && !stopped.contains("STUCK"), "{stopped}");
    assert!(page.contains("in flight"), "{page}");
}

#[test]
fn a_run_without_anything_still_says_what_is_missing() {
    let mut summary = passing();
    summary.latency.clear();
    summary.faults.clear();
    summary.services.clear();
    summary.orders.started = 0;
    let text = seen(&summary, &OPTIONS);
    assert!(text.contains("no samples after the warm-up"), "{text}");
    assert!(text.contains("FAULTS      none declared"), "{text}");
}

#[test]
fn json_and_back_is_the_same_summary() {
    for summary in [passing(), failing(), widest()] {
        let json = summary.to_json();
        let back: Summary = serde_json::from_str(&json).expect("its own JSON");
        assert_eq!(back, summary);
        assert_eq!(back.to_json(), json);
    }
}

#[test]
fn unknown_keys_of_a_later_version_are_passed_over_and_wrong_names_refused() {
    let json = passing().to_json().replacen('{', "{ \"from_the_future\": 1,", 1);
    serde_json::from_str::<Summary>(&json).expect("added keys do no harm");
    let json = json.replace("\"choreography\"", "\"anarchy\"");
    let error = serde_json::from_str::<Summary>(&json).expect_err("no such coordination");
    assert!(error.to_string().contains("expected one of choreography"), "{error}");
}

#[test]
fn every_documented_key_is_there() {
    let json = serde_json::to_value(widest()).expect("a summary is JSON");
    let documented = [
        "schema_version seed clock coordination verdict exit_code aborted digest token",
        "scenario/name scenario/digest scenario/question scenario/answer",
        "time/simulated_ns time/wall_ns time/events time/events_per_s",
        "orders/offered orders/started orders/dropped orders/completed orders/rejected",
        "orders/compensated orders/cancelled orders/expired orders/refunded orders/stuck",
        "loads/0/name loads/0/executor loads/0/offered loads/0/started",
        "messages/sent messages/delivered messages/dropped messages/duplicated",
        "messages/redelivered messages/retried messages/refused_by_full_queue",
        "messages/ignored_replies messages/per_order",
        "latency/0/metric latency/0/outcome latency/0/count latency/0/min_ns latency/0/p50_ns",
        "latency/0/p90_ns latency/0/p99_ns latency/0/p999_ns latency/0/p9999_ns latency/0/max_ns",
        "latency/0/mean_ns latency/0/uncorrected_p50_ns latency/0/uncorrected_p99_ns",
        "latency/0/sum_ns latency/0/parts/wait/sum_ns latency/0/parts/service/mean_ns",
        "latency/0/parts/network/share latency/0/parts/retry/sum_ns",
        "phases/0/name phases/0/kind phases/0/faults phases/0/from_ns phases/0/until_ns",
        "phases/0/latency/0/parts/wait/sum_ns processes/0/latency/count",
        "steps/0/process steps/0/step steps/0/direction steps/0/service steps/0/count",
        "steps/0/wait_mean_ns steps/0/service_mean_ns steps/0/network_mean_ns",
        "services/0/name services/0/workers services/0/handled services/0/utilization",
        "services/0/wait_mean_ns services/0/service_mean_ns services/0/queue_max",
        "services/0/little_area_ns services/0/little_sojourn_ns services/0/little_law_holds",
        "processes/0/name processes/0/started processes/0/completed processes/0/rejected",
        "processes/0/compensated processes/0/stuck",
        "invariants/0/name invariants/0/kind invariants/0/checked invariants/0/verdict",
        "invariants/0/violations violations thresholds",
        "faults/0/name faults/0/hits faults/0/verdict",
        "sometimes/0/name sometimes/0/count sometimes/0/verdict",
        "books/stock/initial books/stock/available books/stock/held books/stock/sold",
        "books/money/initial books/money/topped_up books/money/balance books/money/held",
        "books/money/revenue books/coupons/issued books/coupons/used",
        "inconsistency/unit_seconds inconsistency/money_seconds inconsistency/undo_lag/0/undo",
        "inconsistency/undo_lag/0/count inconsistency/undo_lag/0/p50_ns",
        "inconsistency/undo_lag/0/p99_ns inconsistency/undo_lag/0/max_ns",
        "anomalies/dirty-read ranking/0/product ranking/0/units",
        "order_log/lines order_log/accepted order_log/rejected order_log/orders",
        "redis/reachable redis/sent redis/acknowledged redis/missing redis/ranking_equal",
        "redis/platform_equal",
    ];
    for key in documented.iter().flat_map(|line| line.split(' ')) {
        assert!(json.pointer(&format!("/{key}")).is_some(), "{key} is missing");
    }
    let violation = serde_json::to_value(failing()).expect("a summary is JSON");
    for key in ["invariant", "order", "at_ns", "key", "detail", "chain"] {
        assert!(violation.pointer(&format!("/violations/0/{key}")).is_some(), "{key}");
    }
    let keys = "name metric expr severity unit limit value verdict reason stopped_at_ns";
    for key in keys.split(' ') {
        assert!(violation.pointer(&format!("/thresholds/0/{key}")).is_some(), "{key}");
    }
}

#[test]
fn names_in_json_are_the_names_people_read() {
    let json = failing().to_json();
    for text in [
        "\"verdict\": \"failed\"",
        "\"coordination\": \"orchestration\"",
        "\"kind\": \"at-rest\"",
        "\"verdict\": \"no-hit\"",
        "\"verdict\": \"not-applicable\"",
        "\"order\": 1021",
        "\"severity\": \"warn\"",
        "\"unit\": \"per_s\"",
        "\"token\": null",
        "\"redis\": null",
    ] {
        assert!(json.contains(text), "{text} in {json}");
    }
}
