//! Ctrl-C and SIGTERM: the first asks the run to stop and report, the second ends the program.

use super::exit::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Whether a signal asked to stop. Clones share the answer.
#[derive(Clone, Default, Debug)]
pub struct Stop(Arc<AtomicU8>);

impl Stop {
    /// Asks to stop and to exit with `code`. False: this was asked before.
    pub fn ask(&self, code: ExitCode) -> bool {
        let free = ExitCode::Passed.code();
        self.0.compare_exchange(free, code.code(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// What to exit with, if a signal came.
    #[must_use]
    pub fn asked(&self) -> Option<ExitCode> {
        ExitCode::from_code(self.0.load(Ordering::Relaxed)).filter(|c| *c != ExitCode::Passed)
    }
}

/// Listens on a thread of its own until the program ends.
pub fn listen(stop: Stop) {
    let listener = std::thread::Builder::new().name("signals".to_owned());
    let spawned = listener.spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        match runtime {
            Ok(runtime) => runtime.block_on(hear(&stop)),
            Err(error) => tracing::warn!(%error, "signals end the program without a report"),
        }
    });
    if let Err(error) = spawned {
        tracing::warn!(%error, "signals end the program without a report");
    }
}

async fn hear(stop: &Stop) {
    loop {
        let code = match next().await {
            Ok(code) => code,
            Err(error) => {
                tracing::warn!(%error, "signals end the program without a report");
                return;
            }
        };
        if !stop.ask(code) {
            std::process::exit(i32::from(code.code()));
        }
        tracing::info!("stopping; the next signal ends the program without a report");
    }
}

#[cfg(unix)]
async fn next() -> std::io::Result<ExitCode> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| ExitCode::Interrupted),
        _ = terminate.recv() => Ok(ExitCode::Terminated),
    }
}

#[cfg(not(unix))]
async fn next() -> std::io::Result<ExitCode> {
    tokio::signal::ctrl_c().await.map(|()| ExitCode::Interrupted)
}
