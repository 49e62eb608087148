//! Columns that have rates instead of counts, by their names.

use super::columns::normal_name;
use poolkeeper_core::text::shorten;

/// The columns that are rates or grades, such as those of Google's Postmaster Tools and Microsoft's SNDS.
pub(super) fn names_of_ratios(names: &[String]) -> Vec<String> {
    let is_ratio = |name: &&String| {
        let normal = normal_name(name);
        let lower = name.to_ascii_lowercase();
        let words = ["rate", "ratio", "percent", "percentage", "pct", "reputation"];
        name.contains('%')
            || normal.split('_').any(|word| words.contains(&word))
            || normal == "filter_result"
            || lower.ends_with("ratio")
            || lower.ends_with("reputation")
    };
    // A row of SNDS, which has no header: its grade, and a share of complaints.
    let has = |test: fn(&str) -> bool| names.iter().any(|name| test(name.trim()));
    let is_grade = |name: &str| matches!(name, "GREEN" | "YELLOW" | "RED");
    if has(is_grade) && has(|name| name.ends_with('%')) {
        return vec!["complaint rate".to_owned()];
    }
    names
        .iter()
        .filter(is_ratio)
        .map(|name| shorten(name))
        .take(10)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_known_by_their_names() {
        let ratios = |line: &str| names_of_ratios(&line.split(',').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(
            ratios("Date,Domain,User Reported Spam Rate"),
            ["User Reported Spam Rate"]
        );
        assert_eq!(ratios("name,userReportedSpamRatio,domainReputation").len(), 2);
        assert_eq!(ratios("date,bounce %,delivered"), ["bounce %"]);
        assert_eq!(
            ratios("192.0.2.10,4/1/2026 12:00 AM,400,GREEN,< 0.1%,"),
            ["complaint rate"]
        );
        assert_eq!(ratios("date,operated,separate,generated,rating"), [""; 0]);
    }
}
