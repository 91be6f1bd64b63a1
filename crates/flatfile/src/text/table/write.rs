//! Writing tables: NumPy's `savetxt`, and CSV and TSV.

use super::super::write_blocks::{Granularity, write_blocks};
use super::exchange::ExchangeFormatter;
use super::row_formatter::{Formats, RowFormatter, RowStyle};
use crate::error::Error;
use crate::longdouble::{Evidence, LongDoubleCheck};
use crate::strided::Strided;
use dtype::DType;
use std::io::Write;

/// How to write a table: as NumPy does, or for exchange with other programs.
///
/// NumPy's `savetxt` prints fields as they are, so `a,b` is two of them. [`csv`](WriteOptions::csv) and
/// [`tsv`](WriteOptions::tsv) follow RFC 4180, and lose nothing:
///
/// ```
/// use flatfile::text::table::{ReadOptions, WriteOptions};
/// let rows = "name,size[0],size[1]\n\"cod, fresh\",0.1,1.0\n\"\",nan,-inf\n";
/// let dtype = "[('name', '<U10'), ('size', '<f4', (2,))]".parse()?;
/// let array = ReadOptions::csv().names().read(rows.as_bytes(), dtype)?;
///
/// let mut text = Vec::new();
/// WriteOptions::csv().write(&mut text, &array)?;
/// assert_eq!(String::from_utf8(text)?, rows);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct WriteOptions {
    style: RowStyle,
    dialect: WriteDialect,
    header: Option<String>,
    footer: Option<String>,
    has_names: bool,
    comments: String,
}

/// Whose rules the fields follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriteDialect {
    /// Those of NumPy's `savetxt`.
    NumPy,
    /// Those of RFC 4180.
    Exchange { quote: Option<u8> },
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
            style: RowStyle {
                formats: Formats::One("%.18e".to_owned()),
                delimiter: " ".to_owned(),
                newline: "\n".to_owned(),
                decimal: '.',
            },
            dialect: WriteDialect::NumPy,
            header: None,
            footer: None,
            has_names: false,
            comments: "# ".to_owned(),
        }
    }

    /// A table for exchange with other programs: a comma between fields, double [quotes](WriteOptions::quotechar), the
    /// shortest numbers that read back, and the names of records in the first row.
    pub fn csv() -> WriteOptions {
        WriteOptions::new()
            .quotechar(b'"')
            .delimiter(",")
            .shortest()
            .names()
    }

    /// The same with a tab between fields.
    pub fn tsv() -> WriteOptions {
        WriteOptions::csv().delimiter("\t")
    }

    /// The format of every column; or, if it has as many conversions as there are columns, the format of a row.
    /// Tables for [exchange](WriteOptions::quotechar) have one conversion only.
    #[must_use]
    pub fn format(mut self, format: impl Into<String>) -> WriteOptions {
        self.style.formats = Formats::One(format.into());
        self
    }

    /// A format for each column.
    #[must_use]
    pub fn formats<T: Into<String>>(
        mut self,
        formats: impl IntoIterator<Item = T>,
    ) -> WriteOptions {
        self.style.formats = Formats::Columns(formats.into_iter().map(Into::into).collect());
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
        self.style.formats = Formats::Str;
        self
    }

    /// The delimiter between columns.
    #[must_use]
    pub fn delimiter(mut self, delimiter: impl Into<String>) -> WriteOptions {
        self.style.delimiter = delimiter.into();
        self
    }

    /// The text after each row.
    #[must_use]
    pub fn newline(mut self, newline: impl Into<String>) -> WriteOptions {
        self.style.newline = newline.into();
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

    /// The point of floats, an ASCII character: `,` in many languages.
    ///
    /// ```
    /// use flatfile::{Array, text::table::WriteOptions};
    /// let mut text = Vec::new();
    /// let options = WriteOptions::csv().decimal(',').delimiter(";");
    /// options.write(&mut text, &Array::from_slice(&[0.5, 1e300], [1, 2])?)?;
    /// assert_eq!(text, b"0,5;1e+300\n");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn decimal(mut self, decimal: char) -> WriteOptions {
        self.style.decimal = decimal;
        self
    }

    /// Writes the fields by the rules of RFC 4180, with this quote, an ASCII character, around those that need one;
    /// with `None` such a field is an error.
    ///
    /// - A text is quoted if it is empty, begins or ends with white space, or contains a delimiter, a quote, a line
    ///   end or `#`. A quote in it is doubled.
    /// - `S` is text, and must be UTF-8, as `U` must; the NULs at the end are not part of either. `V` is an error.
    /// - `M8` is written in ISO 8601, `m8` as its count, and NaT as `NaT`. Complex numbers have no brackets: `1+2j`.
    ///   Formats apply to bools and numbers only, and have one conversion.
    /// - Records are rows, and each number or text in them is a field, in the order in which tables are read: with
    ///   names such as `inner.x` for nested records, and `x[0]` or `x[0][1]` for subarrays.
    /// - An array without axes is one field, or one record.
    #[must_use]
    pub fn quotechar(mut self, quote: impl Into<Option<u8>>) -> WriteOptions {
        let quote = quote.into();
        self.dialect = WriteDialect::Exchange { quote };
        self
    }

    /// Writes a record's names above the table, with the delimiter between them, not as a comment.
    #[must_use]
    pub fn names(mut self) -> WriteOptions {
        self.has_names = true;
        self
    }

    /// Writes no names, as NumPy does.
    #[must_use]
    pub fn no_names(mut self) -> WriteOptions {
        self.has_names = false;
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
    /// `Format`, `Unformattable`, `TextType`, `TableType`, `TableOptions`, `Shape`, `Object`, before anything is
    /// written; `LongDouble`; `UnformattableItem` for an item that cannot be written with the format; `TableField` for
    /// one that a table for exchange cannot hold; `Io`.
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
        let view = array.into();
        let formatter = self.formatter(&view)?;
        self.header_lines(&formatter, view.dtype()).map(drop)
    }

    fn formatter(&self, view: &Strided<'_>) -> Result<TableFormatter, Error> {
        Ok(match self.dialect {
            WriteDialect::NumPy => TableFormatter::NumPy(RowFormatter::new(view, &self.style)?),
            WriteDialect::Exchange { quote } => {
                TableFormatter::Exchange(ExchangeFormatter::new(view, &self.style, quote)?)
            }
        })
    }

    /// The lines above the rows.
    fn header_lines(&self, formatter: &TableFormatter, dtype: &DType) -> Result<Vec<u8>, Error> {
        let mut header_lines = self.comment_lines(self.header.as_deref()).into_bytes();
        if !self.has_names {
            return Ok(header_lines);
        }
        match (formatter, dtype) {
            (TableFormatter::Exchange(formatter), _) => {
                header_lines.extend_from_slice(&formatter.header()?);
            }
            (TableFormatter::NumPy(_), DType::Record(record)) => {
                let names = record.fields().iter().map(|field| field.name.as_str());
                let names = names.collect::<Vec<_>>().join(&self.style.delimiter);
                header_lines.extend_from_slice(names.as_bytes());
                header_lines.extend_from_slice(self.style.newline.as_bytes());
            }
            _ => {}
        }
        Ok(header_lines)
    }

    fn comment_lines(&self, text: Option<&str>) -> String {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return String::new();
        };
        let line = format!("\n{}", self.comments);
        [
            &self.comments,
            &text.replace('\n', &line),
            &self.style.newline,
        ]
        .map(String::as_str)
        .concat()
    }
}

/// The formatter of a table's rows.
#[derive(Debug)]
enum TableFormatter {
    NumPy(RowFormatter),
    Exchange(ExchangeFormatter),
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
                let header_lines = self.options.header_lines(&formatter, view.dtype())?;
                self.target.write_all(&header_lines)?;
                0
            }
        };
        let target = &mut self.target;
        self.rows = Some(match &formatter {
            TableFormatter::NumPy(formatter) => {
                let format_row =
                    |row: &[u8], index, out: &mut Vec<u8>| formatter.push_row(row, index, out);
                write_blocks(target, &view, Granularity::Row, rows, format_row)?
            }
            TableFormatter::Exchange(formatter) => {
                let format_row =
                    |row: &[u8], index, out: &mut Vec<u8>| formatter.push_row(row, index, out);
                write_blocks(target, &view, formatter.granularity(), rows, format_row)?
            }
        });
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
