//! A pasted list of IPs, as people have them in mails and sheets.

use crate::ip_inventory::{IpInventory, IpRow};
use poolkeeper_core::model::{Band, Ip, PoolName};
use poolkeeper_core::text;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The longest text that is read, bytes.
pub const LONGEST_TEXT: usize = 200_000;
/// IPs of one network or range that are named at most, for each reason.
const MOST_IPS_LISTED: usize = 3;
/// Entries that are named at most, of those that can't be taken.
const MOST_NAMED: usize = 20;

/// What a pasted list comes to for a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastedIps {
    /// IPs that can join the pool, each once, in the account's order.
    pub joining: Vec<Ip>,
    /// What can't be taken, a sentence each.
    pub problems: Vec<String>,
}

/// One entry: an address, or all addresses from one to another.
struct Entry {
    text: String,
    first: IpAddr,
    last: IpAddr,
}

impl PastedIps {
    /// Reads a text and finds its IPs among the account's. Addresses may be separated by anything, be written with `[.]`, and be
    /// given as networks (`203.0.113.0/29`) or ranges (`203.0.113.4-203.0.113.9`, `203.0.113.4-9`).
    ///
    /// # Examples
    /// ```
    /// use poolkeeper_account::{ip_inventory::IpInventory, pasted_ips::PastedIps};
    /// use poolkeeper_core::model::Band;
    /// let pasted = PastedIps::read("203[.]0[.]113[.]7; mail", &IpInventory::default(), Band::Good);
    /// assert_eq!(
    ///     pasted.problems,
    ///     ["203.0.113.7 is not an IP of this account", "“mail” is not an IP address, network or range"]
    /// );
    /// ```
    #[must_use]
    pub fn read(text: &str, inventory: &IpInventory, pool: Band) -> Self {
        if text.len() > LONGEST_TEXT {
            let problem = format!(
                "The text is longer than {} bytes: paste a part of it",
                text::count(LONGEST_TEXT as u64)
            );
            return Self {
                joining: Vec::new(),
                problems: vec![problem],
            };
        }
        let mut pasted = Self::default();
        let mut rest = 0;
        for entry in entries(text) {
            let problem = match entry {
                Err(text) => Some(format!(
                    "“{}” is not an IP address, network or range",
                    text::shorten(&text)
                )),
                Ok(entry) => pasted.take(&entry, inventory, pool),
            };
            match problem {
                Some(problem) if pasted.problems.len() < MOST_NAMED => pasted.problems.push(problem),
                Some(_) => rest += 1,
                None => {}
            }
        }
        if rest > 0 {
            pasted
                .problems
                .push(format!("and {} more that can’t be taken", text::count(rest)));
        }
        pasted
    }

    /// Adds an entry's IPs; what is wrong with it, if anything.
    fn take(&mut self, entry: &Entry, inventory: &IpInventory, pool: Band) -> Option<String> {
        let is_meant = |row: &&IpRow| {
            let address = row.ip.as_str().parse::<IpAddr>().ok().map(plain);
            address.is_some_and(|address| entry.first <= address && address <= entry.last)
        };
        let rows: Vec<&IpRow> = inventory.ips.iter().filter(is_meant).collect();
        if rows.is_empty() {
            let text = &entry.text;
            return Some(if entry.first == entry.last {
                format!("{} is not an IP of this account", entry.first)
            } else {
                format!("{text}: this account has no IP in it")
            });
        }
        // Each reason once, with the IPs that it is about.
        let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in rows {
            if self.joining.contains(&row.ip) {
                continue;
            }
            let is_in = row.pool.as_ref().and_then(PoolName::band) == Some(pool);
            let why = is_in.then(|| format!("in {} already", pool.pool_name()));
            match why.or_else(|| row.why_not(pool)) {
                Some(why) => refused.entry(why).or_default().push(row.ip.to_string()),
                None => self.joining.push(row.ip.clone()),
            }
        }
        let problems: Vec<String> = refused
            .iter()
            .map(|(why, ips)| format!("{}: {why}", text::listed(ips, MOST_IPS_LISTED)))
            .collect();
        (!problems.is_empty()).then(|| problems.join("; "))
    }
}

/// The entries of a text; what is none of them as it is written.
fn entries(text: &str) -> Vec<Result<Entry, String>> {
    let mut plain = text.to_owned();
    for (written, meant) in [
        ("[.]", "."),
        ("(.)", "."),
        ("[dot]", "."),
        ("[:]", ":"),
        ("–", "-"),
        ("—", "-"),
        ("\u{2212}", "-"),
    ] {
        plain = plain.replace(written, meant);
    }
    // A range with spaces round its dash is one entry.
    let is_word = |word: &&str| *word == "-" || word.contains(char::is_alphanumeric);
    let words: Vec<&str> = plain.split(is_separator).filter(is_word).collect();
    let mut joined: Vec<String> = Vec::new();
    let mut is_open = false;
    for word in words {
        let is_dash = word == "-";
        match joined.last_mut() {
            Some(last) if is_dash || is_open => last.push_str(word),
            _ => joined.push(word.to_owned()),
        }
        is_open = is_dash;
    }
    joined.into_iter().map(|word| entry(&word).ok_or(word)).collect()
}

/// Spaces of every kind, separators and quotes; also characters that show nothing.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            ',' | ';' | '|' | '"' | '\'' | '“' | '”' | '(' | ')' | '<' | '>' | '[' | ']' | '{' | '}'
        )
        || poolkeeper_core::model::is_invisible(character)
}

fn entry(word: &str) -> Option<Entry> {
    let of = |first: IpAddr, last: IpAddr| {
        (first <= last && first.is_ipv4() == last.is_ipv4()).then(|| Entry {
            text: word.to_owned(),
            first,
            last,
        })
    };
    let word = word.trim_end_matches('.');
    if let Ok(address) = word.parse::<IpAddr>() {
        let address = plain(address);
        return of(address, address);
    }
    if let Some((network, bits)) = word.split_once('/') {
        let (first, last) = network_ends(plain(network.parse().ok()?), bits.parse().ok()?)?;
        return of(first, last);
    }
    let (first, last) = word.split_once('-')?;
    let first = plain(first.parse().ok()?);
    if let Ok(last) = last.parse::<IpAddr>() {
        return of(first, plain(last));
    }
    // `203.0.113.4-9`: the last number alone.
    let IpAddr::V4(address) = first else { return None };
    let [a, b, c, _] = address.octets();
    of(first, IpAddr::from([a, b, c, last.parse().ok()?]))
}

/// An IPv4 address that is written as an IPv6 one, as IPv4.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// The first and the last address of a network.
fn network_ends(address: IpAddr, bits: u32) -> Option<(IpAddr, IpAddr)> {
    match address {
        IpAddr::V4(address) if bits <= 32 => {
            let hosts = u32::MAX.checked_shr(bits).unwrap_or(0);
            let first = u32::from(address) & !hosts;
            Some((IpAddr::V4(first.into()), IpAddr::V4((first | hosts).into())))
        }
        IpAddr::V6(address) if bits <= 128 => {
            let hosts = u128::MAX.checked_shr(bits).unwrap_or(0);
            let first = u128::from(address) & !hosts;
            Some((IpAddr::V6(first.into()), IpAddr::V6((first | hosts).into())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ip: &str, pool: Option<Band>) -> IpRow {
        IpRow {
            ip: Ip::as_sent(ip),
            is_dedicated: Some(true),
            is_warming: Some(false),
            is_enabled: Some(true),
            warm_up: None,
            pool: pool.map(PoolName::Known),
            dedicated_pool: None,
        }
    }

    fn inventory() -> IpInventory {
        let free = [
            "203.0.113.4",
            "203.0.113.5",
            "203.0.113.9",
            "203.0.113.16",
            "2001:db8::1",
        ];
        let mut ips: Vec<IpRow> = free.map(|ip| row(ip, None)).to_vec();
        ips.push(row("203.0.113.6", Some(Band::Good)));
        ips.push(IpRow {
            is_dedicated: Some(false),
            ..row("203.0.113.7", None)
        });
        IpInventory {
            ips,
            ..IpInventory::default()
        }
    }

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let pasted = PastedIps::read(text, &inventory(), Band::Good);
        (
            pasted.joining.iter().map(ToString::to_string).collect(),
            pasted.problems,
        )
    }

    #[test]
    fn any_separators_spellings_and_doubles_are_read() {
        let both = ["203.0.113.4", "203.0.113.5"];
        for text in [
            "203.0.113.4,203.0.113.5",
            "203.0.113.4\u{a0};\t203.0.113.5\r\n203.0.113.4",
            "“203.0.113.4” | <203.0.113.5>.",
            "203[.]0[.]113[.]4 203(.)0(.)113(.)5",
            "203.0.113.4-203.0.113.5",
            "203.0.113.4 – 203.0.113.5",
            "203.0.113.4-5",
            "203.0.113.4/31",
            "::ffff:203.0.113.4 203.0.113.5\u{200b}",
        ] {
            let (joining, problems) = read(text);
            assert_eq!(
                (joining.as_slice(), problems.as_slice()),
                (&both.map(str::to_owned)[..], &[][..]),
                "{text}"
            );
        }
        assert_eq!(read("[2001:0DB8:0:0:0:0:0:1]").0, ["2001:db8::1"]);
        assert_eq!(read("2001:db8::/64").0, ["2001:db8::1"]);
    }

    #[test]
    fn what_can_not_be_taken_is_named() {
        let (joining, problems) =
            read("203.0.113.4, 203.0.113.6, 198.51.100.1, 203.0.113.300, 198.51.100.0/24, 203.0.113.9-203.0.113.4");
        assert_eq!(joining, ["203.0.113.4"]);
        assert_eq!(
            problems,
            [
                "203.0.113.6: in dynamic_good already",
                "198.51.100.1 is not an IP of this account",
                "“203.0.113.300” is not an IP address, network or range",
                "198.51.100.0/24: this account has no IP in it",
                "“203.0.113.9-203.0.113.4” is not an IP address, network or range",
            ]
        );
        let (joining, problems) = read("203.0.113.7");
        assert_eq!((joining.len(), problems.len()), (0, 1));
        assert!(problems[0].starts_with("203.0.113.7: "), "{problems:?}");
    }

    #[test]
    fn a_network_takes_those_that_can_join_and_names_the_others() {
        let (joining, problems) = read("203.0.113.0/29");
        assert_eq!(joining, ["203.0.113.4", "203.0.113.5"]);
        assert!(
            problems[0].starts_with("203.0.113.6: in dynamic_good already; 203.0.113.7: "),
            "{problems:?}"
        );
        // All of IPv4, and a prefix that no address has.
        assert_eq!(read("0.0.0.0/0").0.len(), 4);
        assert_eq!(read("203.0.113.4/33").1.len(), 1);
    }

    #[test]
    fn much_text_is_bounded() {
        let (joining, problems) = read(&"x ".repeat(1_000));
        assert!(joining.is_empty());
        assert_eq!(
            (problems.len(), problems[20].as_str()),
            (21, "and 980 more that can’t be taken")
        );
        assert_eq!(read(&"1".repeat(LONGEST_TEXT + 1)).1.len(), 1);
    }
}
