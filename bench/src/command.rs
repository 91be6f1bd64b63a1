//! The command as a process: how long it takes from its start to its end, and how much memory.

use crate::worker::Worker;
use anyhow::{Result, ensure};
use std::path::Path;
use std::time::Duration;

/// Starts processes, and waits for them.
///
/// The system counts what a process had at most from before it became another program: from a process as large as this
/// one is, every command would seem as large. So a Python without anything else starts them. What they may have at
/// most is limited, so that one that takes all memory fails by itself.
pub(crate) struct Starter(Worker);

const WORKER: &str = r#"
import os, sys, time, resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
for line in sys.stdin:
    args = line.rstrip("\n").split("\t")
    out, into = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, into, 1), (os.POSIX_SPAWN_CLOSE, out)]
    started = time.perf_counter()
    child = os.posix_spawnp(args[0], args, os.environ, file_actions=actions)
    os.close(into)
    text = b""
    while block := os.read(out, 1 << 16):
        text += block
    _, status, usage = os.wait4(child, 0)
    took = time.perf_counter() - started
    os.close(out)
    print(took, status, usage.ru_maxrss * 1024, text.hex(), sep="\t", flush=True)
"#;

/// What a process left behind.
pub(crate) struct Ran {
    pub(crate) took: Duration,
    /// The most bytes that it had in memory.
    pub(crate) peak: u64,
    /// Its standard output.
    pub(crate) text: Vec<u8>,
}

impl Starter {
    pub(crate) fn new(python: &str, folder: &Path) -> Result<Starter> {
        Worker::start(python, &["-I", "-S", "-c", WORKER], folder).map(Starter)
    }

    /// Runs a program to its end, which has to be a good one.
    pub(crate) fn run(&mut self, args: &[&str]) -> Result<Ran> {
        let line = self.0.ask(args.join("\t"))?;
        let words: Vec<&str> = line.trim_end_matches('\n').split('\t').collect();
        let [took, status, peak, text] = words[..] else {
            anyhow::bail!("{args:?} was not started");
        };
        ensure!(status == "0", "{args:?} failed: status {status}");
        let (pairs, _) = text.as_bytes().as_chunks::<2>();
        let byte = |pair: &[u8; 2]| Ok(u8::from_str_radix(str::from_utf8(pair)?, 16)?);
        Ok(Ran {
            took: Duration::from_secs_f64(took.parse()?),
            peak: peak.parse()?,
            text: pairs.iter().map(byte).collect::<Result<_>>()?,
        })
    }
}
