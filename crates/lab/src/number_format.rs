//! Numbers in sentences.

/// A count with its thousands grouped: `1,234`.
pub(super) fn count(n: u64) -> String {
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

/// A count and its noun, plural with `s` unless it is one.
pub(super) fn counted(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(n))
}

/// A share of a whole as percent: `61 %`, `4.1 %`, `0.04 %`; less than a hundredth of a percent says so.
#[expect(clippy::cast_precision_loss, reason = "a share for display")]
pub(super) fn share(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    let percent = part as f64 * 100.0 / whole as f64;
    match percent {
        p if p < 0.01 => "less than 0.01 %".to_owned(),
        p if p < 0.95 => format!("{p:.2} %"),
        p if p < 9.95 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// A threshold: `5 %`, `0.1 %`, `0.0001 %`.
pub(super) fn ppm(ppm: u32) -> String {
    let (whole, rest) = (ppm / 10_000, ppm % 10_000);
    let decimals = format!("{rest:04}");
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() {
        format!("{whole} %")
    } else {
        format!("{whole}.{decimals} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(
            (counted(1, "domain"), counted(1_000, "domain")),
            ("1 domain".into(), "1,000 domains".into())
        );
        assert_eq!(
            [
                share(61, 100),
                share(41, 1_000),
                share(4, 10_000),
                share(1, 1_000_000),
                share(0, 5),
                share(2, 2)
            ],
            ["61 %", "4.1 %", "0.04 %", "less than 0.01 %", "0 %", "100 %"]
        );
        assert_eq!(
            [ppm(50_000), ppm(1_000), ppm(1), ppm(123_456)],
            ["5 %", "0.1 %", "0.0001 %", "12.3456 %"]
        );
    }
}
