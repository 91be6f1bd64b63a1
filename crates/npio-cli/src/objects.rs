//! Arrays of Python objects, with `--allow-pickle`.

use crate::address::ErrorContext;
use crate::arrays;
use crate::source::{Input, InputError, InputSource, io_input_error};
use npio::flatfile::npy::ReadOptions;
use npio::flatfile::read_exact_at;
use npio::header::Header;
use npio::meta::Objects;
use npio::meta::archive::member_value;
use npio::meta::{npy, pickle};
use npio::npz::Member;
use npio::{Array, Layout, RandomAccessFile, ReadAt, Slice, Value};
use std::io;

/// The value in the pickle at this address, if it is an array of objects, and pickles are allowed.
pub(crate) fn value(source: &mut InputSource, input: &Input) -> anyhow::Result<Option<Value>> {
    if !input.allow_pickle {
        return Ok(None);
    }
    let in_input = |error: InputError| error.in_file(&input.name);
    let index = arrays::index(input.member.as_deref());
    match (source, &input.member, index) {
        // A stream is spooled if pickles are allowed.
        (InputSource::File(file), _, Some(index)) => {
            let array = arrays::nth(file, index).map_err(in_input)?;
            if !array.layout().dtype().has_object() {
                return Ok(None);
            }
            let begin = array.data_offset().unwrap_or(0);
            let header = Header::new(array.layout().clone()).encode();
            let mut bytes = header.map_err(|error| input.error(error))?;
            let read = read_from(file, begin, &mut bytes);
            read.map_err(|error| in_input(io_input_error(error)))?;
            let value = npy::parse(&bytes, true);
            value.map(Some).map_err(|error| input.error(error))
        }
        (InputSource::Archive(archive), Some(name), _) => {
            let member = archive.get(name).map_err(|error| in_input(error.into()))?;
            in_member(&member, input)
        }
        _ => Ok(None),
    }
}

/// All bytes of a file from this one on.
fn read_from(file: &RandomAccessFile, begin: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    let left = file.len()?.saturating_sub(begin);
    let start = bytes.len();
    let left = usize::try_from(left).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    bytes.resize(start + left, 0);
    read_exact_at(file, bytes.get_mut(start..).unwrap_or_default(), begin)
}

/// As [`value`], of a member of an archive.
pub(crate) fn in_member(
    member: &Member<'_, RandomAccessFile>,
    input: &Input,
) -> anyhow::Result<Option<Value>> {
    let array = member.open();
    let is_object = |layout: &Layout| layout.dtype().has_object();
    if !input.allow_pickle || !array.is_ok_and(|array| is_object(array.layout())) {
        return Ok(None);
    }
    let value = member_value(member, Some(&pickle::Options::new()), &ReadOptions::new());
    value.map(Some).map_err(|error| input.error(error))
}

/// The part of an array of objects that a slice selects.
pub(crate) fn sliced(input: &Input, objects: &Objects, slice: &Slice) -> anyhow::Result<Objects> {
    objects.slice(slice).map_err(|error| input.error(error))
}

/// The objects as an array of plain items: numbers, texts, dates.
pub(crate) fn plain(input: &Input, value: Value) -> anyhow::Result<Array> {
    match value {
        Value::Array(array) => Ok(*array),
        Value::Objects(objects) => objects.to_plain().map_err(|error| input.error(error)),
        _ => Err(input.error("the pickle is not an array of objects")),
    }
}
