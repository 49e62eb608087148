//! Counts on their way to the table: what is held grows with the domain-days that have a row, not with the rows.
//!
//! While a file is read, neither its first and last day nor its last domain is known, so a domain's days cannot lie in their
//! places yet. They lie in tiles of [`TILE_DAYS`] days, one for each domain and stretch of days that has a row, in the order
//! in which they were first needed; another row of the same domain and day adds to the same cell. In the end the table's
//! columns are made one after another, and a column's tiles are given back before the next is begun.

use super::cells::DAYS;
use poolkeeper_core::traffic::{AddedRow, CountOverflow};

/// Days in a tile; as many as a mask of `u32` has bits.
const TILE_DAYS: usize = 32;

/// Tiles in a slab: 32 MB, which allocators give back to the system as soon as it is freed.
const SLAB_TILES: usize = 1 << 18;

/// Where a domain has no tile.
const NONE: u32 = u32::MAX;

type Tile = [u32; TILE_DAYS];

/// One column's tiles, by number.
#[derive(Debug, Default)]
struct ColumnTiles(Vec<Vec<Tile>>);

impl ColumnTiles {
    /// One more tile, of zeros.
    fn push(&mut self) {
        match self.0.last_mut() {
            Some(slab) if slab.len() < SLAB_TILES => slab.push([0; TILE_DAYS]),
            last => {
                // The first grows with a small file, the others are as large as they get.
                let mut slab = Vec::with_capacity(if last.is_some() { SLAB_TILES } else { 0 });
                slab.push([0; TILE_DAYS]);
                self.0.push(slab);
            }
        }
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

/// The counts of the rows so far, by domain and day.
#[derive(Debug, Default)]
pub(super) struct Tiles {
    /// For each stretch of days since the first that a row may be of, each domain's tile.
    stretches: Vec<Vec<u32>>,
    /// Processed, delivered, bounced, complained.
    columns: [ColumnTiles; 4],
    /// For each tile, which of its days have a row.
    present: Vec<u32>,
}

impl Tiles {
    /// Adds a row's counts; the day counts from the first that a row may be of.
    pub fn add(&mut self, domain: u32, since: usize, counts: [u32; 4]) -> Result<AddedRow, CountOverflow> {
        let tile = self.tile(domain, since / TILE_DAYS);
        let day = since % TILE_DAYS;
        let [processed, delivered, bounced, complained] = &mut self.columns;
        let cells = [processed, delivered, bounced, complained].map(|slabs| slabs.cell(tile, day));
        let ([Some(processed), Some(delivered), Some(bounced), Some(complained)], Some(present)) =
            (cells, self.present.get_mut(tile as usize))
        else {
            return Ok(AddedRow::Outside);
        };
        let [more_processed, more_delivered, more_bounced, more_complained] = counts;
        let sum = |held: &u32, more: u32| held.checked_add(more).ok_or(CountOverflow);
        let sums = [
            sum(processed, more_processed)?,
            sum(delivered, more_delivered)?,
            sum(bounced, more_bounced)?,
            sum(complained, more_complained)?,
        ];
        [*processed, *delivered, *bounced, *complained] = sums;
        let bit = 1 << day;
        let added = if *present & bit == 0 {
            AddedRow::ToGap
        } else {
            AddedRow::ToRow
        };
        *present |= bit;
        Ok(added)
    }

    /// The tile of a domain and stretch, made where there is none.
    fn tile(&mut self, domain: u32, stretch: usize) -> u32 {
        if self.stretches.len() <= stretch {
            self.stretches
                .resize_with(DAYS.div_ceil(TILE_DAYS).max(stretch + 1), Vec::new);
        }
        let Some(tiles) = self.stretches.get_mut(stretch) else {
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
            self.columns.iter_mut().for_each(ColumnTiles::push);
        }
        *tile
    }

    /// A domain's tiles on some days: each with the days of it that count and the tile's number, if there is one.
    fn along(
        &self,
        domain: usize,
        days: std::ops::Range<usize>,
    ) -> impl Iterator<Item = (std::ops::Range<usize>, Option<u32>)> {
        let stretches = days.start / TILE_DAYS..days.end.div_ceil(TILE_DAYS);
        stretches.map(move |stretch| {
            let first = stretch * TILE_DAYS;
            let inside = days.start.max(first) - first..days.end.min(first + TILE_DAYS) - first;
            let tile = self.stretches.get(stretch).and_then(|tiles| tiles.get(domain)).copied();
            (inside, tile.filter(|tile| *tile != NONE))
        })
    }

    /// Puts one domain's counts of one column at the end of the table's column; gaps become zeros.
    pub fn append(&self, column: usize, domain: usize, days: std::ops::Range<usize>, to: &mut Vec<u32>) {
        let slabs = self.columns.get(column);
        for (inside, tile) in self.along(domain, days) {
            let cells = slabs
                .zip(tile)
                .and_then(|(slabs, tile)| slabs.get(tile)?.get(inside.clone()));
            match cells {
                Some(cells) => to.extend_from_slice(cells),
                None => to.resize(to.len() + inside.len(), 0),
            }
        }
    }

    /// Puts one domain's days that have a row at the end of the table's bits.
    pub fn append_present(&self, domain: usize, days: std::ops::Range<usize>, to: &mut Vec<u64>) {
        let start = to.len();
        to.resize(start + days.len().div_ceil(64), 0);
        let mut at = 0;
        for (inside, tile) in self.along(domain, days) {
            let mask = tile
                .and_then(|tile| self.present.get(tile as usize))
                .copied()
                .unwrap_or(0);
            // At most 32 bits: of a word, and of the next.
            let bits = u64::from(mask >> inside.start) & ((1 << inside.len()) - 1);
            let (word, shift) = (start + at / 64, at % 64);
            if let Some(word) = to.get_mut(word) {
                *word |= bits << shift;
            }
            if let Some(word) = to.get_mut(word + 1).filter(|_| shift > 32) {
                *word |= bits >> (64 - shift);
            }
            at += inside.len();
        }
    }

    /// Gives a column's tiles back.
    pub fn free(&mut self, column: usize) {
        if let Some(slabs) = self.columns.get_mut(column) {
            *slabs = ColumnTiles::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tiles begin on other days than a table does: every offset, over more than one word of bits.
    #[test]
    fn days_lie_in_their_places_wherever_the_table_begins() {
        for first in 60..100 {
            let mut tiles = Tiles::default();
            let days = first..first + 150;
            let has_row = |domain: usize, day: usize| (day * 7 + domain * 3) % 5 < 2;
            for (domain, day) in [2, 0]
                .into_iter()
                .flat_map(|domain| days.clone().map(move |day| (domain, day)))
            {
                if has_row(domain, day) {
                    let count = u32::try_from(1_000 * domain + day).unwrap();
                    let counts = [count, count + 1, count + 2, count + 3];
                    let domain = u32::try_from(domain).unwrap();
                    assert_eq!(tiles.add(domain, day, counts), Ok(AddedRow::ToGap));
                    assert_eq!(tiles.add(domain, day, [1; 4]), Ok(AddedRow::ToRow));
                }
            }
            for domain in 0..3 {
                let has_row = |day: &usize| domain != 1 && has_row(domain, *day);
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
    fn a_sum_past_a_cell_leaves_it_as_it_was() {
        let mut tiles = Tiles::default();
        assert_eq!(tiles.add(0, 5, [1, 2, 3, u32::MAX]), Ok(AddedRow::ToGap));
        assert_eq!(tiles.add(0, 5, [1, 1, 1, 1]), Err(CountOverflow));
        let mut cells = Vec::new();
        (0..4).for_each(|column| tiles.append(column, 0, 5..6, &mut cells));
        assert_eq!(cells, [1, 2, 3, u32::MAX]);
    }
}
