//! `npio view` on a terminal, that of tmux: its keys, and how the terminal is left. `cargo xtask terminal` installs tmux
//! and runs these tests.

use conformance::{command_path, sample_folder, skipped};
use npio::Array;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The longest time that anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A shell in a terminal of this size.
struct Terminal<'a> {
    /// The folder of the shell, and of tmux's own socket.
    folder: &'a Path,
}

impl<'a> Terminal<'a> {
    /// `None`, with a printed message, without tmux; if `NPIO_TERMINAL` is set that is a failure.
    fn open(folder: &'a Path, (columns, lines): (u16, u16)) -> Option<Terminal<'a>> {
        let found = Command::new("tmux")
            .arg("-V")
            .stdout(Stdio::null())
            .status();
        if !found.is_ok_and(|found| found.success()) {
            assert!(env::var_os("NPIO_TERMINAL").is_none(), "there is no tmux");
            skipped("there is no tmux; `cargo xtask terminal` installs it");
            return None;
        }
        let terminal = Terminal { folder };
        let size = [columns.to_string(), lines.to_string()];
        let size = ["-x", size[0].as_str(), "-y", size[1].as_str()];
        terminal.tmux(&[&["new-session", "-d"], &size[..], &["env PS1='$ ' sh -i"]].concat());
        terminal.wait("$");
        Some(terminal)
    }

    fn tmux(&self, args: &[&str]) -> String {
        let mut tmux = Command::new("tmux");
        tmux.args(["-f", "/dev/null", "-S"])
            .arg(self.folder.join(".tmux"));
        tmux.env_remove("TMUX")
            .env_remove("NO_COLOR")
            .env("PS1", "$ ");
        let output = tmux.current_dir(self.folder).args(args).output().unwrap();
        assert!(output.status.success(), "tmux {args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Types a command.
    fn run(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]);
        self.keys(&["Enter"]);
    }

    fn view(&self, arguments: &str) {
        self.run(&format!("clear; {} view {arguments}", command_path()));
    }

    /// Presses these keys, in tmux's names.
    fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// What is on the screen.
    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// The screen, once this is on it.
    fn wait(&self, text: &str) -> String {
        let began = Instant::now();
        loop {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "no {text:?} on the screen:\n{screen}"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The line of the screen with this number.
    fn wait_for_line(&self, number: usize, text: &str) {
        let began = Instant::now();
        loop {
            let screen = self.screen();
            if screen.lines().nth(number) == Some(text) {
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "line {number} is not {text:?}:\n{screen}"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether the terminal is as a shell needs it: it shows what is typed, on the screen that the shell had.
    fn check_restored(&self) {
        self.run("echo is\"\"_back; stty -a | grep -o ' icanon' ; echo status $?");
        let screen = self.wait("status 0");
        assert!(
            screen.contains("is_back") && screen.contains("\n icanon"),
            "{screen}"
        );
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        let mut tmux = Command::new("tmux");
        tmux.args(["-S"])
            .arg(self.folder.join(".tmux"))
            .arg("kill-server");
        // It may have ended.
        let _ = tmux.stderr(Stdio::null()).status();
    }
}

/// `np.arange(12 * 30 * 40.0).reshape(12, 30, 40)`, with a NaN at `[7, 20, 5]`.
fn cube(here: &Path) {
    let mut values: Vec<f64> = (0..12 * 30 * 40).map(f64::from).collect();
    values[(7 * 30 + 20) * 40 + 5] = f64::NAN;
    npio::save(
        here.join("cube.npy"),
        Array::from_vec(values, [12, 30, 40]).unwrap(),
    )
    .unwrap();
}

#[test]
fn keys_and_frames() {
    let folder = sample_folder();
    let here = folder.path();
    cube(here);
    let Some(terminal) = Terminal::open(here, (60, 9)) else {
        return;
    };
    terminal.view("cube.npy");
    let expected = "\
cube.npy  (12, 30, 40)  115200 bytes  in place  <f8
[0/12, :, :]  table
      0     1     2     3     4     5     6     7     8
0    0.    1.    2.    3.    4.    5.    6.    7.    8.
1   40.   41.   42.   43.   44.   45.   46.   47.   48.
2   80.   81.   82.   83.   84.   85.   86.   87.   88.
3  120.  121.  122.  123.  124.  125.  126.  127.  128.
[0, 0, 0] = 0.0
[ ] plane  v mode  s statistics  n NaN  : go to  q quit  ? h
";
    assert_eq!(terminal.wait("[0, 0, 0] = 0.0"), expected);
    terminal.keys(&["j", "j", "Right", "]", "]"]);
    terminal.wait("[2, 2, 1] = 2481.0");
    terminal.keys(&["NPage"]);
    terminal.wait("[2, 5, 1] = 2601.0");
    terminal.keys(&["n"]);
    terminal.wait("[7, 20, 5] = nan");
    terminal.keys(&["s"]);
    let screen = terminal.wait("count 1199");
    assert!(screen.contains("nan   1"), "{screen}");
    // There are more lines than the screen has.
    terminal.keys(&["j", "j"]);
    terminal.wait("mean");
    terminal.keys(&["q", "x"]);
    terminal.wait("[7/12, :, :]");
    terminal.keys(&["v"]);
    terminal.wait("heatmap");
    terminal.keys(&["v"]);
    terminal.wait("line");
    terminal.keys(&["v", "v", ":"]);
    terminal.wait("index or slice:");
    terminal.tmux(&["send-keys", "-l", "::5, 3, 10:"]);
    terminal.keys(&["Enter"]);
    terminal.wait("[0:11:5, 3, 10:40]");
    terminal.wait_for_line(
        3,
        " 0    130.    131.    132.    133.    134.    135.    136.",
    );
    terminal.keys(&["?"]);
    terminal.wait("keys");
    terminal.keys(&["q", "w"]);
    terminal.wait("save the slice as: cube_3.npy");
    terminal.keys(&["Enter"]);
    terminal.wait("saved as cube_3.npy");
    assert_eq!(
        npio::load(here.join("cube_3.npy")).unwrap().shape(),
        [3, 30]
    );
    terminal.keys(&["w", "Enter"]);
    terminal.wait("replace it?");
    terminal.keys(&["n", "y"]);
    terminal.wait("npio dump '--slice=0:11:5, 3, 10:40' cube.npy");
    terminal.keys(&["q"]);
    // It is printed once more, to be copied, and prints the same.
    let screen = terminal.wait("$\n");
    assert!(
        screen.starts_with("npio dump '--slice=0:11:5, 3, 10:40' cube.npy\n"),
        "{screen}"
    );
    terminal.check_restored();
}

#[test]
fn other_sizes_and_signals() {
    let folder = sample_folder();
    let here = folder.path();
    cube(here);
    let Some(terminal) = Terminal::open(here, (60, 9)) else {
        return;
    };
    terminal.view("cube.npy");
    terminal.wait("[0, 0, 0] = 0.0");
    terminal.tmux(&["resize-window", "-x", "44", "-y", "12"]);
    terminal.wait_for_line(10, "[0, 0, 0] = 0.0");
    terminal.wait_for_line(2, "      0     1     2     3     4     5     6");
    // Ctrl-Z, and a request to stop from outside.
    terminal.keys(&["C-z"]);
    terminal.wait("Stopped");
    terminal.check_restored();
    terminal.run("clear; fg");
    terminal.wait("[0, 0, 0] = 0.0");
    terminal.keys(&["j"]);
    terminal.wait("[0, 1, 0] = 40.0");
    kill(&terminal, "-TSTP");
    terminal.wait("Stopped");
    terminal.run("clear; fg");
    terminal.wait("[0, 1, 0] = 40.0");
    for end in ["C-c", "q"] {
        terminal.keys(&[end]);
        terminal.wait("$\n");
        terminal.check_restored();
        terminal.view("cube.npy");
        terminal.wait("[0, 0, 0] = 0.0");
    }
    for signal in ["-TERM", "-INT"] {
        kill(&terminal, signal);
        terminal.wait("$\n");
        terminal.run("echo ended with $?");
        terminal.wait("ended with 130");
        terminal.check_restored();
        terminal.view("cube.npy");
        terminal.wait("[0, 0, 0] = 0.0");
    }
}

/// Sends a signal to the viewer in a terminal.
fn kill(terminal: &Terminal<'_>, signal: &str) {
    let shell = terminal.tmux(&["display-message", "-p", "#{pane_pid}"]);
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill $0 $(pgrep -P $1 npio)", signal, shell.trim()]);
    assert!(kill.status().unwrap().success());
}

#[test]
fn folders_archives_and_members() {
    let folder = conformance::sample_archives();
    let here = folder.path();
    let values = vec![1u8; 80 << 20];
    let large = Array::from_vec(values, [80, 1 << 20]).unwrap();
    npio::savez_compressed(here.join("large.npz"), [("ones", &large)]).unwrap();
    let Some(terminal) = Terminal::open(here, (70, 10)) else {
        return;
    };
    terminal.view("");
    terminal.wait("5 entries");
    terminal.keys(&["/", "a", ".", "n", "Enter"]);
    terminal.wait("1 of 5 entries with a.n");
    terminal.keys(&["Enter"]);
    terminal.wait("x  <f8  (2, 3)  48  stored");
    terminal.keys(&["Down", "Down", "Enter"]);
    terminal.wait("a.npz::n  (3,)  12 bytes  in place  <i4");
    terminal.keys(&["q"]);
    terminal.wait("3 entries");
    terminal.keys(&["BSpace"]);
    terminal.wait("1 of 5 entries with a.n");
    terminal.keys(&["Escape"]);
    terminal.wait("5 entries\n");
    terminal.keys(&["G", "k", "Enter"]);
    terminal.wait("ones  |u1  (80, 1048576)  83886080  deflated");
    // Inflated into a file that has no name.
    terminal.keys(&["Enter"]);
    terminal.wait("large.npz::ones  (80, 1048576)  83886080 bytes  loaded  |u1");
    terminal.keys(&["G", "$"]);
    terminal.wait("[79, 1048575] = 1");
    terminal.keys(&["C-c"]);
    // What is typed before it has ended is its own.
    terminal.wait("$\n");
    terminal.check_restored();
}

/// The command of `y` has the options that say how the input is read, and its names are those of a shell.
#[test]
fn the_command_prints_what_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("it's raw"), [1, 2, 3, 4, 5, 6]).unwrap();
    let Some(terminal) = Terminal::open(here, (100, 10)) else {
        return;
    };
    terminal.view(r#"--in-dtype u1 --in-shape 2,3 "it's raw""#);
    terminal.wait("[0, 0] = 1");
    terminal.keys(&[":"]);
    terminal.tmux(&["send-keys", "-l", "1, ::2"]);
    terminal.keys(&["Enter"]);
    terminal.wait("[1, 0] = 4");
    terminal.keys(&["y", "q"]);
    let command = "npio dump --in-dtype=u1 --in-shape=2,3 '--slice=1, 0:3:2' 'it'\\''s raw'";
    terminal.wait(&format!("{command}\n"));
    let line = command.replacen("npio", &command_path(), 1);
    let mut printed = Command::new("sh");
    let printed = printed.current_dir(here).args(["-c", &line]).output();
    assert_eq!(printed.unwrap().stdout, b"[4 6]\n");
}

/// A hundred gigabytes, of which only what is visible is read, and a search that is cancelled.
#[cfg(target_pointer_width = "64")]
#[test]
fn arrays_larger_than_any_memory() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for (name, order) in [("c.npy", npio::Order::C), ("f.npy", npio::Order::Fortran)] {
        let layout = npio::Layout::new(npio::DType::F64, [120_000, 100_000], order).unwrap();
        let header = flatfile::npy::WriteOptions::new().header(&layout).unwrap();
        let header = header.encode().unwrap();
        fs::write(here.join(name), &header).unwrap();
        let file = fs::File::options()
            .write(true)
            .open(here.join(name))
            .unwrap();
        file.set_len(header.len() as u64 + layout.nbytes() as u64)
            .unwrap();
    }
    let Some(terminal) = Terminal::open(here, (70, 10)) else {
        return;
    };
    for name in ["c.npy", "f.npy"] {
        terminal.view(name);
        terminal.wait("[0, 0] = 0.0");
        terminal.keys(&["G", "$"]);
        terminal.wait("[119999, 99999] = 0.0");
        terminal.keys(&["v"]);
        terminal.wait("a sample of");
        terminal.keys(&["g", "0", "n"]);
        terminal.wait("Esc stops it");
        terminal.keys(&["Escape"]);
        terminal.wait("searching: cancelled");
        terminal.keys(&["s"]);
        terminal.wait("statistics ");
        terminal.keys(&["C-c"]);
        terminal.wait("statistics: cancelled");
        terminal.keys(&["q"]);
        terminal.wait("$\n");
    }
}
