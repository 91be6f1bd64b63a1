//! The items that a summary shows: those at the corners of a large array.

use super::{Reader, Source};
use crate::array::Array;
use crate::conversion::Plan;
use crate::error::{Error, ErrorKind};
use crate::show;
use crate::slice::Slice;
use crate::strided_layout::StridedLayout;
use dtype::{Layout, Order};

impl<S: Source> Reader<S> {
    /// The text that NumPy's `str(arr[slice])` prints, as [`show::array`]: for an array of more than 1000 items it
    /// shows those at the corners, and only these are read. Of a slice with a number of rows
    /// ([`max_rows`](Slice::max_rows)) it shows all rows, and of each the items at its ends.
    ///
    /// ```
    /// use flatfile::{Array, npy, show};
    /// let file = npy::to_bytes(&Array::from_vec((0..2000).collect::<Vec<i32>>(), [2000])?)?;
    /// let summary = npy::open(&file)?.summary(&"900:".parse()?)?;
    /// assert_eq!(summary.to_string(), "[ 900  901  902 ... 1997 1998 1999]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`slice`](Reader::slice) of the items that are shown.
    pub fn summary(&self, slice: &Slice) -> Result<show::Summary, Error> {
        self.summary_with(slice, &show::Options::new())
    }

    /// The same text, as it is printed with these options.
    ///
    /// ```
    /// use flatfile::{Array, npy, show};
    /// let file = npy::to_bytes(&Array::from_vec((0..9).collect::<Vec<i32>>(), [9])?)?;
    /// let options = show::Options::new().threshold(8);
    /// let summary = npy::open(&file)?.summary_with(&":".parse()?, &options)?;
    /// assert_eq!(summary.to_string(), "[0 1 2 ... 6 7 8]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`slice`](Reader::slice) of the items that are shown.
    pub fn summary_with(
        &self,
        slice: &Slice,
        options: &show::Options,
    ) -> Result<show::Summary, Error> {
        self.located(|| self.try_summary(slice, options))
    }

    fn try_summary(&self, slice: &Slice, options: &show::Options) -> Result<show::Summary, Error> {
        let plan = self.plan(None)?;
        let taken = slice.of(&self.places())?;
        let options = if slice.has_max_rows() {
            &options.clone().all_rows()
        } else {
            options
        };
        if taken.count() <= options.max_items() {
            return show::Summary::whole(self.load(&plan, taken)?, options);
        }
        match self.corners(&plan, &taken, options) {
            // Those at the corners look like quads, so all the other long doubles have to be checked too.
            Err(error) if matches!(error.kind(), ErrorKind::LongDouble { .. }) => {
                show::Summary::whole(self.load(&plan, taken)?, options)
            }
            corners => show::Summary::corners(corners?, options),
        }
    }

    /// The items at the corners, as an array in which each axis is only as long as it is shown.
    fn corners(
        &self,
        plan: &Plan,
        taken: &StridedLayout,
        options: &show::Options,
    ) -> Result<Array, Error> {
        let request = self.request(plan, taken.clone());
        if self.in_head().is_none() {
            self.source.check(&request)?;
        }
        let dtype = self.items().dtype();
        let shape: Vec<usize> = taken
            .shape
            .iter()
            .enumerate()
            .map(|(axis, n)| options.summary_indices(axis, *n).count())
            .collect();
        let layout = Layout::new(dtype.clone(), shape, Order::C)?;
        let mut wanted = vec![taken.first];
        for (axis, (length, stride)) in taken.shape.iter().zip(&taken.strides).enumerate() {
            let steps = options.summary_indices(axis, *length);
            let steps = steps.map(|i| i as isize * stride);
            let along = |first: usize| {
                steps
                    .clone()
                    .map(move |step| first.wrapping_add_signed(step))
            };
            wanted = wanted.into_iter().flat_map(along).collect();
        }
        // A stream returns them in its own order.
        let mut in_order: Vec<(usize, usize)> = wanted.into_iter().zip(0..).collect();
        in_order.sort_unstable();
        let size = dtype.itemsize();
        let mut bytes = vec![0; layout.nbytes()];
        for run in in_order.chunk_by(|(at, _), (next, _)| at + size == *next) {
            let Some((at, _)) = run.first() else { continue };
            let mut stored = vec![0; run.len() * size];
            self.source.stored(&request, *at as u64, &mut stored)?;
            for ((_, index), item) in run.iter().zip(stored.chunks_exact(size.max(1))) {
                let place = bytes.get_mut(index * size..(index + 1) * size);
                place.unwrap_or_default().copy_from_slice(item);
            }
        }
        let stored = Array::new(layout, bytes)?;
        let conversion = self.packing(&self.conversion).into_owned();
        let conversion = conversion.order(Order::C);
        Plan::new(stored.layout(), &conversion, None)?.copy(&stored.strided())
    }
}
