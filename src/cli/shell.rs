//! `completions` and `man`: both from the description of what can be typed.

use super::args::{Arguments, CompletionsArguments, ManArguments};
use super::exit::ExitCode;
use super::run::show;
use super::terminal::Terminal;
use clap::CommandFactory;
use std::fs;
use std::io;

/// Prints what a shell needs to complete words.
pub(super) fn completions(
    arguments: &CompletionsArguments,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "sagasim", &mut script);
    show(terminal, &String::from_utf8_lossy(&script))
}

/// Prints the manual page of the program, or writes a page for it and one for each command.
pub(super) fn man(arguments: &ManArguments, terminal: &mut Terminal<'_>) -> ExitCode {
    let Some(folder) = &arguments.out else {
        return match page(Arguments::command()) {
            Ok(page) => show(terminal, &page),
            Err(error) => {
                terminal.say(&format!("error: the manual page cannot be made: {error}"));
                ExitCode::Internal
            }
        };
    };
    let written = fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder));
    match written {
        Ok(()) => show(terminal, &format!("wrote the pages into {}\n", folder.display())),
        Err(error) => {
            terminal.say(&format!("error: cannot write into {}: {error}", folder.display()));
            ExitCode::Usage
        }
    }
}

fn page(command: clap::Command) -> io::Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
