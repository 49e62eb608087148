//! Counts and short numbers.

/// A count with its thousands grouped: `1,234`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A signed difference: `+3`, `−2`, `0`.
#[must_use]
pub fn signed(n: i64) -> String {
    let size = count(n.unsigned_abs());
    match n.signum() {
        1 => format!("+{size}"),
        -1 => format!("−{size}"),
        _ => size,
    }
}

/// A count and its noun, plural with `s` unless it is one: `1 domain`, `2 domains`.
#[must_use]
pub fn counted(n: u64, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{} {noun}s", count(n))
    }
}

/// A short number for an axis or a card: `950`, `12.5k`, `3M`.
#[must_use]
pub fn compact(n: f64) -> String {
    let scaled = |value: f64, suffix: &str| {
        let text = format!("{value:.1}");
        format!("{}{suffix}", text.strip_suffix(".0").unwrap_or(&text))
    };
    match n.abs() {
        size if size >= 1e9 => scaled(n / 1e9, "G"),
        size if size >= 1e6 => scaled(n / 1e6, "M"),
        size if size >= 1e4 => scaled(n / 1e3, "k"),
        _ if (n - libm::round(n)).abs() < 1e-9 => format!("{n:.0}"),
        _ => scaled(n, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(28_365), "28,365");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(signed(-1_200), "−1,200");
        assert_eq!(counted(1, "domain"), "1 domain");
        assert_eq!(counted(0, "domain"), "0 domains");
    }

    #[test]
    fn short_numbers() {
        assert_eq!(compact(950.0), "950");
        assert_eq!(compact(12_500.0), "12.5k");
        assert_eq!(compact(3_000_000.0), "3M");
        assert_eq!(compact(0.5), "0.5");
    }
}
