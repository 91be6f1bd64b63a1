//! The fields of a row that are read, and their items: [`Columns`].

use super::column_items::{ColumnItem, column_items};
use super::column_parser::ColumnParser;
use super::field_rules::{Column, TableRules};
use super::name_validator::NameValidator;
use crate::error::{Error, ErrorKind, TextError};
use dtype::{DType, Layout, Order, Record};

/// How the fields of a row become its items.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    /// The parsers of the columns, each once.
    pub(super) parsers: Vec<ColumnParser>,
    pub(super) targets: Targets,
    /// The number of fields that every row must have; `None` if only some are read.
    pub(super) count: Option<usize>,
    /// Size of a row in bytes.
    pub(super) size: usize,
    /// The type of the array's items.
    pub(super) dtype: DType,
    /// The number of items in a row; `None` if there is no such axis.
    pub(super) width: Option<usize>,
}

/// Which fields become which items.
#[derive(Clone, Debug)]
pub(super) enum Targets {
    /// Each field is the next item, all of one type with this size in bytes.
    Each { size: usize },
    /// Some fields, in their order in a row.
    Listed(Vec<Target<usize>>),
    /// Some fields, of which some are counted from the end of a row.
    FromEnd(Vec<Target<isize>>),
}

/// A field, and the item that it becomes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<I> {
    pub(super) field: I,
    /// The index of the parser.
    pub(super) parser: usize,
    /// The offset of the item in a row's bytes.
    pub(super) offset: usize,
}

/// Which columns of a table are read, and as what.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColumnRequest<'a> {
    pub(super) dtype: &'a DType,
    pub(super) usecols: Option<&'a [Column]>,
    /// The names in the header, if there is one.
    pub(super) names: Option<&'a [String]>,
    pub(super) validator: Option<&'a NameValidator>,
    pub(super) rules: &'a TableRules,
}

impl ColumnRequest<'_> {
    /// The columns to read of a table whose first row has this many fields.
    pub(super) fn selected(&self, found: usize) -> Result<Option<Vec<isize>>, TextError> {
        if let Some(expected) = self.names.map(<[String]>::len)
            && expected != found
        {
            return Err(TextError::Fields { expected, found });
        }
        let index = |column: &Column| match column {
            Column::Index(index) => match self.position(*index, found) {
                Some(_) => Ok(*index),
                None => Err(TextError::NoField {
                    index: *index,
                    found,
                }),
            },
            Column::Name(name) => {
                let mut names = self.names.unwrap_or_default().iter();
                let index = names.position(|found| found == name);
                let no_name = || TextError::NoName { name: name.clone() };
                index.map(|index| index as isize).ok_or_else(no_name)
            }
        };
        let usecols = self
            .usecols
            .map(|columns| columns.iter().map(index).collect());
        usecols.transpose()
    }

    pub(super) fn position(&self, index: isize, found: usize) -> Option<usize> {
        let position = match usize::try_from(index) {
            Ok(index) => Some(index),
            Err(_) => found.checked_sub(index.unsigned_abs()),
        };
        position.filter(|position| *position < found)
    }

    /// The name of a column, if it has one.
    pub(super) fn name(&self, index: isize, found: usize) -> Option<&str> {
        let name = self.names?.get(self.position(index, found)?)?;
        Some(name)
    }
}

impl Columns {
    /// The columns of a table whose first row has this many fields.
    pub(super) fn new(
        request: ColumnRequest<'_>,
        found: usize,
    ) -> Result<Result<Columns, TextError>, Error> {
        let usecols = match request.selected(found) {
            Ok(usecols) => usecols,
            Err(problem) => return Ok(Err(problem)),
        };
        let count = usecols.is_none().then_some(found);
        let is_one_type = !matches!(request.dtype, DType::Record(_) | DType::Subarray(_));
        if request.names.is_none() && usecols.is_none() && is_one_type && request.rules.are_common()
        {
            let dtype = request.dtype.clone();
            let size = dtype.itemsize();
            return Ok(Ok(Columns {
                parsers: vec![ColumnParser::new(&dtype, &request.rules.common)?],
                targets: Targets::Each { size },
                count,
                size: found.saturating_mul(size),
                width: Some(found).filter(|found| *found != 1),
                dtype,
            }));
        }
        let selected = usecols.unwrap_or_else(|| (0..found as isize).collect());
        let (dtype, selected) = match match_names(request, selected, found)? {
            Ok(matched) => matched,
            Err(problem) => return Ok(Err(problem)),
        };
        let in_row = text_items(&dtype)?;
        let (items, size, width) = match &dtype {
            DType::Record(record) => (in_row, record.itemsize(), None),
            dtype => {
                let offset = |column: usize| column.saturating_mul(dtype.itemsize());
                let columns = (0..selected.len()).flat_map(|column| {
                    in_row.iter().map(move |item| ColumnItem {
                        offset: offset(column) + item.offset,
                        ..item.clone()
                    })
                });
                let width = Some(selected.len()).filter(|width| *width != 1);
                (columns.collect(), offset(selected.len()), width)
            }
        };
        if items.len() != selected.len() {
            let (expected, found) = (items.len(), selected.len());
            return Ok(Err(TextError::Fields { expected, found }));
        }
        let mut columns = Columns {
            parsers: Vec::new(),
            targets: Targets::Listed(Vec::new()),
            count,
            size,
            dtype,
            width,
        };
        let mut targets = Vec::with_capacity(selected.len());
        for (field, item) in selected.into_iter().zip(items) {
            let position = request.position(field, found).unwrap_or(0);
            let name = request.name(field, found);
            let parser = columns.parser(&item.dtype, request.rules, (position, found, name))?;
            targets.push(Target {
                field,
                parser,
                offset: item.offset,
            });
        }
        columns.targets = if targets.iter().any(|target| target.field < 0) {
            Targets::FromEnd(targets)
        } else {
            targets.sort_by_key(|target| target.field);
            let from_begin = |target: Target<isize>| Target {
                field: target.field.unsigned_abs(),
                parser: target.parser,
                offset: target.offset,
            };
            Targets::Listed(targets.into_iter().map(from_begin).collect())
        };
        Ok(Ok(columns))
    }

    /// The index of the parser of a column, which is added if there is none like it.
    fn parser(
        &mut self,
        dtype: &DType,
        rules: &TableRules,
        (index, count, name): (usize, usize, Option<&str>),
    ) -> Result<usize, Error> {
        let own = rules.of_column(index, count, name);
        let mut parsers = self.parsers.iter();
        let same = parsers.position(|parser| parser.is_common() && parser.dtype == *dtype);
        if let (Some(same), None) = (same, &own) {
            return Ok(same);
        }
        let parser = match &own {
            Some(own) => ColumnParser::new(dtype, own)?,
            None => ColumnParser::new(dtype, &rules.common)?,
        };
        self.parsers.push(parser);
        Ok(self.parsers.len() - 1)
    }

    /// The columns of a table without rows, by the names, the requested columns or the dtype.
    pub(super) fn of_empty_table(
        request: ColumnRequest<'_>,
    ) -> Result<Result<Columns, TextError>, Error> {
        let items = text_items(request.dtype)?;
        let found = match (request.names, request.usecols) {
            (Some(names), _) => names.len(),
            (None, Some(columns)) => columns.len(),
            (None, None) => items.len(),
        };
        let usecols = request.usecols.filter(|_| request.names.is_some());
        Columns::new(ColumnRequest { usecols, ..request }, found)
    }

    /// The parser of a target, and its item in a row.
    #[inline(always)]
    pub(super) fn item<'a, I>(
        &self,
        target: &Target<I>,
        row: &'a mut [u8],
    ) -> Option<(&ColumnParser, &'a mut [u8])> {
        let parser = self.parsers.get(target.parser)?;
        let item = row.get_mut(target.offset..)?;
        Some((parser, item.get_mut(..parser.size)?))
    }

    /// Whether a row with this many fields has not as many as are needed.
    pub(super) fn is_ragged(&self, found: usize) -> bool {
        self.count
            .map_or(found < self.needed(), |count| count != found)
    }

    /// The number of fields without which a row is too short, if it may be longer.
    pub(super) fn needed(&self) -> usize {
        match &self.targets {
            Targets::Each { .. } => 0,
            Targets::Listed(targets) => targets.last().map_or(0, |target| target.field + 1),
            Targets::FromEnd(targets) => {
                let needed = targets.iter().map(|target| needed(target.field));
                needed.max().unwrap_or(0)
            }
        }
    }

    /// The layout of this many rows.
    pub(super) fn layout(&self, rows: usize) -> Result<Layout, Error> {
        let shape: Vec<usize> = [rows].into_iter().chain(self.width).collect();
        Ok(Layout::new(self.dtype.clone(), shape, Order::C)?)
    }
}

/// The number of fields of a row that has this one, which counts from the end if it is negative.
pub(super) fn needed(field: isize) -> usize {
    usize::try_from(field).map_or(field.unsigned_abs(), |field| field + 1)
}

/// The type of a row's items and the fields that they come from, by the names in the header.
fn match_names(
    request: ColumnRequest<'_>,
    selected: Vec<isize>,
    found: usize,
) -> Result<Result<(DType, Vec<isize>), TextError>, Error> {
    let dtype = request.dtype.clone();
    if request.names.is_none() {
        return Ok(Ok((dtype, selected)));
    }
    let name = |index: &isize| request.name(*index, found).unwrap_or_default().to_owned();
    if !matches!(request.dtype, DType::Record(_)) {
        let fields = selected.iter().map(|index| (name(index), dtype.clone()));
        let problem = |error: dtype::Error| TextError::Names {
            why: error.to_string(),
        };
        return Ok(match Record::packed(fields) {
            Ok(record) => Ok((DType::Record(record.into()), selected)),
            Err(error) => Err(problem(error)),
        });
    };
    let items = text_items(&dtype)?;
    let mut indices = Vec::with_capacity(items.len());
    for item in items {
        match selected
            .iter()
            .find(|index| request.name(**index, found) == Some(&item.name))
        {
            Some(index) => indices.push(*index),
            None => return Ok(Err(TextError::NoName { name: item.name })),
        }
    }
    Ok(Ok((dtype, indices)))
}

/// The items of a dtype that are columns of their own.
///
/// # Errors
/// `TextType` if there are more than any table has.
pub(super) fn text_items(dtype: &DType) -> Result<Vec<ColumnItem>, Error> {
    Ok(column_items(dtype).map_err(|_| ErrorKind::TextType(dtype.clone()))?)
}
