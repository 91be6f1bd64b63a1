//! `npio ls`: one line per array.

use crate::archive::{Look, look, members};
use crate::output::{self, complain, escaped, table};
use crate::source::{Input, Opened, Problem, Source};
use crate::{Outcome, Status};
use npio::{Layout, Order};

/// The columns: name, dtype, shape, order, bytes, storage.
const BYTES: usize = 4;

/// The placeholder if something does not apply.
const NONE: &str = "-";

pub(crate) fn run(files: &[Input]) -> Outcome {
    let mut rows = Vec::new();
    let mut status = Status::Fine;
    for input in files {
        let mut errors = Vec::new();
        if let Err(problem) = list(input, &mut rows, &mut errors) {
            errors.push(problem);
        }
        for problem in errors {
            complain(&problem.of(&input.name).to_string());
            status = Status::Failed;
        }
    }
    output::write(table(&rows, |column| column == BYTES).as_bytes())?;
    Ok(status)
}

/// Adds the lines of a file. The other members are listed even if some cannot be read.
fn list(
    input: &Input,
    rows: &mut Vec<Vec<String>>,
    errors: &mut Vec<Problem>,
) -> Result<(), Problem> {
    let mut source = Opened::new(input)?.source()?;
    let Source::Archive(archive) = &source else {
        let found = source.array(input)?;
        rows.push(line(input.name.to_string(), found.layout(), "plain".into()));
        return Ok(());
    };
    let members = members(archive, input.member.as_deref())?;
    for (member, look) in members.iter().zip(look(&members)) {
        let address = |member: &str| format!("{}::{}", input.name, escaped(member));
        let storage = member.compression_method().to_string();
        match look {
            Look::Array(array) => {
                rows.push(line(address(member.name()), array.header.layout(), storage));
            }
            Look::Other => {
                let size = member.size().to_string();
                let name = address(member.file_name());
                rows.push(vec![
                    name,
                    NONE.into(),
                    NONE.into(),
                    NONE.into(),
                    size,
                    storage,
                ]);
            }
            Look::Wrong(error) => errors.push(error.into()),
        }
    }
    Ok(())
}

fn line(name: String, layout: &Layout, storage: String) -> Vec<String> {
    let order = match layout.order() {
        Order::C => "C",
        Order::Fortran => "F",
    };
    let bytes = if layout.dtype().has_object() {
        NONE.to_owned()
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
