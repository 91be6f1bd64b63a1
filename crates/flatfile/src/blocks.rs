//! A view in pieces that fit the cache, in the order in which they are written.

use crate::strided::Strided;

/// How many bytes mostly fit the cache.
pub(crate) const BLOCK: usize = 256 << 10;

/// One part of the view after another, in C order; each has at most so many bytes, unless a single item is larger.
pub(crate) fn in_blocks<'a>(view: &Strided<'a>, most: usize) -> InBlocks<'a> {
    InBlocks {
        most,
        views: vec![(view.clone(), 0)],
    }
}

/// The iterator of [`in_blocks`].
#[derive(Debug)]
pub(crate) struct InBlocks<'a> {
    most: usize,
    /// Views that were begun, each but the first a row of the one before it, and the row that is next.
    views: Vec<(Strided<'a>, usize)>,
}

impl<'a> Iterator for InBlocks<'a> {
    type Item = Strided<'a>;

    fn next(&mut self) -> Option<Strided<'a>> {
        loop {
            let (view, next) = self.views.last_mut()?;
            // Items without bytes may become some that have them.
            let nbytes = view.count() * view.dtype().itemsize().max(1);
            let Some(&rows) = view.shape().first().filter(|_| nbytes > self.most) else {
                let (view, _) = self.views.pop()?;
                return Some(view).filter(|_| nbytes > 0);
            };
            let start = *next;
            match self.most / (nbytes / rows) {
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
