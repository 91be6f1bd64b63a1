//! The names that a member can have so that NumPy reads it back by its name.

use crate::error::{Error, ErrorKind};
use crate::name::{file_name, key};
use std::collections::HashSet;

/// The names taken so far, as in the zip archive and as NumPy lists them.
#[derive(Clone, Debug, Default)]
pub(super) struct TakenNames {
    file_names: HashSet<String>,
    keys: HashSet<String>,
}

impl TakenNames {
    /// Takes the name for an array, and returns its name in the archive.
    pub(super) fn reserve_array(&mut self, name: &str) -> Result<String, Error> {
        let file_name = file_name(name);
        self.reserve(&file_name)?;
        Ok(file_name)
    }

    /// Takes a name as it is in the archive.
    pub(super) fn reserve(&mut self, file_name: &str) -> Result<(), Error> {
        self.check(file_name)?;
        self.file_names.insert(file_name.to_owned());
        self.keys.insert(key(file_name).to_owned());
        Ok(())
    }

    /// Whether a name as it is in the archive can be taken.
    pub(super) fn check(&self, file_name: &str) -> Result<(), Error> {
        let key = key(file_name);
        let refused = |what: String| Err(Error::from(ErrorKind::Name(what)).with_member(key));
        if file_name.contains('\0') {
            return refused("Python ends a name at a NUL".into());
        }
        if file_name.len() > usize::from(u16::MAX) {
            let (most, length) = (u16::MAX, file_name.len());
            return refused(format!("it has {length} bytes, the maximum is {most}"));
        }
        if self.file_names.contains(file_name) || self.keys.contains(key) {
            return refused("another member has it".into());
        }
        // NumPy looks for the archive's name first, and then for the name with '.npy' appended.
        if self.file_names.contains(key) || self.keys.contains(file_name) {
            return refused(
                "NumPy could not tell it from that of another member, but for '.npy'".into(),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_numpy_confuses_are_refused() {
        let mut names = TakenNames::default();
        assert_eq!(names.reserve_array("a").unwrap(), "a.npy");
        names.reserve("notes.json").unwrap();
        names.reserve_array("").unwrap();
        for taken in ["a", "a.npy", "notes.json", "b\0"] {
            assert!(names.reserve_array(taken).is_err(), "{taken:?}");
        }
        for taken in ["a", "a.npy", "notes.json"] {
            assert!(names.reserve(taken).is_err(), "{taken:?}");
        }
        names.reserve_array("b.npy").unwrap();
        assert!(names.reserve_array("b").is_err());
    }
}
