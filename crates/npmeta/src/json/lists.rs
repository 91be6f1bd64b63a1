//! The lists around the items of an array: [`Lists`].

use super::items::item_error;
use super::run::Run;
use crate::Error;

/// The lists that have begun and not ended, and the shape that they have so far.
pub(super) struct Lists {
    /// The length of each axis, once the first list of it has ended.
    lengths: Vec<Option<usize>>,
    /// For each list that has begun, the index of its value that is next.
    index: Vec<usize>,
    /// Where each of them begins in the text, in bytes.
    begins: Vec<u64>,
}

impl Lists {
    /// None yet, of an array with this many axes.
    pub(super) fn new(axes: usize) -> Lists {
        Lists {
            lengths: vec![None; axes],
            index: Vec::with_capacity(axes),
            begins: Vec::with_capacity(axes),
        }
    }

    /// The index of the value that is next: an item, or a list if it has fewer numbers than the array has axes.
    pub(super) fn index(&mut self) -> &mut Vec<usize> {
        &mut self.index
    }

    /// The number of lists that are to begin before the item that is next.
    pub(super) fn missing(&self) -> usize {
        self.lengths.len() - self.index.len()
    }

    /// Whether numbers and the lists around them are where the items are.
    pub(super) fn fit(&self, run: &Run) -> bool {
        run.first_lists() == self.missing() && run.ended < self.lengths.len()
    }

    /// Whether all lists have ended.
    pub(super) fn is_over(&self) -> bool {
        self.index.is_empty()
    }

    /// The shape, once all lists have ended.
    pub(super) fn shape(&self) -> Vec<usize> {
        let lengths = self.lengths.iter();
        lengths.map(|length| length.unwrap_or(0)).collect()
    }

    /// What is expected as a list along an axis.
    fn expected(&self, axis: usize) -> String {
        match self.lengths.get(axis) {
            Some(Some(length)) => format!("a list of {length}"),
            _ => "a list".to_owned(),
        }
    }

    /// The error, unless the innermost list may have this many more values.
    pub(super) fn check_room(&self, values: usize) -> Result<(), Error> {
        let Some((next, outer)) = self.index.split_last() else {
            return Ok(());
        };
        match (self.lengths.get(outer.len()), self.begins.last()) {
            (Some(Some(length)), Some(begin)) if values > length - next => Err(item_error(
                outer,
                self.expected(outer.len()),
                "a longer list",
                *begin,
            )),
            _ => Ok(()),
        }
    }

    /// The error that something else was found in place of the list that is next.
    pub(super) fn no_list(&self, found: String, offset: u64) -> Error {
        item_error(&self.index, self.expected(self.index.len()), found, offset)
    }

    /// Begins a list.
    pub(super) fn begin(&mut self, offset: u64) {
        self.index.push(0);
        self.begins.push(offset);
    }

    /// Takes this many values of the innermost list, which has room for them.
    pub(super) fn take(&mut self, values: usize) {
        if let Some(next) = self.index.last_mut() {
            *next += values;
        }
    }

    /// Ends the innermost list, which is then a value of the one around it.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        let (Some(count), Some(begin)) = (self.index.pop(), self.begins.pop()) else {
            return Ok(());
        };
        let axis = self.index.len();
        match self.lengths.get_mut(axis) {
            Some(length @ None) => *length = Some(count),
            Some(Some(length)) if count < *length => {
                let found = format!("a list of {count}");
                return Err(item_error(&self.index, self.expected(axis), found, begin));
            }
            _ => {}
        }
        self.take(1);
        Ok(())
    }

    /// Takes numbers and the lists around them, which begin at this offset.
    pub(super) fn take_run(&mut self, run: &Run, offset: u64) -> Result<(), Error> {
        let mut taken = 0;
        for lists in run.lists.chunk_by(|one, other| one.before == other.before) {
            let before = lists.first().map_or(0, |list| list.before);
            if before > 0 {
                self.check_room(before - taken)?;
                self.take(before - taken);
                taken = before;
                for _ in lists {
                    self.end()?;
                }
            }
            for list in lists {
                self.check_room(1)?;
                self.begin(offset + list.begin as u64);
            }
        }
        self.check_room(run.count - taken)?;
        self.take(run.count - taken);
        Ok(())
    }
}
