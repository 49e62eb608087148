//! The start of a replay, which says more about the replay than about the policy.

use poolkeeper_core::health::Policy;

/// The days at the start of a replay whose mail and moves come from how it begins.
///
/// Every domain begins as new, and the first windows hold fewer days than the policy asks for. So nearly all domains
/// move, and the new pool sends the mail of all of them. The start ends with the first check that may move a domain by
/// complete windows only. Peaks, loads and moves back are counted from the day after.
#[must_use]
pub fn startup_days(policy: &Policy) -> u32 {
    let every = policy.check_every_days.max(1);
    let in_a_row = policy.promotion_after_checks.max(policy.demotion_after_checks);
    let first_full_check = policy.window_days.next_multiple_of(every);
    first_full_check.saturating_add(in_a_row.saturating_sub(1).saturating_mul(every))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_ends_with_the_first_check_on_complete_windows() {
        let policy = |window_days, check_every_days, promotion_after_checks| Policy {
            window_days,
            check_every_days,
            promotion_after_checks,
            ..Policy::default()
        };
        // The window of day 7 is the first with seven days.
        assert_eq!(startup_days(&policy(7, 1, 1)), 7);
        // Checks after days 3, 6, 9.
        assert_eq!(startup_days(&policy(7, 3, 1)), 9);
        // The third check in a row with seven days is that of day 9.
        assert_eq!(startup_days(&policy(7, 1, 3)), 9);
        assert_eq!(startup_days(&policy(7, 3, 2)), 12);
    }
}
