//! Times with one width: NumPy's `DatetimeFormat` and `TimedeltaFormat`.

use super::printed_items::PrintedItems;
use crate::scalar::{CivilTime, time_count};
use dtype::{ByteOrder, TimeStep};
use std::fmt::Write;

/// The formatter of `datetime64` or `timedelta64` items with one width.
#[derive(Clone, Debug)]
pub(super) struct TimeFormatter {
    /// The unit of dates; `None` for a `timedelta64`.
    dates: Option<TimeStep>,
    order: ByteOrder,
    width: usize,
}

impl TimeFormatter {
    /// Scans the items.
    pub(super) fn of(
        items: &PrintedItems<'_>,
        dates: Option<TimeStep>,
        order: ByteOrder,
    ) -> TimeFormatter {
        let mut extremes: Option<(i64, i64)> = None;
        let mut has_nat = false;
        items.for_each(|item| match time_count(item, order) {
            Some(count) => {
                let (low, high) = extremes.get_or_insert((count, count));
                *low = count.min(*low);
                *high = count.max(*high);
            }
            None => has_nat = true,
        });
        let mut formatter = TimeFormatter {
            dates,
            order,
            width: if has_nat { "'NaT'".len() } else { 0 },
        };
        // The longest texts are those of the extremes.
        if let Some((low, high)) = extremes {
            formatter.width = formatter
                .width
                .max(formatter.text(low).len())
                .max(formatter.text(high).len());
        }
        formatter
    }

    fn text(&self, count: i64) -> String {
        match self.dates.and_then(|step| CivilTime::of(count, step)) {
            Some(civil) => format!("'{civil}'"),
            None => count.to_string(),
        }
    }

    /// Appends the item's text.
    pub(super) fn push(&self, item: &[u8], out: &mut String) {
        let width = self.width;
        // Writing to a string cannot fail.
        let _ = match time_count(item, self.order) {
            Some(count) => write!(out, "{:>width$}", self.text(count)),
            None => write!(out, "{:>width$}", "'NaT'"),
        };
    }
}
