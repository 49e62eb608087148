//! The names of bands, pools and metrics.

use crate::health::Metric;
use crate::model::{Band, PoolName};

/// A pool's display name: its band's word, or the received name if it is unknown.
#[must_use]
pub fn pool_word(pool: &PoolName) -> &str {
    match pool.band() {
        Some(band) => band.word(),
        None => pool.as_str(),
    }
}

/// The shape shown with a band's colour, so that colour never carries the meaning alone: ● good, ▲ poor, ◆ new, ○ unknown.
#[must_use]
pub const fn band_shape(band: Option<Band>) -> &'static str {
    match band {
        Some(Band::Good) => "●",
        Some(Band::Poor) => "▲",
        Some(Band::New) => "◆",
        None => "○",
    }
}

/// A metric's name: `Bounce rate`. [`in_sentence`] makes it `bounce rate`.
#[must_use]
pub const fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::BounceRate => "Bounce rate",
        Metric::ComplaintRate => "Complaint rate",
    }
}

/// The noun for one event of a metric: `bounce`, `complaint`.
#[must_use]
pub const fn event_noun(metric: Metric) -> &'static str {
    match metric {
        Metric::BounceRate => "bounce",
        Metric::ComplaintRate => "complaint",
    }
}

/// The noun for several events of a metric: `bounces`, `complaints`.
#[must_use]
pub const fn events_noun(metric: Metric) -> &'static str {
    match metric {
        Metric::BounceRate => "bounces",
        Metric::ComplaintRate => "complaints",
    }
}

/// The word for the messages that a metric divides by: `sent`, `delivered`.
#[must_use]
pub const fn base_word(metric: Metric) -> &'static str {
    match metric {
        Metric::BounceRate => "sent",
        Metric::ComplaintRate => "delivered",
    }
}

/// A name inside a sentence, without its capital: `bounce rate, poor at least`.
#[must_use]
pub fn in_sentence(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A word at the start of a sentence: `poor` is `Poor`.
#[must_use]
pub fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
