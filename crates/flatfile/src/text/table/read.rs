//! Reading tables: NumPy's `loadtxt` and `genfromtxt`.

use super::super::chunk_reader::{CHUNK_BYTES, ChunkReader};
use super::columns::{ColumnRequest, Columns};
use super::dialect::Dialect;
use super::field_rules::{Column, Converter, TableRules};
use super::fields::Fields;
use super::infer::{has_open_length, infer, with_least_lengths};
use super::name_validator::NameValidator;
use super::preamble::Preamble;
use super::row_parser::RowParser;
use super::widths::Widths;
use crate::array::Array;
use crate::buffer::Buffer;
use crate::error::{Error, Position, TextError};
use dtype::DType;
use std::io::Read;
use std::sync::Arc;

/// How to read a table.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    dialect: Dialect,
    skiprows: u64,
    skip_footer: usize,
    max_rows: u64,
    usecols: Option<Vec<Column>>,
    names: Names,
    validator: Option<NameValidator>,
    rules: TableRules,
    block_bytes: usize,
    max_row_bytes: Option<usize>,
    text_bytes: Option<u64>,
}

/// Where the names of columns are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names {
    None,
    InHeader,
    Given(Vec<String>),
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions::new()
    }
}

impl ReadOptions {
    /// NumPy's defaults: white space between fields, and comments from `#` on.
    pub fn new() -> ReadOptions {
        ReadOptions {
            dialect: Dialect {
                comments: vec![b"#".to_vec()],
                ..Dialect::default()
            },
            skiprows: 0,
            skip_footer: 0,
            max_rows: u64::MAX,
            usecols: None,
            names: Names::None,
            validator: None,
            rules: TableRules::default(),
            block_bytes: CHUNK_BYTES,
            max_row_bytes: None,
            text_bytes: None,
        }
    }

    /// Tables as programs exchange them, by RFC 4180: commas between fields, `"` around those that need it, no comments.
    /// Items of bytes are UTF-8. This reads what [`WriteOptions::csv`](super::WriteOptions::csv) writes.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::table};
    /// let text = "\"a,\"\"b\"\"\",\"two\nlines\"\n";
    /// let array = table::ReadOptions::csv().read(text.as_bytes(), "U".parse()?)?;
    /// assert_eq!(array.to_string(), r#"[['a,"b"' 'two\nlines']]"#);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    pub fn csv() -> ReadOptions {
        let mut options = ReadOptions::new().delimiter(',').quotechar(b'"');
        options.dialect.comments.clear();
        options.rules.common.is_utf8 = true;
        options
    }

    /// The same with tabs between fields.
    pub fn tsv() -> ReadOptions {
        ReadOptions::csv().delimiter('\t')
    }

    /// The delimiter between fields; by default, any white space.
    #[must_use]
    pub fn delimiter(mut self, delimiter: char) -> ReadOptions {
        self.dialect.delimiter = Some(delimiter.to_string().into_bytes());
        self.dialect.widths = None;
        self
    }

    /// The number of characters of each field: `genfromtxt`'s `delimiter=8`. All of a row is fields, of which the last may be
    /// shorter. White space belongs to them; there are no quotes.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::table};
    /// let table = table::ReadOptions::new().width(3);
    /// let array = table.read(&b"  1  2\n100200\n"[..], DType::I32)?;
    /// assert_eq!(array.to_vec::<i32>()?, [1, 2, 100, 200]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn width(self, characters: usize) -> ReadOptions {
        self.fixed(Widths::All(characters.max(1)))
    }

    /// The number of characters of each field, one after the other: `genfromtxt`'s `delimiter=(4, 3, 6)`. In a short row the
    /// last fields are empty, and what follows the last field is ignored. White space belongs to the fields; there are no
    /// quotes.
    ///
    /// ```
    /// use flatfile::text::table;
    /// let table = table::ReadOptions::new().widths([1, 3, 5]);
    /// let array = table.read_inferred(&b"11.3abcde\n"[..])?;
    /// assert_eq!(array.to_string(), "[(1, 1.3, 'abcde')]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn widths(self, characters: impl IntoIterator<Item = usize>) -> ReadOptions {
        self.fixed(Widths::Each(characters.into_iter().collect()))
    }

    fn fixed(mut self, widths: Widths) -> ReadOptions {
        self.dialect.delimiter = Some(Vec::new());
        self.dialect.quote = None;
        self.dialect.widths = Some(widths);
        self
    }

    /// White space around a field does not belong to it; nor does that within quotes.
    ///
    /// ```
    /// use flatfile::text::table;
    /// let array = table::ReadOptions::csv().autostrip().read(&b"a , b\n"[..], "U".parse()?)?;
    /// assert_eq!(array.to_string(), "[['a' 'b']]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn autostrip(mut self) -> ReadOptions {
        self.rules.common.autostrip = true;
        self
    }

    /// Whether a row with another number of fields than the first is an error, as by default; otherwise it is left out.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::table};
    /// let table = table::ReadOptions::csv().invalid_raise(false);
    /// let array = table.read(&b"1,2\n3\n4,5\n"[..], DType::I32)?;
    /// assert_eq!(array.to_vec::<i32>()?, [1, 2, 4, 5]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn invalid_raise(mut self, is_error: bool) -> ReadOptions {
        self.dialect.skips_ragged_rows = !is_error;
        self
    }

    /// The texts that begin a comment; if there are none, there are no comments.
    #[must_use]
    pub fn comments<T: Into<String>>(
        mut self,
        comments: impl IntoIterator<Item = T>,
    ) -> ReadOptions {
        let comments = comments
            .into_iter()
            .map(|comment| comment.into().into_bytes());
        self.dialect.comments = comments.filter(|comment| !comment.is_empty()).collect();
        self
    }

    /// Skips this many lines at the beginning, including comments and empty lines.
    #[must_use]
    pub fn skiprows(mut self, lines: u64) -> ReadOptions {
        self.skiprows = lines;
        self
    }

    /// Leaves out this many rows at the end, whatever is in them; empty lines and comments are no rows.
    #[must_use]
    pub fn skip_footer(mut self, rows: usize) -> ReadOptions {
        self.skip_footer = rows;
        self
    }

    /// Reads at most this many rows.
    #[must_use]
    pub fn max_rows(mut self, rows: u64) -> ReadOptions {
        self.max_rows = rows;
        self
    }

    /// Reads only these fields of each row, in this order: by their index, of which negative ones count from the end of
    /// each row, or by their name.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::table};
    /// let last = table::ReadOptions::new().usecols([-1]);
    /// let array = last.read(&b"1 2 3\n4 5\n"[..], DType::F64)?;
    /// assert_eq!(array.to_vec::<f64>()?, [3.0, 5.0]);
    ///
    /// let y = table::ReadOptions::new().names().usecols(["y"]);
    /// let array = y.read(&b"x y\n1 2\n"[..], DType::F64)?;
    /// assert_eq!(array.to_string(), "[(2.,)]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn usecols<C: Into<Column>>(mut self, columns: impl IntoIterator<Item = C>) -> ReadOptions {
        self.usecols = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// The quote around a field that contains delimiters, comments or line ends; two quotes in it are one. `None` if there
    /// are none.
    #[must_use]
    pub fn quotechar(mut self, quote: impl Into<Option<u8>>) -> ReadOptions {
        self.dialect.quote = quote.into();
        self
    }

    /// Takes the fields' names from the first line that is not empty, which may be a comment: a record dtype gets
    /// the fields with its names, another dtype becomes a record of all fields. Of nested fields the names are
    /// `outer.inner`, of subarrays `name[0]` and so on. A name that is empty or used before gets a number.
    #[must_use]
    pub fn names(mut self) -> ReadOptions {
        self.names = Names::InHeader;
        self
    }

    /// These are the fields' names; no line has them.
    #[must_use]
    pub fn given_names<T: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = T>,
    ) -> ReadOptions {
        self.names = Names::Given(names.into_iter().map(Into::into).collect());
        self
    }

    /// Changes the names of columns to valid ones, as `genfromtxt` always does; by default they are kept as they are, so
    /// that a table comes back as it was written.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::table::{NameValidator, ReadOptions}};
    /// let options = ReadOptions::csv().names().validate_names(NameValidator::new());
    /// let array = options.read(&b"Mass (kg)\n1.5\n"[..], DType::F64)?;
    /// assert_eq!(array.field("Mass_kg")?.to_vec::<f64>()?, [1.5]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn validate_names(mut self, validator: NameValidator) -> ReadOptions {
        self.validator = Some(validator);
        self
    }

    /// Fields may be missing: empty ones, and those with one of these texts. In their place are NaN, NaT, or the
    /// [`filling_values`](ReadOptions::filling_values); texts are read as they are.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::table};
    /// let csv = table::ReadOptions::csv().missing_values(["NA", "-"]);
    /// let array = csv.read(&b"1,,NA\n-,5,6\n"[..], DType::F64)?;
    /// assert_eq!(array.to_string(), "[[ 1. nan nan]\n [nan  5.  6.]]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn missing_values<T: Into<String>>(
        mut self,
        texts: impl IntoIterator<Item = T>,
    ) -> ReadOptions {
        let rules = &mut self.rules.common;
        rules.may_be_missing = true;
        let texts = texts.into_iter().map(|text| text.into().into_bytes());
        rules.missing_values.extend(texts);
        self
    }

    /// The same for one column.
    #[must_use]
    pub fn missing_values_of<T: Into<String>>(
        mut self,
        column: impl Into<Column>,
        texts: impl IntoIterator<Item = T>,
    ) -> ReadOptions {
        self.rules.common.may_be_missing = true;
        let texts = texts.into_iter().map(|text| text.into().into_bytes());
        let missing = (column.into(), texts.collect());
        self.rules.missing_values.push(missing);
        self
    }

    /// The text to read where a field is missing.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::table};
    /// let csv = table::ReadOptions::csv().filling_values("-1");
    /// assert_eq!(csv.read(&b"1,,3\n"[..], DType::I32)?.to_vec::<i32>()?, [1, -1, 3]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn filling_values(mut self, text: impl Into<String>) -> ReadOptions {
        self.rules.common.may_be_missing = true;
        self.rules.common.filling_value = Some(text.into());
        self
    }

    /// The same for one column.
    #[must_use]
    pub fn filling_value_of(
        mut self,
        column: impl Into<Column>,
        text: impl Into<String>,
    ) -> ReadOptions {
        self.rules.common.may_be_missing = true;
        self.rules.filling_values.push((column.into(), text.into()));
        self
    }

    /// A field that cannot be read is missing, not an error, and where integers and bools are missing, they are -1 and
    /// `False`: `genfromtxt`'s default.
    #[must_use]
    pub fn loose(mut self) -> ReadOptions {
        self.rules.common.may_be_missing = true;
        self.rules.common.is_loose = true;
        self
    }

    /// Reads what a function returns in place of a column's fields.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::table};
    /// let percent = table::ReadOptions::csv().converter(1, |field| field.replace('%', "e-2"));
    /// let array = percent.read(&b"1,50%\n"[..], DType::F64)?;
    /// assert_eq!(array.to_vec::<f64>()?, [1.0, 0.5]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn converter(
        mut self,
        column: impl Into<Column>,
        convert: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> ReadOptions {
        let converter = Converter(Arc::new(convert));
        self.rules.converters.push((column.into(), converter));
        self
    }

    /// The decimal separator of numbers; by default a point, which is an error if it is something else.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::table};
    /// let german = table::ReadOptions::new().delimiter(';').decimal(b',');
    /// assert_eq!(german.read(&b"1,5;-2e3\n"[..], DType::F64)?.to_vec::<f64>()?, [1.5, -2000.0]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn decimal(mut self, separator: u8) -> ReadOptions {
        self.rules.common.notation.decimal = separator;
        self
    }

    /// Reads exponents as Fortran writes them: `1.0D+05`, and `1.0-105` without a letter.
    #[must_use]
    pub fn fortran_exponents(mut self) -> ReadOptions {
        self.rules.common.notation.fortran_exponents = true;
        self
    }

    /// Gives NumPy's answers where it is lenient: floats that do not fit are infinite, texts that do not fit are
    /// truncated, and the end of the text closes a quoted field.
    #[must_use]
    pub fn numpy_compatible(mut self) -> ReadOptions {
        self.dialect.end_closes_quote = true;
        self.rules.common.is_lenient = true;
        self
    }

    /// The number of bytes of a text that one thread parses at a time, 256 KiB by default; a long row may increase
    /// it.
    #[must_use]
    pub fn block_bytes(mut self, bytes: usize) -> ReadOptions {
        self.block_bytes = bytes;
        self
    }

    /// The most bytes of one row. A longer one is an error instead of memory for all of it: of text that was compressed, a
    /// few bytes of a file may be a row of any length. A row is compared with it once it is longer than a block, and while memory
    /// doubles.
    #[must_use]
    pub fn max_row_bytes(mut self, bytes: usize) -> ReadOptions {
        self.max_row_bytes = Some(bytes);
        self
    }

    /// The limit of [`max_row_bytes`](ReadOptions::max_row_bytes), if there is one.
    pub fn row_limit(&self) -> Option<usize> {
        self.max_row_bytes
    }

    /// The length of the text in bytes, if known: memory for all items is requested early, which is faster. A text
    /// of another length is read as well.
    #[must_use]
    pub fn text_bytes(mut self, bytes: u64) -> ReadOptions {
        self.text_bytes = Some(bytes);
        self
    }

    /// Reads a table to its end: one axis for the rows, and one for the fields if there are several; a record has
    /// all the fields of its row.
    ///
    /// The text is read in blocks, and large texts are parsed by several threads. If the dtype has texts without a length
    /// (`S`, `U`), the longest field of their column decides, and the text is first read as a whole.
    ///
    /// # Errors
    /// `Text`, `TextType`, `Memory`, `Io`.
    pub fn read(&self, source: impl Read, dtype: DType) -> Result<Array, Error> {
        if has_open_length(&dtype) {
            return self.read_text(&read_to_end(source)?, Some(&dtype));
        }
        self.blocks(source, dtype)?.read()
    }

    /// Reads a table whose fields decide the type of each column: `bool`, `i8`, `u8`, `f8`, `c16`, `M8`, or `U` of the
    /// longest. If all columns have the same and there are no names, it is the type of the array; otherwise the array is
    /// one of records. The text is first read as a whole.
    ///
    /// A column of integers of which some are missing is `f8`, unless there is a
    /// [filling value](ReadOptions::filling_values).
    ///
    /// ```
    /// use flatfile::text::table;
    /// let text = "name,when,n\nfish,2020-01-02,3\ncat,2021-01-01,\n";
    /// let csv = table::ReadOptions::csv().names().missing_values([""]);
    /// let array = csv.read_inferred(text.as_bytes())?;
    /// assert_eq!(
    ///     array.to_string(),
    ///     "[('fish', '2020-01-02',  3.) ('cat', '2021-01-01', nan)]"
    /// );
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`read`](ReadOptions::read).
    pub fn read_inferred(&self, source: impl Read) -> Result<Array, Error> {
        self.read_text(&read_to_end(source)?, None)
    }

    /// Reads a text as a dtype that is not complete without it.
    fn read_text(&self, text: &[u8], dtype: Option<&DType>) -> Result<Array, Error> {
        let fields = Fields::new(self.dialect.clone());
        let (mut chunks, preamble) = self.preamble(text, &fields)?;
        let begin = usize::try_from(chunks.position().byte).unwrap_or(usize::MAX);
        let rows = text.get(begin..).unwrap_or_default();
        let length = self.dialect.rows_len(rows, true, self.skip_footer);
        let rows = rows.get(..length.unwrap_or(0)).unwrap_or_default();
        let default = DType::F64;
        let request = self.request(dtype.unwrap_or(&default), &preamble);
        let dtype = match (preamble.field_count, dtype) {
            (Some(found), dtype) => infer(&fields, rows, self.max_rows, request, dtype, found)?,
            // Without rows there is nothing to decide.
            (None, Some(dtype)) => with_least_lengths(dtype)?,
            (None, None) => Ok(default.clone()),
        };
        let dtype = dtype.map_err(|problem| at_first_row(&mut chunks, problem))?;
        let options = self.clone().text_bytes(text.len() as u64);
        options.read(text, dtype)
    }

    /// Reads a table block by block, for tables that are larger than memory: consecutive arrays as from
    /// [`read`](ReadOptions::read). An error is the last element.
    ///
    /// # Errors
    /// Errors in the lines above the first row; `TextType` for texts without a length.
    pub fn blocks<R: Read>(&self, source: R, dtype: DType) -> Result<Blocks<R>, Error> {
        let fields = Fields::new(self.dialect.clone());
        let (mut chunks, preamble) = self.preamble(source, &fields)?;
        let request = self.request(&dtype, &preamble);
        let columns = match preamble.field_count.filter(|_| self.max_rows > 0) {
            Some(count) => Columns::new(request, count)?,
            None => Columns::of_empty_table(request)?,
        };
        let columns = columns.map_err(|problem| at_first_row(&mut chunks, problem))?;
        Ok(Blocks {
            parser: RowParser::new(fields, columns, self.skip_footer),
            chunks,
            text_bytes: self.text_bytes,
        })
    }

    fn preamble<R: Read>(
        &self,
        source: R,
        fields: &Fields,
    ) -> Result<(ChunkReader<R>, Preamble), Error> {
        let chunks = ChunkReader::new(source, self.max_rows, self.block_bytes);
        let mut chunks = chunks.max_row(self.max_row_bytes.unwrap_or(usize::MAX));
        let validator = self.validator.as_ref();
        let preamble = Preamble::read(&mut chunks, fields, self.skiprows, &self.names, validator)?;
        Ok((chunks, preamble))
    }

    fn request<'a>(&'a self, dtype: &'a DType, preamble: &'a Preamble) -> ColumnRequest<'a> {
        ColumnRequest {
            dtype,
            usecols: self.usecols.as_deref(),
            names: preamble.names.as_deref(),
            validator: self.validator.as_ref(),
            rules: &self.rules,
        }
    }
}

fn read_to_end(mut source: impl Read) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    source.read_to_end(&mut text)?;
    Ok(text)
}

fn at_first_row<R: Read>(chunks: &mut ChunkReader<R>, problem: TextError) -> Error {
    let mut position = chunks.position();
    position.field = Some(0);
    position.error(problem)
}

/// The blocks of [`ReadOptions::blocks`].
#[derive(Debug)]
pub struct Blocks<R> {
    parser: RowParser,
    chunks: ChunkReader<R>,
    text_bytes: Option<u64>,
}

impl<R: Read> Blocks<R> {
    /// The dtype of the items: a record if the table has names.
    pub fn dtype(&self) -> &DType {
        &self.parser.columns.dtype
    }

    /// The position after the rows so far: with [`max_rows`](ReadOptions::max_rows), where the text after them begins.
    pub fn position(&self) -> Position {
        self.chunks.position()
    }

    /// A block without rows, as a table that has none is read.
    ///
    /// # Errors
    /// A `Layout` of rows that are too large.
    pub fn empty(&self) -> Result<Array, Error> {
        self.array(Buffer::zeroed(0, self.parser.columns.dtype.alignment())?)
    }

    /// Reads all rows that are left as one block.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::table};
    /// let blocks = table::ReadOptions::new().blocks(&b"1 2\n3 4\n"[..], DType::F64)?;
    /// assert_eq!(blocks.empty()?.shape(), [0, 2]);
    /// assert_eq!(blocks.read()?.shape(), [2, 2]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ReadOptions::read`].
    pub fn read(mut self) -> Result<Array, Error> {
        self.read_rest()
    }

    /// As [`read`](Blocks::read), and [`position`](Blocks::position) can be asked for afterwards.
    ///
    /// # Errors
    /// As [`ReadOptions::read`].
    pub fn read_rest(&mut self) -> Result<Array, Error> {
        let alignment = self.parser.columns.dtype.alignment();
        let items = self
            .chunks
            .read_all(&self.parser, alignment, self.text_bytes)?;
        self.array(items)
    }

    fn array(&self, items: Buffer) -> Result<Array, Error> {
        let columns = &self.parser.columns;
        let rows = items.as_ref().len().checked_div(columns.size).unwrap_or(0);
        Array::new(columns.layout(rows)?, items)
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = Result<Array, Error>;

    fn next(&mut self) -> Option<Result<Array, Error>> {
        loop {
            let alignment = self.parser.columns.dtype.alignment();
            let mut items = match Buffer::zeroed(0, alignment) {
                Ok(items) => items,
                Err(error) => return Some(Err(error)),
            };
            match self
                .chunks
                .read_block(&self.parser, |block| items.extend(block, None))
            {
                Ok(more) if more && items.as_ref().is_empty() => {}
                Ok(_) if items.as_ref().is_empty() => return None,
                Ok(_) => return Some(self.array(items)),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
