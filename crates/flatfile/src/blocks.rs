//! A view in blocks that fit in the cache, in the order in which they are written.

use crate::strided::Strided;

/// A number of bytes that usually fits in the cache.
pub(crate) const BLOCK: usize = 256 << 10;

/// The parts of the view in C order; each has at most `max_bytes` bytes, unless a single item is larger.
pub(crate) fn in_blocks<'a>(view: &Strided<'a>, max_bytes: usize) -> InBlocks<'a> {
    InBlocks {
        max_bytes,
        views: vec![(view.clone(), 0)],
    }
}

/// The iterator of [`in_blocks`].
#[derive(Debug)]
pub(crate) struct InBlocks<'a> {
    max_bytes: usize,
    /// The views in progress, each but the first a row of the one before it, and the row that is next.
    views: Vec<(Strided<'a>, usize)>,
}

impl<'a> Iterator for InBlocks<'a> {
    type Item = Strided<'a>;

    fn next(&mut self) -> Option<Strided<'a>> {
        loop {
            let (view, next) = self.views.last_mut()?;
            // Items without bytes may be converted to some that have them.
            let nbytes = view.count() * view.dtype().itemsize().max(1);
            let Some(&rows) = view.shape().first().filter(|_| nbytes > self.max_bytes) else {
                let (view, _) = self.views.pop()?;
                return Some(view).filter(|_| nbytes > 0);
            };
            let start = *next;
            match self.max_bytes / (nbytes / rows) {
                _ if start >= rows => drop(self.views.pop()),
                0 => {
                    *next += 1;
                    let row = view.index_axis(0, start)?;
                    self.views.push((row, 0));
                }
                step => {
                    *next = rows.min(start + step);
                    return view.narrow(0, start..*next);
                }
            }
        }
    }
}
