//! `init`: a commented scenario file that runs at once.

use super::args::{InitArguments, Template};
use super::exit::ExitCode;
use super::run::{quoted, show};
use super::terminal::Terminal;
use crate::sim::scenario::parse;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The line of every template that says its name.
const NAME: &str = "\nname     = \"";

/// Name and text of a template.
#[must_use]
const fn text_of(template: Template) -> (&'static str, &'static str) {
    match template {
        Template::Checkout => ("my-checkout", include_str!("templates/checkout.toml")),
        Template::FlashSale => ("my-flash-sale", include_str!("templates/flash-sale.toml")),
        Template::Regulars => ("my-regulars", include_str!("templates/regulars.toml")),
        Template::OrderLog => ("my-order-log", include_str!("templates/order-log.toml")),
    }
}

/// The orders that the template of a log replays.
const ORDERS: &str = include_str!("templates/orders.csv");

/// Writes the file.
pub(super) fn init(arguments: &InitArguments, terminal: &mut Terminal<'_>) -> ExitCode {
    let (usual, text) = text_of(arguments.template);
    let name = arguments.name.as_deref().unwrap_or(usual);
    let text = text.replacen(&format!("{NAME}{usual}\""), &format!("{NAME}{name}\""), 1);
    let folder = match terminal.scenarios.is_dir() {
        true => terminal.scenarios.clone(),
        false => PathBuf::new(),
    };
    let file = folder.join(format!("{name}.toml"));
    // A name that cannot be one is refused in the words of `check`.
    if let Err(found) = parse(&file, &text) {
        let reasons: Vec<&str> = found.items().iter().map(|item| item.title.as_str()).collect();
        terminal.say(&format!("error: `{name}` cannot name a scenario: {}", reasons.join("; ")));
        return ExitCode::Usage;
    }
    let mut files = vec![(file.clone(), text)];
    if arguments.template == Template::OrderLog {
        let log = folder.join(format!("{name}.csv"));
        files[0].1 = files[0].1.replacen("my-order-log.csv", &format!("{name}.csv"), 1);
        files.push((log, ORDERS.to_owned()));
    }
    let taken: Vec<&(PathBuf, String)> =
        files.iter().filter(|(path, _)| path.symlink_metadata().is_ok()).collect();
    if let (Some((path, _)), false) = (taken.first(), arguments.force) {
        terminal.say(&format!(
            "error: {} is there already; choose another name, or write over it with --force",
            path.display()
        ));
        return ExitCode::Usage;
    }
    for (path, text) in &files {
        if let Err(error) = write(path, text, arguments.force) {
            terminal.say(&format!("error: cannot write {}: {error}", path.display()));
            return ExitCode::Usage;
        }
    }
    let mut said = String::new();
    for (path, _) in &files {
        said += &format!("wrote    {}\n", path.display());
    }
    let file = quoted(&file.display().to_string());
    said += &format!(
        "look     sagasim run {file} --dry-run\nrun      sagasim run {file}\n\
         check    sagasim check {file}    after every change\n"
    );
    show(terminal, &said)
}

/// Writes a file whole; one that has come into being meanwhile is not written over.
fn write(path: &Path, text: &str, force: bool) -> io::Result<()> {
    if force {
        let fresh = path.with_extension("fresh");
        fs::write(&fresh, text)?;
        return fs::rename(&fresh, path);
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    match file.write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::Interrupted => {
            drop(file);
            fs::remove_file(path)?;
            Err(error)
        }
        done => done,
    }
}
