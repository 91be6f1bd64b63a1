//! The list of the arrays in an archive or a folder.

use super::catalog::Catalog;
use std::fmt;
use std::sync::Arc;

/// The rows of a page before the screen is known.
const ROWS: usize = 20;

/// A list, one of whose entries is selected.
pub(crate) struct List {
    pub(crate) catalog: Arc<dyn Catalog>,
    names: Vec<String>,
    filter: String,
    /// The entries whose names contain the filter.
    matches: Vec<usize>,
    /// Which of them is selected.
    row: usize,
    top: usize,
    rows: usize,
}

impl List {
    pub(crate) fn new(catalog: Arc<dyn Catalog>) -> List {
        let names: Vec<String> = (0..catalog.len()).map(|i| catalog.name(i)).collect();
        List {
            matches: (0..names.len()).collect(),
            catalog,
            names,
            filter: String::new(),
            row: 0,
            top: 0,
            rows: ROWS,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn matches(&self) -> usize {
        self.matches.len()
    }

    pub(crate) fn name(&self, entry: usize) -> &str {
        self.names.get(entry).map_or("", String::as_str)
    }

    pub(crate) fn filter(&self) -> &str {
        &self.filter
    }

    /// Shows only the names that contain this text, in whatever case.
    pub(crate) fn set_filter(&mut self, text: &str) {
        let selected = self.selected();
        text.clone_into(&mut self.filter);
        let text = text.to_lowercase();
        let names = self.names.iter().enumerate();
        self.matches = names
            .filter(|(_, name)| name.to_lowercase().contains(&text))
            .map(|(entry, _)| entry)
            .collect();
        let row = self.matches.iter().position(|i| Some(*i) == selected);
        self.row = row.unwrap_or(0);
        self.show_row();
    }

    /// The entry that is selected.
    pub(crate) fn selected(&self) -> Option<usize> {
        self.matches.get(self.row).copied()
    }

    pub(crate) fn page(&self) -> isize {
        self.rows.saturating_sub(1).max(1) as isize
    }

    pub(crate) fn move_by(&mut self, rows: isize) {
        let last = self.matches.len().saturating_sub(1);
        self.row = self.row.saturating_add_signed(rows).min(last);
        self.show_row();
    }

    /// The number of rows on the screen.
    pub(crate) fn set_rows(&mut self, rows: usize) {
        self.rows = rows.max(1);
        self.show_row();
    }

    fn show_row(&mut self) {
        let first = (self.row + 1).saturating_sub(self.rows);
        self.top = self.top.clamp(first, self.row);
    }

    /// The entries on the screen, and whether each is the one that is selected.
    pub(crate) fn visible(&self) -> impl Iterator<Item = (usize, bool)> + '_ {
        let rows = self.matches.iter().enumerate().skip(self.top);
        rows.take(self.rows)
            .map(|(row, entry)| (*entry, row == self.row))
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("names", &self.names)
            .field("filter", &self.filter)
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}
