//! What people look for in the command palette in words of their own, and where it is.

use crate::glossary::GlossaryTerm;
use crate::routes::PageRoute;
use poolkeeper_core::model::Band;

/// Where an intent leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntentTarget {
    /// An address of the app.
    Address(String),
    /// The help.
    Help,
    /// The tour.
    Tour,
}

/// Something a person may want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// What the palette says.
    pub words: String,
    /// Other words for it.
    keywords: &'static str,
    /// Where it leads.
    pub target: IntentTarget,
}

impl Intent {
    /// Whether every word typed is part of one of its own.
    #[must_use]
    pub fn answers(&self, typed: &str) -> bool {
        let own = format!("{} {}", self.words, self.keywords).to_lowercase();
        typed.to_lowercase().split_whitespace().all(|word| own.contains(word))
    }
}

/// All intents, in the order in which they are listed.
#[must_use]
pub fn intents() -> Vec<Intent> {
    let at = |words: &str, keywords, page: PageRoute, query: &[(&str, &str)]| Intent {
        words: words.to_owned(),
        keywords,
        target: IntentTarget::Address(page.href(query)),
    };
    let help = |words: &str, keywords, target| Intent {
        words: words.to_owned(),
        keywords,
        target,
    };
    let band = |words, keywords, band: Band| at(words, keywords, PageRoute::Domains, &[("pool", band.pool_name())]);
    let mut all = vec![
        help(
            "Help and terms",
            "? what is glossary explain manual keyboard shortcuts",
            IntentTarget::Help,
        ),
        help("Take the tour", "help intro guide story demo start", IntentTarget::Tour),
        band("Poor domains", "bad fell fallen dynamic_poor reputation", Band::Poor),
        band("Good domains", "dynamic_good reputation", Band::Good),
        band("New domains", "dynamic_new", Band::New),
        at(
            "Pinned domains",
            "override overridden",
            PageRoute::Domains,
            &[("override", "on")],
        ),
        at(
            "Domains that are not enrolled",
            "enroll preview outside add",
            PageRoute::Domains,
            &[("tab", "not-enrolled")],
        ),
        at(
            "What changed",
            "fell rose fallen week why cause back period compare",
            PageRoute::Changes,
            &[],
        ),
        at(
            "Moves to poor",
            "fell fallen demoted history week why",
            PageRoute::History,
            &[("to", Band::Poor.pool_name())],
        ),
        at(
            "Try other thresholds",
            "limit policy what-if simulate lab map",
            PageRoute::WhatIf,
            &[],
        ),
        at(
            "Estimate Mailgun’s thresholds",
            "calibrate limit policy unpublished",
            PageRoute::WhatIf,
            &[],
        ),
        at(
            "Export domains",
            "csv json download save report",
            PageRoute::Domains,
            &[],
        ),
        at(
            "Export history",
            "csv json download save report",
            PageRoute::History,
            &[],
        ),
        at(
            "Report of a what-if",
            "export html json download save print",
            PageRoute::WhatIf,
            &[],
        ),
        at(
            "Import a CSV",
            "file upload traffic sendgrid ses json",
            PageRoute::Settings,
            &[],
        ),
        at(
            "Connect a Mailgun account",
            "live api key eu us region",
            PageRoute::Settings,
            &[],
        ),
        at(
            "Another scenario",
            "simulator seed size reset",
            PageRoute::Settings,
            &[],
        ),
    ];
    all.extend(GlossaryTerm::ALL.map(|term| {
        let words = format!("What is: {}", term.name());
        help(&words, "help glossary term", IntentTarget::Help)
    }));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(typed: &str) -> String {
        let found = intents().into_iter().find(|intent| intent.answers(typed));
        found.map(|intent| intent.words).unwrap_or_default()
    }

    #[test]
    fn what_people_type_is_answered() {
        assert_eq!(first("help"), "Help and terms");
        assert_eq!(first("?"), "Help and terms");
        assert_eq!(first("threshold"), "Try other thresholds");
        assert_eq!(first("export"), "Export domains");
        assert_eq!(first("poor domains"), "Poor domains");
        assert_eq!(first("Domains poor"), "Poor domains");
        assert_eq!(first("what is bounce rate"), "What is: bounce rate");
        assert_eq!(first("no such thing"), "");
    }

    #[test]
    fn poor_domains_are_those_of_the_poor_pool() {
        let poor = intents()
            .into_iter()
            .find(|intent| intent.answers("poor domains"))
            .unwrap();
        assert_eq!(
            poor.target,
            IntentTarget::Address("/domains?pool=dynamic_poor".to_owned())
        );
    }
}
