//! Writing items with a separator between them: NumPy's `tofile` with `sep` and `format`.

use super::format::{ConversionSpec, ConversionType, Format};
use super::format_item::{has_no_text, push_short};
use super::value::TextStyle;
use super::write_blocks::{Granularity, write_blocks};
use crate::error::{Error, ErrorKind, refuse_objects};
use crate::longdouble::{Evidence, LongDoubleCheck};
use crate::scalar::{Int, format_shortest, read_f64};
use crate::strided::Strided;
use dtype::{ByteOrder, DType, Number, NumberClass};
use std::io::Write;

/// How to write items as text with a separator between them.
///
/// ```
/// use flatfile::{Array, text};
/// let array = Array::from_slice(&[0.1, 1e16, -2.0], [3])?;
/// let mut text = Vec::new();
/// text::WriteOptions::new().write(&mut text, &array, ", ")?;
/// assert_eq!(text, b"0.1, 1e+16, -2.0");
///
/// let mut text = Vec::new();
/// text::WriteOptions::new().format("%5.1f".parse()?).write(&mut text, &array, ";")?;
/// assert_eq!(text, b"  0.1;10000000000000000.0; -2.0");
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    format: Option<Format>,
}

impl WriteOptions {
    /// The defaults: each item as Python's `str` prints it.
    pub fn new() -> WriteOptions {
        WriteOptions::default()
    }

    /// Writes each item in this format.
    #[must_use]
    pub fn format(mut self, format: Format) -> WriteOptions {
        self.format = Some(format);
        self
    }

    /// Checks that items of this type, or at least some of them, can be written.
    ///
    /// # Errors
    /// `Object`; `Unformattable`; `TextType` for records with subarrays.
    pub fn check(&self, dtype: &DType) -> Result<(), Error> {
        refuse_objects(dtype)?;
        let spec = self.affixes("").spec;
        match spec.supports(dtype) {
            _ if has_no_text(dtype) => Err(ErrorKind::TextType(dtype.clone()).into()),
            true => Ok(()),
            false => Err(ErrorKind::Unformattable {
                conversion: spec.letter(),
                dtype: dtype.clone(),
            }
            .into()),
        }
    }

    /// Writes the items in C order, without a separator or a line end after the last. Large arrays are written by
    /// several threads.
    ///
    /// # Errors
    /// As [`check`](WriteOptions::check), before anything is written; `LongDouble`; `UnformattableItem` for an item
    /// that cannot be written with the format, such as NaN with `%d`; `Io`.
    pub fn write<'a>(
        &self,
        target: impl Write,
        array: impl Into<Strided<'a>>,
        separator: &str,
    ) -> Result<(), Error> {
        let mut writer = self.writer(target, separator);
        writer.push(array)?;
        writer.finish().map(drop)
    }

    /// Writes several arrays in sequence, for items that do not fit in memory: with a separator between arrays, as
    /// between their items.
    ///
    /// ```
    /// use flatfile::{Array, text};
    /// let mut writer = text::WriteOptions::new().writer(Vec::new(), ",");
    /// for row in [[1, 2], [3, 4]] {
    ///     writer.push(&Array::from_slice(&row, [2])?)?;
    /// }
    /// assert_eq!(writer.finish()?, b"1,2,3,4");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    pub fn writer<W: Write>(&self, target: W, separator: &str) -> Writer<W> {
        Writer {
            options: self.clone(),
            affixes: self.affixes(separator),
            target,
            written: 0,
            evidence: Evidence::in_sequence(None),
        }
    }

    fn affixes(&self, separator: &str) -> Affixes {
        let str = || ConversionSpec::of(ConversionType::Str, None);
        let format = self.format.as_ref();
        let text = |text: Option<&String>| text.cloned().unwrap_or_default().into_bytes();
        let before = text(format.map(|format| &format.before));
        Affixes {
            spec: format.map_or_else(str, |format| format.spec),
            after: text(format.map(|format| &format.after)),
            between: [separator.as_bytes(), &before].concat(),
            before,
        }
    }
}

/// A writer of several arrays as one text: see [`WriteOptions::writer`].
#[derive(Debug)]
pub struct Writer<W> {
    options: WriteOptions,
    affixes: Affixes,
    target: W,
    /// The number of items written.
    written: usize,
    evidence: Evidence,
}

/// The text around items.
#[derive(Debug)]
struct Affixes {
    spec: ConversionSpec,
    before: Vec<u8>,
    after: Vec<u8>,
    /// Replaces `before` if another item precedes.
    between: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes the items of an array in C order.
    ///
    /// # Errors
    /// As [`WriteOptions::write`].
    pub fn push<'a>(&mut self, array: impl Into<Strided<'a>>) -> Result<(), Error> {
        let view = array.into();
        self.options.check(view.dtype())?;
        if let Some(check) = LongDoubleCheck::of(view.dtype()) {
            let checked = check.check_view(&view, &self.evidence);
            checked.map_err(|error| error.items_later(self.written))?;
        }
        let affixes = &self.affixes;
        let formatter = SpecFormatter::new(affixes.spec, view.dtype().clone(), TextStyle::Str);
        let format_item =
            |item: &[u8], index, out: &mut Vec<u8>| affixes.push_item(&formatter, item, index, out);
        self.written = write_blocks(
            &mut self.target,
            &view,
            Granularity::Item,
            self.written,
            format_item,
        )?;
        Ok(())
    }

    /// Flushes the target and returns it.
    ///
    /// # Errors
    /// `Io`.
    pub fn finish(mut self) -> Result<W, Error> {
        self.target.flush()?;
        Ok(self.target)
    }
}

impl Affixes {
    /// Appends an item, with the text around it.
    #[inline]
    fn push_item(
        &self,
        formatter: &SpecFormatter,
        item: &[u8],
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let before = if index == 0 {
            &self.before
        } else {
            &self.between
        };
        push_short(before, out);
        formatter.push_item(item, index, out)?;
        push_short(&self.after, out);
        Ok(())
    }
}

/// How the items of a dtype become text.
#[derive(Clone, Debug)]
pub(super) struct SpecFormatter {
    pub(super) spec: ConversionSpec,
    pub(super) dtype: DType,
    style: TextStyle,
    fast_number: Option<FastNumber>,
    /// The byte for the point of floats, if it is another one.
    decimal: Option<u8>,
}

/// Numbers that are written directly, as most are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FastNumber {
    Float(Number, ByteOrder),
    Integer(Number, ByteOrder),
}

impl SpecFormatter {
    pub(super) fn new(spec: ConversionSpec, dtype: DType, style: TextStyle) -> SpecFormatter {
        let is_plain = spec == ConversionSpec::of(ConversionType::Str, None);
        let fast_number = match dtype {
            DType::Number(number, order) if is_plain => match number {
                Number::F64 => Some(FastNumber::Float(number, order)),
                Number::F32 if style == TextStyle::Str => Some(FastNumber::Float(number, order)),
                _ if number.is_integer() => Some(FastNumber::Integer(number, order)),
                _ => None,
            },
            _ => None,
        };
        SpecFormatter {
            spec,
            dtype,
            style,
            fast_number,
            decimal: None,
        }
    }

    /// The same with this ASCII character for the point of floats.
    pub(super) fn decimal(mut self, decimal: u8) -> SpecFormatter {
        let is_float = matches!(
            self.dtype,
            DType::Number(number, _) if matches!(number.class(), NumberClass::Float | NumberClass::Complex)
        );
        self.decimal = Some(decimal).filter(|decimal| is_float && *decimal != b'.');
        self
    }

    /// Appends the text of an item; its index is only for errors.
    #[inline]
    pub(super) fn push_item(
        &self,
        item: &[u8],
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let begin = out.len();
        match self.fast_number {
            Some(FastNumber::Float(number, order)) => {
                let value = read_f64(number, order, item);
                format_shortest(value, ".0", |text| out.extend_from_slice(text.as_bytes()));
            }
            Some(FastNumber::Integer(number, order)) => {
                let mut buffer = itoa::Buffer::new();
                let text = match Int::read(item, number, order) {
                    Int::Signed(value) => buffer.format(value),
                    Int::Unsigned(value) => buffer.format(value),
                };
                out.extend_from_slice(text.as_bytes());
            }
            None => {
                let pushed = self.spec.push_item(&self.dtype, item, self.style, out);
                pushed.ok_or_else(|| self.item_error(item, index))?;
            }
        }
        if let Some(decimal) = self.decimal {
            let text = out.get_mut(begin..).unwrap_or_default();
            let points = text.iter_mut().filter(|byte| **byte == b'.');
            points.for_each(|point| *point = decimal);
        }
        Ok(())
    }

    /// An item that its conversion cannot write.
    #[cold]
    fn item_error(&self, item: &[u8], index: usize) -> Error {
        let mut text = String::new();
        super::value::push_value(&self.dtype, item, TextStyle::Str, &mut text);
        let conversion = self.spec.letter();
        ErrorKind::UnformattableItem {
            item: index,
            conversion,
            text,
        }
        .into()
    }
}
