//! Views of a list that a person saved by name: a page with its filters, sort and columns, as the address has them.

use serde::{Deserialize, Serialize};

/// Views kept at most.
pub const MOST_VIEWS: usize = 100;
/// The longest name, characters.
pub const LONGEST_NAME: usize = 60;
/// The longest query, bytes.
const LONGEST_QUERY: usize = 2_000;

/// One saved view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// The page: `domains`, `history`.
    pub page: String,
    /// What the person calls it.
    pub name: String,
    /// The address's query, without its question mark.
    pub query: String,
}

/// All saved views, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedViews(Vec<SavedView>);

impl SavedViews {
    /// Reads what [`SavedViews::to_json`] wrote. What is not a view, or too long, is left out.
    #[must_use]
    pub fn parse(json: &str) -> Self {
        let values: Vec<serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
        let views = values.into_iter().take(MOST_VIEWS).filter_map(|value| {
            let view: SavedView = serde_json::from_value(value).ok()?;
            is_valid(&view).then_some(view)
        });
        let mut all = Self(views.collect());
        all.order();
        all
    }

    /// All of them as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// Those of a page.
    pub fn of_page(&self, page: &str) -> impl Iterator<Item = &SavedView> {
        self.0.iter().filter(move |view| view.page == page)
    }

    /// Adds a view, in place of one of the same page and name.
    ///
    /// # Errors
    /// What is wrong, for the person who named it.
    pub fn save(&mut self, page: &str, name: &str, query: &str) -> Result<(), String> {
        let view = SavedView {
            page: page.to_owned(),
            name: name.trim().to_owned(),
            query: query.trim_start_matches('?').to_owned(),
        };
        if view.name.is_empty() {
            return Err("Type a name for this view".to_owned());
        }
        if view.name.chars().count() > LONGEST_NAME {
            return Err(format!("A name has at most {LONGEST_NAME} characters"));
        }
        if !is_valid(&view) {
            return Err("This view's address is too long to be saved: choose fewer filters".to_owned());
        }
        self.remove(page, &view.name);
        if self.0.len() >= MOST_VIEWS {
            return Err(format!("{MOST_VIEWS} views are saved: delete one first"));
        }
        self.0.push(view);
        self.order();
        Ok(())
    }

    /// Removes a view.
    pub fn remove(&mut self, page: &str, name: &str) {
        self.0.retain(|view| view.page != page || view.name != name);
    }

    fn order(&mut self) {
        self.0.sort_by_cached_key(|view| view.name.to_lowercase());
    }
}

fn is_valid(view: &SavedView) -> bool {
    !view.name.is_empty() && view.name.chars().count() <= LONGEST_NAME && view.query.len() <= LONGEST_QUERY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_saved_replaced_and_removed_by_page_and_name() {
        let mut views = SavedViews::default();
        views
            .save("domains", " Poor, large ", "?pool=poor&sort=-processed")
            .unwrap();
        views.save("domains", "All", "").unwrap();
        views.save("history", "All", "to=dynamic_poor").unwrap();
        views.save("domains", "All", "sort=account").unwrap();
        let read = SavedViews::parse(&views.to_json());
        assert_eq!(read, views);
        let of_domains: Vec<_> = read
            .of_page("domains")
            .map(|view| (view.name.as_str(), view.query.as_str()))
            .collect();
        assert_eq!(
            of_domains,
            [("All", "sort=account"), ("Poor, large", "pool=poor&sort=-processed")]
        );
        views.remove("domains", "All");
        assert_eq!(views.of_page("domains").count(), 1);
        assert_eq!(views.of_page("history").count(), 1);
    }

    #[test]
    fn a_name_is_wanted_and_bounds_hold() {
        let mut views = SavedViews::default();
        assert!(views.save("domains", "  ", "").unwrap_err().contains("name"));
        assert!(views.save("domains", &"x".repeat(61), "").unwrap_err().contains("60"));
        assert!(
            views
                .save("domains", "long", &"x".repeat(2_001))
                .unwrap_err()
                .contains("too long")
        );
        for number in 0..MOST_VIEWS {
            views.save("domains", &number.to_string(), "").unwrap();
        }
        assert!(views.save("domains", "one more", "").unwrap_err().contains("delete"));
        views.save("domains", "7", "sort=pool").unwrap();
    }

    #[test]
    fn damaged_storage_keeps_what_reads() {
        let json = r#"[{"page":"domains","name":"a","query":"q=1"}, 5, {"name":"b"}, {"page":"domains","name":"","query":""}]"#;
        assert_eq!(SavedViews::parse(json).of_page("domains").count(), 1);
        assert_eq!(SavedViews::parse("{"), SavedViews::default());
    }
}
