//! Writing tables: NumPy's `savetxt`.

use super::super::write_blocks::{Granularity, write_blocks};
use super::row_formatter::{Formats, RowFormatter};
use crate::error::Error;
use crate::longdouble::{Evidence, LongDoubleCheck};
use crate::strided::Strided;
use dtype::DType;
use std::io::Write;

/// How to write a table.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    formats: Formats,
    delimiter: String,
    newline: String,
    header: Option<String>,
    footer: Option<String>,
    has_names: bool,
    comments: String,
}

impl Default for WriteOptions {
    fn default() -> WriteOptions {
        WriteOptions::new()
    }
}

impl WriteOptions {
    /// The defaults, as NumPy's: `%.18e`, a space between columns, a line feed after rows.
    pub fn new() -> WriteOptions {
        WriteOptions {
            formats: Formats::One("%.18e".to_owned()),
            delimiter: " ".to_owned(),
            newline: "\n".to_owned(),
            header: None,
            footer: None,
            has_names: false,
            comments: "# ".to_owned(),
        }
    }

    /// The format of every column; or, if it has as many conversions as there are columns, the format of a row.
    #[must_use]
    pub fn format(mut self, format: impl Into<String>) -> WriteOptions {
        self.formats = Formats::One(format.into());
        self
    }

    /// A format for each column.
    #[must_use]
    pub fn formats<T: Into<String>>(
        mut self,
        formats: impl IntoIterator<Item = T>,
    ) -> WriteOptions {
        self.formats = Formats::Columns(formats.into_iter().map(Into::into).collect());
        self
    }

    /// Writes items as `str` prints NumPy's scalars: the shortest text that reads back.
    ///
    /// ```
    /// use flatfile::{Array, text::table::WriteOptions};
    /// let mut text = Vec::new();
    /// WriteOptions::new().shortest().write(&mut text, &Array::from_slice(&[0.1f32, 1.0], [1, 2])?)?;
    /// assert_eq!(text, b"0.1 1.0\n");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn shortest(mut self) -> WriteOptions {
        self.formats = Formats::Str;
        self
    }

    /// The delimiter between columns.
    #[must_use]
    pub fn delimiter(mut self, delimiter: impl Into<String>) -> WriteOptions {
        self.delimiter = delimiter.into();
        self
    }

    /// The text after each row.
    #[must_use]
    pub fn newline(mut self, newline: impl Into<String>) -> WriteOptions {
        self.newline = newline.into();
        self
    }

    /// A text above the table, each of its lines a comment.
    #[must_use]
    pub fn header(mut self, header: impl Into<String>) -> WriteOptions {
        self.header = Some(header.into());
        self
    }

    /// A text below the table, each of its lines a comment.
    #[must_use]
    pub fn footer(mut self, footer: impl Into<String>) -> WriteOptions {
        self.footer = Some(footer.into());
        self
    }

    /// Writes a record's names above the table, with the delimiter between them, not as a comment.
    #[must_use]
    pub fn names(mut self) -> WriteOptions {
        self.has_names = true;
        self
    }

    /// The text that begins a comment.
    #[must_use]
    pub fn comments(mut self, comments: impl Into<String>) -> WriteOptions {
        self.comments = comments.into();
        self
    }

    /// Writes an array with one axis or two, one row per line; one axis is one column, or the fields of records.
    /// Large arrays are written by several threads.
    ///
    /// # Errors
    /// `Format`, `Unformattable`, `TextType`, `Shape`, `Object`, before anything is written; `LongDouble`;
    /// `UnformattableItem` for an item that cannot be written with the format; `Io`.
    pub fn write<'a>(
        &self,
        target: impl Write,
        array: impl Into<Strided<'a>>,
    ) -> Result<(), Error> {
        let mut writer = self.writer(target);
        writer.push(array)?;
        writer.finish().map(drop)
    }

    /// Writes several arrays in sequence, for a table that does not fit in memory: the rows of one after those of
    /// the other.
    pub fn writer<W: Write>(&self, target: W) -> Writer<W> {
        Writer {
            options: self.clone(),
            target,
            rows: None,
            evidence: Evidence::in_sequence(None),
        }
    }

    /// Checks that such arrays can be written.
    ///
    /// # Errors
    /// As [`write`](WriteOptions::write), except those for items and for the target.
    pub fn check<'a>(&self, array: impl Into<Strided<'a>>) -> Result<(), Error> {
        self.formatter(&array.into()).map(drop)
    }

    fn formatter(&self, view: &Strided<'_>) -> Result<RowFormatter, Error> {
        RowFormatter::new(view, &self.formats, &self.delimiter, &self.newline)
    }

    /// The lines above the rows.
    fn header_lines(&self, dtype: &DType) -> String {
        let mut header_lines = self.comment_lines(self.header.as_deref());
        if let (true, DType::Record(record)) = (self.has_names, dtype) {
            let names = record.fields().iter().map(|field| field.name.as_str());
            header_lines.push_str(&names.collect::<Vec<_>>().join(&self.delimiter));
            header_lines.push_str(&self.newline);
        }
        header_lines
    }

    fn comment_lines(&self, text: Option<&str>) -> String {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return String::new();
        };
        let line = format!("\n{}", self.comments);
        [&self.comments, &text.replace('\n', &line), &self.newline]
            .map(String::as_str)
            .concat()
    }
}

/// A writer of several arrays as one table: see [`WriteOptions::writer`].
#[derive(Debug)]
pub struct Writer<W> {
    options: WriteOptions,
    target: W,
    /// The number of rows so far, if the head is written.
    rows: Option<usize>,
    evidence: Evidence,
}

impl<W: Write> Writer<W> {
    /// Writes the rows of an array.
    ///
    /// # Errors
    /// As [`WriteOptions::write`].
    pub fn push<'a>(&mut self, array: impl Into<Strided<'a>>) -> Result<(), Error> {
        let view = array.into();
        let formatter = self.options.formatter(&view)?;
        if let Some(check) = LongDoubleCheck::of(view.dtype()) {
            check.check_view(&view, &self.evidence)?;
        }
        let rows = match self.rows {
            Some(rows) => rows,
            None => {
                let header_lines = self.options.header_lines(view.dtype());
                self.target.write_all(header_lines.as_bytes())?;
                0
            }
        };
        let format_row = |row: &[u8], index, out: &mut Vec<u8>| formatter.push_row(row, index, out);
        self.rows = Some(write_blocks(
            &mut self.target,
            &view,
            Granularity::Row,
            rows,
            format_row,
        )?);
        Ok(())
    }

    /// Writes the lines below the table, flushes the target and returns it.
    ///
    /// # Errors
    /// `Io`.
    pub fn finish(mut self) -> Result<W, Error> {
        let footer_lines = self.options.comment_lines(self.options.footer.as_deref());
        self.target.write_all(footer_lines.as_bytes())?;
        self.target.flush()?;
        Ok(self.target)
    }
}
