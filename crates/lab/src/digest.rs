//! A digest of the traffic, to tell whether two results are about the same traffic.

use crate::timeline::{Timeline, TimelineEventKind};
use poolkeeper_core::traffic::Table;
use std::ops::Range;
use xxhash_rust::xxh3::Xxh3;

/// Numbers per call of the hash function.
const BLOCK: usize = 256;

fn hash_column(hash: &mut Xxh3, column: &[u32]) {
    let mut bytes = Vec::with_capacity(BLOCK * 4);
    for block in column.chunks(BLOCK) {
        bytes.clear();
        bytes.extend(block.iter().flat_map(|count| count.to_le_bytes()));
        hash.update(&bytes);
    }
}

fn hash_text(hash: &mut Xxh3, text: &str) {
    hash.update(&(text.len() as u64).to_le_bytes());
    hash.update(text.as_bytes());
}

/// A digest (XXH3, 128 bits, hexadecimal) of every domain, account, day and row of a table, in its order, and of the
/// timeline. Equal traffic has equal digests, and a digest does not reveal the traffic.
#[must_use]
pub fn digest(table: &Table, timeline: Option<&Timeline>) -> String {
    let mut digest = TrafficDigest::new(table);
    digest.add(table, 0..table.domains().len());
    digest.finish(timeline)
}

/// A digest under way: domains are added in order.
pub(crate) struct TrafficDigest {
    hash: Xxh3,
}

impl TrafficDigest {
    pub fn new(table: &Table) -> Self {
        let mut hash = Xxh3::new();
        hash.update(&table.first_day().0.to_le_bytes());
        hash.update(&table.day_count().to_le_bytes());
        Self { hash }
    }

    /// Adds the domains that follow those added before.
    pub fn add(&mut self, table: &Table, domains: Range<usize>) {
        let hash = &mut self.hash;
        for position in domains {
            let (Some(columns), Some(domain)) = (table.columns(position), table.domains().get(position)) else {
                continue;
            };
            let account = table.accounts.get(domain.account as usize);
            hash_text(hash, domain.name.as_str());
            hash_text(hash, account.map_or("", String::as_str));
            for column in [
                columns.processed,
                columns.delivered,
                columns.bounced,
                columns.complained,
            ] {
                hash_column(hash, column);
            }
            for word in columns.present {
                hash.update(&word.to_le_bytes());
            }
        }
    }

    /// The digest, once all domains are added.
    pub fn finish(mut self, timeline: Option<&Timeline>) -> String {
        let Some(timeline) = timeline else {
            return format!("{:032x}", self.hash.digest128());
        };
        self.hash.update(&[1, u8::from(timeline.others_enrolled)]);
        for domain in timeline.domains() {
            for event in timeline.events(domain) {
                let kind = match event.kind {
                    TimelineEventKind::Enrolled => [0, 0],
                    TimelineEventKind::Unenrolled => [1, 0],
                    TimelineEventKind::Pinned(band) => [2, band as u8],
                    TimelineEventKind::Unpinned => [3, 0],
                };
                self.hash.update(&domain.to_le_bytes());
                self.hash.update(&event.at.0.to_le_bytes());
                self.hash.update(&kind);
            }
        }
        format!("{:032x}", self.hash.digest128())
    }
}
