//! The terms of the console, each with its meaning and where the rule comes from. The pages explain a term with it, the help
//! lists all of them, and `docs/glossary.md` has the same words.

/// Who a term's rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermSource {
    /// Mailgun's documentation says so.
    Mailgun,
    /// Mailgun publishes nothing; Poolkeeper decides, and a policy changes it.
    Policy,
    /// A notion of Poolkeeper's own.
    Poolkeeper,
}

impl TermSource {
    /// The source in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Mailgun => "By Mailgun’s documentation.",
            Self::Policy => "Mailgun does not publish this. It is part of Poolkeeper’s policy, which you can change.",
            Self::Poolkeeper => "A term of Poolkeeper.",
        }
    }
}

/// A term that a page can explain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlossaryTerm {
    /// The three pools.
    DynamicPools,
    /// Good, poor or new.
    Band,
    /// What moves a domain.
    HealthCheck,
    /// Bounced ÷ sent.
    BounceRate,
    /// Complained ÷ delivered.
    ComplaintRate,
    /// The limits of a rate.
    Threshold,
    /// The days that count.
    Window,
    /// Too little mail to judge.
    Minimum,
    /// All parameters of a check.
    Policy,
    /// Belonging to the pools.
    Enrolled,
    /// A pinned pool.
    Override,
    /// A check that changes nothing.
    Preview,
    /// A new IP's first weeks.
    WarmUp,
    /// How far a domain is from a move.
    Headroom,
    /// What a close verdict rests on.
    CloseCall,
    /// A change tried first.
    DryRun,
    /// A past checked again.
    Backtest,
    /// The first days of a backtest.
    StartOfReplay,
    /// A move back soon after.
    Flap,
    /// A copy of an account.
    Fork,
    /// The invented account.
    Simulator,
}

impl GlossaryTerm {
    /// All terms, in the order in which one explains the next.
    pub const ALL: [Self; 21] = [
        Self::DynamicPools,
        Self::Band,
        Self::HealthCheck,
        Self::BounceRate,
        Self::ComplaintRate,
        Self::Threshold,
        Self::Window,
        Self::Minimum,
        Self::Policy,
        Self::Enrolled,
        Self::Override,
        Self::Preview,
        Self::WarmUp,
        Self::Headroom,
        Self::CloseCall,
        Self::DryRun,
        Self::Backtest,
        Self::StartOfReplay,
        Self::Flap,
        Self::Fork,
        Self::Simulator,
    ];

    /// The term.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DynamicPools => "dynamic IP pools",
            Self::Band => "good, poor, new",
            Self::HealthCheck => "health check",
            Self::BounceRate => "bounce rate",
            Self::ComplaintRate => "complaint rate",
            Self::Threshold => "threshold, limit",
            Self::Window => "window",
            Self::Minimum => "too little mail to judge",
            Self::Policy => "policy",
            Self::Enrolled => "enrolled",
            Self::Override => "override, pinned",
            Self::Preview => "preview",
            Self::WarmUp => "warming IP",
            Self::Headroom => "closest to moving",
            Self::CloseCall => "close call",
            Self::DryRun => "dry run",
            Self::Backtest => "backtest, replay",
            Self::StartOfReplay => "start of a replay",
            Self::Flap => "move, flap",
            Self::Fork => "fork",
            Self::Simulator => "simulator",
        }
    }

    /// What it means, in at most three sentences.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::DynamicPools => {
                "Three pools of an account’s dedicated IPs: dynamic_good, dynamic_poor and dynamic_new. Mailgun decides \
                 from which of them a domain sends, so that one domain’s bad mail does not harm the others."
            }
            Self::Band => {
                "The pool that a domain sends from. Good and poor follow from its bounces and complaints. New is a domain \
                 without a verdict yet."
            }
            Self::HealthCheck => {
                "Mailgun’s periodic judgement of a domain by its bounce rate, complaint rate and number of messages. It \
                 moves the domain to the pool that fits. How often it runs is not published; the simulator checks at the \
                 end of each UTC day."
            }
            Self::BounceRate => "Bounced ÷ sent over the window, where sent is delivered + bounced.",
            Self::ComplaintRate => {
                "Complaints ÷ delivered over the window. Gmail reports no complaints, so the real rate is higher."
            }
            Self::Threshold => {
                "The rate up to which a domain is good, or from which it is poor. In between it stays where it is. Mailgun’s \
                 own can’t be set; What-if shows what others would do, and estimates Mailgun’s own from what it did."
            }
            Self::Window => "The last days that a check counts, the day that it closes included.",
            Self::Minimum => {
                "Below a number of messages in the window, a rate says little, and the check does not use it. The domain \
                 stays where it is."
            }
            Self::Policy => {
                "Everything that a health check depends on: thresholds, window, minimum, and how many checks in a row move a domain."
            }
            Self::Enrolled => {
                "The domain sends from a dynamic pool, and health checks choose which. A domain that is not enrolled sends \
                 as before."
            }
            Self::Override => {
                "A person fixed the domain’s pool. Health checks skip it until the override is removed, and then it stays \
                 where it is until the next check."
            }
            Self::Preview => "Mailgun’s health check of a domain without any change: the pool it would get, and why.",
            Self::WarmUp => {
                "A new dedicated IP may send a little more each stage. A dynamic pool needs at least one IP that is not \
                 warming."
            }
            Self::Headroom => {
                "The domains that would move soonest if each goes on as in its last days. A sudden bad campaign can’t be \
                 foreseen."
            }
            Self::CloseCall => "One bounce or complaint more or fewer would have changed the verdict.",
            Self::DryRun => "A change tried on a copy by the rules, to see its effects before it is sent.",
            Self::Backtest => "An account’s own traffic, checked again day by day under a policy.",
            Self::StartOfReplay => {
                "The days before a check can move a domain on complete windows. Every domain begins as new there, so loads, \
                 moves back and IPs needed are counted from the day after."
            }
            Self::Flap => "A check changed the pool. A flap is a move back within 14 days.",
            Self::Fork => "A copy of a live account in the simulator.",
            Self::Simulator => {
                "An account in this browser with invented domains and mail, or with a file’s traffic. It keeps Mailgun’s \
                 rules; nothing in it reaches Mailgun."
            }
        }
    }

    /// Where its rule comes from.
    #[must_use]
    pub const fn source(self) -> TermSource {
        match self {
            Self::DynamicPools
            | Self::Band
            | Self::HealthCheck
            | Self::BounceRate
            | Self::ComplaintRate
            | Self::Enrolled
            | Self::Override
            | Self::Preview
            | Self::WarmUp => TermSource::Mailgun,
            Self::Threshold | Self::Window | Self::Minimum | Self::Policy => TermSource::Policy,
            Self::Headroom
            | Self::CloseCall
            | Self::DryRun
            | Self::Backtest
            | Self::StartOfReplay
            | Self::Flap
            | Self::Fork
            | Self::Simulator => TermSource::Poolkeeper,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_the_same_words() {
        let document = include_str!("../../../docs/glossary.md");
        for term in GlossaryTerm::ALL {
            let row = format!("| {} | {} |", term.name(), term.meaning());
            assert!(document.contains(&row), "docs/glossary.md lacks: {row}");
        }
    }

    #[test]
    fn a_term_stands_once() {
        let names: std::collections::BTreeSet<&str> = GlossaryTerm::ALL.map(GlossaryTerm::name).into();
        assert_eq!(names.len(), GlossaryTerm::ALL.len());
    }
}
