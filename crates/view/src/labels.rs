//! What a person notes about domains: customer, owner, tags, a note, and why and how long an override is meant to last. It is
//! kept in the browser and as a CSV file.

use poolkeeper_core::model::{Day, DomainName};
use poolkeeper_core::text;
use std::collections::{BTreeMap, BTreeSet};

/// Rows kept at most.
pub const MOST_ROWS: usize = 100_000;
/// Rows with a `*` at most: each is compared with every domain.
const MOST_PATTERNS: usize = 500;
/// The longest cell, characters.
const LONGEST_CELL: usize = 500;
/// Problems that are said at most.
const MOST_PROBLEMS: usize = 10;

/// The file's columns.
pub const COLUMNS: [&str; 7] = [
    "applies_to",
    "customer",
    "owner",
    "tags",
    "note",
    "override_reason",
    "override_until",
];

/// What is noted about a domain. Empty where nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Whose domain it is.
    pub customer: String,
    /// Who looks after it.
    pub owner: String,
    /// Words to find it by.
    pub tags: BTreeSet<String>,
    /// Anything.
    pub note: String,
    /// Why it is pinned.
    pub override_reason: String,
    /// The last day on which it is meant to be pinned.
    pub override_until: Option<Day>,
}

impl Label {
    /// Whether nothing is noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The tags as a person types them: `newsletter, trial`.
    #[must_use]
    pub fn tags_text(&self) -> String {
        self.tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// Reads tags as a person types them.
    #[must_use]
    pub fn parse_tags(text: &str) -> BTreeSet<String> {
        let tags = text.split([',', ';']).map(str::trim).filter(|tag| !tag.is_empty());
        tags.map(str::to_owned).collect()
    }

    /// Takes what is missing here from a less specific label.
    fn fill_from(&mut self, other: &Self) {
        let fill = |own: &mut String, other: &str| {
            if own.is_empty() {
                own.push_str(other);
            }
        };
        fill(&mut self.customer, &other.customer);
        fill(&mut self.owner, &other.owner);
        fill(&mut self.note, &other.note);
        fill(&mut self.override_reason, &other.override_reason);
        self.override_until = self.override_until.or(other.override_until);
        self.tags.extend(other.tags.iter().cloned());
    }
}

/// All labels, by what they apply to: a domain (`mail.example.com`), names with a `*` (`*.example.com`), or an account
/// (`account: Juniper Post`).
///
/// # Examples
/// ```
/// use poolkeeper_core::model::DomainName;
/// use poolkeeper_view::labels::Labels;
/// let file = "applies_to,customer,owner\n*.acme.example,Acme,ann\nbig.acme.example,,bob\n";
/// let labels = Labels::parse_csv(file).unwrap();
/// let label = labels.of(&DomainName::parse("big.acme.example").unwrap(), "");
/// assert_eq!((label.customer.as_str(), label.owner.as_str()), ("Acme", "bob"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    domains: BTreeMap<String, Label>,
    /// The longest first: a longer pattern says more.
    patterns: Vec<(String, Label)>,
    accounts: BTreeMap<String, Label>,
}

const ACCOUNT: &str = "account:";

impl Labels {
    /// What is noted about a domain: by its name first, then by names with a `*`, the longest first, then by its account. Tags of
    /// all of them add up.
    #[must_use]
    pub fn of(&self, domain: &DomainName, account: &str) -> Label {
        let mut label = self.domains.get(domain.as_str()).cloned().unwrap_or_default();
        for (pattern, other) in &self.patterns {
            if matches(pattern, domain.as_str()) {
                label.fill_from(other);
            }
        }
        if let Some(other) = self.accounts.get(&account.to_lowercase()) {
            label.fill_from(other);
        }
        label
    }

    /// What is noted about a domain by its own name.
    #[must_use]
    pub fn own(&self, domain: &DomainName) -> Label {
        self.domains.get(domain.as_str()).cloned().unwrap_or_default()
    }

    /// Notes something about a domain; an empty label forgets it.
    pub fn set(&mut self, domain: &DomainName, label: Label) {
        if label.is_empty() {
            self.domains.remove(domain.as_str());
        } else {
            self.domains.insert(domain.as_str().to_owned(), label);
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.domains.len() + self.patterns.len() + self.accounts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The customers, in the order of names.
    #[must_use]
    pub fn customers(&self) -> BTreeSet<&str> {
        let customers = self.rows().map(|(_, label)| label.customer.as_str());
        customers.filter(|customer| !customer.is_empty()).collect()
    }

    /// The tags, in the order of names.
    #[must_use]
    pub fn tags(&self) -> BTreeSet<&str> {
        self.rows()
            .flat_map(|(_, label)| label.tags.iter().map(String::as_str))
            .collect()
    }

    fn rows(&self) -> impl Iterator<Item = (String, &Label)> {
        let domains = self.domains.iter().map(|(name, label)| (name.clone(), label));
        let patterns = self.patterns.iter().map(|(pattern, label)| (pattern.clone(), label));
        let accounts = self
            .accounts
            .iter()
            .map(|(name, label)| (format!("{ACCOUNT} {name}"), label));
        domains.chain(patterns).chain(accounts)
    }

    /// All labels as the file that [`Labels::parse_csv`] reads.
    #[must_use]
    pub fn csv(&self) -> String {
        let header = text::csv_row(COLUMNS);
        let row = |(applies_to, label): (String, &Label)| {
            text::csv_row([
                applies_to,
                label.customer.clone(),
                label.owner.clone(),
                label.tags_text(),
                label.note.clone(),
                label.override_reason.clone(),
                label.override_until.map(|day| day.to_string()).unwrap_or_default(),
            ])
        };
        std::iter::once(header).chain(self.rows().map(row)).collect()
    }

    /// Reads a file. The header names the columns; all but `applies_to` may be left out.
    ///
    /// # Errors
    /// What is wrong, each with its line and column: nothing is taken then.
    pub fn parse_csv(file: &str) -> Result<Self, Vec<String>> {
        let file = file.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file.as_bytes());
        let header = reader.headers().map_err(|error| vec![error.to_string()])?.clone();
        let place = |column: &str| header.iter().position(|name| name.trim().eq_ignore_ascii_case(column));
        if place("applies_to").is_none() {
            return Err(vec![format!(
                "The first line has no column applies_to. It names the columns: {}",
                COLUMNS.join(",")
            )]);
        }
        let unknown = header
            .iter()
            .find(|name| !COLUMNS.iter().any(|known| known.eq_ignore_ascii_case(name.trim())));
        if let Some(unknown) = unknown {
            let unknown = text::shorten(unknown);
            return Err(vec![format!(
                "The column “{unknown}” is not known. Columns are: {}",
                COLUMNS.join(",")
            )]);
        }
        let places = COLUMNS.map(place);
        let (mut labels, mut problems) = (Self::default(), Vec::new());
        for (at, record) in reader.records().enumerate() {
            if at >= MOST_ROWS {
                problems.push(format!("There are more than {} rows", text::count(MOST_ROWS as u64)));
                break;
            }
            let line = at + 2;
            let row = record.map_err(|error| error.to_string());
            let added = row.and_then(|record| {
                let cell = |place: Option<usize>| {
                    place
                        .and_then(|place| record.get(place))
                        .unwrap_or("")
                        .trim()
                        .to_owned()
                };
                labels.add(places.map(cell))
            });
            if let Err(problem) = added {
                problems.push(format!("line {line}: {problem}"));
                if problems.len() >= MOST_PROBLEMS {
                    break;
                }
            }
        }
        if problems.is_empty() { Ok(labels) } else { Err(problems) }
    }

    fn add(&mut self, cells: [String; 7]) -> Result<(), String> {
        let long = COLUMNS
            .iter()
            .zip(&cells)
            .find(|(_, cell)| cell.chars().count() > LONGEST_CELL);
        if let Some((column, _)) = long {
            return Err(format!("{column} has more than {LONGEST_CELL} characters"));
        }
        // A spreadsheet's guard against formulas, as exports write it.
        let cells = cells.map(|cell| match cell.strip_prefix('\'') {
            Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
            _ => cell,
        });
        let [applies_to, customer, owner, tags, note, override_reason, until] = cells;
        let override_until = match until.as_str() {
            "" => None,
            text => Some(
                text.parse::<chrono::NaiveDate>()
                    .map(Day::from_date)
                    .map_err(|_| format!("override_until is “{}”; write a day as 2026-08-31", text::shorten(text)))?,
            ),
        };
        let label = Label {
            customer,
            owner,
            tags: Label::parse_tags(&tags),
            note,
            override_reason,
            override_until,
        };
        if label.is_empty() {
            return Ok(());
        }
        if let Some(account) = applies_to.strip_prefix(ACCOUNT) {
            self.accounts.insert(account.trim().to_lowercase(), label);
        } else if applies_to.contains('*') {
            if self.patterns.len() >= MOST_PATTERNS {
                return Err(format!("there are more than {MOST_PATTERNS} names with a *"));
            }
            self.patterns.push((applies_to.to_lowercase(), label));
            self.patterns
                .sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.len()));
        } else {
            let name = DomainName::parse(&applies_to).map_err(|error| {
                format!("applies_to: {error}. Write a domain, names with a *, or account: and a name")
            })?;
            self.domains.insert(name.as_str().to_owned(), label);
        }
        Ok(())
    }
}

/// Whether a name fits a pattern in which each `*` is any text.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| name.strip_prefix(start)) else {
        return false;
    };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    #[test]
    fn the_nearest_row_says_what_it_has_and_tags_add_up() {
        let file = "applies_to,customer,owner,tags\r\n\
            account: Juniper Post,Juniper,ann,paid\r\n\
            *.example,Example Inc,,europe\r\n\
            *.mail.example,Mail Team,bob,\r\n\
            one.mail.example,,,\"trial; big\"\r\n";
        let labels = Labels::parse_csv(file).unwrap();
        let label = labels.of(&name("one.mail.example"), "juniper post");
        assert_eq!((label.customer.as_str(), label.owner.as_str()), ("Mail Team", "bob"));
        assert_eq!(label.tags_text(), "big, europe, paid, trial");
        assert_eq!(labels.of(&name("two.example"), "other").customer, "Example Inc");
        assert_eq!(labels.of(&name("two.test"), "Juniper Post").customer, "Juniper");
        assert!(labels.of(&name("two.test"), "other").is_empty());
        assert_eq!(
            labels.customers(),
            BTreeSet::from(["Example Inc", "Juniper", "Mail Team"])
        );
    }

    #[test]
    fn a_file_reads_back_as_it_was_written() {
        let mut labels = Labels::parse_csv(
            "\u{feff}note,applies_to,override_reason,override_until\n\"a, \"\"b\"\"\",x.example,agreed with ann,2026-08-31\n=1+1,y.example,,\n",
        )
        .unwrap();
        let label = labels.own(&name("x.example"));
        assert_eq!(label.note, "a, \"b\"");
        assert_eq!(label.override_until.unwrap().to_string(), "2026-08-31");
        labels.set(
            &name("z.example"),
            Label {
                customer: "Z".to_owned(),
                ..Label::default()
            },
        );
        labels.set(&name("never.example"), Label::default());
        assert_eq!(labels.len(), 3);
        assert_eq!(Labels::parse_csv(&labels.csv()), Ok(labels));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_nothing_is_taken() {
        let said = |file: &str| Labels::parse_csv(file).unwrap_err().join("\n");
        assert!(said("domain,customer\n").contains("column applies_to"));
        assert!(said("applies_to,client\n").contains("“client” is not known"));
        let wrong = said("applies_to,customer,override_until\nx.example,A,soon\nnot a name,B,\n");
        assert!(wrong.contains("line 2: override_until is “soon”"), "{wrong}");
        assert!(wrong.contains("line 3: applies_to:"), "{wrong}");
        let long = said(&format!("applies_to,note\nx.example,{}\n", "n".repeat(501)));
        assert!(long.contains("line 2: note has more than 500"), "{long}");
    }

    #[test]
    fn stars_are_any_text() {
        for (pattern, name, fits) in [
            ("*.example", "a.example", true),
            ("*.example", "a.b.example", true),
            ("*.example", "example", false),
            ("mail*.*.test", "mail2.big.test", true),
            ("mail*.*.test", "mail2.test", false),
            ("*", "anything.example", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
