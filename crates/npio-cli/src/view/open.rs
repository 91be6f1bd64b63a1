//! Opening what is looked at, so that every item can be read at its position.

use super::archive::ArchiveCatalog;
use super::dump_command;
use super::folder::Folder;
use super::several::NpyCatalog;
use crate::address::ErrorContext;
use crate::array::InputArray;
use crate::objects;
use crate::output::library_error;
use crate::source::{Input, InputSource, io_input_error};
use crate::spool::spooled;
use npio::{LongDouble, RandomAccessFile, Reader, Value};
use npio_look::view::{Contents, Opened, Viewed, Work};
use std::sync::Arc;

/// The array at an address, or the list of those in an archive or a folder.
pub(super) fn open(input: &Input, command: &[String], work: &Work) -> anyhow::Result<Opened> {
    if !input.name.is_stdio() && input.member.is_none() && input.name.path().is_dir() {
        return Ok(Opened::Catalog(Arc::new(Folder::new(input, command)?)));
    }
    let mut source = input.open()?;
    let is_several = input.is_several(&source);
    if is_several.map_err(|error| error.in_file(&input.name))? {
        let catalog = ArchiveCatalog::new(input, source, command)?;
        return Ok(Opened::Catalog(Arc::new(catalog)));
    }
    if let Some(catalog) = NpyCatalog::new(input, &source, command) {
        return Ok(Opened::Catalog(Arc::new(catalog)));
    }
    if let Some(value) = objects::value(&mut source, input)? {
        return of_objects(input, command, value);
    }
    let file = match &source {
        InputSource::File(file) | InputSource::Raw(file, _) => Some(file.try_clone()),
        InputSource::Archive(archive) => Some(archive.source().try_clone()),
        InputSource::SafeTensors(file) => Some(file.source().try_clone()),
        InputSource::Stream(_) | InputSource::Text(_) | InputSource::Json(_) => None,
    };
    let file = file.transpose();
    let file = file.map_err(|error| io_input_error(error).in_file(&input.name))?;
    let whole = with_all_fields(input);
    let array = source.array(&whole);
    let array = array.map_err(|error| error.in_file(&input.name))?;
    of_array(array, file, (input, command), work)
}

/// The same input with all fields: the items are found by their whole records.
pub(super) fn with_all_fields(input: &Input) -> Input {
    Input {
        fields: None,
        ..input.clone()
    }
}

/// An array whose items are at their positions in the file, or are brought there.
pub(super) fn of_array(
    array: InputArray<'_>,
    file: Option<RandomAccessFile>,
    (input, command): (&Input, &[String]),
    work: &Work,
) -> anyhow::Result<Opened> {
    let (reader, longdouble, storage) = match (file, array.data_offset()) {
        (Some(file), Some(offset)) => {
            let layout = array
                .into_layout()
                .map_err(|error| error.in_file(&input.name))?;
            let reader = Reader::raw(file, layout, offset).in_file(input.name.path());
            reader.converted_layout().map_err(library_error)?;
            (reader, input.longdouble, "in place")
        }
        _ => {
            let mut blocks = array.items(None, None, input.value_conversion())?;
            work.expect(blocks.layout()?.nbytes() as u64);
            let reader = spooled(input, blocks, |bytes| {
                work.add(bytes);
                work.check()
            })?;
            // The items were checked, and converted, when they were read.
            (reader, Some(LongDouble::X87), "loaded")
        }
    };
    let reader = match &input.fields {
        Some(fields) => reader.fields(fields).map_err(library_error)?,
        None => reader,
    };
    let contents = Contents::items(reader, longdouble);
    Ok(viewed(input, command, contents, storage))
}

/// Python objects, or the items of a pickle that is an array of items.
pub(super) fn of_objects(
    input: &Input,
    command: &[String],
    value: Value,
) -> anyhow::Result<Opened> {
    let contents = match value {
        Value::Objects(objects) => Contents::Objects(*objects),
        Value::Array(array) => {
            let (layout, bytes) = array.into_parts();
            let reader = Reader::raw(bytes, layout, 0).in_file(input.name.path());
            Contents::items(reader, input.longdouble)
        }
        _ => return Err(input.error("the pickle is not an array of objects")),
    };
    Ok(viewed(input, command, contents, "loaded"))
}

fn viewed(input: &Input, command: &[String], contents: Contents, storage: &str) -> Opened {
    let stem = match &input.member {
        Some(member) => member.clone(),
        None => {
            let stem = input.name.path().file_stem();
            stem.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
        }
    };
    Opened::Array(Box::new(Viewed {
        title: input.to_string(),
        stem,
        storage: storage.to_owned(),
        contents,
        command: dump_command(command, input),
    }))
}
