//! Run directories: complete or not there.

use super::names;
use jiff::Timestamp;
use sagasim::cli::run_dir::RunDir;
use sagasim::cli::terminal::Clock;
use std::fs;
use std::path::Path;
use tempfile::tempdir;

const FILES: &[(&str, &[u8])] = &[("summary.json", b"{}")];

fn prepare(out: &Path) -> RunDir {
    RunDir::prepare(out, "sale", 7, Timestamp::UNIX_EPOCH).expect("a writable folder")
}

#[test]
fn before_its_files_are_complete_a_run_is_hidden() {
    let folder = tempdir().expect("a folder");
    let dir = prepare(folder.path());
    assert!(names(&folder.path().join("sale")).iter().all(|name| name.starts_with('.')));
    let published = dir.publish(FILES).expect("written");
    assert_eq!(published.warning, None);
    assert_eq!(published.path, folder.path().join("sale/19700101T000000Z-7"));
    assert_eq!(names(&folder.path().join("sale")), ["19700101T000000Z-7"]);
    assert_eq!(names(folder.path()), ["latest", "sale"]);
}

#[test]
fn runs_of_the_same_second_and_seed_stand_beside_each_other() {
    let folder = tempdir().expect("a folder");
    let together: Vec<RunDir> = (0..3).map(|_| prepare(folder.path())).collect();
    for dir in together {
        dir.publish(FILES).expect("written");
    }
    let runs = ["19700101T000000Z-7", "19700101T000000Z-7-2", "19700101T000000Z-7-3"];
    assert_eq!(names(&folder.path().join("sale")), runs);
    let latest = fs::read_link(folder.path().join("latest")).expect("a link");
    assert_eq!(latest, Path::new("sale/19700101T000000Z-7-3"));
}

#[test]
fn a_file_that_cannot_be_written_takes_the_others_with_it() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("reports");
    let files: &[(&str, &[u8])] = &[("summary.json", b"{}"), ("no/such/folder", b"")];
    let error = prepare(&out).publish(files).expect_err("cannot be written");
    assert!(error.to_string().starts_with("cannot write "), "{error}");
    assert!(!out.exists());
}

#[test]
fn a_run_that_never_finishes_leaves_only_what_was_there_before() {
    let folder = tempdir().expect("a folder");
    fs::create_dir(folder.path().join("sale")).expect("a folder");
    drop(prepare(folder.path()));
    assert_eq!(names(folder.path()), ["sale"]);
    assert!(names(&folder.path().join("sale")).is_empty());
}

#[test]
fn where_nothing_can_be_written_the_error_names_the_place() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    for out in [file.as_path(), Path::new("/proc/sagasim")] {
        let error = RunDir::prepare(out, "sale", 7, Timestamp::UNIX_EPOCH).expect_err("no folder");
        let message = error.to_string();
        assert!(message.contains(&out.join("sale").display().to_string()), "{message}");
    }
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn where_latest_is_taken_a_text_says_which_run_is_the_latest() {
    let folder = tempdir().expect("a folder");
    fs::create_dir(folder.path().join("latest")).expect("a folder");
    let published = prepare(folder.path()).publish(FILES).expect("written");
    assert_eq!(published.warning, None);
    let text = fs::read_to_string(folder.path().join("latest.txt")).expect("a text");
    assert_eq!(text, "sale/19700101T000000Z-7\n");
    fs::remove_dir(folder.path().join("latest")).expect("empty");
    prepare(folder.path()).publish(FILES).expect("written");
    assert_eq!(names(folder.path()), ["latest", "sale"]);
}

#[test]
fn a_scenario_named_like_a_path_stays_inside_the_folder() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("reports");
    let dir = RunDir::prepare(&out, "../../evil", 7, Timestamp::UNIX_EPOCH).expect("a folder");
    let published = dir.publish(FILES).expect("written");
    assert!(published.path.starts_with(&out), "{:?}", published.path);
    assert_eq!(names(folder.path()), ["reports"]);
}

#[test]
fn source_date_epoch_fixes_the_time() {
    let fixed = Clock::of_source_date_epoch(Some("86400")).expect("seconds");
    assert_eq!(fixed.now().to_string(), "1970-01-02T00:00:00Z");
    assert_eq!(Clock::of_source_date_epoch(None), Ok(Clock::Wall));
    assert_eq!(Clock::of_source_date_epoch(Some("")), Ok(Clock::Wall));
    let error = Clock::of_source_date_epoch(Some("yesterday")).expect_err("not a number");
    assert!(error.contains("SOURCE_DATE_EPOCH is `yesterday`"), "{error}");
}
