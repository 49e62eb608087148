//! Formats counts, rates, thresholds, dates and names. Pages, reports and the command line all use it, so that a number
//! reads the same everywhere.
//!
//! # Examples
//! ```
//! use poolkeeper_core::text;
//! assert_eq!(text::counted(1_234, "domain"), "1,234 domains");
//! assert_eq!(text::limit(3_000), "0.3 %");
//! assert_eq!(text::share(4, 10_000), "0.04 %");
//! assert_eq!(text::duration_ms(185_000), "3 min 5 s");
//! ```

mod bases;
mod counts;
mod csv;
mod dates;
mod lists;
mod name_warning;
mod names;
mod params;
mod policy;
pub mod rates;

pub use bases::base_difference;
pub use counts::{compact, count, counted, signed};
pub use csv::csv_row;
pub use dates::{day, day_long, day_short, duration_ms, good_on, instant, instant_utc, weekday};
pub use lists::{listed, quote, shorten};
pub use name_warning::{NameWarning, is_plain_name, marked_name, name_warning};
pub use names::{band_shape, base_word, capitalized, event_noun, events_noun, in_sentence, metric_name, pool_word};
pub use policy::policy_sentences;
pub use rates::{limit, share};
