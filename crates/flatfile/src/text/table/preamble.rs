//! The lines above a table: [`Preamble`].

use super::super::chunk_reader::ChunkReader;
use super::dialect::{Dialect, trim};
use super::fields::Fields;
use super::name_validator::NameValidator;
use super::read::Names;
use crate::error::{Error, TextError};
use std::collections::{HashMap, HashSet};
use std::io::Read;

/// The contents of the first lines.
#[derive(Debug, Default)]
pub(super) struct Preamble {
    pub(super) names: Option<Vec<String>>,
    /// The number of fields in the first row; `None` if there is no row.
    pub(super) field_count: Option<usize>,
}

impl Preamble {
    /// Reads the lines above the first row, which is left to the reader.
    pub(super) fn read<R: Read>(
        chunks: &mut ChunkReader<R>,
        fields: &Fields,
        skiprows: u64,
        names: &Names,
        validator: Option<&NameValidator>,
    ) -> Result<Preamble, Error> {
        let mut preamble = Preamble::default();
        if let Names::Given(names) = names {
            preamble.names = Some(match validator {
                Some(validator) => validator.validate(names),
                None => names.clone(),
            });
        }
        let dialect = &fields.dialect;
        let lines = Dialect::default();
        for _ in 0..skiprows {
            let line = chunks.take(|text, is_last| lines.row_len(text, is_last))?;
            if line.is_empty() {
                return Ok(preamble);
            }
            chunks.advance(&line);
        }
        loop {
            let row = chunks.take(|text, is_last| dialect.row_len(text, is_last))?;
            let position = chunks.position();
            if row.is_empty() {
                return Ok(preamble);
            }
            if *names == Names::InHeader && preamble.names.is_none() {
                let names = parse_names(&row, fields).map_err(|problem| position.error(problem))?;
                preamble.names = names.map(|names| match validator {
                    Some(validator) => validator.validate(names),
                    None => unique(names),
                });
            } else if !dialect.is_empty(&row) {
                let count = fields.for_each(&row, |_| {});
                let (count, _) = count.map_err(|problem| position.error(*problem))?;
                preamble.field_count = Some(count);
                chunks.put_back(&row);
                return Ok(preamble);
            }
            chunks.advance(&row);
        }
    }
}

/// The names in a row, which may be a comment; `None` if it is empty.
fn parse_names(row: &[u8], fields: &Fields) -> Result<Option<Vec<String>>, TextError> {
    let dialect = &fields.dialect;
    let mut row = trim_line(row, dialect);
    let mut comments = dialect.comments.iter();
    if let Some(comment) = comments.find(|comment| row.starts_with(comment)) {
        row = trim_line(row.get(comment.len()..).unwrap_or_default(), dialect);
    }
    if row.is_empty() {
        return Ok(None);
    }
    let mut names = Vec::new();
    fields
        .for_each(row, |field| {
            // White space within quotes belongs to the name.
            let name = if field.is_quoted {
                &field.content
            } else {
                trim(&field.content)
            };
            names.push(String::from_utf8(name.to_vec()));
        })
        .map_err(|problem| *problem)?;
    let names: Result<Vec<String>, _> = names.into_iter().collect();
    let names = names.map_err(|_| TextError::Names {
        why: "it is not UTF-8".to_owned(),
    })?;
    Ok(Some(names))
}

/// A line without its end, and without the white space around it that separates nothing.
fn trim_line<'a>(line: &'a [u8], dialect: &Dialect) -> &'a [u8] {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let ends = line.iter().rev().take_while(|byte| is_end(byte)).count();
    let line = line.get(..line.len() - ends).unwrap_or_default();
    if dialect.widths.is_some() {
        return line;
    }
    if dialect.delimiter.is_none() {
        return trim(line);
    }
    line.get(dialect.space_len(line)..).unwrap_or_default()
}

/// Makes names that a record can have, as `genfromtxt` does: an empty one becomes `f0` by its index, and one that is used
/// before gets a number, as in `x_1`.
fn unique(names: Vec<String>) -> Vec<String> {
    let all: HashSet<String> = names.iter().cloned().collect();
    // The names that are used, and the number that each got last.
    let mut used: HashMap<String, usize> = HashMap::with_capacity(names.len());
    let mut unique = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let mut name = if name.is_empty() {
            format!("f{index}")
        } else {
            name
        };
        if let Some(mut number) = used.get(&name).copied() {
            let numbered = loop {
                number += 1;
                let numbered = format!("{name}_{number}");
                if !used.contains_key(&numbered) && !all.contains(&numbered) {
                    break numbered;
                }
            };
            used.insert(name, number);
            name = numbered;
        }
        used.insert(name.clone(), 0);
        unique.push(name);
    }
    unique
}
