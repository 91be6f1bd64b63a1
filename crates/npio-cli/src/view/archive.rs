//! The list of the arrays in an archive, or in a file of safetensors.

use super::open::{of_array, of_objects, with_all_fields};
use super::text;
use crate::array::InputArray;
use crate::objects;
use crate::output::escaped;
use crate::source::{Input, InputSource, io_input_error};
use npio::npz::Archive;
use npio::safetensors::SafeTensors;
use npio::{Layout, RandomAccessFile};
use npio_look::view::{Catalog, Details, Opened, Work};

/// The arrays in a file.
pub(super) struct ArchiveCatalog {
    input: Input,
    file: ArchiveFile,
    /// The names of the arrays, as their addresses have them.
    members: Vec<String>,
    command: Vec<String>,
}

enum ArchiveFile {
    Npz(Archive<RandomAccessFile>),
    SafeTensors(SafeTensors<RandomAccessFile>),
}

impl ArchiveCatalog {
    pub(super) fn new(
        input: &Input,
        source: InputSource,
        command: &[String],
    ) -> anyhow::Result<ArchiveCatalog> {
        let arrays = input.expand(&source);
        let arrays = arrays.map_err(|error| error.in_file(&input.name))?;
        let file = match source {
            InputSource::Archive(archive) => ArchiveFile::Npz(archive),
            InputSource::SafeTensors(file) => ArchiveFile::SafeTensors(file),
            _ => anyhow::bail!("{input}: not an archive"),
        };
        Ok(ArchiveCatalog {
            members: arrays
                .into_iter()
                .filter_map(|array| array.member)
                .collect(),
            input: Input {
                member: None,
                ..input.clone()
            },
            file,
            command: command.to_vec(),
        })
    }

    fn member(&self, entry: usize) -> &str {
        self.members.get(entry).map_or("", String::as_str)
    }

    fn try_open(&self, entry: usize, work: &Work) -> anyhow::Result<Opened> {
        let input = self.input.with_member(self.member(entry));
        let whole = with_all_fields(&input);
        let of_file = match &self.file {
            ArchiveFile::Npz(archive) => archive.source().try_clone(),
            ArchiveFile::SafeTensors(file) => file.source().try_clone(),
        };
        let file = of_file.map_err(|error| io_input_error(error).in_file(&input.name))?;
        let array = match &self.file {
            ArchiveFile::Npz(archive) => {
                let member = archive.get(self.member(entry));
                let member = member.map_err(|error| input_error(&input, error))?;
                if let Some(value) = objects::in_member(&member, &input)? {
                    return of_objects(&input, &self.command, value);
                }
                InputArray::from_member(&whole, member)
            }
            ArchiveFile::SafeTensors(file) => InputArray::from_tensor(&whole, file),
        };
        let array = array.map_err(|error| error.in_file(&input.name))?;
        of_array(array, Some(file), (&input, &self.command), work)
    }

    fn try_details(&self, entry: usize) -> Result<Details, crate::source::InputError> {
        let name = self.member(entry);
        match &self.file {
            ArchiveFile::Npz(archive) => {
                let member = archive.get(name)?;
                let storage = member.compression_method().to_string();
                let array = member.open()?;
                Ok(details(array.layout(), storage))
            }
            ArchiveFile::SafeTensors(file) => {
                let tensor = file.get(name)?;
                Ok(Details {
                    dtype: tensor.dtype_name().to_owned(),
                    shape: npio::dtype::shape_tuple(tensor.shape()).to_string(),
                    nbytes: Some(tensor.nbytes()),
                    storage: "plain".to_owned(),
                })
            }
        }
    }
}

/// What a list shows of an array of this layout.
pub(super) fn details(layout: &Layout, storage: String) -> Details {
    Details {
        dtype: layout.dtype().to_string(),
        shape: layout.shape_tuple().to_string(),
        nbytes: (!layout.dtype().has_object()).then_some(layout.nbytes() as u64),
        storage,
    }
}

fn input_error(input: &Input, error: npio::npz::Error) -> anyhow::Error {
    crate::source::InputError::from(error).in_file(&input.name)
}

impl Catalog for ArchiveCatalog {
    fn title(&self) -> String {
        self.input.to_string()
    }

    fn len(&self) -> usize {
        self.members.len()
    }

    fn name(&self, entry: usize) -> String {
        escaped(self.member(entry))
    }

    fn details(&self, entry: usize) -> Result<Details, String> {
        self.try_details(entry).map_err(|error| error.message)
    }

    fn open(&self, entry: usize, work: &Work) -> Result<Opened, String> {
        self.try_open(entry, work).map_err(text)
    }
}
