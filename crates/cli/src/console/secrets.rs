//! The random values of one run. They are nowhere but in memory, and none is derived from another.

use crate::Failure;
use std::sync::{Mutex, PoisonError};

/// What a browser shows to prove that it was opened by the person who started this program. Has no `Debug`, so it can't print.
pub(super) struct RunSecrets {
    /// Value of the cookie, which no script can read.
    pub(super) session: String,
    /// Value of the header that the page adds to its requests.
    pub(super) token: String,
    /// Part of the link that is printed. It works as long as the program runs.
    pub(super) ticket: String,
    /// Part of the link that the browser is started with. Other users can see command lines, so it works once.
    single_use: Mutex<Option<String>>,
}

impl RunSecrets {
    /// # Errors
    /// [`Failure`] when the system gives no random numbers.
    pub(super) fn draw() -> Result<Self, Failure> {
        Ok(Self {
            session: random()?,
            token: random()?,
            ticket: random()?,
            single_use: Mutex::new(None),
        })
    }

    /// A ticket that works once. It replaces one that was not used.
    ///
    /// # Errors
    /// [`Failure`] when the system gives no random numbers.
    pub(super) fn single_use_ticket(&self) -> Result<String, Failure> {
        let ticket = random()?;
        *self.single_use.lock().unwrap_or_else(PoisonError::into_inner) = Some(ticket.clone());
        Ok(ticket)
    }

    /// Whether a ticket opens the console.
    pub(super) fn take_ticket(&self, given: &str) -> bool {
        let mut single_use = self.single_use.lock().unwrap_or_else(PoisonError::into_inner);
        if single_use.as_deref().is_some_and(|ticket| is_same(ticket, given)) {
            *single_use = None;
            return true;
        }
        is_same(&self.ticket, given)
    }
}

/// Compares in a time that does not depend on where the texts differ.
pub(super) fn is_same(expected: &str, given: &str) -> bool {
    expected.len() == given.len()
        && expected
            .bytes()
            .zip(given.bytes())
            .fold(0, |differs, (a, b)| differs | (a ^ b))
            == 0
}

/// 256 bits in hexadecimal.
fn random() -> Result<String, Failure> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| Failure::of("drawing random numbers", error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;

    #[test]
    fn the_ticket_of_a_command_line_works_once_and_the_printed_one_always() {
        let secrets = RunSecrets::draw().unwrap();
        let once = secrets.single_use_ticket().unwrap();
        assert!(!secrets.take_ticket("") && !secrets.take_ticket(&"0".repeat(64)));
        assert_eq!([secrets.take_ticket(&once), secrets.take_ticket(&once)], [true, false]);
        let printed = secrets.ticket.clone();
        assert_eq!(
            [secrets.take_ticket(&printed), secrets.take_ticket(&printed)],
            [true, true]
        );
    }

    #[test]
    fn the_values_of_a_run_are_long_and_all_different() {
        let (one, other) = (RunSecrets::draw().unwrap(), RunSecrets::draw().unwrap());
        let mut values: Vec<&str> = [&one, &other]
            .into_iter()
            .flat_map(|run| [&*run.session, &run.token, &run.ticket])
            .collect();
        assert!(values.iter().all(|value| value.len() == 64));
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), 6);
    }
}
