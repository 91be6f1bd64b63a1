//! The items of a row that are columns of their own: [`column_items`].

use dtype::DType;

/// More columns than any table has.
pub(super) const MAX_COLUMNS: usize = 1 << 20;

/// The most bytes that the names of all columns may take: a long name of a large subarray would be repeated for each.
pub(super) const MAX_NAME_BYTES: usize = 16 << 20;

/// An item of a row that is a column of its own.
#[derive(Clone, Debug)]
pub(super) struct ColumnItem {
    pub(super) dtype: DType,
    /// The offset in a row's bytes.
    pub(super) offset: usize,
    /// The name of its column: `field`, `field.nested`, `field[0]`, `field[0][1]`; empty if the row is no record.
    pub(super) name: String,
}

/// Why a type has no columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooMany {
    Columns,
    NameBytes,
}

/// The items of a type, depth first: of records and subarrays one by one.
pub(super) fn column_items(dtype: &DType) -> Result<Vec<ColumnItem>, TooMany> {
    let count = column_count(dtype);
    if count > MAX_COLUMNS {
        return Err(TooMany::Columns);
    }
    let mut items = Vec::with_capacity(count);
    push(dtype, 0, "", &mut 0, &mut items)?;
    Ok(items)
}

/// The number of columns of a type.
pub(super) fn column_count(dtype: &DType) -> usize {
    match dtype {
        DType::Record(record) => {
            let fields = record.fields().iter();
            fields.fold(0, |count: usize, field| {
                count.saturating_add(column_count(&field.dtype))
            })
        }
        DType::Subarray(sub) => {
            let axes = sub.shape().iter();
            axes.fold(column_count(sub.base()), |count, axis| {
                count.saturating_mul(*axis)
            })
        }
        _ => 1,
    }
}

fn push(
    dtype: &DType,
    offset: usize,
    name: &str,
    name_bytes: &mut usize,
    out: &mut Vec<ColumnItem>,
) -> Result<(), TooMany> {
    match dtype {
        DType::Record(record) => record.fields().iter().try_for_each(|field| {
            let offset = offset + field.offset;
            if name.is_empty() {
                push(&field.dtype, offset, &field.name, name_bytes, out)
            } else {
                let name = format!("{name}.{}", field.name);
                push(&field.dtype, offset, &name, name_bytes, out)
            }
        }),
        // Its other axes may be of any length.
        dtype if column_count(dtype) == 0 => Ok(()),
        DType::Subarray(sub) => {
            let mut index = vec![0; sub.shape().len()];
            for item in 0..sub.shape().iter().product() {
                let indices = index.iter().map(|index| format!("[{index}]"));
                let name = name.to_owned() + &indices.collect::<String>();
                let offset = offset + item * sub.base().itemsize();
                push(sub.base(), offset, &name, name_bytes, out)?;
                for (index, length) in index.iter_mut().zip(sub.shape()).rev() {
                    *index += 1;
                    if *index < *length {
                        break;
                    }
                    *index = 0;
                }
            }
            Ok(())
        }
        dtype => {
            *name_bytes += name.len();
            if *name_bytes > MAX_NAME_BYTES {
                return Err(TooMany::NameBytes);
            }
            out.push(ColumnItem {
                dtype: dtype.clone(),
                offset,
                name: name.to_owned(),
            });
            Ok(())
        }
    }
}
