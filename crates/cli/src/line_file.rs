//! A file of checked lines that is written: appended to, and cut back to whole lines where that fails.

use poolkeeper_core::checked_lines::checked_line;
use std::fs::File;
use std::io::{self, Write};

/// What lines are appended to. A test has one that fails.
pub(crate) trait AppendFile {
    /// Appends bytes and waits until they are on disk.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to a length and waits until that is on disk.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl AppendFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)?;
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.sync_all()
    }
}

/// A file of checked lines. It ends with a whole line whenever nothing is being appended.
pub(crate) struct LineFile<F> {
    file: F,
    /// Bytes of whole lines.
    length: u64,
    lines: u64,
    /// Part of a line that failed may be behind the whole ones.
    is_torn: bool,
}

impl<F: AppendFile> LineFile<F> {
    /// Begins an empty file with the line that names its format, and lines that follow it at once.
    pub(crate) fn begin(file: F, header: &str, texts: &[String]) -> io::Result<Self> {
        let mut begun = Self {
            file,
            length: 0,
            lines: 0,
            is_torn: false,
        };
        begun.write(format!("{header}\n{}", begun.numbered(texts)).as_bytes())?;
        begun.lines = texts.len() as u64;
        Ok(begun)
    }

    /// Goes on with a file that was read: its whole lines' bytes, format included, and their number without it.
    pub(crate) fn resume(file: F, whole_bytes: u64, lines: u64, lacks_line_end: bool) -> io::Result<Self> {
        let mut resumed = Self {
            file,
            length: whole_bytes,
            lines,
            is_torn: true,
        };
        resumed.cut()?;
        if lacks_line_end {
            resumed.write(b"\n")?;
        }
        Ok(resumed)
    }

    /// Appends lines.
    ///
    /// # Errors
    /// When they are not all on disk. What is there of them is cut off, now or before the next ones.
    pub(crate) fn append(&mut self, texts: &[String]) -> io::Result<()> {
        if self.is_torn {
            self.cut()?;
        }
        self.write(self.numbered(texts).as_bytes())?;
        self.lines += texts.len() as u64;
        Ok(())
    }

    /// Bytes of whole lines.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    fn numbered(&self, texts: &[String]) -> String {
        let lines = (self.lines + 1..).zip(texts);
        lines.map(|(number, text)| checked_line(number, text)).collect()
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.append(bytes) {
            self.is_torn = true;
            // Where even this fails, the next lines try it again.
            let _ = self.cut();
            return Err(error);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn cut(&mut self) -> io::Result<()> {
        self.file.cut(self.length)?;
        self.is_torn = false;
        Ok(())
    }
}

/// To be called where tokio runs. A write beyond the process's limit for file sizes fails. By default the system would end the process instead.
pub(crate) fn take_file_limits_as_errors() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        const SIGXFSZ: i32 = 25;
        // Where the number is of another signal, a write beyond the limit ends the process as before.
        let _ = signal(SignalKind::from_raw(SIGXFSZ));
    }
}
