//! Metadata as members of an archive: [`Members`].

use super::items::item_npy;
use super::warning::{LossKind, Warning};
use super::{MetadataFormat, Options};
use crate::{Error, Value, json, npy};
use npz::{Update, Writer};
use std::io::Write;

/// The members that hold some metadata, for a new archive or an existing one.
#[derive(Clone, Debug)]
pub struct Members {
    /// Each member's name in the archive, and its bytes.
    members: Vec<(String, Vec<u8>)>,
    warnings: Vec<Warning>,
}

impl Options {
    /// The members that hold this metadata in this format. All formats but JSON and pickles need a dict
    /// whose keys are texts.
    ///
    /// # Errors
    /// `Unsupported`: a value that the format cannot hold.
    pub fn members(&self, value: &Value, format: MetadataFormat) -> Result<Members, Error> {
        let (name, mut warnings) = (self.name(), Vec::new());
        let members = match format {
            MetadataFormat::Pickle => vec![(format!("{name}.npy"), npy::to_bytes(value)?)],
            MetadataFormat::Json | MetadataFormat::JsonMember => {
                let text = json::to_string(value)?;
                // The keys of a dict are what people know; the key of the whole may be a default.
                let mut path = match value {
                    Value::Dict(_) => String::new(),
                    _ => self.key.clone(),
                };
                collect_losses(value, &mut path, &mut warnings);
                match format {
                    MetadataFormat::Json => {
                        vec![(format!("{name}.npy"), item_npy(&text.into())?.0)]
                    }
                    _ => vec![(format!("{name}.json"), text.into_bytes())],
                }
            }
            MetadataFormat::Items => {
                let Value::Dict(dict) = value else {
                    return Err(Error::unsupported(
                        "a value that is not a dict, as items: each is an item under its key",
                    ));
                };
                let mut members = Vec::new();
                for (key, value) in dict.iter() {
                    let Some(key) = key.as_str() else {
                        return Err(Error::unsupported(format!(
                            "the key {key} as the name of an item"
                        )));
                    };
                    let (bytes, loss) = item_npy(value).map_err(|error| error.with_key(key))?;
                    let key = key.to_owned();
                    members.push((format!("{}{key}.npy", self.prefix), bytes));
                    warnings.extend(loss.map(|loss| Warning { key, loss }));
                }
                members
            }
        };
        Ok(Members { members, warnings })
    }
}

impl Members {
    /// Warnings of values that do not read back unchanged.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Each member's name in the archive, and its bytes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.members
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// Adds these members to an update of an archive, replacing members of the same names. The arrays are
    /// copied as they are.
    pub fn update<'a>(&'a self, update: Update<'a>) -> Update<'a> {
        let set = |update: Update<'a>, (name, bytes): &'a (String, Vec<u8>)| {
            update.set_bytes(name, bytes)
        };
        self.members.iter().fold(update, set)
    }

    /// Writes them to a new archive.
    ///
    /// # Errors
    /// `Archive`: names that exist or could not be read back; errors of the target.
    pub fn write<W: Write>(&self, writer: &mut Writer<W>) -> Result<(), Error> {
        for (name, bytes) in &self.members {
            let mut member = writer.member(name)?;
            member.write_all(bytes).map_err(npz::Error::from)?;
            member.finish()?;
        }
        Ok(())
    }
}

/// Warnings of what JSON cannot express in the value at this path: `key`, and for what is nested `key.name[1]`.
fn collect_losses(value: &Value, path: &mut String, warnings: &mut Vec<Warning>) {
    let mut lost = |path: &str, loss| {
        let key = path.to_owned();
        warnings.push(Warning { key, loss });
    };
    match value {
        Value::Float(value) if !value.is_finite() => lost(path, LossKind::NotFinite),
        Value::Array(_) | Value::Objects(_) => lost(path, LossKind::List(value.type_name())),
        Value::Tuple(items) | Value::List(items) => {
            if matches!(value, Value::Tuple(_)) {
                lost(path, LossKind::List(value.type_name()));
            }
            let length = path.len();
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("[{index}]"));
                collect_losses(item, path, warnings);
                path.truncate(length);
            }
        }
        Value::Dict(dict) => {
            let length = path.len();
            for (name, value) in dict.iter() {
                if length > 0 {
                    path.push('.');
                }
                match name.as_str() {
                    Some(name) => path.push_str(name),
                    None => path.push_str(&name.to_string()),
                }
                if !matches!(name, Value::Str(_)) {
                    let (key, loss) = (path.clone(), LossKind::Key(name.type_name()));
                    warnings.push(Warning { key, loss });
                }
                collect_losses(value, path, warnings);
                path.truncate(length);
            }
        }
        _ => {}
    }
}
