//! From two dtypes to the stages between them.

use super::elementary::elementary_stages;
use super::stage::{FieldCast, Stage, StageOp};
use crate::error::{Error, ErrorKind};
use crate::longdouble::LongDouble;
use dtype::{Casting, DType, Field, Record, can_cast};
use std::collections::HashMap;

/// What a cast may do, and the stated format of the long doubles.
pub(super) type CastRules = (Casting, Option<LongDouble>);

/// The stages between items of these types, at least one, as far as the rules allow them.
pub(super) fn resolve_stages(
    from: &DType,
    to: &DType,
    rules: CastRules,
) -> Result<Vec<Stage>, Error> {
    let (casting, stated) = rules;
    match (from, to) {
        (DType::Record(_), DType::Record(_)) if casting >= Casting::Safe => {
            by_name(from, to, rules)
        }
        (DType::Subarray(old), DType::Subarray(new)) if old.shape() == new.shape() => {
            let mut stages = resolve_stages(old.base(), new.base(), rules)?;
            let count: usize = old.shape().iter().product();
            stages.iter_mut().for_each(|stage| stage.parts *= count);
            Ok(stages)
        }
        _ if !can_cast(from, to, casting) => Err(cannot_cast(from, to, casting)),
        (DType::Record(_), DType::Record(_)) => by_name(from, to, rules),
        (DType::Subarray(old), _) if old.shape().iter().all(|n| *n == 1) => {
            resolve_stages(old.base(), to, rules)
        }
        (DType::Subarray(_), _) => Err(cannot_cast(from, to, casting)),
        (_, DType::Subarray(new)) => {
            let mut stages = resolve_stages(from, new.base(), rules)?;
            let size = new.base().itemsize();
            stages.push(Stage::new(size, to.itemsize(), StageOp::Repeat));
            Ok(stages)
        }
        (DType::Record(old), _) => {
            let fields = old.fields().iter();
            record_stages(
                from,
                to,
                fields.map(|field| {
                    field_cast(&field.name, (field.offset, &field.dtype), (0, to), rules)
                }),
            )
        }
        (_, DType::Record(new)) => {
            let fields = new.fields().iter();
            record_stages(
                from,
                to,
                fields.map(|field| {
                    field_cast(&field.name, (0, from), (field.offset, &field.dtype), rules)
                }),
            )
        }
        _ => elementary_stages(from, to, stated).ok_or_else(|| cannot_cast(from, to, casting)),
    }
}

pub(super) fn cannot_cast(from: &DType, to: &DType, casting: Casting) -> Error {
    let (from, to) = (from.clone(), to.clone());
    ErrorKind::Cast { from, to, casting }.into()
}

/// Records by the names of their fields. A field that is left out is lost, which only `unsafe` allows.
fn by_name(from: &DType, to: &DType, rules: CastRules) -> Result<Vec<Stage>, Error> {
    let fields = |dtype| DType::as_record(dtype).map_or(&[][..], Record::fields);
    let (old, new) = (fields(from), fields(to));
    let named: HashMap<&str, &Field> = old.iter().map(|field| (&*field.name, field)).collect();
    let stages = record_stages(
        from,
        to,
        new.iter().map(|field| {
            let source = named.get(&*field.name).ok_or_else(|| {
                let (name, record) = (field.name.clone(), from.clone());
                ErrorKind::NoField { name, record }
            })?;
            let (source, target) = ((source.offset, &source.dtype), (field.offset, &field.dtype));
            field_cast(&field.name, source, target, rules)
        }),
    )?;
    if new.len() < old.len() && rules.0 < Casting::Unsafe {
        return Err(cannot_cast(from, to, rules.0));
    }
    Ok(stages)
}

fn field_cast(
    name: &str,
    (from_offset, from): (usize, &DType),
    (to_offset, to): (usize, &DType),
    rules: CastRules,
) -> Result<FieldCast, Error> {
    Ok(FieldCast {
        from: (from_offset, from.itemsize()),
        to: (to_offset, to.itemsize()),
        name: name.to_owned(),
        dtype: to.clone(),
        stages: resolve_stages(from, to, rules)?,
    })
}

fn record_stages(
    from: &DType,
    to: &DType,
    fields: impl Iterator<Item = Result<FieldCast, Error>>,
) -> Result<Vec<Stage>, Error> {
    let fields = StageOp::Fields(fields.collect::<Result<_, _>>()?);
    Ok(vec![Stage::new(from.itemsize(), to.itemsize(), fields)])
}
