//! The day that “the latest 7 days” end with.

use super::{use_account, use_simulated};
use crate::browser;
use leptos::prelude::*;
use poolkeeper_core::model::{Day, Timestamp};

/// The simulator's last whole day, whose check was the latest; of a live account today, by UTC: Mailgun does not say when it checks.
#[must_use]
pub(crate) fn use_last_day() -> Memo<Day> {
    let (account, simulated) = (use_account(), use_simulated());
    Memo::new(move |_| {
        if account.source().is_simulator() {
            simulated.sim().last_complete_day()
        } else {
            Timestamp::from(browser::now_utc()).day()
        }
    })
}
