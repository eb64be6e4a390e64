//! The one integration crate: one line per file.

// What is measured: the loads pass, and the pages say where their figures are from.
mod benches;
// The command line: exit codes, messages, run directories, progress.
mod cli;
// Comparisons: how often equal sides are called different, and unequal ones equal.
mod comparing;
// Who knows whom, and what a new step changes.
mod coupling;
// Keyed chance: bits, avalanche, golden values.
mod decide;
// Same seed, same run: in any driver, process and profile.
mod determinism;
// What every saga has to do, at every step of the table: fail, undo twice, do twice; the public list.
mod conformance;
// The three coordinations on the same plans.
mod differential;
// What production measured: percentiles and HdrHistogram logs.
mod empirical;
// Sampling: golden values, agreement with theory, monotone and bounded.
mod dist;
// Bad input through the program itself: a clear error, nothing half-written.
mod bad_input;
// Every fault at every point: what is run, what is found, what is said.
mod explore;
// The stations against queueing theory: every wait to the nanosecond, means in closed form.
mod exactness;
// Declared faults: what each kind does, when it strikes, what protects from it.
mod faults;
// What a plan will ask of the services: the runs agree.
mod forecast;
// Runs scenarios, for the tests of what comes out.
mod harness;
// Every order of events in small worlds: the explorer's verdicts, by another search.
mod interleavings;
// Isolation anomalies: the smallest world that has each.
mod isolation;
// What is valid and probably not meant: each warning given, each not given, none on our own files.
mod lint;
// Who arrives when: ramps, users who come and go, fixed numbers of orders, several loads.
mod loads;
// Odd but valid scenarios: nothing is violated, nothing is stuck.
mod odd;
// Order logs: the real week recounted, every reason for rejection, mutated files.
mod order_log;
// What build servers read: `junit.xml`, `summary.md`.
mod pages;
// Where the time of requests goes: parts, steps, phases.
mod parts;
// The seven fault positions, at every exchange that occurs.
mod positions;
// The sinks on a real Redis: what they hold at rest is what they were given.
mod redis;
// Whole runs with a real Redis beside them.
mod redis_run;
// A private redis-server that a test may kill and start again.
mod redis_server;
// The summary's JSON is stable, its text fits a terminal and says what matters.
mod report;
// The files of a run: they agree with its summary, and with themselves byte for byte.
mod run_files;
// Made-up scenarios and summaries.
mod sample;
// Scenario files: what is refused, and how it is said.
mod scenario_diagnostics;
// Scenario files: what is read, which defaults hold, what contradicts itself.
mod scenario_file;
// The JSON Schemas: committed as printed, true of the reader, true of what is written.
mod schema;
// Every scenario gives its stated answer; the real week sells what its log says.
mod scenarios;
// Faults that are valid and odd, for the properties.
mod fault_generator;
// Scenarios that are valid and odd, for the properties.
mod scenario_generator;
// Scenario files: properties over random, broken and generated ones.
mod scenario_properties;
// `--set`: what it reaches, and what is said when it is wrong.
mod settings;
// Seeded defects: each is caught by the invariant its test names, and the sound build by none.
mod teeth;
// Thresholds: read, judged, and stopping a run.
mod threshold;
// The rules of the house: floors, purity, sizes, reasons, texts.
mod tidy;
// The bus: calls, timers, queues, workers, locks.
mod transport;
// Run twice: what is not the same again is said.
mod twice;
// Small worlds to prove things on, and a spy.
mod world;
