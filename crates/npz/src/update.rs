//! An archive with some members changed: [`Update`].

use crate::archive::Archive;
use crate::codec::Compression;
use crate::error::{Error, ErrorKind};
use crate::member::Member;
use crate::name::{file_name, key, undeclared};
use crate::write::Writer;
use flatfile::{ReadAt, Strided};
use std::collections::HashMap;
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

impl<S> PlannedMember<'_, '_, S> {
    /// Whether its name will be declared to be UTF-8: that of a new member is.
    fn is_declared(&self) -> bool {
        self.old.is_none_or(|old| {
            self.new.is_some() || self.file_name != old.file_name() || old.entry().info.is_utf8()
        })
    }
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

    /// The number of the archive's first members that stay as and where they are: a writer that
    /// [resumes](crate::WriteOptions::resume) after them writes only the rest.
    ///
    /// # Errors
    /// `NotFound`, `Duplicate`.
    pub fn unchanged<S>(&self, archive: &Archive<S>) -> Result<usize, Error> {
        let plan = self.plan(archive)?;
        let is_same = |(index, planned): (usize, &PlannedMember<'_, '_, S>)| {
            let old = planned.old.filter(|_| planned.new.is_none());
            old.is_some_and(|old| old.index() == index && old.file_name() == planned.file_name)
        };
        let count = plan.iter().enumerate().take_while(|one| is_same(*one));
        Ok(archive.leading(count.count()))
    }

    /// Writes the archive with these changes, which are made in order. A writer that
    /// [resumed](crate::WriteOptions::resume) after members that stay [unchanged](Update::unchanged) writes the rest.
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
        let plan = plan.get(writer.kept()..).unwrap_or_default();
        writer.check_names(plan.iter().map(|planned| planned.file_name.as_str()))?;
        for planned in plan {
            let name = planned.file_name.as_str();
            let method = planned.old.as_ref().map(|old| old.compression_method());
            let like_old = Compression::like(method.unwrap_or_default());
            writer.set_compression(self.compression.unwrap_or(like_old));
            match (planned.new, &planned.old) {
                (Some(Content::Array(array)), _) => writer.array(key(name), array.clone())?,
                (Some(Content::Bytes(bytes)), _) => {
                    let mut member = writer.member(name)?;
                    let written = member.write_all(bytes).map_err(Error::from);
                    let written = written.and_then(|()| member.finish());
                    written.map_err(|error| error.with_member(key(name)))?;
                }
                (None, Some(old)) => writer.copy_as(old, name)?,
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
        let mut plan = Plan::of(archive);
        for change in &self.changes {
            match change {
                Change::Set(name, content) => {
                    if let Some(undeclared) = plan.undeclared(&[name]) {
                        plan.rename(&undeclared, name.clone())?;
                    }
                    match plan.unique(name)? {
                        Some(planned) => planned.new = Some(content),
                        None => plan.push(PlannedMember {
                            file_name: name.clone(),
                            old: None,
                            new: Some(content),
                        }),
                    }
                }
                Change::Remove(name) => {
                    let name = plan.resolve(name)?;
                    plan.remove(&name);
                }
                Change::Rename(from, to) => {
                    let from = plan.resolve(from)?;
                    let is_npy = key(&from) != from;
                    let to = if is_npy && key(to) == to {
                        file_name(to)
                    } else {
                        to.clone()
                    };
                    plan.rename(&from, to)?;
                }
            }
        }
        Ok(plan.members.into_iter().flatten().collect())
    }
}

/// The members of the new archive in their order, and where they are by name; those that were removed are `None`.
struct Plan<'p, 'a, S> {
    members: Vec<Option<PlannedMember<'p, 'a, S>>>,
    by_name: HashMap<String, Vec<usize>>,
}

impl<'p, 'a, S> Plan<'p, 'a, S> {
    /// All members of the archive, as they are.
    fn of(archive: &'p Archive<S>) -> Plan<'p, 'a, S> {
        let mut plan = Plan {
            members: Vec::with_capacity(archive.len()),
            by_name: HashMap::with_capacity(archive.len()),
        };
        for member in archive.members() {
            plan.push(PlannedMember {
                file_name: member.file_name().to_owned(),
                old: Some(member),
                new: None,
            });
        }
        plan
    }

    fn push(&mut self, member: PlannedMember<'p, 'a, S>) {
        let indices = self.by_name.entry(member.file_name.clone()).or_default();
        indices.push(self.members.len());
        self.members.push(Some(member));
    }

    /// The archive's name of the member with this name, with or without `.npy`; as
    /// [`Directory::index_of`](crate::Directory::index_of) finds it.
    fn resolve(&self, name: &str) -> Result<String, Error> {
        let names = [name, &file_name(name)];
        let mut exact = names.iter();
        if let Some(exact) = exact.find(|name| self.by_name.contains_key(**name)) {
            return Ok((*exact).to_owned());
        }
        self.undeclared(&names).ok_or_else(|| {
            let names = self.members.iter().flatten();
            let names: Vec<&str> = names.map(|planned| planned.file_name.as_str()).collect();
            Error::not_found(name, names.into_iter())
        })
    }

    /// What the archive reads one of these names as, if no member has any of them, but one has it in an encoding that
    /// is not declared.
    fn undeclared(&self, names: &[&str]) -> Option<String> {
        if names.iter().any(|name| self.by_name.contains_key(*name)) {
            return None;
        }
        let read = names.iter().filter_map(|name| undeclared(name));
        let mut found = read.filter_map(|read| self.by_name.get_key_value(&*read));
        let (read, indices) = found.next()?;
        let is_declared = |index: &usize| {
            let planned = self.members.get(*index).and_then(Option::as_ref);
            planned.is_none_or(|planned| planned.is_declared())
        };
        (!indices.iter().any(is_declared)).then(|| read.clone())
    }

    /// The member of exactly this name.
    fn unique(&mut self, name: &str) -> Result<Option<&mut PlannedMember<'p, 'a, S>>, Error> {
        match self.by_name.get(name).map(Vec::as_slice) {
            None => Ok(None),
            Some([index]) => Ok(self.members.get_mut(*index).and_then(Option::as_mut)),
            Some(several) => {
                let count = several.len();
                Err(Error::from(ErrorKind::Duplicate { count }).with_member(key(name)))
            }
        }
    }

    fn remove(&mut self, name: &str) {
        for index in self.by_name.remove(name).unwrap_or_default() {
            if let Some(member) = self.members.get_mut(index) {
                *member = None;
            }
        }
    }

    fn rename(&mut self, from: &str, to: String) -> Result<(), Error> {
        if let Some(planned) = self.unique(from)? {
            planned.file_name.clone_from(&to);
        }
        let indices = self.by_name.remove(from).unwrap_or_default();
        self.by_name.entry(to).or_default().extend(indices);
        Ok(())
    }
}
