//! `npio refs`: where the chunks of arrays are in their files, for Dask and all that reads Zarr.

use crate::address::{Address, ErrorContext};
use crate::args::RefsArgs;
use crate::ordered::{for_each_in_order, threads_for_files};
use crate::output::{escaped, report_error};
use crate::source::{Input, InputError, InputKind, InputSource, OpenInput};
use crate::target::{Target, check_overwrite, write_result};
use crate::{Outcome, Status};
use anyhow::{Context, ensure};
use npio::Layout;
use npio::dtype::python::excerpt;
use npio::npz::CompressionMethod;
use npio::refs::{ArrayRefs, Part, Refs, file_url, url_in};
use std::collections::HashMap;
use std::{iter, path};

/// How many times as large or as small as they were asked for chunks may be without a note.
const FAR: u64 = 8;

/// The number of chunks that may be small without a note.
const FEW_CHUNKS: u64 = 10_000;

/// An array in a file.
struct FoundArray {
    input: Input,
    name: Option<String>,
    part: Part,
}

/// Writes references to all arrays, or none if one of them cannot have any.
pub(crate) fn run(options: &RefsArgs) -> Outcome {
    let inputs = options.inputs()?;
    let (names, count) = (&options.name, inputs.len());
    ensure!(
        names.is_empty() || names.len() == count,
        "--name is given once for each file: expected {count}, found {}",
        names.len()
    );
    check_overwrite(&options.output, options.force)?;
    let (mut arrays, mut errors) = (Vec::new(), Vec::new());
    let threads = threads_for_files(&inputs);
    let names = names.iter().map(Some).chain(iter::repeat(None));
    let inputs: Vec<_> = inputs.into_iter().zip(names).collect();
    for_each_in_order(
        &inputs,
        threads,
        |(input, name)| find(input, name.map(String::as_str), options),
        |found| {
            match found {
                Ok(found) => arrays.extend(found),
                Err(error) => errors.push(error),
            }
            anyhow::Ok(())
        },
    )?;
    check_addresses(&arrays, &mut errors);
    let parts = options.concat.as_ref().map_or(1, |_| arrays.len() as u64);
    let mut refs = Refs::new(options.zarr.into());
    // Without some of its parts, an array is another one.
    if errors.is_empty() || options.concat.is_none() {
        add(&mut refs, arrays, options, &mut errors);
    }
    for error in &errors {
        report_error(&format!("{error:#}"));
    }
    if !errors.is_empty() {
        return Ok(Status::Failure);
    }
    for array in refs.arrays() {
        report_odd_chunks(array, parts, options.chunk);
    }
    let mut target = Target::create(&options.output, options.force)?;
    write_result(&options.output, refs.write(&mut target))?;
    target.finish(())?;
    Ok(Status::Success)
}

/// Adds the arrays, each by its name, or all of them as one.
fn add(
    refs: &mut Refs,
    arrays: Vec<FoundArray>,
    options: &RefsArgs,
    errors: &mut Vec<anyhow::Error>,
) {
    if let Some(name) = &options.concat {
        let parts: Vec<Part> = arrays.into_iter().map(|array| array.part).collect();
        if let Err(error) = refs.array(name, parts, options.chunk) {
            errors.push(anyhow::anyhow!("{}", escaped(&error.to_string())));
        }
        return;
    }
    let mut owners: HashMap<String, Input> = HashMap::new();
    for FoundArray { input, name, part } in arrays {
        let Some(name) = name else {
            errors.push(input.error("its name is not Unicode: give it one with --name"));
            continue;
        };
        if let Some(owner) = owners.get(&name) {
            errors.push(input.error(format_args!(
                "it would be called {} as {owner} is: give them names with --name, or make one array of them with --concat",
                excerpt(&name)
            )));
            continue;
        }
        if let Err(error) = refs.array(&name, [part], options.chunk) {
            errors.push(input.escaped_error(error.kind()));
        }
        owners.insert(name, input);
    }
}

/// Different files may not have one address.
fn check_addresses(arrays: &[FoundArray], errors: &mut Vec<anyhow::Error>) {
    let mut owners: HashMap<&str, &Input> = HashMap::new();
    for FoundArray { input, part, .. } in arrays {
        let owner = owners.entry(&part.url).or_insert(input);
        let path = |input: &Input| path::absolute(input.name.path()).ok();
        if path(owner) != path(input) {
            errors.push(input.error(format_args!(
                "its address would be {}, as that of {}: use relative paths, which are kept under --prefix",
                excerpt(&part.url),
                owner.name
            )));
        }
    }
}

/// Says so if the lengths of an array have no divisors that make chunks of about this size. Readers load a chunk as a whole,
/// and have to keep all references in memory.
fn report_odd_chunks(array: &ArrayRefs, parts: u64, size: u64) {
    let (count, nbytes) = (array.chunk_count(), array.chunk_nbytes());
    let is_large = count > 0 && nbytes / FAR > size;
    // Chunks are not larger than the files that they are in.
    let is_small = count > FEW_CHUNKS.max(parts) && nbytes < size / FAR;
    if is_large || is_small {
        let (name, shape) = (excerpt(array.name()), array.layout().shape_tuple());
        report_error(&format!(
            "note: array {name}: {count} chunks of {nbytes} bytes, because the lengths {shape} have no divisors that make \
             chunks of about {size}"
        ));
    }
}

/// The arrays at this address, by the name that is given to it.
fn find(input: &Input, name: Option<&str>, options: &RefsArgs) -> anyhow::Result<Vec<FoundArray>> {
    let in_file = |error: InputError| error.in_file(&input.name);
    ensure!(
        !input.name.is_stdio(),
        input.error("standard input has no address: refer to a file")
    );
    let url = match &options.prefix {
        Some(prefix) => url_in(prefix, input.name.path()),
        None => file_url(input.name.path()),
    };
    let url = url.map_err(|error| input.name.error(error))?;
    let opened = OpenInput::new(input).map_err(in_file)?;
    let length = file_length(&opened).map_err(in_file)?;
    let mut source = opened.source().map_err(in_file)?;
    let is_several = input.is_several(&source).map_err(in_file)?;
    let arrays = input.expand(&source).map_err(in_file)?;
    let found = |array: Input| {
        let (layout, offset) = place(&mut source, &array, length)?;
        let own = stem(&array);
        let name = match (name, own) {
            (Some(name), Some(own)) if is_several => Some(format!("{name}/{own}")),
            (Some(name), _) => Some(name.to_owned()),
            (None, own) => own,
        };
        let url = url.clone();
        let part = Part {
            url,
            offset,
            layout,
        };
        Ok(FoundArray {
            input: array,
            name,
            part,
        })
    };
    arrays.into_iter().map(found).collect()
}

/// The name of the member, or of the file without its suffix.
fn stem(input: &Input) -> Option<String> {
    let (name, member) = (input.name.clone(), input.member.clone());
    Address { name, member }.stem()
}

/// The length of a file whose bytes are those of its arrays.
fn file_length(opened: &OpenInput) -> Result<u64, InputError> {
    if let Some(compression) = opened.compression {
        return Err(InputError::new(format!(
            "the file is compressed ({}), so there are no bytes of items to refer to: decompress it (npio convert)",
            compression.format
        )));
    }
    if let InputKind::Text(_) | InputKind::Json = opened.kind {
        return Err(InputError::new(
            "the file is a text, so there are no bytes of items to refer to: make a .npy of it (npio convert)",
        ));
    }
    let not_regular = || InputError::new("not a regular file, whose bytes others could read");
    opened.length()?.ok_or_else(not_regular)
}

/// The layout of the array at this address, and where its items are in the file.
fn place(source: &mut InputSource, input: &Input, length: u64) -> anyhow::Result<(Layout, u64)> {
    let (layout, offset, available) = if let InputSource::Archive(archive) = source {
        let in_file = |error| InputError::from(error).in_file(&input.name);
        let member = archive.get(input.member.as_deref().unwrap_or_default());
        let member = member.map_err(in_file)?;
        let method = member.compression_method();
        ensure!(
            method == CompressionMethod::Stored,
            input.error(format_args!(
                "it is compressed ({method}), so there are no bytes of items to refer to: store it (npio repack IN.npz \
                 OUT.npz)"
            ))
        );
        let array = member.open().map_err(in_file)?;
        let available = array.source().data_size();
        (array.layout().clone(), array.data_offset(), available)
    } else {
        let array = source.array(input);
        let array = array.map_err(|error| error.in_file(&input.name))?;
        let offset = array.data_offset();
        let layout = array
            .into_layout()
            .map_err(|error| error.in_file(&input.name))?;
        (layout, offset, length.saturating_sub(offset.unwrap_or(0)))
    };
    let offset = offset.context("its items have no place in the file");
    let offset = offset.map_err(|error| input.error(error))?;
    let expected = layout.nbytes() as u64;
    ensure!(
        available >= expected || layout.dtype().has_object(),
        input.error(format_args!(
            "the data is too short: expected {expected} bytes, found {available}"
        ))
    );
    Ok((layout, offset))
}
