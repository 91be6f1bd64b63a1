//! The list of the arrays, archives and folders in a folder.

use super::archive::details;
use super::open::open;
use super::text;
use crate::address::FileArg;
use crate::folders::is_array_file;
use crate::output::escaped;
use crate::source::{Input, InputError, InputKind, OpenInput, io_input_error};
use npio_look::view::{Catalog, Details, Opened, Work};
use std::fs;
use std::path::Path;

/// What can be opened in a folder, by name: folders first.
pub(super) struct Folder {
    input: Input,
    entries: Vec<Entry>,
    command: Vec<String>,
}

struct Entry {
    name: FileArg,
    label: String,
    is_folder: bool,
}

impl Folder {
    pub(super) fn new(input: &Input, command: &[String]) -> anyhow::Result<Folder> {
        let entries = entries(input.name.path());
        Ok(Folder {
            input: input.clone(),
            entries: entries.map_err(|error| io_input_error(error).in_file(&input.name))?,
            command: command.to_vec(),
        })
    }

    fn at(&self, entry: usize) -> Option<(&Entry, Input)> {
        let entry = self.entries.get(entry)?;
        let input = Input {
            name: entry.name.clone(),
            ..self.input.clone()
        };
        Some((entry, input))
    }
}

fn entries(folder: &Path) -> std::io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for found in fs::read_dir(folder)? {
        let found = found?;
        let path = found.path();
        let is_folder = path.is_dir();
        let name = found.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || !(is_folder || is_array_file(&path)) {
            continue;
        }
        let end = if is_folder { "/" } else { "" };
        // Of the folder that the program is in, only the names are of interest.
        let path = path.strip_prefix("./").unwrap_or(&path);
        entries.push(Entry {
            name: path.as_os_str().to_owned().into(),
            label: escaped(&name) + end,
            is_folder,
        });
    }
    entries.sort_by(|a, b| (!a.is_folder, &a.label).cmp(&(!b.is_folder, &b.label)));
    Ok(entries)
}

/// What a list shows of a file, whose header is read.
fn of_file(input: &Input) -> Result<Details, InputError> {
    let opened = OpenInput::new(input)?;
    let storage = opened.storage();
    let nbytes = opened.length()?;
    let what = match opened.kind {
        InputKind::Npz => Some("archive"),
        InputKind::SafeTensors => Some("safetensors"),
        _ => None,
    };
    if let Some(what) = what {
        return Ok(Details {
            dtype: what.to_owned(),
            shape: String::new(),
            nbytes,
            storage,
        });
    }
    let mut source = opened.source()?;
    let layout = source.array(input)?.into_layout()?;
    Ok(details(&layout, storage))
}

impl Catalog for Folder {
    fn title(&self) -> String {
        self.input.to_string()
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn name(&self, entry: usize) -> String {
        let entry = self.entries.get(entry);
        entry.map_or_else(String::new, |entry| entry.label.clone())
    }

    fn details(&self, entry: usize) -> Result<Details, String> {
        match self.at(entry) {
            Some((entry, input)) if !entry.is_folder => {
                of_file(&input).map_err(|error| error.message)
            }
            _ => Ok(Details {
                dtype: "folder".to_owned(),
                ..Details::default()
            }),
        }
    }

    fn open(&self, entry: usize, work: &Work) -> Result<Opened, String> {
        match self.at(entry) {
            Some((_, input)) => open(&input, &self.command, work).map_err(text),
            None => Err("there is no such entry".to_owned()),
        }
    }
}
