//! The fields of a line that are read, and their items: [`Columns`].

use super::field::Field;
use crate::error::{Error, ErrorKind, TextError};
use dtype::{DType, Layout, Order, Record};

/// How the fields of a line become the items of a row.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    /// For each field of a line, up to the last one that is read, the items that it becomes.
    pub(super) fields: Vec<Vec<Field>>,
    /// The number of fields that every line must have; `None` if only some are read.
    pub(super) count: Option<usize>,
    /// Size of a row in bytes.
    pub(super) size: usize,
    /// The type of the array's items.
    pub(super) dtype: DType,
    /// The number of items in a row; `None` if there is no such axis.
    pub(super) width: Option<usize>,
}

/// The requested columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) dtype: &'a DType,
    pub(super) columns: Option<&'a [isize]>,
    /// The names in the header, if there is one.
    pub(super) names: Option<&'a [String]>,
    pub(super) is_lenient: bool,
}

impl Columns {
    /// The columns of a table whose first line has this many fields.
    pub(super) fn new(asked: Asked<'_>, found: usize) -> Result<Result<Columns, TextError>, Error> {
        if let Some(expected) = asked.names.map(<[String]>::len)
            && expected != found
        {
            return Ok(Err(TextError::Fields { expected, found }));
        }
        let index = |index: &isize| {
            let place = match usize::try_from(*index) {
                Ok(index) => Some(index),
                Err(_) => found.checked_sub(index.unsigned_abs()),
            };
            place
                .filter(|place| *place < found)
                .ok_or(TextError::NoField {
                    index: *index,
                    found,
                })
        };
        let chosen: Result<Vec<usize>, TextError> = match asked.columns {
            Some(columns) => columns.iter().map(index).collect(),
            None => Ok((0..found).collect()),
        };
        let chosen = match chosen {
            Ok(chosen) => chosen,
            Err(problem) => return Ok(Err(problem)),
        };
        // Fields counted from the end are the same field in every line.
        let is_fixed = asked
            .columns
            .is_none_or(|columns| columns.iter().any(|index| *index < 0));
        let count = is_fixed.then_some(found);
        let (dtype, chosen) = match named(asked, chosen)? {
            Ok(named) => named,
            Err(problem) => return Ok(Err(problem)),
        };
        let mut leaves = Vec::new();
        let (size, width) = match &dtype {
            DType::Record(record) => {
                leaf(&dtype, 0, asked.is_lenient, &mut leaves)?;
                (record.itemsize(), None)
            }
            dtype => {
                for column in 0..chosen.len() {
                    let offset = column.saturating_mul(dtype.itemsize());
                    leaf(dtype, offset, asked.is_lenient, &mut leaves)?;
                }
                let width = Some(chosen.len()).filter(|width| *width != 1);
                (chosen.len().saturating_mul(dtype.itemsize()), width)
            }
        };
        if leaves.len() != chosen.len() {
            let (expected, found) = (leaves.len(), chosen.len());
            return Ok(Err(TextError::Fields { expected, found }));
        }
        let last = chosen.iter().max().map_or(0, |last| last + 1);
        let mut fields = vec![Vec::new(); last];
        for (place, leaf) in chosen.into_iter().zip(leaves) {
            if let Some(fields) = fields.get_mut(place) {
                fields.push(leaf);
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

    /// The columns of a table without rows: those that are requested, or none.
    pub(super) fn of_none(asked: Asked<'_>) -> Result<Result<Columns, TextError>, Error> {
        let mut leaves = Vec::new();
        leaf(asked.dtype, 0, asked.is_lenient, &mut leaves)?;
        let found = match (asked.names, asked.columns) {
            (Some(names), _) => names.len(),
            (None, Some(columns)) => columns.len(),
            (None, None) => leaves.len(),
        };
        let columns = asked.columns.filter(|_| asked.names.is_some());
        Columns::new(Asked { columns, ..asked }, found)
    }

    /// The layout of this many rows.
    pub(super) fn layout(&self, rows: usize) -> Result<Layout, Error> {
        let shape: Vec<usize> = [rows].into_iter().chain(self.width).collect();
        Ok(Layout::new(self.dtype.clone(), shape, Order::C)?)
    }
}

/// The type of a row's items and the fields that they come from, by the names in the header.
fn named(
    asked: Asked<'_>,
    chosen: Vec<usize>,
) -> Result<Result<(DType, Vec<usize>), TextError>, Error> {
    let dtype = asked.dtype.clone();
    let Some(names) = asked.names else {
        return Ok(Ok((dtype, chosen)));
    };
    let name = |place: &usize| names.get(*place).cloned().unwrap_or_default();
    let DType::Record(record) = asked.dtype else {
        let fields = chosen.iter().map(|place| (name(place), dtype.clone()));
        let problem = |error: dtype::Error| TextError::Names {
            why: error.to_string(),
        };
        return Ok(match Record::packed(fields) {
            Ok(record) => Ok((DType::Record(record.into()), chosen)),
            Err(error) => Err(problem(error)),
        });
    };
    let mut places = Vec::new();
    for field in record.fields() {
        match chosen.iter().find(|place| name(place) == field.name) {
            Some(place) => places.push(*place),
            None if field.name.is_empty() => return Err(ErrorKind::TextType(dtype).into()),
            None => {
                let name = field.name.clone();
                return Ok(Err(TextError::NoName { name }));
            }
        }
    }
    Ok(Ok((dtype, places)))
}

/// Appends the items of a type that are columns of their own; those of records and subarrays one by one.
fn leaf(dtype: &DType, offset: usize, is_lenient: bool, out: &mut Vec<Field>) -> Result<(), Error> {
    /// More columns than any table has.
    const MOST: usize = 1 << 20;
    match dtype {
        DType::Record(record) => record
            .fields()
            .iter()
            .try_for_each(|field| leaf(&field.dtype, offset + field.offset, is_lenient, out)),
        DType::Subarray(sub) => {
            let size = sub.base().itemsize();
            let count = dtype.itemsize().checked_div(size).unwrap_or(0);
            if count > MOST {
                return Err(ErrorKind::TextType(dtype.clone()).into());
            }
            (0..count).try_for_each(|i| leaf(sub.base(), offset + i * size, is_lenient, out))
        }
        dtype => {
            out.push(Field::new(dtype, offset, is_lenient)?);
            Ok(())
        }
    }
}
