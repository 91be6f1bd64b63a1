//! The fields of a line that are read, and their items: [`Columns`].

use super::column_parser::ColumnParser;
use crate::error::{Error, ErrorKind, TextError};
use dtype::{DType, Layout, Order, Record};

/// How the fields of a line become the items of a row.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    /// For each field of a line, up to the last one that is read, the parsers of the items that it becomes.
    pub(super) fields: Vec<Vec<ColumnParser>>,
    /// The number of fields that every line must have; `None` if only some are read.
    pub(super) count: Option<usize>,
    /// Size of a row in bytes.
    pub(super) size: usize,
    /// The type of the array's items.
    pub(super) dtype: DType,
    /// The number of items in a row; `None` if there is no such axis.
    pub(super) width: Option<usize>,
}

/// Which columns of a table are read, and as what.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColumnRequest<'a> {
    pub(super) dtype: &'a DType,
    pub(super) columns: Option<&'a [isize]>,
    /// The names in the header, if there is one.
    pub(super) names: Option<&'a [String]>,
    pub(super) is_lenient: bool,
}

impl Columns {
    /// The columns of a table whose first line has this many fields.
    pub(super) fn new(
        request: ColumnRequest<'_>,
        found: usize,
    ) -> Result<Result<Columns, TextError>, Error> {
        if let Some(expected) = request.names.map(<[String]>::len)
            && expected != found
        {
            return Ok(Err(TextError::Fields { expected, found }));
        }
        let index = |index: &isize| {
            let position = match usize::try_from(*index) {
                Ok(index) => Some(index),
                Err(_) => found.checked_sub(index.unsigned_abs()),
            };
            position
                .filter(|position| *position < found)
                .ok_or(TextError::NoField {
                    index: *index,
                    found,
                })
        };
        let selected: Result<Vec<usize>, TextError> = match request.columns {
            Some(columns) => columns.iter().map(index).collect(),
            None => Ok((0..found).collect()),
        };
        let selected = match selected {
            Ok(selected) => selected,
            Err(problem) => return Ok(Err(problem)),
        };
        // Fields counted from the end are the same field in every line.
        let is_fixed = request
            .columns
            .is_none_or(|columns| columns.iter().any(|index| *index < 0));
        let count = is_fixed.then_some(found);
        let (dtype, selected) = match match_names(request, selected)? {
            Ok(matched) => matched,
            Err(problem) => return Ok(Err(problem)),
        };
        let mut parsers = Vec::new();
        let (size, width) = match &dtype {
            DType::Record(record) => {
                push_parsers(&dtype, 0, request.is_lenient, &mut parsers)?;
                (record.itemsize(), None)
            }
            dtype => {
                for column in 0..selected.len() {
                    let offset = column.saturating_mul(dtype.itemsize());
                    push_parsers(dtype, offset, request.is_lenient, &mut parsers)?;
                }
                let width = Some(selected.len()).filter(|width| *width != 1);
                (selected.len().saturating_mul(dtype.itemsize()), width)
            }
        };
        if parsers.len() != selected.len() {
            let (expected, found) = (parsers.len(), selected.len());
            return Ok(Err(TextError::Fields { expected, found }));
        }
        let last = selected.iter().max().map_or(0, |last| last + 1);
        let mut fields = vec![Vec::new(); last];
        for (index, parser) in selected.into_iter().zip(parsers) {
            if let Some(fields) = fields.get_mut(index) {
                fields.push(parser);
            }
        }
        Ok(Ok(Columns {
            fields,
            count,
            size,
            dtype,
            width,
        }))
    }

    /// The columns of a table without rows, by the names, the requested columns or the dtype.
    pub(super) fn of_empty_table(
        request: ColumnRequest<'_>,
    ) -> Result<Result<Columns, TextError>, Error> {
        let mut parsers = Vec::new();
        push_parsers(request.dtype, 0, request.is_lenient, &mut parsers)?;
        let found = match (request.names, request.columns) {
            (Some(names), _) => names.len(),
            (None, Some(columns)) => columns.len(),
            (None, None) => parsers.len(),
        };
        let columns = request.columns.filter(|_| request.names.is_some());
        Columns::new(ColumnRequest { columns, ..request }, found)
    }

    /// The layout of this many rows.
    pub(super) fn layout(&self, rows: usize) -> Result<Layout, Error> {
        let shape: Vec<usize> = [rows].into_iter().chain(self.width).collect();
        Ok(Layout::new(self.dtype.clone(), shape, Order::C)?)
    }
}

/// The type of a row's items and the fields that they come from, by the names in the header.
fn match_names(
    request: ColumnRequest<'_>,
    selected: Vec<usize>,
) -> Result<Result<(DType, Vec<usize>), TextError>, Error> {
    let dtype = request.dtype.clone();
    let Some(names) = request.names else {
        return Ok(Ok((dtype, selected)));
    };
    let name = |index: &usize| names.get(*index).cloned().unwrap_or_default();
    let DType::Record(record) = request.dtype else {
        let fields = selected.iter().map(|index| (name(index), dtype.clone()));
        let problem = |error: dtype::Error| TextError::Names {
            why: error.to_string(),
        };
        return Ok(match Record::packed(fields) {
            Ok(record) => Ok((DType::Record(record.into()), selected)),
            Err(error) => Err(problem(error)),
        });
    };
    let mut indices = Vec::new();
    for field in record.fields() {
        match selected.iter().find(|index| name(index) == field.name) {
            Some(index) => indices.push(*index),
            None if field.name.is_empty() => return Err(ErrorKind::TextType(dtype).into()),
            None => {
                let name = field.name.clone();
                return Ok(Err(TextError::NoName { name }));
            }
        }
    }
    Ok(Ok((dtype, indices)))
}

/// Appends the parsers of the items of a type that are columns of their own: of records and subarrays one by one.
fn push_parsers(
    dtype: &DType,
    offset: usize,
    is_lenient: bool,
    out: &mut Vec<ColumnParser>,
) -> Result<(), Error> {
    /// More columns than any table has.
    const MAX_COLUMNS: usize = 1 << 20;
    match dtype {
        DType::Record(record) => record.fields().iter().try_for_each(|field| {
            push_parsers(&field.dtype, offset + field.offset, is_lenient, out)
        }),
        DType::Subarray(sub) => {
            let size = sub.base().itemsize();
            let count = dtype.itemsize().checked_div(size).unwrap_or(0);
            if count > MAX_COLUMNS {
                return Err(ErrorKind::TextType(dtype.clone()).into());
            }
            (0..count)
                .try_for_each(|i| push_parsers(sub.base(), offset + i * size, is_lenient, out))
        }
        dtype => {
            out.push(ColumnParser::new(dtype, offset, is_lenient)?);
            Ok(())
        }
    }
}
