//! A private `redis-server` for one test: on a unix socket in a folder of its own, killed on drop.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Far above what a start takes (some 15 ms), for a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server; dropping it kills the process and removes the folder.
pub(crate) struct RedisServer {
    // A field's order is its order of drop: the process first.
    process: Option<Process>,
    folder: tempfile::TempDir,
    flags: Vec<String>,
    generation: u32,
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl RedisServer {
    /// Starts a server that appends every write to a file.
    pub(crate) fn start() -> RedisServer {
        RedisServer::start_with(&[])
    }

    /// The same with further flags.
    pub(crate) fn start_with(flags: &[&str]) -> RedisServer {
        // Not the usual temporary folder, which may be deep: a socket's path has about 108 bytes.
        let folder = tempfile::Builder::new().prefix("sagasim-redis-").tempdir_in("/tmp");
        let mut server = RedisServer {
            process: None,
            folder: folder.expect("a folder in /tmp"),
            flags: flags.iter().map(|&flag| flag.to_owned()).collect(),
            generation: 0,
        };
        server.restart();
        server
    }

    /// The URL of the server; the same after every restart.
    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// `kill -9`, and waits until the process is gone.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Kills the server if it runs and starts it on the data it left.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let data = self.folder.path().join(format!("data-{}", self.generation));
        std::fs::create_dir_all(&data).expect("a folder for the data");
        std::fs::remove_file(self.socket()).ok();
        let child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "yes", "--daemonize", "no"])
            .arg("--unixsocket")
            .arg(self.socket())
            .arg("--dir")
            .arg(data)
            .args(&self.flags)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("no redis-server on the PATH: run tests/run, which installs it");
        self.process = Some(Process(child));
        self.wait_until_it_answers();
    }

    /// Kills the server if it runs and starts it without any data.
    pub(crate) fn restart_empty(&mut self) {
        self.generation += 1;
        self.restart();
    }

    /// Sends the process a signal by name: `STOP` makes it hang, `CONT` goes on.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.process.as_ref().expect("the server runs");
        let status =
            Command::new("kill").arg(format!("-{name}")).arg(process.0.id().to_string()).status();
        assert!(status.expect("kill runs").success());
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("s")
    }

    /// Ready is: `+PONG`, or a refusal of a client without password; but not `-LOADING`.
    fn wait_until_it_answers(&mut self) {
        let started = Instant::now();
        while !self.answers() {
            let process = self.process.as_mut().expect("just started");
            if let Some(status) = process.0.try_wait().expect("a child can be asked") {
                panic!("redis-server ended at once: {status}");
            }
            assert!(started.elapsed() < PATIENCE, "redis-server does not answer");
            std::thread::yield_now();
        }
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = UnixStream::connect(self.socket()) else { return false };
        let mut answer = [0; 5];
        stream.set_read_timeout(Some(PATIENCE)).is_ok()
            && stream.write_all(b"PING\r\n").is_ok()
            && stream.read_exact(&mut answer).is_ok()
            && matches!(&answer, b"+PONG" | b"-NOAU")
    }
}
