//! Choices of an import.

use super::limits::ImportLimits;
use super::mapping::Mapping;

/// Choices of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Limits of the table's size and of the report.
    pub limits: ImportLimits,
    /// How the file is to be read.
    pub mapping: Mapping,
}
