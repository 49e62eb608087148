//! Which columns of a list are shown, as the address keeps it.

use poolkeeper_core::text;

/// The columns shown. The first always is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenColumns {
    ids: Vec<&'static str>,
    shown: Vec<bool>,
    at_first: Vec<bool>,
}

impl ChosenColumns {
    /// Reads a comma-separated list of identifiers. Unknown ones are ignored; where none is known, the columns that are shown at
    /// first are.
    #[must_use]
    pub fn parse(text: &str, ids: &[&'static str], hidden_at_first: &[&str]) -> Self {
        let asked: Vec<&str> = text.split(',').map(str::trim).collect();
        let is_known = asked.iter().any(|id| ids.contains(id));
        let at_first: Vec<bool> = ids.iter().map(|id| !hidden_at_first.contains(id)).collect();
        let shown = if is_known {
            let first = ids.first();
            ids.iter().map(|id| first == Some(id) || asked.contains(id)).collect()
        } else {
            at_first.clone()
        };
        Self {
            ids: ids.to_vec(),
            shown,
            at_first,
        }
    }

    /// Whether the column at a position is shown.
    #[must_use]
    pub fn has(&self, at: usize) -> bool {
        self.shown.get(at).copied().unwrap_or(false)
    }

    /// The text for the address once a column was shown or hidden; empty for the columns shown at first.
    #[must_use]
    pub fn toggled(&self, at: usize) -> String {
        let mut shown = self.shown.clone();
        if let Some(is_shown) = shown.get_mut(at).filter(|_| at > 0) {
            *is_shown = !*is_shown;
        }
        if shown == self.at_first {
            return String::new();
        }
        let ids = self
            .ids
            .iter()
            .zip(shown)
            .filter_map(|(id, is_shown)| is_shown.then_some(*id));
        ids.collect::<Vec<_>>().join(",")
    }

    /// `7 of 10`; empty for the columns shown at first.
    #[must_use]
    pub fn words(&self) -> String {
        if self.shown == self.at_first {
            return String::new();
        }
        let count = self.shown.iter().filter(|is_shown| **is_shown).count();
        format!(
            "{} of {}",
            text::count(count as u64),
            text::count(self.ids.len() as u64)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 4] = ["name", "pool", "rate", "registered"];

    fn chosen(text: &str) -> ChosenColumns {
        ChosenColumns::parse(text, &IDS, &["registered"])
    }

    fn shown(text: &str) -> [bool; 4] {
        let chosen = chosen(text);
        [0, 1, 2, 3].map(|at| chosen.has(at))
    }

    #[test]
    fn the_address_names_what_is_shown_and_the_first_always_is() {
        assert_eq!(shown(""), [true, true, true, false]);
        assert_eq!(shown("registered, rate"), [true, false, true, true]);
        assert_eq!(shown("moon"), [true, true, true, false]);
        assert_eq!(shown("name"), [true, false, false, false]);
    }

    #[test]
    fn a_press_shows_or_hides_one() {
        assert_eq!(chosen("").toggled(1), "name,rate");
        assert_eq!(chosen("name,rate").toggled(1), "");
        assert_eq!(chosen("").toggled(3), "name,pool,rate,registered");
        assert_eq!(chosen("").toggled(0), "");
        assert_eq!(chosen("").words(), "");
        assert_eq!(chosen("name,rate").words(), "2 of 4");
    }
}
