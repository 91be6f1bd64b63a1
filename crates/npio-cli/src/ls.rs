//! `npio ls`: one line an array.

use crate::input::{Found, Input, Source};
use crate::output::{self, complain, table};
use crate::{Outcome, Status};
use npio::Order;
use npio::flatfile::Error;

/// The columns: name, dtype, shape, order, bytes, storage.
const BYTES: usize = 4;

pub(crate) fn run(files: &[Input]) -> Outcome {
    let mut rows = Vec::new();
    let mut status = Status::Fine;
    for input in files {
        match line(input) {
            Ok(row) => rows.push(row),
            Err(error) => {
                complain(&input.complaint(error).to_string());
                status = Status::Failed;
            }
        }
    }
    output::write(table(&rows, |column| column == BYTES).as_bytes())?;
    Ok(status)
}

fn line(input: &Input) -> Result<Vec<String>, Error> {
    let Found { layout, .. } = Source::open(input)?.find()?;
    let order = match layout.order() {
        Order::C => "C",
        Order::Fortran => "F",
    };
    let bytes = match layout.dtype().has_object() {
        true => "-".to_owned(),
        false => layout.nbytes().to_string(),
    };
    Ok(vec![
        input.name.to_string(),
        layout.dtype().to_string(),
        layout.shape_tuple().to_string(),
        order.to_owned(),
        bytes,
        "plain".to_owned(),
    ])
}
