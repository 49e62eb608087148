//! SVG path data.

use std::fmt::Write as _;

/// A line through the points, broken at gaps. A point between two gaps becomes a line of length zero: a dot.
#[must_use]
pub fn line_path(points: impl Iterator<Item = Option<(f64, f64)>>) -> String {
    let mut path = String::new();
    let mut pen_is_down = false;
    for point in points {
        match point {
            Some((x, y)) => {
                let word = if pen_is_down { 'L' } else { 'M' };
                // Writing to a String can't fail.
                let _ = write!(path, "{word}{x:.1} {y:.1}");
                if !pen_is_down {
                    let _ = write!(path, "h0");
                }
                pen_is_down = true;
            }
            None => pen_is_down = false,
        }
    }
    path
}

/// A closed area. Each edge point is its x, lower y and upper y, from left to right.
#[must_use]
pub fn area_path(edges: &[(f64, f64, f64)]) -> String {
    let mut path = String::new();
    for (at, (x, _, upper)) in edges.iter().enumerate() {
        let _ = write!(path, "{}{x:.1} {upper:.1}", if at == 0 { 'M' } else { 'L' });
    }
    for (x, lower, _) in edges.iter().rev() {
        let _ = write!(path, "L{x:.1} {lower:.1}");
    }
    if !path.is_empty() {
        path.push('Z');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_break_the_line() {
        let points = [Some((0.0, 1.0)), Some((1.0, 2.0)), None, Some((3.0, 4.0))];
        assert_eq!(line_path(points.into_iter()), "M0.0 1.0h0L1.0 2.0M3.0 4.0h0");
        assert_eq!(line_path([None].into_iter()), "");
    }

    #[test]
    fn an_area_is_a_closed_path() {
        assert_eq!(
            area_path(&[(0.0, 10.0, 5.0), (1.0, 10.0, 6.0)]),
            "M0.0 5.0L1.0 6.0L1.0 10.0L0.0 10.0Z"
        );
        assert_eq!(area_path(&[]), "");
    }
}
