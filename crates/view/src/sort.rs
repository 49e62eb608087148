//! A list's sort, as the address keeps it.

use std::cmp::Ordering;

/// A sort: column and direction. In the address it reads `name` or `-name`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// The column's id; empty for the original order.
    pub column: String,
    /// Whether the largest comes first.
    pub is_descending: bool,
}

impl Sort {
    /// Reads `name` or `-name`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (column, is_descending) = text.strip_prefix('-').map_or((text, false), |column| (column, true));
        Self {
            column: column.to_owned(),
            is_descending,
        }
    }

    /// How two rows compare by a value that either may lack: rows without it come last, whichever end is first.
    pub(crate) fn order<T>(&self, a: Option<T>, b: Option<T>, compare: impl Fn(&T, &T) -> Ordering) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if self.is_descending => compare(&b, &a),
            (Some(a), Some(b)) => compare(&a, &b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }

    /// The text that [`Sort::parse`] reads.
    #[must_use]
    pub fn to_query(&self) -> String {
        format!("{}{}", if self.is_descending { "-" } else { "" }, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sort_reads_as_it_is_written() {
        for (text, column, is_descending) in [
            ("name", "name", false),
            ("-bounce_rate", "bounce_rate", true),
            ("", "", false),
        ] {
            let sort = Sort::parse(text);
            assert_eq!((sort.column.as_str(), sort.is_descending), (column, is_descending));
            assert_eq!(sort.to_query(), text);
        }
    }
}
