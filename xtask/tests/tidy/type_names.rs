//! A type's name is defined once in the workspace, so that it means one thing wherever it is read.

use crate::lists;
use crate::workspace::workspace;
use std::collections::BTreeMap;

/// Where each name is defined, where that is in several files or modules. Types that tests define for themselves, and those
/// inside a function, are named nowhere else.
fn find_doubled() -> BTreeMap<&'static str, Vec<String>> {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for source in workspace().sources.iter().filter(|source| is_code(&source.path)) {
        for defined in source
            .facts
            .types
            .iter()
            .filter(|defined| !defined.is_test && !defined.is_local)
        {
            places
                .entry(&defined.name)
                .or_default()
                .push(format!("{}:{}", source.path, defined.line));
        }
    }
    places.retain(|_, places| places.len() > 1);
    places
}

fn is_code(path: &str) -> bool {
    path.split('/').any(|part| part == "src") && !path.ends_with("/tests.rs")
}

#[test]
fn a_type_name_is_defined_once() {
    let allowed = lists::with_reasons("doubled-types.txt");
    let doubled = find_doubled();
    let is_allowed = |name: &str| allowed.iter().any(|(what, _)| what == name);
    let wrong: Vec<String> = doubled
        .iter()
        .filter(|(name, _)| !is_allowed(name))
        .map(|(name, places)| format!("{name}: {}", places.join(" ")))
        .collect();
    let single: Vec<&str> = allowed
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !doubled.contains_key(name))
        .collect();
    assert!(
        wrong.is_empty() && single.is_empty(),
        "{} type names are defined more than once. Rename all but one, or say in xtask/tidy/doubled-types.txt, as `Name: reason`, \
         what makes it plain which is meant:\n{}\nNames of that list that are defined once by now:\n{}",
        wrong.len(),
        wrong.join("\n"),
        single.join("\n")
    );
}

#[cfg(test)]
mod tests {
    use crate::facts;

    #[test]
    fn types_of_every_kind_are_seen_and_associated_types_are_not() {
        let code =
            "struct A; enum B {} union C { a: u8 } trait D { type Not; } type E = u8; impl D for A { type Not = u8; }
            mod inner { struct A; } fn f() { struct Local; } #[cfg(test)] mod tests { struct OfTests; }";
        let types = facts::of(code).unwrap().types;
        let public: Vec<&str> = types
            .iter()
            .filter(|a| !a.is_local && !a.is_test)
            .map(|a| a.name.as_str())
            .collect();
        assert_eq!(public, ["A", "B", "C", "D", "E", "A"]);
        assert_eq!(types.len(), 8);
    }
}
