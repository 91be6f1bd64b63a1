//! The lines above a table: [`Preamble`].

use super::super::chunk_reader::ChunkReader;
use super::row_parser::Dialect;
use crate::error::{Error, TextError};
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
        dialect: &Dialect,
        skiprows: u64,
        has_names: bool,
    ) -> Result<Preamble, Error> {
        let mut preamble = Preamble::default();
        for _ in 0..skiprows {
            let line = chunks.take_line()?;
            if line.is_empty() {
                return Ok(preamble);
            }
            chunks.advance(&line);
        }
        loop {
            let line = chunks.take_line()?;
            let position = chunks.position();
            if line.is_empty() {
                return Ok(preamble);
            }
            if has_names && preamble.names.is_none() {
                let names =
                    parse_names(&line, dialect).map_err(|problem| position.error(problem))?;
                preamble.names = names;
            } else if !dialect.is_empty(&line) {
                let count = dialect.for_each_field(&line, |_| {});
                preamble.field_count = Some(count.map_err(|problem| position.error(problem))?);
                chunks.unread_line(&line);
                return Ok(preamble);
            }
            chunks.advance(&line);
        }
    }
}

/// The names in a line, which may be a comment; `None` if it is empty.
fn parse_names(line: &[u8], dialect: &Dialect) -> Result<Option<Vec<String>>, TextError> {
    let mut line = line.trim_ascii();
    if let Some(comment) = dialect
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
    dialect.for_each_field(line, |field| {
        names.push(String::from_utf8(field.trim_ascii().to_vec()));
    })?;
    let names: Result<Vec<String>, _> = names.into_iter().collect();
    names.map(Some).map_err(|_| TextError::Names {
        why: "it is not UTF-8".to_owned(),
    })
}
