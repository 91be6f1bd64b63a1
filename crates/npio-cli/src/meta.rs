//! `npio meta`: metadata in archives.

use crate::address::{ErrorContext, FileArg};
use crate::args::{InputFormat, MetaFormat, MetaGetArgs, MetaSetArgs};
use crate::interrupt;
use crate::output::{escaped, is_terminal, report_error, update_error, with_stdout, write_json};
use crate::source::{Input, InputError, InputSource};
use crate::target::check_changeable;
use crate::{Outcome, Status, tensors};
use anyhow::bail;
use npio::dtype::python::excerpt;
use npio::meta::archive::{Metadata, MetadataFormat, Options};
use npio::meta::{Dict, json};
use npio::npz::Archive;
use npio::{LoadOptions, ReadAt, SavezOptions, Value};
use std::io::Read;

/// Prints the metadata of an archive, or the value of one key. Items that cannot be read do not keep the others from
/// being printed.
pub(crate) fn get(options: &MetaGetArgs) -> Outcome {
    let name = &options.file;
    let missing = |key: &str| name.error(format_args!("the metadata has no key {}", excerpt(key)));
    let in_file = |error: InputError| error.in_file(name);
    let input = Input {
        last_of_duplicates: options.duplicates.is_last(),
        ..Input::file(name)
    };
    let archive = match input.open()? {
        InputSource::Archive(archive) => archive,
        InputSource::SafeTensors(file) => {
            let texts = tensors::metadata(&file);
            let value = match &options.key {
                Some(key) => texts.get(key).cloned().ok_or_else(|| missing(key))?,
                None => texts.into(),
            };
            print(options, &value)?;
            return Ok(Status::Success);
        }
        // The error says what it is.
        other => Archive::new(other.into_file().map_err(in_file)?)
            .map_err(|error| in_file(error.into()))?,
    };
    let mut read = Options::new();
    if options.allow_pickle {
        read = read.allow_pickle();
    }
    if let Some(key) = &options.key {
        let value = read.get(&archive, key);
        let value = value.map_err(|error| in_file(error.into()))?;
        print(options, &value.ok_or_else(|| missing(key))?)?;
        return Ok(Status::Success);
    }
    let found = read.partial().read(&archive);
    let found = found.map_err(|error| in_file(error.into()))?;
    let found = found.ok_or_else(|| name.error("the archive has no metadata"))?;
    print(options, &found.value)?;
    for error in &found.errors {
        report_error(&format!("{name}: {}", escaped(&error.to_string())));
    }
    Ok(if found.errors.is_empty() {
        Status::Success
    } else {
        Status::Failure
    })
}

fn print(options: &MetaGetArgs, value: &Value) -> anyhow::Result<()> {
    with_stdout(|out| {
        match (value, &options.key) {
            _ if options.json => write_json(value, out, &options.file)?,
            // A single text is written to a pipe as it is.
            (Value::Str(text), _) if is_terminal() => {
                write!(out, "{}", escaped(&text.to_string_lossy()))?;
            }
            (Value::Str(text), _) => write!(out, "{}", text.to_string_lossy())?,
            (Value::Dict(dict), None) => {
                for (i, (key, value)) in dict.iter().enumerate() {
                    let separator = if i == 0 { "" } else { "\n" };
                    match key.as_str() {
                        Some(key) => write!(out, "{separator}{} = {value}", escaped(key))?,
                        None => write!(out, "{separator}{key} = {value}")?,
                    }
                }
            }
            (other, _) => write!(out, "{other}")?,
        }
        Ok(writeln!(out)?)
    })
}

/// Writes metadata into an archive; its arrays are unchanged.
pub(crate) fn set(options: &MetaSetArgs) -> Outcome {
    let name = &options.file;
    let mut entries = Dict::new();
    check_changeable(name)?;
    if let Some(file) = &options.json_file {
        match read_json(file)? {
            Value::Dict(dict) => entries.extend(dict),
            _ => return Err(file.error("expected a JSON object")),
        }
    }
    for entry in &options.entries {
        let Some((key, text)) = entry.split_once('=') else {
            bail!("{}: expected KEY=VALUE", escaped(entry));
        };
        entries.insert(key, json::parse(text).unwrap_or_else(|_| text.into()));
    }
    if entries.is_empty() {
        bail!("expected KEY=VALUE, or --file");
    }
    let (format, value) = merged(name, options.format, entries)?;
    let savez = SavezOptions::new().cancel(interrupt::token());
    let saved = savez.save_metadata(name.path(), &value.into(), format, &Options::new());
    for warning in saved.map_err(update_error)? {
        report_error(&format!("{name}: {}", escaped(&warning.to_string())));
    }
    Ok(Status::Success)
}

/// The value in a file of JSON, whatever its name.
fn read_json(file: &FileArg) -> anyhow::Result<Value> {
    let mut input = Input::file(file);
    input.text.args.from = Some(InputFormat::Json);
    let mut text = String::new();
    if let InputSource::Json(mut stream) = input.open()? {
        let read = stream.read_to_string(&mut text);
        read.map_err(|error| file.escaped_error(error))?;
    }
    json::parse(&text).map_err(|error| file.escaped_error(error))
}

/// New entries with those of the archive that would be hidden by them, and how they are stored: readers look for one text
/// of JSON first, then for a member that is JSON, and last for items.
fn merged(
    name: &FileArg,
    wanted: Option<MetaFormat>,
    entries: Dict,
) -> anyhow::Result<(MetadataFormat, Dict)> {
    let load = LoadOptions::new().cancel(interrupt::token());
    // Nothing is there before the first is set.
    let archive = name.path().exists().then(|| load.load_npz(name.path()));
    let archive = archive.transpose().map_err(update_error)?;
    let archive = archive.as_ref().map(|archive| archive.as_npz());
    let found = archive.map(|archive| read_metadata(name, archive));
    let found = found.transpose()?.flatten();
    match found.as_ref().map(|found| found.format) {
        Some(MetadataFormat::Json) if matches!(wanted, Some(MetaFormat::Items)) => {
            return Err(name.error(
                "its metadata is one JSON text, which would hide items: leave out --as items",
            ));
        }
        Some(MetadataFormat::Json) => {}
        None | Some(MetadataFormat::Items) if matches!(wanted, Some(MetaFormat::Json)) => {}
        None | Some(MetadataFormat::Items) => {
            if let Some(archive) = archive {
                check_no_arrays(name, archive, &entries)?;
            }
            return Ok((MetadataFormat::Items, entries));
        }
        Some(_) => {
            return Err(name.error(
                "its metadata is a member of its own, which would hide the new: npio meta get --json prints it, npio rm removes \
                 it, and npio meta set --file stores it as it stores others",
            ));
        }
    }
    let mut dict = match found.map(|found| (found.value, found.errors)) {
        None => Dict::new(),
        Some((Value::Dict(dict), errors)) => match errors.first() {
            None => dict,
            Some(error) => return Err(name.escaped_error(error)),
        },
        Some(_) => return Err(name.error("its metadata is JSON, but not an object")),
    };
    dict.extend(entries);
    Ok((MetadataFormat::Json, dict))
}

/// The metadata that is in the archive, if it has some.
fn read_metadata<S: ReadAt>(
    name: &FileArg,
    archive: &Archive<S>,
) -> anyhow::Result<Option<Metadata>> {
    let found = Options::new().partial().read(archive);
    found.map_err(|error| {
        name.error(format_args!(
            "its metadata cannot be read, and new would replace or hide it: {error}"
        ))
    })
}

/// An array of data is never replaced by metadata of the same name.
fn check_no_arrays<S: ReadAt>(
    name: &FileArg,
    archive: &Archive<S>,
    entries: &Dict,
) -> anyhow::Result<()> {
    for (key, _) in entries.iter() {
        let member = key.as_str().and_then(|key| archive.get(key).ok());
        let is_data = |member: npio::npz::Member<'_, _>| {
            member
                .open()
                .is_ok_and(|array| !array.layout().shape().is_empty())
        };
        if member.is_some_and(is_data) {
            return Err(name.error(format_args!("{key} is an array of data, not metadata")));
        }
    }
    Ok(())
}
