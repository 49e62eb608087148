//! Plausible traffic for benchmarks and bigger tests: repeatable, with quiet senders, incidents and gaps.

#![allow(
    dead_code,
    clippy::indexing_slicing,
    clippy::should_implement_trait,
    clippy::unwrap_used
)]

use poolkeeper_core::model::{Counts, Day, DomainName};
use poolkeeper_core::traffic::{Table, TableDomain};

/// A small repeatable generator (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One of some things.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// Empty domains `d0.example` and so on, all of one account.
pub fn domains(count: usize) -> Vec<TableDomain> {
    (0..count)
        .map(|at| TableDomain {
            name: DomainName::as_sent(&format!("d{at}.example")),
            account: 0,
        })
        .collect()
}

/// Traffic in which most domains send steadily, some badly, and one in four has an incident of some days.
pub fn plausible(seed: u64, domain_count: usize, day_count: u32) -> Table {
    let mut dice = Dice(seed);
    let mut table = Table::empty(Day(20_000), day_count, vec!["Acme".to_owned()], domains(domain_count));
    for domain in 0..domain_count {
        let volume = 20 << dice.below(11);
        let (mut bounce_ppm, mut complaint_ppm) = (5_000 + dice.below(40_000), dice.below(900));
        if dice.below(10) == 0 {
            bounce_ppm += dice.below(100_000);
            complaint_ppm += dice.below(3_000);
        }
        let incident = match dice.below(4) {
            0 => {
                let from = dice.below(u64::from(day_count));
                from..from + 3 + dice.below(8)
            }
            _ => 0..0,
        };
        for day in 0..day_count {
            if dice.below(50) == 0 {
                continue;
            }
            let is_incident = incident.contains(&u64::from(day));
            let processed = volume / 2 + dice.below(volume);
            let sent = processed - dice.below(processed / 50 + 1);
            let rate =
                |base: u64, ppm: u64, roll: u64| (base * ppm * if is_incident { 6 } else { 1 } + roll) / 1_000_000;
            let bounced = rate(sent, bounce_ppm, dice.below(1_000_000)).min(sent);
            let delivered = sent - bounced;
            let complained = rate(delivered, complaint_ppm, dice.below(1_000_000)).min(delivered);
            let row = Counts {
                processed,
                delivered,
                bounced,
                complained,
            };
            table
                .add(domain, Day(20_000).plus(i32::try_from(day).unwrap()), &row)
                .unwrap();
        }
    }
    table
}
