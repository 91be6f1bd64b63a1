//! Finding metadata.

use super::{MetadataFormat, Options};
use crate::{Dict, Error, Value, json, npy, pickle};
use flatfile::ReadAt;
use flatfile::npy::ReadOptions;
use npz::{Archive, ErrorKind as NpzKind, Member};

/// The metadata of an archive.
#[derive(Debug)]
#[non_exhaustive]
pub struct Metadata {
    /// The format in which it is stored.
    pub format: MetadataFormat,
    /// The value: a dict, unless the JSON or pickle holds something else.
    pub value: Value,
    /// The errors of items that were left out, each with its key; see [`Options::partial`].
    pub errors: Vec<Error>,
}

impl Options {
    /// The metadata of an archive, and the format in which it was found; `None` if there is none.
    ///
    /// The first of these is used: the member of the key (`mdata`), if it is a pickle or a JSON text; a
    /// member `mdata.json`, or the only one whose name ends in `.json`; all 0-d arrays, or with a prefix
    /// all arrays that have it.
    ///
    /// # Errors
    /// `NotAllowed` if it is a pickle, and as [`crate::npy::parse`], with the key; `Syntax` if a `.json` is not JSON;
    /// `Archive`.
    pub fn read<S: ReadAt>(&self, archive: &Archive<S>) -> Result<Option<Metadata>, Error> {
        self.read_items(archive, |_| true)
    }

    /// As [`read`](Options::read); of items, only those under the keys that are wanted.
    fn read_items<S: ReadAt>(
        &self,
        archive: &Archive<S>,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<Metadata>, Error> {
        let found = |format, value| {
            let errors = Vec::new();
            Ok(Some(Metadata {
                format,
                value,
                errors,
            }))
        };
        let name = self.name();
        if let Some(member) = if_found(archive.get(&name))?.filter(|member| member.is_npy()) {
            let is_one = self.is_item(&member)?;
            let value = is_one.then(|| self.item(&member)).transpose()?;
            match value {
                Some(Value::Str(text)) => {
                    if let Ok(value) = json::parse(text.as_str().unwrap_or_default()) {
                        return found(MetadataFormat::Json, value);
                    }
                }
                Some(value @ Value::Dict(_)) => return found(MetadataFormat::Pickle, value),
                // One of several items with this name.
                _ => {}
            }
        }
        if let Some(member) = self.json_member(archive)? {
            let bytes = member.bytes()?;
            let text = std::str::from_utf8(&bytes).map_err(|error| {
                let expected = "a text in UTF-8";
                Error::from(crate::ErrorKind::Syntax { expected })
                    .with_offset(error.valid_up_to() as u64)
            });
            let value = text.and_then(json::parse);
            return found(
                MetadataFormat::JsonMember,
                value.map_err(|error| error.with_key(member.name()))?,
            );
        }
        let (mut dict, mut errors) = (Vec::new(), Vec::new());
        for member in archive.members().filter(Member::is_npy) {
            let key = member.name().strip_prefix(self.prefix.as_str());
            let Some(key) = key.filter(|key| is_wanted(key)) else {
                continue;
            };
            match self.item_if_any(&member) {
                Ok(item) => dict.extend(item.map(|item| (Value::from(key), item))),
                Err(error) if self.is_partial => errors.push(error),
                Err(error) => return Err(error),
            }
        }
        if dict.is_empty() && errors.is_empty() {
            return Ok(None);
        }
        // All keys are texts, which are hashable.
        Ok(Some(Metadata {
            format: MetadataFormat::Items,
            value: Dict::from_pairs(dict).unwrap_or_default().into(),
            errors,
        }))
    }

    /// The value of one key of the metadata, as in [`read`](Options::read); `None` if there is none. Items under other
    /// keys are not read.
    ///
    /// # Errors
    /// As [`read`](Options::read).
    pub fn get<S: ReadAt>(&self, archive: &Archive<S>, key: &str) -> Result<Option<Value>, Error> {
        let found = self.read_items(archive, |other| other == key)?;
        Ok(found.and_then(|found| found.value.as_dict()?.get(key).cloned()))
    }

    /// The value of a member, if it is an item of the metadata.
    fn item_if_any<S: ReadAt>(&self, member: &Member<'_, S>) -> Result<Option<Value>, Error> {
        if self.prefix.is_empty() && !self.is_item(member)? {
            return Ok(None);
        }
        self.item(member).map(Some)
    }

    fn json_member<'a, S: ReadAt>(
        &self,
        archive: &'a Archive<S>,
    ) -> Result<Option<Member<'a, S>>, Error> {
        let name = format!("{}.json", self.name());
        if let Some(member) =
            if_found(archive.get(&name))?.filter(|member| member.file_name() == name)
        {
            return Ok(Some(member));
        }
        let is_json = |member: &Member<'_, S>| {
            let name = member.file_name();
            name.starts_with(&self.prefix) && name.ends_with(".json")
        };
        let mut others = archive.members().filter(is_json);
        Ok(others.next().filter(|_| others.next().is_none()))
    }

    /// Whether the member is a 0-d array; the real shape of an array of objects is in its pickle, but NumPy writes
    /// the same one in the header.
    fn is_item<S: ReadAt>(&self, member: &Member<'_, S>) -> Result<bool, Error> {
        match member.open() {
            Ok(array) => Ok(array.layout().shape().is_empty()),
            Err(error) if matches!(error.kind(), NpzKind::NotArray) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn item<S: ReadAt>(&self, member: &Member<'_, S>) -> Result<Value, Error> {
        let value = member_value(member, self.pickles.as_ref(), &ReadOptions::new());
        value
            .and_then(Value::into_item)
            .map_err(|error| error.with_key(member.name()))
    }
}

/// The contents of a member that is a `.npy`: an array, or, if there are options for pickles, the value in it.
///
/// # Errors
/// As [`crate::npy::parse`]; `Archive`.
pub fn member_value<S: ReadAt>(
    member: &Member<'_, S>,
    pickles: Option<&pickle::Options>,
    options: &ReadOptions,
) -> Result<Value, Error> {
    let array = member.open_with(options)?;
    if !array.layout().dtype().has_object() {
        return Ok(array.read().map_err(npz::Error::from)?.into());
    }
    if pickles.is_none() {
        return Err(crate::ErrorKind::NotAllowed.into());
    }
    npy::parse_with(&member.bytes()?, pickles, options)
}

/// Checks the pickle in a member that is an array of objects, as [`pickle::verify`].
///
/// # Errors
/// As [`pickle::verify`]; `Archive`.
pub fn verify_pickle<S: ReadAt>(
    member: &Member<'_, S>,
    pickles: Option<&pickle::Options>,
) -> Result<(), Error> {
    let mut reader = member.reader()?;
    let header = ReadOptions::new().read_header(&mut reader)?;
    let verified = pickle::verify(&mut reader, pickles);
    verified.map_err(|error| error.shift_offset(header.1))
}

/// `None` if there is no such member.
fn if_found<T>(found: Result<T, npz::Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), NpzKind::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
