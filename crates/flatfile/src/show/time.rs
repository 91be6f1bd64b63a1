//! Times in columns: NumPy's `DatetimeFormat` and `TimedeltaFormat`.

use super::column::Column;
use crate::scalar::{CivilTime, time_count};
use dtype::{ByteOrder, TimeStep};
use std::fmt::Write;

/// `datetime64` or `timedelta64` items of one width.
#[derive(Clone, Debug)]
pub(super) struct Times {
    /// The unit of dates; `None` for a `timedelta64`.
    dates: Option<TimeStep>,
    order: ByteOrder,
    width: usize,
}

impl Times {
    /// Scans the items of `column`.
    pub(super) fn of(column: &Column<'_>, dates: Option<TimeStep>, order: ByteOrder) -> Times {
        let mut extremes: Option<(i64, i64)> = None;
        let mut has_nat = false;
        column.each(|item| match time_count(item, order) {
            Some(count) => {
                let (low, high) = extremes.get_or_insert((count, count));
                *low = count.min(*low);
                *high = count.max(*high);
            }
            None => has_nat = true,
        });
        let mut times = Times {
            dates,
            order,
            width: if has_nat { "'NaT'".len() } else { 0 },
        };
        // The longest texts are those of the extremes.
        if let Some((low, high)) = extremes {
            times.width = times
                .width
                .max(times.text(low).len())
                .max(times.text(high).len());
        }
        times
    }

    fn text(&self, count: i64) -> String {
        match self.dates.and_then(|step| CivilTime::of(count, step)) {
            Some(moment) => format!("'{moment}'"),
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
