//! Serializes numbers as their bytes in memory, for messages between a page and its workers. Both run on one machine.

use bytemuck::Pod;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{Formatter, Result as Written};
use std::marker::PhantomData;

/// Writes numbers as one byte string.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<T: Pod, S: Serializer>(numbers: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytemuck::cast_slice(numbers))
}

/// Reads what [`serialize`] wrote.
///
/// # Errors
/// Those of the deserializer, or a length that is not a multiple of the number's size.
pub fn deserialize<'de, T: Pod, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_bytes(PodVisitor(PhantomData))
}

struct PodVisitor<T>(PhantomData<T>);

impl<T: Pod> Visitor<'_> for PodVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> Written {
        formatter.write_str("the bytes of numbers")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        if !bytes.len().is_multiple_of(size_of::<T>()) {
            return Err(E::invalid_length(bytes.len(), &self));
        }
        Ok(bytemuck::pod_collect_to_vec(bytes))
    }
}

/// Lists of counts: bytes in a message, numbers in a JSON report.
pub mod lists {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    struct PodReader(#[serde(with = "super")] Vec<u64>);

    #[derive(Serialize)]
    struct PodWriter<'a>(#[serde(with = "super")] &'a [u64]);

    /// Writes lists.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(lists: &[Vec<u64>], serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return lists.serialize(serializer);
        }
        serializer.collect_seq(lists.iter().map(|list| PodWriter(list)))
    }

    /// Reads what [`serialize`] wrote.
    ///
    /// # Errors
    /// Those of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u64>>, D::Error> {
        if deserializer.is_human_readable() {
            return Vec::deserialize(deserializer);
        }
        let lists = Vec::<PodReader>::deserialize(deserializer)?;
        Ok(lists.into_iter().map(|PodReader(list)| list).collect())
    }
}
