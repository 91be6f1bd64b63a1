//! The state of the viewer, and what keys change of it. It knows no terminal, and reads nothing.

use super::keys::Key;
use super::list::List;
use super::plane::Plane;
use std::path::PathBuf;

/// What a key asks for beyond a change of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    None,
    Quit,
    /// Stops the program until the shell continues it.
    Suspend,
    /// Opens the selected entry of the list.
    Open(usize),
    /// Stops the work in the background.
    Cancel,
    Statistics(Scope),
    Search(Direction),
    /// The slice that is shown, into this file.
    Save {
        path: PathBuf,
        overwrite: bool,
    },
    /// Says which command prints what is shown.
    Command,
}

/// Which items statistics are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those of the plane.
    Shown,
    /// All that were opened.
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forwards,
    Backwards,
}

/// A text that is being typed on the last line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    pub(crate) kind: PromptKind,
    pub(crate) text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PromptKind {
    /// An index or a slice.
    GoTo,
    /// What the names in the list contain.
    Filter,
    SaveAs,
    /// Whether this file is replaced: y or n.
    Replace(PathBuf),
}

impl PromptKind {
    pub(crate) fn label(&self) -> String {
        match self {
            PromptKind::GoTo => "index or slice: ".to_owned(),
            PromptKind::Filter => "/".to_owned(),
            PromptKind::SaveAs => "save the slice as: ".to_owned(),
            PromptKind::Replace(path) => {
                let path = npio::dtype::python::printable(&path.to_string_lossy());
                format!("{path} exists: replace it? (y/n) ")
            }
        }
    }
}

/// Lines over the table, until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
    /// The first line that is shown.
    pub(crate) top: usize,
}

/// The state of the viewer.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// The lists that are open: a folder, an archive in it.
    pub(crate) lists: Vec<List>,
    /// The array that is open.
    pub(crate) plane: Option<Plane>,
    pub(crate) prompt: Option<Prompt>,
    pub(crate) panel: Option<Panel>,
    /// What happened last.
    pub(crate) message: Option<String>,
    /// What is being done in the background.
    pub(crate) work: Option<String>,
}

impl Model {
    /// Changes the state as this key says, and returns what else it asks for.
    pub(crate) fn key(&mut self, key: Key) -> Action {
        if key == Key::Suspend {
            return Action::Suspend;
        }
        if self.work.is_some() && matches!(key, Key::Interrupt | Key::Escape) {
            return Action::Cancel;
        }
        if key == Key::Interrupt {
            return Action::Quit;
        }
        self.message = None;
        if let Some(prompt) = self.prompt.take() {
            return self.prompt_key(prompt, key);
        }
        if let Some(panel) = &mut self.panel {
            let last = panel.lines.len().saturating_sub(1);
            match key {
                Key::Down | Key::Char('j') => panel.top = (panel.top + 1).min(last),
                Key::Up | Key::Char('k') => panel.top = panel.top.saturating_sub(1),
                _ => self.panel = None,
            }
            return Action::None;
        }
        if key == Key::Char('?') {
            self.panel = Some(Panel {
                title: "keys".to_owned(),
                lines: HELP.lines().map(str::to_owned).collect(),
                top: 0,
            });
            return Action::None;
        }
        if self.plane.is_some() {
            self.plane_key(key)
        } else {
            self.list_key(key)
        }
    }

    /// Back to the list, or out of it.
    fn back(&mut self) -> Action {
        if self.plane.take().is_some() && !self.lists.is_empty() {
            return Action::None;
        }
        if self.lists.len() > 1 {
            self.lists.pop();
            return Action::None;
        }
        Action::Quit
    }

    fn list_key(&mut self, key: Key) -> Action {
        let Some(list) = self.lists.last_mut() else {
            return match key {
                Key::Char('q') | Key::Escape => Action::Quit,
                _ => Action::None,
            };
        };
        match key {
            Key::Up | Key::Char('k') => list.move_by(-1),
            Key::Down | Key::Char('j') => list.move_by(1),
            Key::PageUp => list.move_by(-list.page()),
            Key::PageDown | Key::Char(' ') => list.move_by(list.page()),
            Key::Home | Key::Char('g') => list.move_by(isize::MIN),
            Key::End | Key::Char('G') => list.move_by(isize::MAX),
            Key::Char('/') => {
                let text = list.filter().to_owned();
                self.prompt = Some(Prompt {
                    kind: PromptKind::Filter,
                    text,
                });
            }
            Key::Enter | Key::Right | Key::Char('l') => {
                return list.selected().map_or(Action::None, Action::Open);
            }
            Key::Escape if !list.filter().is_empty() => list.set_filter(""),
            Key::Char('q') if self.lists.len() == 1 => return Action::Quit,
            Key::Left | Key::Char('h' | 'q') | Key::Backspace | Key::Escape
                if self.lists.len() > 1 =>
            {
                return self.back();
            }
            _ => {}
        }
        Action::None
    }

    fn plane_key(&mut self, key: Key) -> Action {
        let has_list = !self.lists.is_empty();
        let Some(plane) = &mut self.plane else {
            return Action::None;
        };
        match key {
            Key::Up | Key::Char('k') => plane.move_rows(-1),
            Key::Down | Key::Char('j') => plane.move_rows(1),
            Key::Left | Key::Char('h') => plane.move_columns(-1),
            Key::Right | Key::Char('l') => plane.move_columns(1),
            Key::PageUp => plane.move_rows(-plane.page()),
            Key::PageDown | Key::Char(' ') => plane.move_rows(plane.page()),
            Key::Char('g') => plane.move_rows(isize::MIN),
            Key::Char('G') => plane.move_rows(isize::MAX),
            Key::Home | Key::Char('0' | '^') => plane.move_columns(isize::MIN),
            Key::End | Key::Char('$') => plane.move_columns(isize::MAX),
            Key::Char('[') => plane.move_plane(-1),
            Key::Char(']') => plane.move_plane(1),
            Key::Char('{') => plane.choose_axis(-1),
            Key::Char('}') => plane.choose_axis(1),
            Key::Char('r') => self.message = plane.show_chosen_axis(),
            Key::Char('x') => self.message = plane.swap_axes(),
            Key::Char('v') => self.message = plane.next_mode(),
            Key::Char('c') => plane.next_colormap(),
            Key::Char('+' | '=') => plane.change_digits(1),
            Key::Char('-') => plane.change_digits(-1),
            Key::Char('s') => return Action::Statistics(Scope::Shown),
            Key::Char('S') => return Action::Statistics(Scope::All),
            Key::Char('n') => return Action::Search(Direction::Forwards),
            Key::Char('N') => return Action::Search(Direction::Backwards),
            Key::Char('y') => return Action::Command,
            Key::Char(':') => self.ask(PromptKind::GoTo, String::new()),
            Key::Char('w') => {
                let name = plane.file_name();
                self.ask(PromptKind::SaveAs, name);
            }
            Key::Char('q') if !has_list => return Action::Quit,
            Key::Char('q') | Key::Escape | Key::Backspace if has_list => return self.back(),
            _ => {}
        }
        Action::None
    }

    fn ask(&mut self, kind: PromptKind, text: String) {
        self.prompt = Some(Prompt { kind, text });
    }

    /// Asks whether this file, which exists, is replaced.
    pub(crate) fn ask_to_replace(&mut self, path: PathBuf) {
        self.ask(PromptKind::Replace(path), String::new());
    }

    fn prompt_key(&mut self, mut prompt: Prompt, key: Key) -> Action {
        if let PromptKind::Replace(path) = prompt.kind {
            if matches!(key, Key::Char('y' | 'Y')) {
                return Action::Save {
                    path,
                    overwrite: true,
                };
            }
            self.message = Some("not saved".to_owned());
            return Action::None;
        }
        match key {
            Key::Escape => {
                if prompt.kind == PromptKind::Filter {
                    self.filter("");
                }
                return Action::None;
            }
            Key::Enter => return self.answer(prompt),
            Key::Backspace => {
                prompt.text.pop();
            }
            Key::Erase => prompt.text.clear(),
            Key::Char(c) => prompt.text.push(c),
            _ => {}
        }
        if prompt.kind == PromptKind::Filter {
            self.filter(&prompt.text);
        }
        self.prompt = Some(prompt);
        Action::None
    }

    fn filter(&mut self, text: &str) {
        if let Some(list) = self.lists.last_mut() {
            list.set_filter(text);
        }
    }

    fn answer(&mut self, prompt: Prompt) -> Action {
        match (prompt.kind, &mut self.plane) {
            (PromptKind::GoTo, Some(plane)) => self.message = plane.go_to(&prompt.text).err(),
            (PromptKind::SaveAs, _) if !prompt.text.trim().is_empty() => {
                let mut path = PathBuf::from(prompt.text.trim());
                // As np.save.
                if path.extension().is_none_or(|suffix| suffix != "npy") {
                    path.as_mut_os_string().push(".npy");
                }
                return Action::Save {
                    path,
                    overwrite: false,
                };
            }
            _ => {}
        }
        Action::None
    }
}

const HELP: &str = "\
arrows h j k l   move                      PgUp PgDn  a page up, down
g G              first, last row           Home End   first, last column
:                go to an index (3, 5), or show a slice (0:9, ::2); nothing shows all
[ ]              the previous, next plane  { }        choose the axis of [ and ]
r                the chosen axis as rows   x          swap rows and columns
v                table, heatmap, image, line, histogram
c                color map                 + -        more, fewer digits
s S              statistics of what is shown, of everything
n N              next, previous NaN or infinity
y                the npio dump command that prints the same
w                save the slice as .npy
q Esc            back to the list, or quit
Ctrl-C           stop the work, or quit    Ctrl-Z     suspend
In a list: Enter opens, / filters, Backspace goes up";
