//! NumPy as a worker process that times its own calls.

use crate::worker::Worker;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

pub(crate) struct NumPy(Worker);

/// Runs code, or times an expression; what a result is worth is said by `worth`.
const WORKER: &str = r#"
import sys, json, os, time
import numpy as np
def words(x):
    return float(int(np.ascontiguousarray(x).reshape(-1).view("u8").sum(dtype="u8")) % (1 << 48))
names = globals()
for line in sys.stdin:
    question = json.loads(line)
    if "run" in question:
        names["answer"] = None
        exec(question["run"], names)
        print(json.dumps({"answer": names["answer"]}), flush=True)
    else:
        code = compile(question["time"], "bench", "eval")
        worth = compile(question["worth"], "worth", "eval")
        started = time.perf_counter()
        result = eval(code, names)
        took = time.perf_counter() - started
        names["result"] = result
        answer = float(eval(worth, names))
        result = names["result"] = None
        print(json.dumps({"answer": [took, answer]}), flush=True)
"#;

/// An expression to time, and what its `result` is worth.
#[derive(Clone, Debug)]
pub(crate) struct Timed {
    pub(crate) code: &'static str,
    pub(crate) worth: &'static str,
}

impl NumPy {
    pub(crate) fn start(python: &str, folder: &Path) -> Result<NumPy> {
        Worker::start(python, &["-c", WORKER], folder).map(NumPy)
    }

    /// Runs statements, and returns what they assigned to `answer`.
    pub(crate) fn run(&mut self, code: &str) -> Result<Value> {
        self.ask(&json!({ "run": code }))
    }

    /// How long an expression took, and what its result is worth.
    pub(crate) fn time(&mut self, timed: &Timed) -> Result<(Duration, f64)> {
        let answer = self.ask(&json!({ "time": timed.code, "worth": timed.worth }))?;
        let (took, worth): (f64, f64) = serde_json::from_value(answer)?;
        Ok((Duration::from_secs_f64(took), worth))
    }

    fn ask(&mut self, question: &Value) -> Result<Value> {
        let line = self.0.ask(question)?;
        match serde_json::from_str::<Value>(&line) {
            Ok(mut answer) => Ok(answer
                .get_mut("answer")
                .map(Value::take)
                .unwrap_or_default()),
            Err(_) => bail!("NumPy failed at {question}"),
        }
    }
}
