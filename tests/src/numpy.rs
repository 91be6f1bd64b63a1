//! NumPy itself, as a worker that answers one question per line.

use serde_json::Value;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

/// A Python with NumPy that evaluates expressions.
#[derive(Debug)]
pub struct NumPy {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Reads a JSON line `[code, arguments…]`, runs `code` with `args`, and replies with the value left in
/// `answer`.
const WORKER: &str = r#"
import sys, json, io, hashlib, warnings
import numpy as np
from numpy.lib import format as npformat
warnings.simplefilter("ignore")
def raw(x):
    # The bytes in memory order. Where tobytes copies records, it leaves their padding undefined.
    x = (x.T if x.flags.fnc else x).reshape(-1)
    return x.view(f"V{x.itemsize}").tobytes() if x.nbytes else b""
def known(types):
    # What NumPy has where its long double is not the 80-bit one: on Windows, and on most ARM.
    return [t for t in types if np.finfo(np.longdouble).nmant == 63 or not t.endswith(("f16", "c32"))]
for line in sys.stdin:
    code, *args = json.loads(line)
    names = {"np": np, "npformat": npformat, "io": io, "hashlib": hashlib, "raw": raw, "known": known, "args": args, "answer": None}
    try:
        exec(code, names)
        answer = {"answer": names["answer"]}
    except BaseException as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
"#;

/// A Python that has NumPy: `NPIO_PYTHON`, or `python3`. `None`, with a printed message, if there is none;
/// if `CI` is set that is a failure.
///
/// # Panics
/// Without NumPy if `CI` is set.
pub fn python() -> Option<String> {
    let python = env::var("NPIO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(&python);
    command.args(["-c", "import numpy"]);
    let found = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    assert!(
        env::var_os("CI").is_none(),
        "{python} has no NumPy, and CI is set"
    );
    crate::skipped(&format!(
        "{python} has no NumPy; `cargo xtask test` brings one"
    ));
    None
}

/// Whether this NumPy has a dtype: the long doubles of 80 bits are those of x86-64 Unix only.
///
/// # Panics
/// If Python cannot be asked.
pub fn numpy_has(dtype: &str) -> bool {
    static HAS_X87: OnceLock<bool> = OnceLock::new();
    let has_x87 = || {
        let python = env::var("NPIO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut command = Command::new(python);
        let ask = "import numpy as np; assert np.finfo(np.longdouble).nmant == 63";
        command.args(["-c", ask]).stderr(Stdio::null());
        command.status().expect("Python starts").success()
    };
    !(dtype.contains("f16") || dtype.contains("c32")) || *HAS_X87.get_or_init(has_x87)
}

impl NumPy {
    /// Starts the worker; `None`, with a printed message, if there is no NumPy.
    ///
    /// # Panics
    /// If it cannot be started, or as [`python`].
    pub fn start() -> Option<NumPy> {
        let mut command = Command::new(python()?);
        command.args(["-c", WORKER]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("Python starts");
        let questions = child.stdin.take().expect("standard input is piped");
        let answers = BufReader::new(child.stdout.take().expect("standard output is piped"));
        Some(NumPy {
            child,
            questions,
            answers,
        })
    }

    /// Runs Python `code` with `args`, and returns what it assigned to `answer`, or its error.
    ///
    /// # Errors
    /// The exception that Python raised.
    ///
    /// # Panics
    /// If the worker is gone.
    pub fn ask(&mut self, code: &str, args: &[Value]) -> Result<Value, String> {
        let mut question = vec![Value::from(code)];
        question.extend_from_slice(args);
        writeln!(self.questions, "{}", Value::from(question)).expect("NumPy listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("NumPy answers");
        let answer: Value = serde_json::from_str(&line).expect("NumPy answers in JSON");
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer.get("answer").cloned().unwrap_or_default()),
        }
    }
}

impl Drop for NumPy {
    fn drop(&mut self) {
        // The worker may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
