//! Fields of records by their names: [`FieldIndex`].

use crate::error::{Error, ErrorKind};
use dtype::python::excerpt;
use dtype::{DType, Field, Layout, Order, Record};
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// The fields that are read of an array of records: one, as NumPy's `x['a']`, or several, as `x[['a', 'b']]`.
///
/// `p.x` is the field `x` of the field `p`, unless there is one of that whole name. The name of one field may be a title, as in NumPy.
/// In a text, a comma separates names, and `a,` is a list of one, as in Python; but a field of that whole name comes
/// first.
///
/// ```
/// use flatfile::FieldIndex;
/// assert_eq!("p.x".parse(), Ok(FieldIndex::one("p.x")));
/// assert_eq!("a, b".parse::<FieldIndex>()?.to_string(), "a,b");
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldIndex {
    names: Vec<String>,
    is_list: bool,
    /// The text that this was parsed from, which may also be the name of one field.
    text: Option<String>,
}

impl FieldIndex {
    /// The field of this name: its items, without the record around them.
    pub fn one(name: impl Into<String>) -> FieldIndex {
        FieldIndex {
            names: vec![name.into()],
            is_list: false,
            text: None,
        }
    }

    /// The records of these fields, in this order.
    pub fn several<N: Into<String>>(names: impl IntoIterator<Item = N>) -> FieldIndex {
        FieldIndex {
            names: names.into_iter().map(Into::into).collect(),
            is_list: true,
            text: None,
        }
    }

    /// Finds the fields in items of this type.
    pub(crate) fn of(&self, dtype: &DType) -> Result<SelectedFields, Error> {
        match (&self.text, self.names.as_slice()) {
            (Some(text), _) if let Some(found) = find(dtype, text) => found.into_selected(),
            (_, [name]) if !self.is_list => required(dtype, name)?.into_selected(),
            (_, names) => several(dtype, names),
        }
    }
}

/// Names that are separated by commas.
impl FromStr for FieldIndex {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<FieldIndex, Infallible> {
        let Some((first, rest)) = text.split_once(',') else {
            return Ok(FieldIndex::one(text));
        };
        let rest = rest.strip_suffix(',').unwrap_or(rest);
        let rest = (!rest.trim().is_empty()).then(|| rest.split(','));
        let names = [first].into_iter().chain(rest.into_iter().flatten());
        Ok(FieldIndex {
            text: Some(text.to_owned()),
            ..FieldIndex::several(names.map(str::trim))
        })
    }
}

/// The text that it is parsed from.
impl fmt::Display for FieldIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.join(","))?;
        if self.is_list && self.names.len() == 1 {
            f.write_str(",")?;
        }
        Ok(())
    }
}

/// The parts of an item that fields are.
#[derive(Debug)]
pub(crate) struct SelectedFields {
    /// Where the first one begins.
    pub(crate) offset: usize,
    /// The axes that the array gets, and the steps along them.
    pub(crate) shape: Vec<usize>,
    pub(crate) strides: Vec<isize>,
    /// The type that the parts have in the item: with the bytes between several fields.
    pub(crate) stored: DType,
    /// The same without these bytes, and with the fields in the order that was asked for.
    pub(crate) packed: DType,
}

/// A field that was found in a record, or in a record of a record.
struct Found<'d> {
    field: &'d Field,
    offset: usize,
    /// The axes of subarrays around it, and the steps along them.
    shape: Vec<usize>,
    strides: Vec<isize>,
}

impl<'d> Found<'d> {
    fn into_selected(self) -> Result<SelectedFields, Error> {
        let Found {
            offset,
            mut shape,
            mut strides,
            field,
        } = self;
        let item = Layout::new(field.dtype.clone(), [], Order::C)?;
        shape.extend(item.shape());
        strides.extend(item.strides());
        Ok(SelectedFields {
            offset,
            shape,
            strides,
            stored: item.dtype().clone(),
            packed: item.dtype().clone(),
        })
    }

    /// The field inside of this one.
    fn then(self, inner: Found<'d>, record: &Layout) -> Found<'d> {
        let mut found = inner;
        found.offset += self.offset;
        found.shape = [self.shape.as_slice(), record.shape(), &found.shape].concat();
        found.strides = [self.strides.as_slice(), &record.strides(), &found.strides].concat();
        found
    }
}

/// The type of one item without the axes of subarrays.
fn base(dtype: &DType) -> &DType {
    match dtype {
        DType::Subarray(sub) => base(sub.base()),
        dtype => dtype,
    }
}

/// The field of this name; `None` if there is none.
fn find<'d>(dtype: &'d DType, name: &str) -> Option<Found<'d>> {
    let record = dtype.as_record()?;
    if let Some(field) = record.field(name) {
        return Some(Found {
            field,
            offset: field.offset,
            shape: Vec::new(),
            strides: Vec::new(),
        });
    }
    // The longest name that leads there comes first.
    let dots = name.rmatch_indices('.');
    let mut parts = dots.filter_map(|(at, _)| Some((name.get(..at)?, name.get(at + 1..)?)));
    parts.find_map(|(outer, rest)| {
        let outer = Found {
            field: record.field(outer)?,
            offset: record.field(outer)?.offset,
            shape: Vec::new(),
            strides: Vec::new(),
        };
        let inner = find(base(&outer.field.dtype), rest)?;
        let layout = Layout::new(outer.field.dtype.clone(), [], Order::C).ok()?;
        Some(outer.then(inner, &layout))
    })
}

/// The field of this name, or an error that lists those of the innermost record that its name leads to.
fn required<'d>(dtype: &'d DType, name: &str) -> Result<Found<'d>, Error> {
    find(dtype, name).ok_or_else(|| {
        let found = innermost(dtype, name, "");
        let field = name.to_owned();
        ErrorKind::MissingField { field, found }.into()
    })
}

/// The names of the fields of the innermost record that a name leads to.
fn innermost(dtype: &DType, name: &str, prefix: &str) -> Vec<String> {
    let Some(record) = dtype.as_record() else {
        return Vec::new();
    };
    for (at, _) in name.rmatch_indices('.') {
        let (outer, rest) = (name.get(..at), name.get(at + 1..));
        let field = outer.and_then(|outer| record.field(outer));
        if let (Some(field), Some(rest)) = (field, rest)
            && base(&field.dtype).as_record().is_some()
        {
            return innermost(
                base(&field.dtype),
                rest,
                &format!("{prefix}{}.", field.name),
            );
        }
    }
    let fields = record.fields().iter();
    fields
        .map(|field| format!("{prefix}{}", field.name))
        .collect()
}

/// Records of these fields.
fn several(dtype: &DType, names: &[String]) -> Result<SelectedFields, Error> {
    let wrong = |what: String| Error::from(ErrorKind::Fields(what));
    let mut fields = Vec::new();
    for name in names {
        let found = required(dtype, name)?;
        if !found.shape.is_empty() {
            return Err(wrong(format!(
                "field {}: a field of an array of records cannot be one of several: name it alone",
                excerpt(name)
            )));
        }
        if found.field.title.as_ref() == Some(name) {
            return Err(wrong(format!(
                "field {}: this is a title, which cannot be one of several: use its name, {}",
                excerpt(name),
                excerpt(&found.field.name)
            )));
        }
        fields.push(Field {
            name: name.clone(),
            title: found.field.title.clone(),
            dtype: found.field.dtype.clone(),
            offset: found.offset,
        });
    }
    let mut stored = fields.clone();
    stored.sort_by_key(|field| field.offset);
    for pair in stored.windows(2) {
        if let [one, other] = pair
            && one.offset + one.dtype.itemsize() > other.offset
        {
            let (one, other) = (excerpt(&one.name), excerpt(&other.name));
            return Err(wrong(format!(
                "fields {one} and {other} overlap: name each once"
            )));
        }
    }
    let Some(offset) = stored.first().map(|field| field.offset) else {
        return Err(wrong("no fields: name at least one".to_owned()));
    };
    let ends = stored
        .iter()
        .map(|field| field.offset + field.dtype.itemsize());
    let itemsize = ends.max().unwrap_or(offset) - offset;
    stored.iter_mut().for_each(|field| field.offset -= offset);
    let mut end = 0;
    for field in &mut fields {
        field.offset = end;
        end += field.dtype.itemsize();
    }
    Ok(SelectedFields {
        offset,
        shape: Vec::new(),
        strides: Vec::new(),
        stored: Record::new(stored, itemsize)?.into(),
        packed: Record::new(fields, end)?.into(),
    })
}
