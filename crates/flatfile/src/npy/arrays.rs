//! Several arrays in one file, one after another: [`Arrays`].

use super::ReadOptions;
use super::verify::is_no_header;
use crate::error::Error;
use crate::read_at::ReadAt;
use crate::reader::Reader;
use std::iter::FusedIterator;

/// The arrays of a source, one after another, as several calls of NumPy's `save` write them into one file. Only their
/// headers are read.
///
/// They end where no other header begins. After an array of objects, or one that is too short, nothing can be found.
///
/// ```
/// use flatfile::{Array, npy};
/// let mut file = npy::to_bytes(&Array::from_slice(&[1u8, 2], [2])?)?;
/// npy::write(&mut file, &Array::from_slice(&[0.5f32], [1])?)?;
/// file.extend(b"more");
/// let mut arrays = npy::arrays(&file);
/// assert_eq!(arrays.next().transpose()?.map(|first| first.layout().count()), Some(2));
/// let second = arrays.next().transpose()?.ok_or_else(|| std::io::Error::other("only one"))?;
/// assert_eq!(second.read_vec::<f32>()?, [0.5]);
/// assert!(arrays.next().is_none());
/// assert_eq!(arrays.end(), Some(file.len() as u64 - 4));
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Arrays<S> {
    source: S,
    options: ReadOptions,
    /// Where the next one begins; `None` if that is not known.
    next: Option<u64>,
    is_done: bool,
}

/// The arrays of a source, from its beginning on.
pub fn arrays<S: ReadAt + Clone>(source: S) -> Arrays<S> {
    ReadOptions::new().arrays(source)
}

impl ReadOptions {
    /// The arrays of a source, from its beginning on.
    pub fn arrays<S: ReadAt + Clone>(&self, source: S) -> Arrays<S> {
        Arrays {
            source,
            options: self.clone(),
            next: Some(0),
            is_done: false,
        }
    }
}

impl<S> Arrays<S> {
    /// Where the last of the arrays so far ends in the source. Of an array of objects only its pickle says that.
    pub fn end(&self) -> Option<u64> {
        self.next
    }
}

impl<S: ReadAt + Clone> Arrays<S> {
    fn open_next(&mut self, begin: u64) -> Result<Option<Reader<S>>, Error> {
        let length = self.source.len()?;
        if begin > 0 && begin >= length {
            return Ok(None);
        }
        let reader = match self.options.open_at(self.source.clone(), begin) {
            // Something else.
            Err(error) if begin > 0 && is_no_header(&error) => return Ok(None),
            reader => reader?,
        };
        if reader.layout().dtype().has_object() {
            self.next = None;
        } else {
            self.next = Some(reader.end());
            self.is_done = reader.end() > length;
        }
        Ok(Some(reader))
    }
}

impl<S: ReadAt + Clone> Iterator for Arrays<S> {
    type Item = Result<Reader<S>, Error>;

    fn next(&mut self) -> Option<Result<Reader<S>, Error>> {
        let begin = self.next.filter(|_| !self.is_done)?;
        let opened = self.open_next(begin);
        if !matches!(opened, Ok(Some(_))) {
            self.is_done = true;
        }
        opened.transpose()
    }
}

impl<S: ReadAt + Clone> FusedIterator for Arrays<S> {}

#[cfg(test)]
mod tests {
    use crate::{Array, npy};

    /// The number of items of each array that is found; `None` for an error.
    fn counts(bytes: &[u8]) -> Vec<Option<usize>> {
        let counts = npy::arrays(bytes).map(|array| array.ok().map(|array| array.layout().count()));
        counts.take(10).collect()
    }

    #[test]
    fn arrays_end_where_they_have_to() {
        let one = npy::to_bytes(&Array::from_slice(&[1u8], [1]).unwrap()).unwrap();
        let two = npy::to_bytes(&Array::from_slice(&[1u8, 2], [2]).unwrap()).unwrap();
        let mut bytes = [one.clone(), two, one].concat();
        assert_eq!(counts(&bytes), [Some(1), Some(2), Some(1)]);
        // The last one is too short, and is the last in any case.
        assert_eq!(
            counts(&bytes[..bytes.len() - 1]),
            [Some(1), Some(2), Some(1)]
        );
        assert_eq!(
            counts(&bytes[..bytes.len() - 100]),
            [Some(1), Some(2), None]
        );
        assert_eq!(counts(b""), [None]);
        assert_eq!(counts(b"no array"), [None]);
        let second = bytes
            .windows(6)
            .skip(1)
            .position(|magic| magic == b"\x93NUMPY")
            .unwrap();
        bytes[second + 1 + 6] = 9;
        assert_eq!(counts(&bytes), [Some(1), None]);
    }

    #[test]
    fn whole_rows_of_every_length() {
        let items: Vec<u16> = (0..6).collect();
        let array = Array::from_slice(&items, [3, 2]).unwrap();
        let rows = npy::to_bytes(&array).unwrap();
        let columns = npy::to_bytes(&array.to_order(dtype::Order::Fortran).unwrap()).unwrap();
        for left in 0..=12 {
            let shape = |bytes: &[u8]| {
                let reader = npy::open(&bytes[..bytes.len() - 12 + left]).unwrap();
                let reader = reader.whole_rows().unwrap();
                assert_eq!(
                    reader.read().unwrap().as_bytes().len(),
                    reader.layout().nbytes()
                );
                reader.layout().shape().to_vec()
            };
            assert_eq!(shape(&rows), [left / 4, 2]);
            assert_eq!(shape(&columns), [3, left / 6]);
        }
    }
}
