//! A process that answers a line with a line.

use anyhow::{Context, Result};
use std::fmt::Display;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(crate) struct Worker {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    /// A Python with these arguments, in this folder.
    pub(crate) fn start(python: &str, args: &[&str], folder: &Path) -> Result<Worker> {
        let mut command = Command::new(python);
        command.args(args).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start {python}"))?;
        let questions = child.stdin.take().context("standard input")?;
        let answers = BufReader::new(child.stdout.take().context("standard output")?);
        Ok(Worker {
            child,
            questions,
            answers,
        })
    }

    /// The line that answers this one; an empty text where the process is gone.
    pub(crate) fn ask(&mut self, question: impl Display) -> Result<String> {
        writeln!(self.questions, "{question}")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
