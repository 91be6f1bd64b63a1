//! The lines above a table: [`Head`].

use super::super::rounds::Rounds;
use super::rows::Lines;
use crate::error::{Error, TextError};
use std::io::Read;

/// The contents of the first lines.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) names: Option<Vec<String>>,
    /// The number of fields in the first row; `None` if there is no row.
    pub(super) count: Option<usize>,
}

impl Head {
    /// Reads the lines above the first row, which is left in its place.
    pub(super) fn read<R: Read>(
        rounds: &mut Rounds<R>,
        lines: &Lines,
        skip: u64,
        has_names: bool,
    ) -> Result<Head, Error> {
        let mut head = Head::default();
        for _ in 0..skip {
            let line = rounds.line()?;
            if line.is_empty() {
                return Ok(head);
            }
            rounds.pass(&line);
        }
        loop {
            let line = rounds.line()?;
            let place = rounds.place();
            if line.is_empty() {
                return Ok(head);
            }
            if has_names && head.names.is_none() {
                let names = names(&line, lines).map_err(|problem| place.error(problem))?;
                head.names = names;
            } else if !lines.is_empty(&line) {
                let count = lines.fields(&line, |_| {});
                head.count = Some(count.map_err(|problem| place.error(problem))?);
                rounds.unread(&line);
                return Ok(head);
            }
            rounds.pass(&line);
        }
    }
}

/// The names in a line, which may be a comment; `None` if it is empty.
fn names(line: &[u8], lines: &Lines) -> Result<Option<Vec<String>>, TextError> {
    let mut line = line.trim_ascii();
    if let Some(comment) = lines
        .comments
        .iter()
        .find(|comment| line.starts_with(comment))
    {
        line = line.get(comment.len()..).unwrap_or_default().trim_ascii();
    }
    if line.is_empty() {
        return Ok(None);
    }
    let mut names = Vec::new();
    lines.fields(line, |field| {
        names.push(String::from_utf8(field.trim_ascii().to_vec()));
    })?;
    let names: Result<Vec<String>, _> = names.into_iter().collect();
    names.map(Some).map_err(|_| TextError::Names {
        why: "it is not UTF-8".to_owned(),
    })
}
