//! `[service.NAME]`, `[network]`, `[protection]`.

use super::super::diagnostics::Diagnostic;
use super::super::dist::Unit;
use super::super::file::{
    BreakerFile, Field, File, ProtectionFile, QueueFile, RetryFile, ServiceFile,
};
use super::super::value::{BareOr, Scalar};
use super::super::{Breaker, Dist, ProtectionSettings, Retry, ServiceSettings, defaults, limits};
use super::Sink;
use crate::domain::{Protection, Service, UndoPolicy};

pub(super) fn services(file: &File, sink: &mut Sink) -> [ServiceSettings; Service::STATIONS] {
    let stations = &Service::ALL[..Service::STATIONS];
    let words = super::words(stations, Service::name);
    for name in file.service.keys() {
        sink.one_of(name, "service", &words);
    }
    let empty = ServiceFile::default();
    std::array::from_fn(|index| {
        let name = stations[index].name();
        let declared = file.service.iter().find(|(declared, _)| declared.get_ref() == name);
        settings(declared.map_or(&empty, |(_, settings)| settings), sink)
    })
}

fn settings(file: &ServiceFile, sink: &mut Sink) -> ServiceSettings {
    ServiceSettings {
        workers: sink.whole(&file.workers, &limits::WORKERS, defaults::WORKERS),
        queue_capacity: file.queue.as_ref().and_then(|queue| capacity(queue, sink)),
        service_time: sink.dist(&file.service_time, Unit::Time, defaults::SERVICE_TIME),
    }
}

fn capacity(field: &toml::Spanned<QueueFile>, sink: &mut Sink) -> Option<u32> {
    let file = field.get_ref();
    sink.word(&file.overflow, "overflow", &[("reject", ())], ());
    if file.capacity.is_none() {
        sink.missing(field.span(), "capacity", "queue = { capacity = 500, overflow = \"reject\" }");
    }
    file.capacity.as_ref()?;
    Some(sink.whole(&file.capacity, &limits::CAPACITY, 0))
}

pub(super) fn network_latency(file: &File, sink: &mut Sink) -> Dist {
    let default = defaults::NETWORK_LATENCY;
    match &file.network {
        Some(file) => sink.dist(&file.latency, Unit::Time, default),
        None => default,
    }
}

pub(super) fn protection(file: &File, sink: &mut Sink) -> ProtectionSettings {
    let empty = ProtectionFile::default();
    let file = file.protection.as_ref().unwrap_or(&empty);
    let policies = UndoPolicy::ALL.map(|policy| (policy.name(), policy));
    let retention = defaults::MARK_RETENTION_NS;
    ProtectionSettings {
        switches: switches(file),
        compensate: sink.word(&file.compensate, "undo policy", &policies, defaults::COMPENSATE),
        timeout_ns: timeout(&file.timeout, defaults::TIMEOUT_NS, sink),
        retry: retry(&file.retry, sink),
        relay_interval_ns: positive(&file.relay_interval, defaults::RELAY_INTERVAL_NS, sink),
        mark_retention_ns: sink.duration(&file.mark_retention, retention),
        lease_ns: timeout(&file.lease, defaults::LEASE_NS, sink),
        circuit_breaker: breaker(&file.circuit_breaker, sink),
    }
}

fn switches(file: &ProtectionFile) -> Protection {
    let on = Protection::ALL;
    Protection {
        outbox: file.outbox.unwrap_or(on.outbox),
        inbox: file.inbox.unwrap_or(on.inbox),
        idempotency_key: file.idempotency_key.unwrap_or(on.idempotency_key),
        tombstone: file.tombstone.unwrap_or(on.tombstone),
        semantic_lock: file.semantic_lock.unwrap_or(on.semantic_lock),
        saga_log: file.saga_log.unwrap_or(on.saga_log),
        fencing: file.fencing.unwrap_or(on.fencing),
    }
}

/// A duration above 0.
pub(super) fn positive(field: &Field<Scalar>, default: u64, sink: &mut Sink) -> u64 {
    let ns = sink.duration(field, default);
    if let Some(field) = field
        && ns == 0
    {
        sink.add(Diagnostic::at(field.span(), "must be longer than 0 s"));
    }
    ns
}

/// `false`: never; `true` or absent: the default.
fn timeout(field: &Field<Scalar>, default_ns: u64, sink: &mut Sink) -> Option<u64> {
    match field.as_ref().map(toml::Spanned::get_ref) {
        Some(Scalar::Switch(false)) => None,
        Some(Scalar::Switch(true)) | None => Some(default_ns),
        Some(Scalar::Text(_) | Scalar::Whole(_) | Scalar::Decimal(_)) => {
            Some(positive(field, default_ns, sink))
        }
    }
}

/// `false`: never; `true` or absent: the default.
fn breaker(field: &Field<BareOr<BreakerFile>>, sink: &mut Sink) -> Option<Breaker> {
    let default = defaults::BREAKER;
    let Some(field) = field else { return Some(default) };
    match field.get_ref() {
        BareOr::Bare(Scalar::Switch(true)) => Some(default),
        BareOr::Bare(Scalar::Switch(false)) => None,
        BareOr::Bare(Scalar::Text(_) | Scalar::Whole(_) | Scalar::Decimal(_)) => {
            let problem = Diagnostic::at(field.span(), "expected `false` or a table");
            let example = "circuit_breaker = { failures = 20, open_for = \"2s\" }";
            sink.add(problem.help(format!("write for example: {example}")));
            Some(default)
        }
        BareOr::Table(file) => Some(Breaker {
            failures: sink.whole(&file.failures, &limits::FAILURES, default.failures),
            open_for_ns: positive(&file.open_for, default.open_for_ns, sink),
        }),
    }
}

/// `false`: never; `true` or absent: the default.
fn retry(field: &Field<BareOr<RetryFile>>, sink: &mut Sink) -> Option<Retry> {
    let default = Some(defaults::RETRY);
    let Some(field) = field else { return default };
    match field.get_ref() {
        BareOr::Bare(Scalar::Switch(true)) => default,
        BareOr::Bare(Scalar::Switch(false)) => None,
        BareOr::Bare(Scalar::Text(_) | Scalar::Whole(_) | Scalar::Decimal(_)) => {
            let problem = Diagnostic::at(field.span(), "expected `false` or a table");
            sink.add(problem.help("write for example: retry = { max_attempts = 4 }"));
            default
        }
        BareOr::Table(file) => Some(retry_table(file, sink)),
    }
}

fn retry_table(file: &RetryFile, sink: &mut Sink) -> Retry {
    let default = defaults::RETRY;
    let attempts = &limits::ATTEMPTS;
    let max_attempts = sink.whole(&file.max_attempts, attempts, default.max_attempts);
    let Some(backoff) = &file.backoff else { return Retry { max_attempts, ..default } };
    let multiplier = sink.at_least(&backoff.multiplier, "the multiplier", 1.0, default.multiplier);
    let jitters = [("full", true), ("none", false)];
    let initial_ns = sink.duration(&backoff.initial, default.initial_ns);
    // A first pause above the default maximum moves the maximum along.
    let max_ns = sink.duration(&backoff.max, default.max_ns.max(initial_ns));
    if let Some(max) = &backoff.max
        && max_ns < initial_ns
        && !sink.blamed(&max.span())
    {
        let problem = Diagnostic::at(max.span(), "the longest pause is shorter than the first");
        sink.add(problem);
    }
    let full_jitter = sink.word(&backoff.jitter, "jitter", &jitters, default.full_jitter);
    Retry { max_attempts, initial_ns, multiplier, max_ns, full_jitter }
}
