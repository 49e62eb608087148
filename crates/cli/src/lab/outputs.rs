//! The files that a command writes: checked before any work, then written whole or not at all.

use crate::Failure;
use crate::new_file::{NewFile, folder_of};
use poolkeeper_core::model::escape_unprintable;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where a command's results go. `-` is standard output.
#[derive(Clone, Copy)]
pub(super) struct OutputFiles<'a> {
    pub json: Option<&'a Path>,
    pub html: Option<&'a Path>,
    /// A third file, with its option.
    pub other: Option<(&'static str, &'a Path)>,
}

impl<'a> OutputFiles<'a> {
    fn all(&self) -> impl Iterator<Item = (&'static str, &'a Path)> {
        let json = self.json.map(|path| ("--json", path));
        let html = self.html.map(|path| ("--html", path));
        [json, html, self.other].into_iter().flatten()
    }

    /// Whether a result goes to standard output.
    pub fn use_standard_output(&self) -> bool {
        self.all().any(|(_, path)| path == Path::new("-"))
    }

    /// Checks that each is a file of its own, and none that the command reads.
    ///
    /// # Errors
    /// [`Failure`] that names the options and the file.
    pub fn check<'r>(&self, read: impl IntoIterator<Item = &'r Path>) -> Result<(), Failure> {
        // What can't be found is no file that could be lost. Reading it fails later.
        let read: Vec<FileIdentity> = read
            .into_iter()
            .filter_map(|path| FileIdentity::of(path).ok()?)
            .collect();
        let mut written: Vec<(&str, FileIdentity)> = Vec::new();
        for (option, path) in self.all() {
            let found = FileIdentity::of(path);
            let Some(file) = found.map_err(|error| Failure::of(format!("writing {}", path.display()), error))? else {
                continue;
            };
            let is_standard_output = file == FileIdentity::Standard;
            if !is_standard_output && read.contains(&file) {
                let text = format!(
                    "{option} {}: this command reads that file; name another",
                    path.display()
                );
                return Err(Failure(text));
            }
            if let Some((other, _)) = written.iter().find(|(_, known)| *known == file) {
                return Err(Failure(if is_standard_output {
                    format!("{other} and {option} both write to standard output; name a file for one of them")
                } else {
                    format!(
                        "{other} and {option} both write to {}; name another file for one of them",
                        path.display()
                    )
                }));
            }
            written.push((option, file));
        }
        Ok(())
    }
}

/// What tells one file from another.
#[derive(PartialEq, Eq)]
enum FileIdentity {
    /// Standard input or output.
    Standard,
    /// Its path, without links.
    Path(PathBuf),
    /// Its device and number, which all its names share.
    #[cfg(unix)]
    Number(u64, u64),
}

impl FileIdentity {
    /// The file a path leads to, whether it exists or not; `None` for devices and pipes, which hold nothing.
    fn of(path: &Path) -> io::Result<Option<Self>> {
        if path == Path::new("-") {
            return Ok(Some(Self::Standard));
        }
        match fs::metadata(path) {
            Ok(known) if known.is_dir() => Err(io::Error::other("it is a folder; name a file")),
            Ok(known) if known.is_file() => Self::of_existing(path, &known).map(Some),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let name = path.file_name().ok_or(error)?;
                Ok(Some(Self::Path(fs::canonicalize(folder_of(path))?.join(name))))
            }
            Err(error) => Err(error),
        }
    }

    #[cfg(unix)]
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    fn of_existing(_: &Path, known: &Metadata) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        Ok(Self::Number(known.dev(), known.ino()))
    }

    #[cfg(not(unix))]
    fn of_existing(path: &Path, _: &Metadata) -> io::Result<Self> {
        fs::canonicalize(path).map(Self::Path)
    }
}

/// Writes a text to a file, whole or not at all, or to standard output.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    write_parts(path, [text])
}

/// Writes a text in parts, so that it need not be in memory.
pub(super) fn write_parts<T: AsRef<str>>(path: &Path, parts: impl IntoIterator<Item = T>) -> Result<(), Failure> {
    if path == Path::new("-") {
        return parts.into_iter().try_for_each(|part| to_standard_output(part.as_ref()));
    }
    let put = || {
        // Devices and pipes are written to as they are.
        if path.metadata().is_ok_and(|known| !known.is_file()) {
            let mut file = fs::OpenOptions::new().write(true).open(path)?;
            return parts
                .into_iter()
                .try_for_each(|part| file.write_all(part.as_ref().as_bytes()));
        }
        let mut file = NewFile::beside(path)?;
        for part in parts {
            file.write(part.as_ref().as_bytes())?;
        }
        file.put(path)
    };
    put().map_err(|error| Failure::of(format!("writing {}", path.display()), error))
}

/// Prints sentences, without control characters.
pub(super) fn print(sentences: &[String]) -> Result<(), Failure> {
    let lines = sentences.iter().map(|sentence| escape_unprintable(sentence) + "\n");
    to_standard_output(&lines.collect::<String>())
}

fn to_standard_output(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|error| Failure::of("writing to standard output", error)),
    }
}
