//! Plausible traffic from a seed: log-normal volumes with a weekly rhythm, base rates that drift, incidents, new domains
//! that ramp up, days without mail. Most domains are far from any threshold most of the time, as in life.

use poolkeeper_core::model::{Counts, Day, DomainName};
use poolkeeper_core::traffic::{Table, TableDomain};

/// Seeded numbers (xorshift*).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            random.next();
        }
        random
    }

    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Uniform from 0 to 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal.
    fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        radius * libm::cos(self.unit() * std::f64::consts::TAU)
    }

    fn log_normal(&mut self, median: f64, spread: f64) -> f64 {
        median * libm::exp(spread * self.normal())
    }

    /// How many events happen where `mean` are expected.
    fn poisson(&mut self, mean: f64) -> f64 {
        if mean > 30.0 {
            return libm::round(mean + libm::sqrt(mean) * self.normal()).max(0.0);
        }
        let (mut count, mut left) = (0.0, libm::exp(-mean));
        let target = self.unit();
        let mut sum = left;
        while sum < target && count < 200.0 {
            count += 1.0;
            left *= mean / count;
            sum += left;
        }
        count
    }
}

/// What one domain is like.
struct Sender {
    per_day: f64,
    bounce_rate: f64,
    complaint_rate: f64,
    first_day: f64,
    /// Days from and to, factors on bounces and on complaints.
    incident: (f64, f64, f64, f64),
}

fn sender(random: &mut Random, days: u32) -> Sender {
    let days = f64::from(days);
    let start = random.unit() * days;
    let has_incident = random.unit() < 0.25;
    let (bounces, complaints) = if random.unit() < 0.6 {
        (random.log_normal(5.0, 0.5), 1.5)
    } else {
        (1.3, random.log_normal(8.0, 0.6))
    };
    let length = 3.0 + random.unit() * 7.0;
    Sender {
        per_day: random.log_normal(1_500.0, 1.6),
        bounce_rate: random.log_normal(0.012, 0.8),
        complaint_rate: random.log_normal(0.000_25, 0.9),
        first_day: if random.unit() < 0.1 { random.unit() * days } else { 0.0 },
        incident: (
            start,
            if has_incident { start + length } else { start },
            bounces,
            complaints,
        ),
    }
}

/// A table of so many domains and days.
pub fn traffic(domains: usize, days: u32, seed: u64) -> Table {
    let names = (0..domains)
        .map(|at| TableDomain {
            name: DomainName::as_sent(&format!("d{at}.example")),
            account: 0,
        })
        .collect();
    let mut table = Table::empty(Day(20_000), days, vec![String::new()], names);
    for at in 0..domains {
        let mut random = Random::new(seed ^ (at as u64 + 1) << 20);
        let sender = sender(&mut random, days);
        let (mut bounce_drift, mut complaint_drift) = (0.0, 0.0);
        for day in 0..days {
            bounce_drift = 0.97 * bounce_drift + 0.06 * random.normal();
            complaint_drift = 0.97 * complaint_drift + 0.06 * random.normal();
            let since = f64::from(day) - sender.first_day;
            let is_weekend = (day + 3) % 7 >= 5;
            if since < 0.0 || random.unit() < if is_weekend { 0.25 } else { 0.03 } {
                continue;
            }
            let rhythm = if is_weekend { 0.4 } else { 1.0 };
            let ramp = if sender.first_day > 0.0 {
                (since / 21.0).min(1.0)
            } else {
                1.0
            };
            let sent = libm::floor(random.log_normal(sender.per_day * rhythm * ramp, 0.35));
            let (from, to, bounces, complaints) = sender.incident;
            let is_incident = (from..to).contains(&f64::from(day));
            let factor = |factor: f64| if is_incident { factor } else { 1.0 };
            let bounce_rate = sender.bounce_rate * libm::exp(bounce_drift) * factor(bounces);
            let bounced = random.poisson(sent * bounce_rate.min(0.9)).min(sent);
            let complaint_rate = sender.complaint_rate * libm::exp(complaint_drift) * factor(complaints);
            let complained = random
                .poisson((sent - bounced) * complaint_rate.min(0.5))
                .min(sent - bounced);
            let row = Counts {
                processed: sent as u64,
                delivered: (sent - bounced) as u64,
                bounced: bounced as u64,
                complained: complained as u64,
            };
            // Counts of a day are far below a cell's maximum.
            let _ = table.add(at, Day(20_000).plus(day as i32), &row);
        }
    }
    table
}
