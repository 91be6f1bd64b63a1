//! The viewer without a terminal: it does what keys ask for, and makes frames.

use super::Options;
use super::catalog::{Details, Opened, Viewed, Work};
use super::chart::{ChartCache, Request, read_chart};
use super::keys::Key;
use super::list::List;
use super::model::{Action, Direction, Model, Panel, Scope};
use super::plane::Plane;
use super::window::Window;
use super::work::{Done, Running, save, search, statistics, statistics_lines};
use npio::dtype::python::printable;
use npio::{Error, ErrorClass};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Work that is done within this time shows no progress.
const AT_ONCE: Duration = Duration::from_millis(30);

/// What the caller does after a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Continue,
    Quit,
    Suspend,
}

/// A model, and what it shows.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) model: Model,
    pub(crate) options: Options,
    pub(crate) viewed: Option<Arc<Viewed>>,
    pub(crate) window: Window,
    pub(crate) chart: ChartCache,
    /// The widths of columns, which only grow while the same is shown.
    pub(crate) widths: HashMap<usize, usize>,
    /// What was read of the entries of each list that is open.
    details: Vec<HashMap<usize, Result<Details, String>>>,
    running: Option<Running>,
    /// The last command that was asked for.
    pub(crate) command: Option<String>,
    /// Why nothing could be opened.
    pub(crate) failure: Option<String>,
}

impl Session {
    /// Begins with what `open` opens, in the background.
    pub(crate) fn new(
        options: Options,
        open: impl FnOnce(&Work) -> Result<Opened, String> + Send + 'static,
    ) -> Session {
        let mut session = Session {
            model: Model::default(),
            options,
            viewed: None,
            window: Window::default(),
            chart: ChartCache::default(),
            widths: HashMap::new(),
            details: Vec::new(),
            running: None,
            command: None,
            failure: None,
        };
        session.start("opening", move |work| open(work).map(Done::Opened));
        session
    }

    /// What this key asks for is done, or begun.
    pub(crate) fn key(&mut self, key: Key) -> Flow {
        let action = self.model.key(key);
        // Widths are those of what was shown.
        if matches!(key, Key::Char('+' | '=' | '-' | 'x' | 'r') | Key::Enter) {
            self.widths.clear();
        }
        self.details.truncate(self.model.lists.len());
        if self.model.plane.is_none() {
            self.viewed = None;
            self.window.clear();
            self.chart.clear();
        }
        match action {
            Action::None => {}
            Action::Quit => return Flow::Quit,
            Action::Suspend => return Flow::Suspend,
            Action::Cancel => {
                if let Some(running) = &self.running {
                    running.cancel();
                }
            }
            Action::Open(entry) => self.open_entry(entry),
            Action::Statistics(scope) => self.statistics(scope),
            Action::Search(direction) => self.search(direction),
            Action::Save { path, overwrite } => self.save(path, overwrite),
            Action::Command => self.show_command(),
        }
        Flow::Continue
    }

    fn start(
        &mut self,
        what: &'static str,
        run: impl FnOnce(&Work) -> Result<Done, String> + Send + 'static,
    ) {
        self.running = Some(Running::start(what, run));
        self.poll(AT_ONCE);
    }

    /// Whether work is going on in the background.
    pub(crate) fn is_working(&self) -> bool {
        self.running.is_some()
    }

    /// Takes the result of the work, if it comes within this time. Returns whether anything changed.
    pub(crate) fn poll(&mut self, time: Duration) -> bool {
        let Some(running) = &self.running else {
            return false;
        };
        let Some(result) = running.wait(time) else {
            self.model.work = Some(running.status());
            return true;
        };
        self.running = None;
        self.model.work = None;
        match result {
            Ok(done) => self.done(done),
            Err(error) if self.viewed.is_none() && self.model.lists.is_empty() => {
                self.failure = Some(error);
            }
            Err(error) => self.model.message = Some(error),
        }
        true
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Opened(Opened::Catalog(catalog)) => {
                self.model.lists.push(List::new(catalog));
                self.details.push(HashMap::new());
            }
            Done::Opened(Opened::Array(viewed)) => {
                let slice = self.options.slice.clone().unwrap_or_default();
                let plane = Plane::new(&viewed.title, &viewed.stem, &viewed.contents, &slice);
                match plane {
                    Ok(plane) => {
                        self.model.plane = Some(plane);
                        self.viewed = Some(Arc::from(viewed));
                        self.widths.clear();
                        self.window.clear();
                        self.chart.clear();
                    }
                    Err(error) if self.model.lists.is_empty() => {
                        self.failure = Some(format!("{}: {}", viewed.title, message(&error)));
                    }
                    Err(error) => self.model.message = Some(message(&error)),
                }
            }
            Done::Statistics(lines) => {
                let lines = lines.iter();
                self.model.panel = Some(Panel {
                    title: "statistics".to_owned(),
                    lines: lines
                        .map(|(name, value)| format!("{name:<6}{value}"))
                        .collect(),
                    top: 0,
                });
            }
            Done::Found(Some(found)) => {
                if let Some(plane) = &mut self.model.plane {
                    plane.move_to(found.index, found.field);
                }
            }
            Done::Found(None) => {
                self.model.message = Some("no NaN or infinity there".to_owned());
            }
            Done::Chart(request, chart) => self.chart.set(*request, chart),
            Done::Saved(path) => {
                let path = printable(&path.to_string_lossy());
                self.model.message = Some(format!("saved as {path}"));
            }
        }
    }

    /// What is known of an entry of the list.
    pub(crate) fn details(&mut self, entry: usize) -> Result<Details, String> {
        let list = self.model.lists.last();
        let (Some(known), Some(list)) = (self.details.last_mut(), list) else {
            return Ok(Details::default());
        };
        let details = known.entry(entry);
        details
            .or_insert_with(|| list.catalog.details(entry))
            .clone()
    }

    fn open_entry(&mut self, entry: usize) {
        if let Some(list) = self.model.lists.last() {
            let catalog = Arc::clone(&list.catalog);
            self.start("opening", move |work| {
                catalog.open(entry, work).map(Done::Opened)
            });
        }
    }

    /// Reads what a picture needs, in the background.
    pub(crate) fn read_chart(&mut self, request: Request) {
        if let Some(viewed) = &self.viewed {
            let viewed = Arc::clone(viewed);
            self.start("drawing", move |_| {
                let chart = read_chart(&viewed.contents, &request);
                Ok(Done::Chart(Box::new(request), chart))
            });
        }
    }

    fn statistics(&mut self, scope: Scope) {
        let (Some(viewed), Some(plane)) = (&self.viewed, &self.model.plane) else {
            return;
        };
        let (viewed, selection) = (Arc::clone(viewed), plane.selection().clone());
        let parts = match scope {
            Scope::Shown => plane.parts(),
            Scope::All => plane.all_parts(),
        };
        let field = plane.field().map(str::to_owned);
        self.start("statistics", move |work| {
            let field = field.as_deref();
            let stats = statistics(&viewed.contents, (&selection, &parts), field, work);
            stats
                .map(|stats| Done::Statistics(statistics_lines(&stats)))
                .map_err(|error| message(&error))
        });
    }

    fn search(&mut self, direction: Direction) {
        let (Some(viewed), Some(plane)) = (&self.viewed, &self.model.plane) else {
            return;
        };
        let (viewed, selection) = (Arc::clone(viewed), plane.selection().clone());
        let from = plane.cursor().to_vec();
        self.start("searching", move |work| {
            let found = search(&viewed.contents, &selection, &from, direction, work);
            found.map(Done::Found).map_err(|error| message(&error))
        });
    }

    fn save(&mut self, path: PathBuf, overwrite: bool) {
        let (Some(viewed), Some(plane)) = (&self.viewed, &self.model.plane) else {
            return;
        };
        if viewed.contents.as_items().is_none() {
            let why = "Python objects are not saved";
            self.model.message = Some(why.to_owned());
            return;
        }
        if !overwrite && path.exists() {
            return self.model.ask_to_replace(path);
        }
        let (viewed, selection) = (Arc::clone(viewed), plane.selection().clone());
        let parts = plane.parts();
        self.start("saving", move |work| {
            let saved = save(
                &viewed.contents,
                (&selection, &parts),
                (&path, overwrite),
                work,
            );
            saved
                .map(|()| Done::Saved(path))
                .map_err(|error| message(&error))
        });
    }

    fn show_command(&mut self) {
        let (Some(viewed), Some(plane)) = (&self.viewed, &self.model.plane) else {
            return;
        };
        let mut words = viewed.command.clone();
        let slice = plane.slice().to_string();
        if !slice.is_empty() {
            // Before the address.
            let at = words.len().saturating_sub(1);
            words.insert(at, format!("--slice={slice}"));
        }
        let words: Vec<String> = words.iter().map(|word| shell_word(word)).collect();
        let command = words.join(" ");
        self.model.message = Some(command.clone());
        self.command = Some(command);
    }
}

/// The message of an error, safe for a terminal.
pub(crate) fn message(error: &Error) -> String {
    if error.class() == ErrorClass::Cancelled {
        return "cancelled".to_owned();
    }
    printable(&error.to_string())
}

/// A word as a shell reads it.
fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    if printable(word) == word {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    // Characters that a terminal cannot show, as their bytes.
    let mut quoted = "$'".to_owned();
    for c in word.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            c if npio::dtype::python::is_printable(c) => quoted.push(c),
            c => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    quoted += &format!("\\x{byte:02x}");
                }
            }
        }
    }
    quoted + "'"
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn words_for_a_shell() {
        assert_eq!(shell_word("a/b-c.npz::x"), "a/b-c.npz::x");
        assert_eq!(shell_word("--slice=1, :"), "'--slice=1, :'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("a\u{1b}'é"), r"$'a\x1b\'é'");
    }
}
