//! A view in pieces that fit the cache, in the order in which they are written.

use crate::{Error, Strided};

/// How many bytes a piece has at most, unless a single item is larger.
const BLOCK: usize = 256 << 10;

/// Calls `piece` with one part of the view after another, in C order; each has at most `BLOCK` bytes.
pub(crate) fn in_blocks(
    view: &Strided<'_>,
    piece: &mut impl FnMut(&Strided<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    // Items without bytes may become some that have them.
    let nbytes = view.count() * view.dtype().itemsize().max(1);
    let Some(&rows) = view.shape().first().filter(|_| nbytes > BLOCK) else {
        return if nbytes == 0 { Ok(()) } else { piece(view) };
    };
    match BLOCK / (nbytes / rows) {
        0 => (0..rows)
            .filter_map(|i| view.index_axis(0, i))
            .try_for_each(|row| in_blocks(&row, piece)),
        step => (0..rows)
            .step_by(step)
            .filter_map(|start| view.narrow(0, start..rows.min(start + step)))
            .try_for_each(|rows| piece(&rows)),
    }
}
