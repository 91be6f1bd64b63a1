//! `npio ls`: one line per array.

use crate::archive::{MemberKind, member_kinds, selected_members};
use crate::arrays::{self, NpyArrays};
use crate::ordered::{for_each_in_order, threads_for_files};
use crate::output::{self, escaped, report_error, table};
use crate::source::{Input, InputError, InputSource, OpenInput};
use crate::{Outcome, Status, tensors};
use npio::dtype::shape_tuple;
use npio::{Layout, Order};
use std::convert::Infallible;

/// The columns: name, dtype, shape, order, bytes, storage.
const BYTES_COLUMN: usize = 4;

/// The placeholder if something does not apply.
const ABSENT: &str = "-";

pub(crate) fn run(files: &[Input]) -> Outcome {
    let mut rows = Vec::new();
    let mut status = Status::Success;
    let Ok(()) = for_each_in_order(
        files,
        threads_for_files(files),
        |input| {
            let (mut rows, mut errors) = (Vec::new(), Vec::new());
            if let Err(error) = list(input, &mut rows, &mut errors) {
                errors.push(error);
            }
            (input, rows, errors)
        },
        |(input, mut listed, errors)| {
            rows.append(&mut listed);
            for error in errors {
                report_error(&error.in_file(&input.name).to_string());
                status = Status::Failure;
            }
            Ok::<_, Infallible>(())
        },
    );
    output::write_stdout(table(&rows, |column| column == BYTES_COLUMN).as_bytes())?;
    Ok(status)
}

/// Adds the lines of a file. The other members are listed even if some cannot be read.
fn list(
    input: &Input,
    rows: &mut Vec<Vec<String>>,
    errors: &mut Vec<InputError>,
) -> Result<(), InputError> {
    let opened = OpenInput::new(input)?;
    let storage = opened.storage();
    let mut source = opened.source()?;
    if let Some(found) = NpyArrays::in_source(&mut source)? {
        for index in found.selected(input.member.as_deref())? {
            let name = match arrays::name(index) {
                Some(member) => format!("{}::{member}", input.name),
                None => input.name.to_string(),
            };
            let array = found.arrays.get(index);
            rows.extend(array.map(|array| array_row(name, array.header.layout(), storage.clone())));
        }
        errors.extend(found.error.filter(|_| input.member.is_none()));
        return Ok(());
    }
    if let InputSource::SafeTensors(file) = &source {
        for tensor in tensors::selected(file, input.member.as_deref())? {
            rows.push(vec![
                format!("{}::{}", input.name, escaped(tensor.name())),
                tensor.dtype_name().to_owned(),
                shape_tuple(tensor.shape()).to_string(),
                "C".to_owned(),
                tensor.nbytes().to_string(),
                storage.clone(),
            ]);
        }
        return Ok(());
    }
    let InputSource::Archive(archive) = &source else {
        let layout = source.array(input)?.into_layout()?;
        rows.push(array_row(input.name.to_string(), &layout, storage));
        return Ok(());
    };
    let members = selected_members(archive, input.member.as_deref())?;
    for (member, kind) in members.iter().zip(member_kinds(&members)) {
        let address = |member: &str| format!("{}::{}", input.name, escaped(member));
        let storage = member.compression_method().to_string();
        match kind {
            MemberKind::Array(array) => {
                rows.push(array_row(
                    address(member.name()),
                    array.header.layout(),
                    storage,
                ));
            }
            MemberKind::Other => {
                let size = member.size().to_string();
                let name = address(member.file_name());
                rows.push(vec![
                    name,
                    ABSENT.into(),
                    ABSENT.into(),
                    ABSENT.into(),
                    size,
                    storage,
                ]);
            }
            MemberKind::Unreadable(error) => errors.push(error.into()),
        }
    }
    Ok(())
}

fn array_row(name: String, layout: &Layout, storage: String) -> Vec<String> {
    let order = match layout.order() {
        Order::C => "C",
        Order::Fortran => "F",
    };
    let bytes = if layout.dtype().has_object() {
        ABSENT.to_owned()
    } else {
        layout.nbytes().to_string()
    };
    vec![
        name,
        layout.dtype().to_string(),
        layout.shape_tuple().to_string(),
        order.to_owned(),
        bytes,
        storage,
    ]
}
