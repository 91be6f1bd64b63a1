//! The text of a row's bytes: [`Cells`].

use super::super::conversion::{append, has_no_text};
use super::super::format::{Conversion, Spec, bad, conversions};
use super::super::value::MetadataFormat;
use super::super::write::Spell;
use crate::error::{Error, ErrorKind, refuse_objects};
use crate::strided::Strided;
use dtype::{DType, NumberClass};

/// The formats of a table.
#[derive(Clone, Debug)]
pub(super) enum Formats {
    /// Each item as Python's `str` prints NumPy's scalars.
    Str,
    /// One for every column, or for the row if it has as many conversions as there are columns.
    One(String),
    /// One for each column.
    Columns(Vec<String>),
}

/// The texts of a row, and the text between them.
#[derive(Debug)]
pub(super) struct Cells {
    cells: Vec<Cell>,
    /// The text after the last one.
    behind: Vec<u8>,
}

#[derive(Debug)]
struct Cell {
    before: Vec<u8>,
    spell: Spell,
    /// The offset of the item in the row's bytes.
    offset: usize,
    /// For an imaginary part, which must have a sign: the number of bytes of `before` that go after the sign.
    signed: Option<usize>,
}

/// A column: the type of its items, and their offset.
type Column = (DType, usize);

impl Cells {
    /// The texts of the rows of an array with one axis or two.
    pub(super) fn new(
        view: &Strided<'_>,
        formats: &Formats,
        delimiter: &str,
        newline: &str,
    ) -> Result<Cells, Error> {
        refuse_objects(view.dtype())?;
        let columns = columns(view)?;
        if let Some((dtype, _)) = columns.iter().find(|(dtype, _)| has_no_text(dtype)) {
            return Err(ErrorKind::TextType(dtype.clone()).into());
        }
        let mut cells = Cells {
            cells: Vec::new(),
            behind: Vec::new(),
        };
        match formats {
            Formats::Str => {
                let spec = Spec::of(Conversion::Str, None);
                let plain = (vec![(String::new(), spec)], String::new());
                for column in columns {
                    cells.group(vec![column], &plain, delimiter);
                }
            }
            Formats::One(format) => {
                let parsed = conversions(format)?;
                let count = parsed.0.len();
                let parts = parts(&columns);
                match count {
                    1 => columns
                        .iter()
                        .for_each(|column| cells.column(column, &parsed, delimiter)),
                    _ if count == columns.len() => cells.group(columns, &parsed, ""),
                    _ if count == parts.len() => cells.group(parts, &parsed, ""),
                    _ => {
                        let why = format!("{count} conversions for {} columns", columns.len());
                        return Err(bad(format, format.chars().count(), &why));
                    }
                }
            }
            Formats::Columns(formats) => {
                if formats.len() != columns.len() {
                    let why = format!("{} formats for {} columns", formats.len(), columns.len());
                    return Err(bad(&formats.join(delimiter), 0, &why));
                }
                for (column, format) in columns.iter().zip(formats) {
                    let parsed = conversions(format)?;
                    let parts = parts(std::slice::from_ref(column));
                    match parsed.0.len() {
                        1 => cells.column(column, &parsed, delimiter),
                        2 if parts.len() == 2 => cells.group(parts, &parsed, delimiter),
                        count => {
                            let why = format!("{count} conversions for a column");
                            return Err(bad(format, format.chars().count(), &why));
                        }
                    }
                }
            }
        }
        cells.behind.extend_from_slice(newline.as_bytes());
        cells.check()?;
        Ok(cells)
    }

    fn check(&self) -> Result<(), Error> {
        let mut spells = self.cells.iter().map(|cell| &cell.spell);
        match spells.find(|spell| !spell.spec.takes(&spell.dtype)) {
            Some(spell) => Err(ErrorKind::Unformattable {
                conversion: spell.spec.letter(),
                dtype: spell.dtype.clone(),
            }
            .into()),
            None => Ok(()),
        }
    }

    /// Adds a separate column, with a delimiter before it if others precede.
    fn column(&mut self, column: &Column, format: &(Vec<(String, Spec)>, String), delimiter: &str) {
        let parts = parts(std::slice::from_ref(column));
        let Some((before, spec)) = format.0.first() else {
            return;
        };
        // A complex number is two conversions in brackets.
        if parts.len() == 2 {
            let specs = vec![
                (format!(" ({before}"), *spec),
                (format!("{}{before}", format.1), *spec),
            ];
            self.group(parts, &(specs, format!("{}j)", format.1)), delimiter);
            if let Some(imaginary) = self.cells.last_mut() {
                imaginary.signed = Some(before.len());
            }
            return;
        }
        self.group(vec![column.clone()], format, delimiter);
    }

    /// Adds the items of one column.
    fn group(
        &mut self,
        items: Vec<Column>,
        format: &(Vec<(String, Spec)>, String),
        delimiter: &str,
    ) {
        let mut before = std::mem::take(&mut self.behind);
        if !self.cells.is_empty() {
            before.extend_from_slice(delimiter.as_bytes());
        }
        for ((dtype, offset), (text, spec)) in items.into_iter().zip(&format.0) {
            before.extend_from_slice(text.as_bytes());
            self.cells.push(Cell {
                before: std::mem::take(&mut before),
                spell: Spell::new(*spec, dtype, MetadataFormat::Scalar),
                offset,
                signed: None,
            });
        }
        self.behind = format.1.clone().into_bytes();
    }

    /// Appends the text of a row.
    pub(super) fn push(&self, row: &[u8], index: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        for cell in &self.cells {
            append(&cell.before, out);
            let item = row.get(cell.offset..).unwrap_or_default();
            let item = item.get(..cell.spell.dtype.itemsize()).unwrap_or_default();
            let sign = cell.signed.map(|behind| out.len() - behind);
            cell.spell.push(item, index, out)?;
            if let Some(sign) = sign
                && out.get(sign) != Some(&b'-')
            {
                out.insert(sign, b'+');
            }
        }
        append(&self.behind, out);
        Ok(())
    }
}

/// The columns of an array's rows.
fn columns(view: &Strided<'_>) -> Result<Vec<Column>, Error> {
    let dtype = view.dtype();
    match (view.shape(), dtype) {
        ([_], DType::Record(record)) => {
            let fields = record.fields().iter();
            Ok(fields
                .map(|field| (field.dtype.clone(), field.offset))
                .collect())
        }
        ([_], dtype) => Ok(vec![(dtype.clone(), 0)]),
        ([_, width], dtype) => {
            let size = dtype.itemsize();
            Ok((0..*width)
                .map(|column| (dtype.clone(), column * size))
                .collect())
        }
        (shape, _) => {
            let why = format!("a table has one axis or two, the array {}", shape.len());
            Err(ErrorKind::Shape(why).into())
        }
    }
}

/// The same with complex numbers as two columns.
fn parts(columns: &[Column]) -> Vec<Column> {
    let part = |(dtype, offset): &Column| {
        let half = match dtype {
            DType::Number(number, order) if number.class() == NumberClass::Complex => {
                Some(DType::Number(number.info().part, *order))
            }
            _ => None,
        };
        match half {
            Some(half) => {
                let second = offset + half.itemsize();
                vec![(half.clone(), *offset), (half, second)]
            }
            None => vec![(dtype.clone(), *offset)],
        }
    };
    columns.iter().flat_map(part).collect()
}
