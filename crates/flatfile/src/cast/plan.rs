//! From two dtypes to the stages between them.

use super::leaf::leaf;
use super::stage::{Column, Run, Stage};
use crate::error::{Error, ErrorKind};
use crate::longdouble::LongDouble;
use dtype::{Casting, DType, Field, Record, can_cast};
use std::collections::HashMap;

/// What a cast may do, and the stated format of the long doubles.
pub(super) type Rules = (Casting, Option<LongDouble>);

/// The stages between items of these types, at least one, as far as the rules allow them.
pub(super) fn plan(from: &DType, to: &DType, rules: Rules) -> Result<Vec<Stage>, Error> {
    let (casting, stated) = rules;
    match (from, to) {
        (DType::Record(_), DType::Record(_)) if casting >= Casting::Safe => {
            by_name(from, to, rules)
        }
        (DType::Subarray(old), DType::Subarray(new)) if old.shape() == new.shape() => {
            let mut stages = plan(old.base(), new.base(), rules)?;
            let count: usize = old.shape().iter().product();
            stages.iter_mut().for_each(|stage| stage.parts *= count);
            Ok(stages)
        }
        _ if !can_cast(from, to, casting) => Err(refused(from, to, casting)),
        (DType::Record(_), DType::Record(_)) => by_name(from, to, rules),
        (DType::Subarray(old), _) if old.shape().iter().all(|n| *n == 1) => {
            plan(old.base(), to, rules)
        }
        (DType::Subarray(_), _) => Err(refused(from, to, casting)),
        (_, DType::Subarray(new)) => {
            let mut stages = plan(from, new.base(), rules)?;
            let size = new.base().itemsize();
            stages.push(Stage::new(size, to.itemsize(), Run::Repeat));
            Ok(stages)
        }
        (DType::Record(old), _) => {
            let fields = old.fields().iter();
            columns(
                from,
                to,
                fields
                    .map(|field| column(&field.name, (field.offset, &field.dtype), (0, to), rules)),
            )
        }
        (_, DType::Record(new)) => {
            let fields = new.fields().iter();
            columns(
                from,
                to,
                fields.map(|field| {
                    column(&field.name, (0, from), (field.offset, &field.dtype), rules)
                }),
            )
        }
        _ => leaf(from, to, stated).ok_or_else(|| refused(from, to, casting)),
    }
}

pub(super) fn refused(from: &DType, to: &DType, casting: Casting) -> Error {
    let (from, to) = (from.clone(), to.clone());
    ErrorKind::Cast { from, to, casting }.into()
}

/// Records by the names of their fields. A field that is left out is lost, which only `unsafe` allows.
fn by_name(from: &DType, to: &DType, rules: Rules) -> Result<Vec<Stage>, Error> {
    let fields = |dtype| DType::as_record(dtype).map_or(&[][..], Record::fields);
    let (old, new) = (fields(from), fields(to));
    let named: HashMap<&str, &Field> = old.iter().map(|field| (&*field.name, field)).collect();
    let stages = columns(
        from,
        to,
        new.iter().map(|field| {
            let source = named.get(&*field.name).ok_or_else(|| {
                let (name, record) = (field.name.clone(), from.clone());
                ErrorKind::NoField { name, record }
            })?;
            let (source, target) = ((source.offset, &source.dtype), (field.offset, &field.dtype));
            column(&field.name, source, target, rules)
        }),
    )?;
    if new.len() < old.len() && rules.0 < Casting::Unsafe {
        return Err(refused(from, to, rules.0));
    }
    Ok(stages)
}

fn column(
    name: &str,
    (from_offset, from): (usize, &DType),
    (to_offset, to): (usize, &DType),
    rules: Rules,
) -> Result<Column, Error> {
    Ok(Column {
        from: (from_offset, from.itemsize()),
        to: (to_offset, to.itemsize()),
        name: name.to_owned(),
        dtype: to.clone(),
        stages: plan(from, to, rules)?,
    })
}

fn columns(
    from: &DType,
    to: &DType,
    columns: impl Iterator<Item = Result<Column, Error>>,
) -> Result<Vec<Stage>, Error> {
    let columns = Run::Columns(columns.collect::<Result<_, _>>()?);
    Ok(vec![Stage::new(from.itemsize(), to.itemsize(), columns)])
}
