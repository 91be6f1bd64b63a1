//! `npio diff`: whether two arrays, or two archives, are equal, and where they first differ.

use crate::archive::{MemberKind, member_kinds};
use crate::array::{InputArray, open_array};
use crate::byte_cursor::ByteCursor;
use crate::compare::{Differences, Tolerance, compare_objects, dtype_difference, shape_difference};
use crate::objects;
use crate::output::{escaped, report_error, with_stdout};
use crate::source::{Input, InputError, InputSource};
use crate::{Outcome, Status};
use npio::RandomAccessFile;
use npio::dtype::python::quoted;
use npio::flatfile::Slice;
use npio::meta::Objects;
use npio::npz::{Archive, ErrorKind, Member};
use npio::{ByteOrder, Value};
use std::collections::HashSet;

/// Prints the differences between two arrays, or between the arrays of the same name in two archives.
/// Memory order and byte order are ignored.
pub(crate) fn run(a: &Input, b: &Input, slice: Option<&Slice>, tolerance: Tolerance) -> Outcome {
    let (mut one, mut other) = (a.open()?, b.open()?);
    let (lines, status) = match (&one, &other) {
        (InputSource::Archive(one), InputSource::Archive(other))
            if a.member.is_none() && b.member.is_none() =>
        {
            compare_archives((a, one), (b, other), slice, tolerance)
        }
        _ => {
            let (one, other) = (Operand::open(&mut one, a)?, Operand::open(&mut other, b)?);
            (compare(one, other, slice, tolerance)?, Status::Success)
        }
    };
    with_stdout(|out| {
        Ok(lines
            .iter()
            .try_for_each(|line| writeln!(out, "{}", escaped(line)))?)
    })?;
    Ok(if lines.is_empty() {
        status
    } else {
        status.max(Status::Issues)
    })
}

/// The differences between two archives. The others are compared even if a member cannot be read.
fn compare_archives(
    (a, one): (&Input, &Archive<RandomAccessFile>),
    (b, other): (&Input, &Archive<RandomAccessFile>),
    slice: Option<&Slice>,
    tolerance: Tolerance,
) -> (Vec<String>, Status) {
    let (mut lines, mut status) = (Vec::new(), Status::Success);
    let mut seen = HashSet::new();
    let names = one.names().chain(other.names());
    for name in names.filter(|name| seen.insert(*name)) {
        let quoted_name = quoted(name);
        match compare_members((a, one), (b, other), name, slice, tolerance) {
            Ok(found) => {
                lines.extend(
                    found
                        .iter()
                        .map(|line| format!("member {quoted_name}: {line}")),
                );
            }
            Err(error) => {
                report_error(&error.to_string());
                status = Status::Failure;
            }
        }
    }
    (lines, status)
}

/// The differences between the members of this name.
fn compare_members(
    (a, one): (&Input, &Archive<RandomAccessFile>),
    (b, other): (&Input, &Archive<RandomAccessFile>),
    name: &str,
    slice: Option<&Slice>,
    tolerance: Tolerance,
) -> anyhow::Result<Vec<String>> {
    let (x, y) = (find_member(a, one, name)?, find_member(b, other, name)?);
    let (Some(x), Some(y)) = (x, y) else {
        let only = if x.is_some() { a } else { b };
        return Ok(vec![format!("only in {}", only.name)]);
    };
    let (a, b) = (&a.with_member(name), &b.with_member(name));
    match (Operand::in_member(x, a)?, Operand::in_member(y, b)?) {
        (Some(x), Some(y)) => compare(x, y, slice, tolerance),
        (None, None) => {
            let is_same = x.size() == y.size()
                && x.crc32() == y.crc32()
                && member_bytes(a, x)? == member_bytes(b, y)?;
            Ok(if is_same {
                Vec::new()
            } else {
                vec!["the bytes differ".to_owned()]
            })
        }
        (x, _) => {
            let only = if x.is_some() { a } else { b };
            Ok(vec![format!("an array in {} only", only.name)])
        }
    }
}

/// The member of this name, if there is one.
fn find_member<'a>(
    input: &Input,
    archive: &'a Archive<RandomAccessFile>,
    name: &str,
) -> anyhow::Result<Option<Member<'a, RandomAccessFile>>> {
    match archive.get(name) {
        Ok(member) => Ok(Some(member)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound { .. }) => Ok(None),
        Err(error) => Err(InputError::from(error).in_file(&input.name)),
    }
}

fn member_bytes(input: &Input, member: Member<'_, RandomAccessFile>) -> anyhow::Result<Vec<u8>> {
    let bytes = member.bytes();
    bytes.map_err(|error| InputError::from(error).in_file(&input.name))
}

/// What is compared.
enum Operand<'s> {
    Array(Box<InputArray<'s>>),
    /// Python objects, if pickles are allowed.
    Objects(&'s Input, Box<Objects>),
}

impl<'s> Operand<'s> {
    fn open(source: &'s mut InputSource, input: &'s Input) -> anyhow::Result<Operand<'s>> {
        match objects::value(source, input)? {
            Some(value) => Operand::of_value(input, value),
            None => Ok(Operand::Array(open_array(source, input)?.into())),
        }
    }

    /// `None` for a member that is no array.
    fn in_member(
        member: Member<'s, RandomAccessFile>,
        input: &'s Input,
    ) -> anyhow::Result<Option<Operand<'s>>> {
        if let Some(value) = objects::in_member(&member, input)? {
            return Operand::of_value(input, value).map(Some);
        }
        match InputArray::from_member(input, member) {
            Ok(array) => Ok(Some(Operand::Array(array.into()))),
            Err(_) if matches!(member_kinds(&[member]).first(), Some(MemberKind::Other)) => {
                Ok(None)
            }
            Err(error) => Err(error.in_file(&input.name)),
        }
    }

    fn of_value(input: &'s Input, value: Value) -> anyhow::Result<Operand<'s>> {
        match value {
            Value::Objects(objects) if input.fields.is_none() => {
                Ok(Operand::Objects(input, objects))
            }
            value => Ok(Operand::Array(
                InputArray::from_objects(input, value)?.into(),
            )),
        }
    }

    /// The items of a plain dtype.
    fn into_plain(self) -> anyhow::Result<InputArray<'s>> {
        match self {
            Operand::Array(array) => Ok(*array),
            Operand::Objects(input, objects) => {
                InputArray::from_objects(input, Value::Objects(objects))
            }
        }
    }
}

/// The differences between two arrays: objects are compared as Python values, unless the other array has none.
fn compare(
    one: Operand<'_>,
    other: Operand<'_>,
    slice: Option<&Slice>,
    tolerance: Tolerance,
) -> anyhow::Result<Vec<String>> {
    match (one, other) {
        (Operand::Objects(a, one), Operand::Objects(b, other)) => {
            let part = |input, objects: Box<Objects>| match slice {
                None => Ok(*objects),
                Some(slice) => objects::sliced(input, &objects, slice),
            };
            Ok(compare_objects(&part(a, one)?, &part(b, other)?))
        }
        (one, other) => compare_arrays(one.into_plain()?, other.into_plain()?, slice, tolerance),
    }
}

/// The differences between two arrays.
fn compare_arrays(
    one: InputArray<'_>,
    other: InputArray<'_>,
    slice: Option<&Slice>,
    tolerance: Tolerance,
) -> anyhow::Result<Vec<String>> {
    let dtype = dtype_difference(one.dtype(), other.dtype());
    let mut lines: Vec<String> = dtype.into_iter().collect();
    let native =
        |array: &InputArray<'_>| array.input.value_conversion().byte_order(ByteOrder::NATIVE);
    let (conversion, other_conversion) = (native(&one), native(&other));
    let (mut ones, mut others) = (
        one.rows(slice, conversion)?,
        other.rows(slice, other_conversion)?,
    );
    let (old, new) = (ones.layout()?.clone(), others.layout()?);
    lines.extend(shape_difference(old.shape(), new.shape()));
    if !lines.is_empty() {
        return Ok(lines);
    }
    let mut differences = Differences::new(&old, tolerance)?;
    let (mut ones, mut others) = (ByteCursor::new(ones.blocks), ByteCursor::new(others.blocks));
    while let (Some(one), Some(other)) = (ones.remaining()?, others.remaining()?) {
        // One may be read at once, the other block by block.
        let count = one.len().min(other.len());
        let (one, other) = (ones.take(count), others.take(count));
        differences.add(one, other)?;
    }
    lines.extend(differences.summary());
    Ok(lines)
}
