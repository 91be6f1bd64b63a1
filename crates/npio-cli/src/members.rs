//! `npio rm` and `npio mv`: members of an archive are removed and renamed; the others stay as they are.

use crate::address::{ErrorContext, FileArg};
use crate::archive::{open_to_update, rewrite, update_options};
use crate::expand::members_at;
use crate::output::update_error;
use crate::target::check_changeable;
use crate::{Outcome, Status};
use npio::npz::Update;
use std::collections::BTreeMap;

/// Removes the members that each name or pattern means: all of them or, after an error, none.
pub(crate) fn remove(name: &FileArg, members: &[String]) -> Outcome {
    check_changeable(name)?;
    let old = open_to_update(name, &update_options())?;
    let old = old.ok_or_else(|| name.error("not an archive"))?;
    let mut removed = BTreeMap::new();
    for member in members {
        let found = members_at(old.archive(), Some(member));
        let found = found.map_err(|error| error.in_file(name))?;
        removed.extend(found.iter().map(|member| (member.index(), None)));
    }
    let archive = rewrite(old, &removed, &[], |_, _, _, _| Ok(()))?;
    archive.finish().map_err(update_error)?;
    Ok(Status::Success)
}

/// Renames a member.
pub(crate) fn rename(name: &FileArg, from: &str, to: &str) -> Outcome {
    check_changeable(name)?;
    let update = Update::new().rename(from, to);
    let updated = update_options().update_npz(name.path(), &update);
    updated.map_err(update_error)?;
    Ok(Status::Success)
}
