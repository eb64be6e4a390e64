//! The command line: parse, dispatch, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    sagasim::cli::main(&sagasim::cli::virtual_engine::VirtualEngine)
}
