//! The command line: parse, dispatch, exit code.

use std::process::ExitCode;

/// A simulated order costs some twenty small allocations, most of them actix's mailboxes.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sagasim::cli::main(&sagasim::cli::virtual_engine::VirtualEngine)
}
