//! The arrays of a `.npy` that has several, one after another.

use crate::source::{InputError, InputSource, io_input_error};
use npio::flatfile::npy::{self, ReadOptions};
use npio::header::{Header, MAGIC};
use npio::{RandomAccessFile, ReadAt, Reader};
use std::io::{self, Read};

/// The number of bytes that tell whether another array follows.
const FIRST_BYTES: u64 = 8;

/// The index of the array that an address names: the first one, unless it ends with a number.
pub(crate) fn index(member: Option<&str>) -> Option<usize> {
    let Some(member) = member else { return Some(0) };
    let index: usize = member.parse().ok()?;
    (index.to_string() == member).then_some(index)
}

/// The name of the array with this index: none for the first one, whose address is that of the file.
pub(crate) fn name(index: usize) -> Option<String> {
    (index > 0).then(|| index.to_string())
}

/// The array with this index.
pub(crate) fn nth(
    file: &RandomAccessFile,
    index: usize,
) -> Result<Reader<&RandomAccessFile>, InputError> {
    if index == 0 {
        return Ok(npy::open(file)?);
    }
    let mut count = 0;
    for array in npy::arrays(file) {
        let array = array?;
        if count == index {
            return Ok(array);
        }
        count += 1;
    }
    Err(missing(index, count))
}

/// Skips this many arrays of a stream.
pub(crate) fn skip(stream: &mut dyn Read, count: usize) -> Result<(), InputError> {
    for index in 0..count {
        let header = ReadOptions::new().read_header(&mut *stream);
        let (header, _) = header.map_err(|error| match index {
            0 => error.into(),
            _ => missing(count, index),
        })?;
        if header.layout().dtype().has_object() {
            return Err(missing(count, index + 1));
        }
        let nbytes = header.layout().nbytes() as u64;
        io::copy(&mut stream.take(nbytes), &mut io::sink()).map_err(io_input_error)?;
    }
    Ok(())
}

fn missing(index: usize, count: usize) -> InputError {
    InputError::new(format!(
        "there is no array {index}: {count} found, counted from 0"
    ))
}

/// All arrays of a `.npy`, of which only the headers are kept.
pub(crate) struct NpyArrays {
    pub(crate) arrays: Vec<NpyArray>,
    /// The length of the whole input, as far as it was read.
    pub(crate) length: u64,
    /// Why what follows the last one could not be read.
    pub(crate) error: Option<InputError>,
}

/// One of the arrays.
pub(crate) struct NpyArray {
    pub(crate) header: Header,
    /// The offset of its header.
    pub(crate) begin: u64,
    /// The offset of its items.
    pub(crate) data_offset: u64,
}

impl NpyArray {
    /// Where it ends, unless only its pickle tells.
    fn end(&self) -> Option<u64> {
        let layout = self.header.layout();
        let end = self.data_offset.saturating_add(layout.nbytes() as u64);
        (!layout.dtype().has_object()).then_some(end)
    }
}

impl NpyArrays {
    /// Those of a `.npy`; `None` for any other input.
    pub(crate) fn in_source(source: &mut InputSource) -> Result<Option<NpyArrays>, InputError> {
        match source {
            InputSource::File(file) => NpyArrays::in_file(file).map(Some),
            InputSource::Stream(stream) => NpyArrays::in_stream(stream).map(Some),
            _ => Ok(None),
        }
    }

    /// Those of a file; nothing but headers is read.
    pub(crate) fn in_file(file: &RandomAccessFile) -> Result<NpyArrays, InputError> {
        let mut found = NpyArrays::new(file.len().map_err(io_input_error)?);
        for array in npy::arrays(file) {
            match array {
                Ok(array) => {
                    let header = array.header().cloned();
                    let begin = found.end().unwrap_or(0);
                    found.arrays.push(NpyArray {
                        header: header.unwrap_or_else(|| Header::new(array.layout().clone())),
                        begin,
                        data_offset: array.data_offset().unwrap_or(begin),
                    });
                }
                Err(error) if found.arrays.is_empty() => return Err(error.into()),
                Err(error) => found.error = Some(error.into()),
            }
        }
        Ok(found)
    }

    /// Those of a stream, which is read to its end.
    fn in_stream(stream: &mut dyn Read) -> Result<NpyArrays, InputError> {
        let mut found = NpyArrays::new(0);
        loop {
            let begin = found.length;
            let mut first = Vec::new();
            let read = (&mut *stream).take(FIRST_BYTES).read_to_end(&mut first);
            read.map_err(io_input_error)?;
            let is_array = first.starts_with(MAGIC) && first.len() as u64 == FIRST_BYTES;
            if !is_array && !found.arrays.is_empty() {
                found.length += first.len() as u64;
                break;
            }
            let header = ReadOptions::new().read_header(first.as_slice().chain(&mut *stream));
            let (header, length) = match header {
                Ok(header) => header,
                Err(error) if found.arrays.is_empty() => return Err(error.into()),
                Err(error) => {
                    found.error = Some(error.into());
                    break;
                }
            };
            let data_offset = begin + length;
            let array = NpyArray {
                header,
                begin,
                data_offset,
            };
            let end = array.end();
            found.arrays.push(array);
            found.length = data_offset;
            let Some(end) = end else { break };
            let mut items = (&mut *stream).take(end - data_offset);
            found.length += io::copy(&mut items, &mut io::sink()).map_err(io_input_error)?;
            if found.length < end {
                break;
            }
        }
        found.length += io::copy(stream, &mut io::sink()).map_err(io_input_error)?;
        Ok(found)
    }

    fn new(length: u64) -> NpyArrays {
        NpyArrays {
            arrays: Vec::new(),
            length,
            error: None,
        }
    }

    /// Where the last one ends.
    fn end(&self) -> Option<u64> {
        self.arrays.last().and_then(NpyArray::end)
    }

    /// The number of bytes after the last one; `None` if they cannot be told from it, or some of its own are missing.
    pub(crate) fn trailing_bytes(&self) -> Option<u64> {
        self.length.checked_sub(self.end()?)
    }

    /// The indices of those that an address names: one, or all.
    pub(crate) fn selected(&self, member: Option<&str>) -> Result<Vec<usize>, InputError> {
        let Some(member) = member else {
            return Ok((0..self.arrays.len()).collect());
        };
        match index(Some(member)) {
            Some(index) if index < self.arrays.len() => Ok(vec![index]),
            Some(index) => Err(missing(index, self.arrays.len())),
            None => Err(InputError::no_member(member)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::index;

    #[test]
    fn only_numbers_are_indices() {
        assert_eq!([index(None), index(Some("0"))], [Some(0); 2]);
        assert_eq!(index(Some("12")), Some(12));
        for other in [
            "",
            "+1",
            "01",
            "-1",
            "a",
            "1.npy",
            "99999999999999999999999",
        ] {
            assert_eq!(index(Some(other)), None, "{other}");
        }
    }
}
