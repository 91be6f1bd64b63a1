//! An archive with some members changed: [`Update`].

use crate::archive::Archive;
use crate::codec::Compression;
use crate::error::{Error, ErrorKind};
use crate::member::Member;
use crate::name::{file_name, key};
use crate::write::Writer;
use flatfile::{ReadAt, Strided};
use std::io::{Seek, Write};

/// Changes to the members of an archive. All other members are copied as they are, compressed or not.
///
/// ```
/// use flatfile::Array;
/// # let mut old = std::io::Cursor::new(Vec::new());
/// # let mut writer = npz::Writer::new(&mut old);
/// # for name in ["a", "b", "c"] {
/// #     writer.array(name, &Array::from_slice(&[1u8], [1]).unwrap())?;
/// # }
/// # writer.finish()?;
/// # let old = old.into_inner();
/// let two = Array::from_slice(&[2u8], [1]).unwrap();
/// let update = npz::Update::new().set("a", &two).remove("b").rename("c", "d");
/// let mut new = std::io::Cursor::new(Vec::new());
/// let mut writer = npz::Writer::new(&mut new);
/// update.write(&npz::Archive::new(old)?, &mut writer)?;
/// writer.finish()?;
///
/// let archive = npz::Archive::new(new.into_inner())?;
/// assert_eq!(archive.names().collect::<Vec<_>>(), ["a", "d"]);
/// assert_eq!(archive.get("a")?.read()?.to_string(), "[2]");
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Update<'a> {
    changes: Vec<Change<'a>>,
    compression: Option<Compression>,
}

#[derive(Clone, Debug)]
enum Change<'a> {
    Set(String, Content<'a>),
    Remove(String),
    Rename(String, String),
}

/// The contents of a new member.
#[derive(Clone, Debug)]
enum Content<'a> {
    Array(Strided<'a>),
    Bytes(&'a [u8]),
}

/// A member of the new archive.
struct PlannedMember<'p, 'a, S> {
    file_name: String,
    /// The member of the old archive that it is, or replaces.
    old: Option<Member<'p, S>>,
    new: Option<&'p Content<'a>>,
}

impl<'a> Update<'a> {
    /// No changes.
    pub fn new() -> Update<'a> {
        Update::default()
    }

    /// Sets an array: replaces the one of this name, or adds it after the others if there is none.
    #[must_use]
    pub fn set(mut self, name: &str, array: impl Into<Strided<'a>>) -> Update<'a> {
        let content = Content::Array(array.into());
        self.changes.push(Change::Set(file_name(name), content));
        self
    }

    /// Sets the member of exactly this name to any bytes: replaces another, or adds it after the others.
    #[must_use]
    pub fn set_bytes(mut self, file_name: &str, bytes: &'a [u8]) -> Update<'a> {
        let content = Content::Bytes(bytes);
        self.changes
            .push(Change::Set(file_name.to_owned(), content));
        self
    }

    /// Removes the members of this name, with or without `.npy`.
    #[must_use]
    pub fn remove(mut self, name: &str) -> Update<'a> {
        self.changes.push(Change::Remove(name.to_owned()));
        self
    }

    /// Renames the member of this name (with or without `.npy`). An array remains one.
    #[must_use]
    pub fn rename(mut self, from: &str, to: &str) -> Update<'a> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.changes.push(Change::Rename(from, to));
        self
    }

    /// How new members are compressed. Unless this is called, each is compressed [like](Compression::like) the one
    /// that it replaces, and stored if there is none.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Update<'a> {
        self.compression = Some(compression);
        self
    }

    /// Writes the archive with these changes, which are made in order.
    ///
    /// # Errors
    /// `NotFound`, `Duplicate`, `Name`, before anything is written; as [`Writer::array`] and
    /// [`Writer::copy`].
    pub fn write<S: ReadAt, W: Write + Seek>(
        &self,
        archive: &Archive<S>,
        writer: &mut Writer<W>,
    ) -> Result<(), Error> {
        let plan = self.plan(archive)?;
        writer.check_names(plan.iter().map(|planned| planned.file_name.as_str()))?;
        for planned in plan {
            let name = planned.file_name.as_str();
            let method = planned.old.map(|old| old.compression_method());
            let like_old = Compression::like(method.unwrap_or_default());
            writer.set_compression(self.compression.unwrap_or(like_old));
            match (planned.new, planned.old) {
                (Some(Content::Array(array)), _) => writer.array(key(name), array.clone())?,
                (Some(Content::Bytes(bytes)), _) => {
                    let mut member = writer.member(name)?;
                    let written = member.write_all(bytes).map_err(Error::from);
                    let written = written.and_then(|()| member.finish());
                    written.map_err(|error| error.with_member(key(name)))?;
                }
                (None, Some(old)) => writer.copy_as(&old, name)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    /// The members of the new archive.
    fn plan<'p, S>(
        &'p self,
        archive: &'p Archive<S>,
    ) -> Result<Vec<PlannedMember<'p, 'a, S>>, Error> {
        let kept = archive.members().map(|member| PlannedMember {
            file_name: member.file_name().to_owned(),
            old: Some(member),
            new: None,
        });
        let mut plan: Vec<_> = kept.collect();
        for change in &self.changes {
            match change {
                Change::Set(name, content) => match find_unique(&mut plan, name)? {
                    Some(planned) => planned.new = Some(content),
                    None => plan.push(PlannedMember {
                        file_name: name.clone(),
                        old: None,
                        new: Some(content),
                    }),
                },
                Change::Remove(name) => {
                    let name = resolve_name(&plan, name)?;
                    plan.retain(|planned| planned.file_name != name);
                }
                Change::Rename(from, to) => {
                    let from = resolve_name(&plan, from)?;
                    let is_npy = key(&from) != from;
                    if let Some(planned) = find_unique(&mut plan, &from)? {
                        planned.file_name = if is_npy && key(to) == to {
                            file_name(to)
                        } else {
                            to.clone()
                        };
                    }
                }
            }
        }
        Ok(plan)
    }
}

/// The archive's name of the member with this name, with or without `.npy`.
fn resolve_name<S>(plan: &[PlannedMember<'_, '_, S>], name: &str) -> Result<String, Error> {
    let npy = file_name(name);
    let has = |name: &str| plan.iter().any(|planned| planned.file_name == name);
    match (has(name), has(&npy)) {
        (true, _) => Ok(name.to_owned()),
        (false, true) => Ok(npy),
        (false, false) => {
            let names = plan.iter().map(|planned| planned.file_name.as_str());
            Err(Error::not_found(name, names))
        }
    }
}

/// The member of exactly this name.
fn find_unique<'m, 'p, 'a, S>(
    plan: &'m mut [PlannedMember<'p, 'a, S>],
    name: &str,
) -> Result<Option<&'m mut PlannedMember<'p, 'a, S>>, Error> {
    let mut found = plan.iter_mut().filter(|planned| planned.file_name == name);
    let first = found.next();
    match found.count() {
        0 => Ok(first),
        more => Err(Error::from(ErrorKind::Duplicate { count: more + 1 }).with_member(key(name))),
    }
}
