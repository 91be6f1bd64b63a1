//! Files of safetensors: which arrays, the texts about them, and archives to and from them.

use crate::address::{ErrorContext, FileArg};
use crate::archive::{MemberKind, member_kinds, write_array_member};
use crate::args::ConvertArgs;
use crate::array::{InputArray, open_array};
use crate::convert::DEFAULT_MEMBER;
use crate::output::escaped;
use crate::progress::Progress;
use crate::source::{Input, InputError, InputSource};
use crate::target::{Target, check_overwrite, write_result};
use crate::{Outcome, Status};
use anyhow::ensure;
use npio::dtype::python::excerpt;
use npio::flatfile::{Conversion, npy, show};
use npio::npz::WriteOptions;
use npio::safetensors::{Header, SafeTensors, Tensor};
use npio::{Array, ByteOrder, DType, Dict, Layout, Order, RandomAccessFile, Slice};
use std::collections::HashSet;
use std::io::Write;

/// The array that an address names, or all of them.
pub(crate) fn selected<'a>(
    file: &'a SafeTensors<RandomAccessFile>,
    member: Option<&str>,
) -> Result<Vec<Tensor<'a, RandomAccessFile>>, InputError> {
    match member {
        Some(name) => Ok(vec![file.get(name)?]),
        None => Ok(file.tensors().collect()),
    }
}

/// The texts in a file of safetensors.
pub(crate) fn metadata(file: &SafeTensors<RandomAccessFile>) -> Dict {
    let texts = file.metadata().iter();
    let texts = texts.map(|(key, text)| (key.as_str(), text.as_str()));
    texts.collect()
}

/// What is written to a file of safetensors: arrays with their layouts there, and texts.
#[derive(Default)]
struct Contents {
    arrays: Vec<(String, Layout)>,
    metadata: Vec<(String, String)>,
}

impl Contents {
    fn header(&self, target: &FileArg) -> anyhow::Result<Header> {
        let arrays: Vec<_> = self
            .arrays
            .iter()
            .map(|(name, layout)| (name.as_str(), layout))
            .collect();
        let metadata: Vec<_> = self
            .metadata
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        Header::new(&arrays, &metadata).map_err(|error| target.escaped_error(error))
    }

    /// Adds an array, or a text of an archive: one without axes.
    fn add(
        &mut self,
        name: &str,
        array: InputArray<'_>,
        conversion: &Conversion,
    ) -> Result<(), InputError> {
        let is_text = matches!(array.dtype(), DType::Str(..) | DType::Bytes(_));
        let layout = array.into_layout()?;
        if is_text && layout.ndim() == 0 {
            // Its value is read later.
            self.metadata.push((name.to_owned(), String::new()));
            return Ok(());
        }
        let dtype = conversion
            .requested_dtype()
            .unwrap_or(layout.dtype())
            .clone();
        let layout = Layout::new(dtype, layout.shape(), Order::C);
        self.arrays.push((
            name.to_owned(),
            layout.map_err(npio::flatfile::Error::from)?,
        ));
        Ok(())
    }
}

/// Writes a file of safetensors: one array, or all those of an archive or of another such file, with their texts.
pub(crate) fn write(
    input: &Input,
    slice: Option<&Slice>,
    conversion: Conversion,
    options: &ConvertArgs,
) -> Outcome {
    let (name, force) = (&options.output.name, options.write.force);
    check_overwrite(name, force)?;
    ensure!(
        options.output.member.is_none() || name.is_stdio() || !name.path().exists(),
        name.error("the file exists, and a file of safetensors is only written as a whole")
    );
    let conversion = conversion.byte_order(ByteOrder::Little);
    let mut source = input.open()?;
    let is_several = input.is_several(&source);
    if is_several.map_err(|error| error.in_file(&input.name))? {
        ensure!(
            options.output.member.is_none(),
            input.error("an archive, whose arrays keep their names: give a member as FILE::MEMBER")
        );
        return write_all(input, source, slice, conversion, options);
    }
    let array = open_array(&mut source, input)?;
    let status = array.report_missing();
    let mut blocks = array.items(slice, Some(Order::C), conversion)?;
    let member = options
        .output
        .member
        .clone()
        .or_else(|| options.values.input.stem());
    let contents = Contents {
        arrays: vec![(
            member.unwrap_or_else(|| DEFAULT_MEMBER.to_owned()),
            blocks.layout()?.clone(),
        )],
        metadata: Vec::new(),
    };
    let header = contents.header(name)?;
    let progress = Progress::new(blocks.nbytes());
    let mut target = Target::create(name, force)?;
    write_result(name, target.write_all(header.as_bytes()))?;
    Target::write_blocks(name, &mut target, blocks, &progress)?;
    target.finish(source)?;
    Ok(status)
}

/// All arrays of the input, which keep their names.
fn write_all(
    input: &Input,
    mut source: InputSource,
    slice: Option<&Slice>,
    conversion: Conversion,
    options: &ConvertArgs,
) -> Outcome {
    let name = &options.output.name;
    ensure!(
        slice.is_none(),
        input.error("a slice is of one array: give a member as FILE::MEMBER")
    );
    let in_input = |error: InputError| error.in_file(&input.name);
    let mut contents = Contents::default();
    for member in member_names(&source, input)? {
        let one = input.with_member(&member);
        let array = source.array(&one).map_err(in_input)?;
        contents
            .add(&member, array, &conversion)
            .map_err(in_input)?;
    }
    for (key, text) in &mut contents.metadata {
        let one = input.with_member(key);
        let array = source.array(&one).map_err(in_input)?;
        let array = array.load(None, Conversion::new())?;
        let shown = show::array(&array.strided()).map_err(|error| one.error(error))?;
        *text = shown.to_string();
    }
    if let (InputSource::SafeTensors(file), None) = (&source, &input.member) {
        contents.metadata.extend_from_slice(file.metadata());
    }
    let header = contents.header(name)?;
    let sizes = contents
        .arrays
        .iter()
        .map(|(_, layout)| layout.nbytes() as u64);
    let progress = Progress::new(Some(sizes.sum()));
    let mut target = Target::create(name, options.write.force)?;
    write_result(name, target.write_all(header.as_bytes()))?;
    for index in header.order() {
        let Some((member, _)) = contents.arrays.get(*index) else {
            continue;
        };
        let one = input.with_member(member);
        let array = source.array(&one).map_err(in_input)?;
        let blocks = array.items(None, Some(Order::C), conversion.clone())?;
        Target::write_blocks(name, &mut target, blocks, &progress)?;
    }
    target.finish(source)?;
    Ok(Status::Success)
}

/// The names of the members at this address. Those of a whole archive all have to be arrays.
fn member_names(source: &InputSource, input: &Input) -> anyhow::Result<Vec<String>> {
    if let (InputSource::Archive(archive), None) = (source, &input.member) {
        let members: Vec<_> = archive.members().collect();
        for (member, kind) in members.iter().zip(member_kinds(&members)) {
            ensure!(
                !matches!(kind, MemberKind::Other),
                input.error(format_args!(
                    "member {} is not an array, and has no place in a file of safetensors",
                    excerpt(member.file_name())
                ))
            );
        }
        return Ok(members
            .iter()
            .map(|member| member.name().to_owned())
            .collect());
    }
    let arrays = input.expand(source);
    let arrays = arrays.map_err(|error| error.in_file(&input.name))?;
    Ok(arrays
        .into_iter()
        .filter_map(|array| array.member)
        .collect())
}

/// Writes an archive with the arrays of a file of safetensors, and the texts of a whole file as arrays without axes.
pub(crate) fn into_archive(
    input: &Input,
    mut source: InputSource,
    slice: Option<&Slice>,
    (order, conversion): (Option<Order>, Conversion),
    options: &ConvertArgs,
) -> Outcome {
    let name = &options.output.name;
    check_overwrite(name, options.write.force)?;
    ensure!(
        slice.is_none(),
        input.error("a slice is of one array: give a member as FILE::MEMBER")
    );
    let members = member_names(&source, input)?;
    let metadata = match &source {
        InputSource::SafeTensors(file) if input.member.is_none() => file.metadata().to_vec(),
        _ => Vec::new(),
    };
    let names: HashSet<&str> = members.iter().map(String::as_str).collect();
    if let Some((key, _)) = metadata
        .iter()
        .find(|(key, _)| names.contains(key.as_str()))
    {
        return Err(input.error(format_args!(
            "{} is a tensor and a text of the metadata",
            excerpt(key)
        )));
    }
    let length = source.length();
    let progress = Progress::new(length.map_err(|error| error.in_file(&input.name))?);
    let compression = options.write.compress.compression().unwrap_or_default();
    let archive_options = WriteOptions::new().compression(compression);
    let mut writer = Target::create(name, options.write.force)?.archive(&archive_options)?;
    for member in &members {
        let one = input.with_member(member);
        let array = source
            .array(&one)
            .map_err(|error| error.in_file(&input.name))?;
        let blocks = array.items(None, order, conversion.clone())?;
        write_array_member(
            name,
            &mut writer,
            &format!("{member}.npy"),
            &one,
            blocks,
            &progress,
        )?;
    }
    for (key, text) in &metadata {
        let bytes = text_array(text).and_then(|array| npy::to_bytes(&array));
        let bytes = bytes.map_err(|error| input.error(escaped(&error.to_string())))?;
        let mut member = write_result(
            name,
            writer.sized_member(&format!("{key}.npy"), bytes.len() as u64),
        )?;
        write_result(name, member.write_all(&bytes))?;
        write_result(name, member.finish())?;
    }
    let target = write_result(name, writer.finish())?;
    target.finish(source)?;
    Ok(Status::Success)
}

/// A text as `np.array(text)`.
fn text_array(text: &str) -> Result<Array, npio::flatfile::Error> {
    let bytes: Vec<u8> = text
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let dtype = DType::Str(length.max(1), ByteOrder::Little);
    let mut bytes = bytes;
    bytes.resize(dtype.itemsize().max(bytes.len()), 0);
    let layout = Layout::new(dtype, [], Order::C)?;
    npio::ArrayView::new(layout, bytes.as_slice())?.to_order(Order::C)
}
