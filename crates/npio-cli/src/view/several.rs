//! The list of several arrays in one `.npy`.

use super::archive::details;
use super::open::open;
use super::text;
use crate::arrays::NpyArrays;
use crate::source::{Input, InputSource};
use npio::Layout;
use npio_look::view::{Catalog, Details, Opened, Work};

/// The arrays in a file, which are counted from 0.
pub(super) struct NpyCatalog {
    input: Input,
    layouts: Vec<Layout>,
    command: Vec<String>,
}

impl NpyCatalog {
    /// `None` if it is the address of one array, or there is no other one in the file.
    pub(super) fn new(
        input: &Input,
        source: &InputSource,
        command: &[String],
    ) -> Option<NpyCatalog> {
        let InputSource::File(file) = source else {
            return None;
        };
        if input.member.is_some() || input.salvage {
            return None;
        }
        // What is wrong with the first one is said when it is opened.
        let arrays = NpyArrays::in_file(file).ok()?.arrays;
        let layouts = arrays.iter().map(|array| array.header.layout().clone());
        (arrays.len() > 1).then(|| NpyCatalog {
            input: input.clone(),
            layouts: layouts.collect(),
            command: command.to_vec(),
        })
    }
}

impl Catalog for NpyCatalog {
    fn title(&self) -> String {
        self.input.to_string()
    }

    fn len(&self) -> usize {
        self.layouts.len()
    }

    fn name(&self, entry: usize) -> String {
        entry.to_string()
    }

    fn details(&self, entry: usize) -> Result<Details, String> {
        let layout = self.layouts.get(entry);
        Ok(layout.map_or_else(Details::default, |layout| {
            details(layout, "plain".to_owned())
        }))
    }

    fn open(&self, entry: usize, work: &Work) -> Result<Opened, String> {
        let input = self.input.with_member(&entry.to_string());
        open(&input, &self.command, work).map_err(text)
    }
}
