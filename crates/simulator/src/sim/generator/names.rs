//! Plausible, neutral names.

use crate::sim::noise::{hash, mix};
use poolkeeper_core::model::DomainName;

const HOSTS: [&str; 8] = ["mail", "send", "mg", "notify", "news", "email", "post", "updates"];
const WORDS: [&str; 40] = [
    "amber", "aspen", "birch", "bramble", "brook", "cedar", "cliff", "clover", "cobalt", "copper", "coral", "dune",
    "ember", "fern", "field", "flint", "garnet", "glade", "grove", "harbor", "hazel", "heath", "indigo", "juniper",
    "lumen", "maple", "meadow", "moss", "north", "ocean", "onyx", "pebble", "pine", "quartz", "reed", "river", "sage",
    "slate", "spruce", "willow",
];
const ENDINGS: [&str; 6] = ["com", "net", "org", "io", "co.uk", "de"];
const TRADES: [&str; 16] = [
    "Books", "Cycles", "Events", "Foods", "Games", "Gardens", "Health", "Homes", "Labs", "Media", "Music", "Outdoors",
    "Retail", "Studio", "Travel", "Works",
];

fn pick<const N: usize>(list: &'static [&'static str; N], bits: u64) -> &'static str {
    usize::try_from(bits % N as u64)
        .ok()
        .and_then(|at| list.get(at))
        .copied()
        .unwrap_or("mail")
}

/// The name of the `ix`th of `size` domains, unlike every other's: each has a number of its own.
pub(in crate::sim) fn domain_name(seed: u64, size: u32, ix: u32) -> DomainName {
    let bits = hash(seed ^ 0x4a3e, u64::from(ix));
    // Numbers are the positions, permuted: 7919 is a prime, so multiplying is one-to-one for every other modulus.
    let modulus = u64::from(if size.is_multiple_of(7919) { size + 1 } else { size });
    let number = 10 + (u64::from(ix) * 7919 + mix(seed) % modulus) % modulus;
    let (host, word) = (pick(&HOSTS, bits), pick(&WORDS, bits >> 8));
    DomainName::as_sent(&format!("{host}.{word}{number}.{}", pick(&ENDINGS, bits >> 16)))
}

/// The name of the `ix`th subaccount, unlike every other's.
pub(in crate::sim) fn account_name(seed: u64, ix: u32) -> String {
    let all = (WORDS.len() * TRADES.len()) as u64;
    // 7 shares no factor with 640: one-to-one.
    let at = (u64::from(ix) * 7 + mix(seed ^ 0xacc0)) % all;
    let word = pick(&WORDS, at % WORDS.len() as u64);
    let trade = pick(&TRADES, at / WORDS.len() as u64);
    let mut letters = word.chars();
    let capital: String = letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect();
    match u64::from(ix) / all {
        0 => format!("{capital} {trade}"),
        round => format!("{capital} {trade} {}", round + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_lower_case() {
        for (seed, size) in [(1, 60), (2, 7919), (u64::MAX, 20_000)] {
            let names: BTreeSet<_> = (0..size).map(|ix| domain_name(seed, size, ix).to_string()).collect();
            assert_eq!(names.len(), size as usize);
            assert!(names.iter().all(|name| *name == name.to_lowercase()));
        }
        let accounts: BTreeSet<_> = (0..1000).map(|ix| account_name(5, ix)).collect();
        assert_eq!(accounts.len(), 1000);
    }
}
