//! Stores counts while a file is read. Memory grows with the domain-days that have a row, not with the rows.
//!
//! While a file is read, its days and domains are not known, so the table cannot be allocated yet. Counts are stored in
//! tiles of [`TILE_DAYS`] days, one for each domain and block of days that has a row. Rows of one domain and day add up
//! in one cell. At the end the table's columns are built one after another, and a column's tiles are freed before the
//! next is begun.

use super::cells::DAYS;
use super::repeats::{RepeatFinder, RowIdentity};
use poolkeeper_core::traffic::CountOverflow;

/// Days in a tile: the number of bits of its `u32` mask.
const TILE_DAYS: usize = 32;

/// Tiles in a slab: 32 MB, which allocators return to the system as soon as it is freed.
const SLAB_TILES: usize = 1 << 18;

/// Marks a block without a tile.
const NONE: u32 = u32::MAX;

type Tile = [u32; TILE_DAYS];

/// One column's tiles, by number.
#[derive(Debug, Default)]
struct ColumnTiles(Vec<Vec<Tile>>);

impl ColumnTiles {
    /// Adds a tile of zeros.
    fn push(&mut self) {
        match self.0.last_mut() {
            Some(slab) if slab.len() < SLAB_TILES => slab.push([0; TILE_DAYS]),
            last => {
                // The first slab grows, for small files; the others are allocated at full size.
                let mut slab = Vec::with_capacity(if last.is_some() { SLAB_TILES } else { 0 });
                slab.push([0; TILE_DAYS]);
                self.0.push(slab);
            }
        }
    }

    /// The number of tiles.
    fn len(&self) -> usize {
        let full = self.0.len().saturating_sub(1) * SLAB_TILES;
        full + self.0.last().map_or(0, Vec::len)
    }

    fn get(&self, tile: u32) -> Option<&Tile> {
        let tile = tile as usize;
        self.0.get(tile / SLAB_TILES)?.get(tile % SLAB_TILES)
    }

    fn cell(&mut self, tile: u32, day: usize) -> Option<&mut u32> {
        let tile = tile as usize;
        self.0
            .get_mut(tile / SLAB_TILES)?
            .get_mut(tile % SLAB_TILES)?
            .get_mut(day)
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TileRow {
    /// The first row of its domain and day.
    First,
    /// Added to other rows of its domain and day.
    Added,
    /// Equal to an earlier row of its domain and day; nothing was changed.
    Repeated,
    /// Not stored, because there are more tiles than numbers for them.
    Outside,
}

/// The counts of the rows so far, by domain and day.
#[derive(Debug, Default)]
pub(super) struct Tiles {
    /// Each domain's tile, by block of days from [`FIRST_DAY`](super::cells::FIRST_DAY).
    blocks: Vec<Vec<u32>>,
    /// Processed, delivered, bounced, complained.
    columns: [ColumnTiles; 4],
    /// For each tile, which of its days have a row.
    present: Vec<u32>,
    /// For each tile, which of its days have several rows.
    merged: Vec<u32>,
    /// The text hash of each day's first row. Empty until a row has one other than 0.
    hashes: ColumnTiles,
}

impl Tiles {
    /// Adds a row's counts, unless it repeats an earlier row of its domain and day and `is_repeat_kept` is false. The day
    /// is counted from [`FIRST_DAY`](super::cells::FIRST_DAY).
    pub fn add(
        &mut self,
        row: &RowIdentity,
        repeats: &mut RepeatFinder,
        is_repeat_kept: bool,
    ) -> Result<(TileRow, bool), CountOverflow> {
        let outside = Ok((TileRow::Outside, false));
        let tile = self.tile(row.domain, row.day_index / TILE_DAYS);
        let day = row.day_index % TILE_DAYS;
        let bit = 1 << day;
        let Some(present) = self.present.get_mut(tile as usize) else {
            return outside;
        };
        let [processed, delivered, bounced, complained] = &mut self.columns;
        let cells = [processed, delivered, bounced, complained].map(|slabs| slabs.cell(tile, day));
        let [Some(processed), Some(delivered), Some(bounced), Some(complained)] = cells else {
            return outside;
        };
        if *present & bit == 0 {
            *present |= bit;
            [*processed, *delivered, *bounced, *complained] = row.counts;
            if row.text_hash != 0 {
                self.set_hash(tile, day, row.text_hash);
            }
            return Ok((TileRow::First, false));
        }
        let Some(merged) = self.merged.get_mut(tile as usize) else {
            return outside;
        };
        let held = [*processed, *delivered, *bounced, *complained];
        let is_repeat = if *merged & bit == 0 {
            let first = RowIdentity {
                counts: held,
                text_hash: self
                    .hashes
                    .get(tile)
                    .and_then(|hashes| hashes.get(day))
                    .copied()
                    .unwrap_or(0),
                ..*row
            };
            first == *row || repeats.is_repeat_of(&first, row)
        } else {
            repeats.is_repeat(row)
        };
        if is_repeat && !is_repeat_kept {
            return Ok((TileRow::Repeated, true));
        }
        let mut sums = [0; 4];
        for ((sum, held), more) in sums.iter_mut().zip(held).zip(row.counts) {
            *sum = held.checked_add(more).ok_or(CountOverflow)?;
        }
        [*processed, *delivered, *bounced, *complained] = sums;
        *merged |= bit;
        Ok((TileRow::Added, is_repeat))
    }

    /// Stores the text hash of a day's first row.
    fn set_hash(&mut self, tile: u32, day: usize, hash: u32) {
        while self.hashes.len() < self.present.len() {
            self.hashes.push();
        }
        if let Some(slot) = self.hashes.cell(tile, day) {
            *slot = hash;
        }
    }

    /// The tile of a domain and block; adds one if there is none.
    fn tile(&mut self, domain: u32, block: usize) -> u32 {
        if self.blocks.len() <= block {
            self.blocks
                .resize_with(DAYS.div_ceil(TILE_DAYS).max(block + 1), Vec::new);
        }
        let Some(tiles) = self.blocks.get_mut(block) else {
            return NONE;
        };
        let domain = domain as usize;
        if tiles.len() <= domain {
            tiles.resize(domain + 1, NONE);
        }
        let Some(tile) = tiles.get_mut(domain) else {
            return NONE;
        };
        if *tile == NONE {
            *tile = u32::try_from(self.present.len()).unwrap_or(NONE);
            self.present.push(0);
            self.merged.push(0);
            self.columns.iter_mut().for_each(ColumnTiles::push);
        }
        *tile
    }

    /// A domain's tiles over some days: each with the range of its days and its number, if there is a tile.
    fn tiles_of_domain(
        &self,
        domain: usize,
        days: std::ops::Range<usize>,
    ) -> impl Iterator<Item = (std::ops::Range<usize>, Option<u32>)> {
        let blocks = days.start / TILE_DAYS..days.end.div_ceil(TILE_DAYS);
        blocks.map(move |block| {
            let first = block * TILE_DAYS;
            let tile_days = days.start.max(first) - first..days.end.min(first + TILE_DAYS) - first;
            let tile = self.blocks.get(block).and_then(|tiles| tiles.get(domain)).copied();
            (tile_days, tile.filter(|tile| *tile != NONE))
        })
    }

    /// Appends one domain's counts to a column of the table; gaps become zeros.
    pub fn append(&self, column: usize, domain: usize, days: std::ops::Range<usize>, to: &mut Vec<u32>) {
        let slabs = self.columns.get(column);
        for (tile_days, tile) in self.tiles_of_domain(domain, days) {
            let cells = slabs
                .zip(tile)
                .and_then(|(slabs, tile)| slabs.get(tile)?.get(tile_days.clone()));
            match cells {
                Some(cells) => to.extend_from_slice(cells),
                None => to.resize(to.len() + tile_days.len(), 0),
            }
        }
    }

    /// Appends one domain's bits for days with a row.
    pub fn append_present(&self, domain: usize, days: std::ops::Range<usize>, to: &mut Vec<u64>) {
        let start = to.len();
        to.resize(start + days.len().div_ceil(64), 0);
        let mut at = 0;
        for (tile_days, tile) in self.tiles_of_domain(domain, days) {
            let mask = tile
                .and_then(|tile| self.present.get(tile as usize))
                .copied()
                .unwrap_or(0);
            // At most 32 bits, which may span two words.
            let bits = u64::from(mask >> tile_days.start) & ((1 << tile_days.len()) - 1);
            let (word, shift) = (start + at / 64, at % 64);
            if let Some(word) = to.get_mut(word) {
                *word |= bits << shift;
            }
            if let Some(word) = to.get_mut(word + 1).filter(|_| shift > 32) {
                *word |= bits >> (64 - shift);
            }
            at += tile_days.len();
        }
    }

    /// The number of a domain's days with a row.
    pub fn present_days(&self, domain: usize, days: std::ops::Range<usize>) -> u64 {
        let tiles = self.tiles_of_domain(domain, days);
        let masks = tiles.map(|(tile_days, tile)| {
            let mask = tile
                .and_then(|tile| self.present.get(tile as usize))
                .copied()
                .unwrap_or(0);
            let bits = u64::from(mask >> tile_days.start) & ((1 << tile_days.len()) - 1);
            u64::from(bits.count_ones())
        });
        masks.sum()
    }

    /// Frees what only reading needs.
    pub fn free_lookups(&mut self) {
        self.hashes = ColumnTiles::default();
        self.merged = Vec::new();
    }

    /// Frees a column's tiles.
    pub fn free(&mut self, column: usize) {
        if let Some(slabs) = self.columns.get_mut(column) {
            *slabs = ColumnTiles::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tiles and the table begin on different days: tests every offset, over more than one word of bits.
    #[test]
    fn days_are_in_their_places_for_any_first_day() {
        for first in 60..100 {
            let (mut tiles, mut repeats) = (Tiles::default(), RepeatFinder::default());
            let days = first..first + 150;
            let has_row = |domain: usize, day: usize| (day * 7 + domain * 3) % 5 < 2;
            for (domain, day) in [2, 0]
                .into_iter()
                .flat_map(|domain| days.clone().map(move |day| (domain, day)))
            {
                if has_row(domain, day) {
                    let count = u32::try_from(1_000 * domain + day).unwrap();
                    let counts = [count, count + 1, count + 2, count + 3];
                    let row = |counts| RowIdentity {
                        domain: u32::try_from(domain).unwrap(),
                        day_index: day,
                        counts,
                        text_hash: 0,
                    };
                    assert_eq!(
                        tiles.add(&row(counts), &mut repeats, false),
                        Ok((TileRow::First, false))
                    );
                    assert_eq!(
                        tiles.add(&row([1; 4]), &mut repeats, false),
                        Ok((TileRow::Added, false))
                    );
                    assert_eq!(
                        tiles.add(&row(counts), &mut repeats, false),
                        Ok((TileRow::Repeated, true))
                    );
                }
            }
            for domain in 0..3 {
                let has_row = |day: &usize| domain != 1 && has_row(domain, *day);
                let held = days.clone().filter(has_row).count() as u64;
                assert_eq!(tiles.present_days(domain, days.clone()), held);
                let mut bits = vec![7];
                tiles.append_present(domain, days.clone(), &mut bits);
                let held: Vec<usize> = (0..150).filter(|at| bits[1 + at / 64] >> (at % 64) & 1 == 1).collect();
                let expected = days.clone().filter(has_row).map(|day| day - first);
                assert!(expected.eq(held.iter().copied()), "from day {first}");
                assert_eq!((bits.len(), bits[3] >> (150 - 128)), (4, 0));
                for column in 0..4 {
                    let mut cells = Vec::new();
                    tiles.append(column, domain, days.clone(), &mut cells);
                    let expected = days.clone().map(|day| {
                        if has_row(&day) {
                            1_000 * domain + day + column + 1
                        } else {
                            0
                        }
                    });
                    assert!(expected.eq(cells.iter().map(|cell| *cell as usize)), "from day {first}");
                }
            }
        }
    }

    #[test]
    fn a_sum_that_overflows_changes_nothing() {
        let (mut tiles, mut repeats) = (Tiles::default(), RepeatFinder::default());
        let row = |counts| RowIdentity {
            domain: 0,
            day_index: 5,
            counts,
            text_hash: 0,
        };
        let first = tiles.add(&row([1, 2, 3, u32::MAX]), &mut repeats, true);
        assert_eq!(first, Ok((TileRow::First, false)));
        assert_eq!(tiles.add(&row([1; 4]), &mut repeats, true), Err(CountOverflow));
        let mut cells = Vec::new();
        (0..4).for_each(|column| tiles.append(column, 0, 5..6, &mut cells));
        assert_eq!(cells, [1, 2, 3, u32::MAX]);
    }
}
