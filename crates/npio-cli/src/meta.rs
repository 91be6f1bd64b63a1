//! `npio meta`: metadata in archives.

use crate::address::Name;
use crate::args::{As, MetaGet, MetaSet};
use crate::interrupt;
use crate::output::{complain, escaped, is_terminal, with_stdout};
use crate::{Outcome, Status};
use anyhow::{anyhow, bail};
use npio::dtype::python::quoted;
use npio::meta::archive::{Metadata, MetadataFormat, Options};
use npio::meta::{Dict, json};
use npio::{LoadOptions, SavezOptions, Value};

/// Prints the metadata of an archive, or the value of one key.
pub(crate) fn get(options: &MetaGet) -> Outcome {
    let name = &options.file;
    let mut load = loading();
    if options.allow_pickle {
        load = load.allow_pickle();
    }
    let Some(Metadata { value, .. }) = found(name, &load)? else {
        return Err(name.complaint("the archive has no metadata"));
    };
    let value = match &options.key {
        None => value,
        Some(key) => {
            let known = value.as_dict().and_then(|dict| dict.get(key));
            let missing =
                || name.complaint(format_args!("the metadata has no key {}", quoted(key)));
            known.cloned().ok_or_else(missing)?
        }
    };
    let text = match (options.json, &value, &options.key) {
        (true, ..) => json::Style::Compact
            .to_string(&value)
            .map_err(|error| name.complaint(error))?,
        (false, Value::Str(text), _) => text.to_string_lossy(),
        (false, Value::Dict(dict), None) => {
            let lines = dict.iter().map(|(key, value)| match key.as_str() {
                Some(key) => format!("{} = {value}", escaped(key)),
                None => format!("{key} = {value}"),
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        (false, other, _) => other.to_string(),
    };
    // A single text is written to a pipe as it is.
    let text = if is_terminal() && matches!(value, Value::Str(_)) {
        escaped(&text)
    } else {
        text
    };
    with_stdout(|out| Ok(writeln!(out, "{text}")?))?;
    Ok(Status::Fine)
}

/// Writes facts into an archive; its arrays are unchanged.
pub(crate) fn set(options: &MetaSet) -> Outcome {
    let name = &options.file;
    let located = |error: npio::Error| anyhow!(escaped(&error.to_string()));
    let mut facts = Dict::new();
    if let Some(file) = &options.json_file {
        match npio::load_value(file.path()).map_err(located)? {
            Value::Dict(dict) => facts.extend(dict),
            _ => return Err(file.complaint("expected an object of JSON")),
        }
    }
    for fact in &options.facts {
        let Some((key, text)) = fact.split_once('=') else {
            bail!("{}: expected KEY=VALUE", escaped(fact));
        };
        facts.insert(key, json::parse(text).unwrap_or_else(|_| text.into()));
    }
    if facts.is_empty() {
        bail!("expected KEY=VALUE, or --file");
    }
    let (format, value) = match options.format {
        As::Items => {
            keep_arrays(name, &facts)?;
            (MetadataFormat::Items, facts)
        }
        As::Json => (MetadataFormat::Json, merged(name, facts)?),
    };
    let savez = SavezOptions::new().cancel(interrupt::token());
    let saved = savez.save_metadata(name.path(), &value.into(), format, &Options::new());
    for warning in saved.map_err(located)? {
        complain(&format!("{name}: {}", escaped(&warning.to_string())));
    }
    Ok(Status::Fine)
}

fn loading() -> LoadOptions {
    LoadOptions::new().cancel(interrupt::token())
}

fn found(name: &Name, load: &LoadOptions) -> anyhow::Result<Option<Metadata>> {
    let archive = load.load_npz(name.path());
    let found = archive.and_then(|archive| archive.metadata());
    found.map_err(|error| anyhow!(escaped(&error.to_string())))
}

/// New facts merged with those already in the archive's JSON.
fn merged(name: &Name, facts: Dict) -> anyhow::Result<Dict> {
    if !name.path().exists() {
        return Ok(facts);
    }
    match found(name, &loading())? {
        Some(Metadata {
            format: MetadataFormat::Json,
            value: Value::Dict(mut dict),
        }) => {
            dict.extend(facts);
            Ok(dict)
        }
        _ => Ok(facts),
    }
}

/// An array of data is never replaced by a fact of the same name.
fn keep_arrays(name: &Name, facts: &Dict) -> anyhow::Result<()> {
    if !name.path().exists() {
        return Ok(());
    }
    let archive = loading()
        .load_npz(name.path())
        .map_err(|error| anyhow!(escaped(&error.to_string())))?;
    for (key, _) in facts.iter() {
        let member = key.as_str().and_then(|key| archive.as_npz().get(key).ok());
        let is_data = |member: npio::npz::Member<'_, _>| {
            member
                .open()
                .is_ok_and(|array| !array.layout().shape().is_empty())
        };
        if member.is_some_and(is_data) {
            return Err(name.complaint(format_args!(
                "{key} is an array of data there, and no metadata"
            )));
        }
    }
    Ok(())
}
