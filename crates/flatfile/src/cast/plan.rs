//! From two dtypes to the stages between them.

use super::leaf::leaf;
use super::stage::{Column, Run, Stage};
use crate::{Error, ErrorKind};
use dtype::{Casting, DType, Record, can_cast};

/// The stages between items of these types, one at least, as far as `casting` allows them.
pub(super) fn plan(from: &DType, to: &DType, casting: Casting) -> Result<Vec<Stage>, Error> {
    match (from, to) {
        (DType::Record(old), DType::Record(new)) if casting >= Casting::Safe => {
            by_name(old, new, casting)
        }
        (DType::Subarray(old), DType::Subarray(new)) if old.shape() == new.shape() => {
            let mut stages = plan(old.base(), new.base(), casting)?;
            let count: usize = old.shape().iter().product();
            stages.iter_mut().for_each(|stage| stage.parts *= count);
            Ok(stages)
        }
        _ if !can_cast(from, to, casting) => Err(refused(from, to, casting)),
        (DType::Record(old), DType::Record(new)) => by_name(old, new, casting),
        (DType::Subarray(old), _) if old.shape().iter().all(|n| *n == 1) => {
            plan(old.base(), to, casting)
        }
        (DType::Subarray(_), _) => Err(refused(from, to, casting)),
        (_, DType::Subarray(new)) => {
            let mut stages = plan(from, new.base(), casting)?;
            stages.push(Stage::new(
                new.base().itemsize(),
                to.itemsize(),
                Run::Repeat,
            ));
            Ok(stages)
        }
        (DType::Record(old), _) => {
            let fields = old.fields().iter();
            let columns = fields
                .map(|field| column(&field.name, (field.offset, &field.dtype), (0, to), casting));
            Ok(vec![columns_stage(
                from,
                to,
                columns.collect::<Result<_, _>>()?,
            )])
        }
        (_, DType::Record(new)) => {
            let fields = new.fields().iter();
            let columns = fields.map(|field| {
                column(
                    &field.name,
                    (0, from),
                    (field.offset, &field.dtype),
                    casting,
                )
            });
            Ok(vec![columns_stage(
                from,
                to,
                columns.collect::<Result<_, _>>()?,
            )])
        }
        _ => leaf(from, to).ok_or_else(|| refused(from, to, casting)),
    }
}

pub(super) fn refused(from: &DType, to: &DType, casting: Casting) -> Error {
    let (from, to) = (from.clone(), to.clone());
    ErrorKind::Cast { from, to, casting }.into()
}

/// Records by the names of their fields. A field that is left behind is lost, which only `unsafe` allows.
fn by_name(from: &Record, to: &Record, casting: Casting) -> Result<Vec<Stage>, Error> {
    let (old, new) = (from.clone().into(), to.clone().into());
    let named = |name: &str| from.fields().iter().find(|field| field.name == name);
    let columns = to.fields().iter().map(|field| {
        let source = named(&field.name).ok_or_else(|| {
            let (name, record) = (field.name.clone(), DType::from(from.clone()));
            ErrorKind::NoField { name, record }
        })?;
        column(
            &field.name,
            (source.offset, &source.dtype),
            (field.offset, &field.dtype),
            casting,
        )
    });
    let columns: Vec<Column> = columns.collect::<Result<_, _>>()?;
    if columns.len() < from.fields().len() && casting < Casting::Unsafe {
        return Err(refused(&old, &new, casting));
    }
    Ok(vec![columns_stage(&old, &new, columns)])
}

fn column(
    name: &str,
    (from_offset, from): (usize, &DType),
    (to_offset, to): (usize, &DType),
    casting: Casting,
) -> Result<Column, Error> {
    Ok(Column {
        from: (from_offset, from.itemsize()),
        to: (to_offset, to.itemsize()),
        name: name.to_owned(),
        dtype: to.clone(),
        stages: plan(from, to, casting)?,
    })
}

fn columns_stage(from: &DType, to: &DType, columns: Vec<Column>) -> Stage {
    Stage::new(from.itemsize(), to.itemsize(), Run::Columns(columns))
}
