//! `npio diff`: whether two arrays, or two archives, are equal, and where they first differ.

use crate::archive::{MemberKind, member_kinds};
use crate::array::{InputArray, open_array};
use crate::byte_cursor::ByteCursor;
use crate::compare::{Comparison, Differences, Tolerance, compare_objects};
use crate::expand::reported;
use crate::objects;
use crate::output::{escaped, with_stdout, write_json_line};
use crate::progress::Progress;
use crate::source::{Input, InputError, InputSource, check_one_stdin};
use crate::table::wrapped;
use crate::{Outcome, Status};
use npio::RandomAccessFile;
use npio::dtype::promote_types;
use npio::dtype::python::quoted;
use npio::flatfile::Slice;
use npio::meta::Objects;
use npio::npz::{Archive, ErrorKind, Member};
use npio::{ByteOrder, Casting, DType, Value};
use serde::Serialize;
use std::collections::HashSet;

/// How arrays are compared, and what is printed.
pub(crate) struct DiffOptions {
    pub(crate) tolerance: Tolerance,
    /// Whether arrays of different dtypes may be equal.
    pub(crate) ignores_dtype: bool,
    /// Whether nothing is printed.
    pub(crate) quiet: bool,
    pub(crate) json: bool,
}

/// One line of `diff --json`.
#[derive(Serialize)]
struct DiffLine<'a> {
    a: &'a str,
    b: &'a str,
    name: Option<&'a str>,
    equal: bool,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// Prints the differences between two arrays, or between the arrays of the same name in two archives.
/// Memory order and byte order are ignored.
pub(crate) fn run(a: &Input, b: &Input, slice: Option<&Slice>, options: &DiffOptions) -> Outcome {
    check_one_stdin([a, b].into_iter())?;
    let (mut one, mut other) = (a.open()?, b.open()?);
    let diff = Diff {
        a,
        b,
        slice,
        options,
    };
    if let (InputSource::Archive(one), InputSource::Archive(other)) = (&one, &other)
        && a.member.is_none()
        && b.member.is_none()
    {
        return diff.archives(one, other);
    }
    let (one, other) = (Operand::open(&mut one, a)?, Operand::open(&mut other, b)?);
    let found = compare(one, other, slice, options)?;
    diff.print(None, &found)?;
    Ok(status_of(&found))
}

fn status_of(found: &Comparison) -> Status {
    if found.is_equal() {
        Status::Success
    } else {
        Status::Issues
    }
}

/// Two inputs, and how they are compared.
struct Diff<'a> {
    a: &'a Input,
    b: &'a Input,
    slice: Option<&'a Slice>,
    options: &'a DiffOptions,
}

type OpenArchive = Archive<RandomAccessFile>;

impl Diff<'_> {
    fn print(&self, member: Option<&str>, found: &Comparison) -> anyhow::Result<()> {
        if self.options.quiet {
            return Ok(());
        }
        if self.options.json {
            let name = |input: &Input| input.name.path().to_string_lossy().into_owned();
            return write_json_line(&DiffLine {
                a: &name(self.a),
                b: &name(self.b),
                name: member.or(self.a.member.as_deref()),
                equal: found.is_equal(),
                comparison: found,
            });
        }
        let heading =
            member.map_or_else(String::new, |member| format!("member {}: ", quoted(member)));
        with_stdout(|out| {
            Ok(found.lines().iter().try_for_each(|line| {
                let line = wrapped(escaped(&format!("{heading}{line}")));
                writeln!(out, "{line}")
            })?)
        })
    }

    /// Prints the differences between two archives. The others are compared even if a member cannot be read.
    fn archives(&self, one: &OpenArchive, other: &OpenArchive) -> Outcome {
        let mut status = Status::Success;
        let mut seen = HashSet::new();
        let names = one.names().chain(other.names());
        for name in names.filter(|name| seen.insert(*name)) {
            let found = self.members((one, other), name);
            let printed = found.and_then(|found| {
                self.print(Some(name), &found)?;
                Ok(status_of(&found))
            });
            status = status.max(reported(printed)?);
            // The rest would change nothing.
            if self.options.quiet && status > Status::Success {
                break;
            }
        }
        Ok(status)
    }

    /// The differences between the members of this name.
    fn members(
        &self,
        (one, other): (&OpenArchive, &OpenArchive),
        name: &str,
    ) -> anyhow::Result<Comparison> {
        let (a, b) = (self.a, self.b);
        let (x, y) = (find_member(a, one, name)?, find_member(b, other, name)?);
        let (Some(x), Some(y)) = (x, y) else {
            let only = if x.is_some() { a } else { b };
            return Ok(Comparison::with_note(format!("only in {}", only.name)));
        };
        let (a, b) = (&a.with_member(name), &b.with_member(name));
        match (Operand::in_member(x, a)?, Operand::in_member(y, b)?) {
            (Some(x), Some(y)) => compare(x, y, self.slice, self.options),
            (None, None) => {
                let is_same = x.size() == y.size()
                    && x.crc32() == y.crc32()
                    && member_bytes(a, x)? == member_bytes(b, y)?;
                Ok(if is_same {
                    Comparison::default()
                } else {
                    Comparison::with_note("the bytes differ")
                })
            }
            (x, _) => {
                let only = if x.is_some() { a } else { b };
                Ok(Comparison::with_note(format!(
                    "an array in {} only",
                    only.name
                )))
            }
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
    options: &DiffOptions,
) -> anyhow::Result<Comparison> {
    match (one, other) {
        (Operand::Objects(a, one), Operand::Objects(b, other)) => {
            let part = |input, objects: Box<Objects>| match slice {
                None => Ok(*objects),
                Some(slice) => objects::sliced(input, &objects, slice),
            };
            Ok(compare_objects(&part(a, one)?, &part(b, other)?))
        }
        (one, other) => compare_arrays(one.into_plain()?, other.into_plain()?, slice, options),
    }
}

/// The differences between two arrays.
fn compare_arrays(
    one: InputArray<'_>,
    other: InputArray<'_>,
    slice: Option<&Slice>,
    options: &DiffOptions,
) -> anyhow::Result<Comparison> {
    let (dtype, other_dtype) = (one.dtype().clone(), other.dtype().clone());
    let common = options
        .ignores_dtype
        .then(|| common_dtype(&dtype, &other_dtype))
        .flatten();
    let native = |array: &InputArray<'_>| {
        let conversion = array.input.value_conversion().byte_order(ByteOrder::NATIVE);
        match &common {
            Some(common) if common != array.dtype() => {
                conversion.astype(common.clone(), Casting::Safe)
            }
            _ => conversion,
        }
    };
    let (conversion, other_conversion) = (native(&one), native(&other));
    let (mut ones, mut others) = (
        one.rows(slice, conversion)?,
        other.rows(slice, other_conversion)?,
    );
    let (old, new) = (ones.layout()?.clone(), others.layout()?.clone());
    let dtypes = common.is_none().then_some((&dtype, &other_dtype));
    let found = Comparison::of_layouts(dtypes, (old.shape(), new.shape()));
    if !found.is_equal() {
        return Ok(found);
    }
    let mut differences = Differences::new(&old, options.tolerance)?;
    let progress = Progress::new(old.nbytes() as u64);
    let (mut ones, mut others) = (ByteCursor::new(ones.blocks), ByteCursor::new(others.blocks));
    while let (Some(one), Some(other)) = (ones.remaining()?, others.remaining()?) {
        // One may be read at once, the other block by block.
        let count = one.len().min(other.len());
        let (one, other) = (ones.take(count), others.take(count));
        differences.add(one, other)?;
        progress.add(count as u64);
        if options.quiet && differences.has_any() {
            break;
        }
    }
    Ok(differences.into_comparison())
}

/// The dtype in which items of both are compared: one that holds the values of both, if there is one. Numbers are not
/// compared as texts.
fn common_dtype(one: &DType, other: &DType) -> Option<DType> {
    let is_text = |dtype: &DType| matches!(dtype, DType::Bytes(_) | DType::Str(..));
    let common = promote_types(one, other).filter(|_| is_text(one) == is_text(other))?;
    // A float64 does not hold all integers of 64 bits, of which one dtype has a sign.
    let is_integer =
        |dtype: &DType| matches!(dtype, DType::Number(number, _) if number.is_integer());
    let is_exact = !(is_integer(one) && is_integer(other)) || is_integer(&common);
    is_exact.then(|| common.with_byte_order(ByteOrder::NATIVE))
}
