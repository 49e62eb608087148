//! Names of months and weekdays, in the languages of common spreadsheets.

/// Names of each month without accents: English, German, French, Spanish, Italian, Portuguese and Dutch, with short forms
/// that are not their beginning. A word is a month if it begins names of this month only.
const MONTHS: [&[&str]; 12] = [
    &[
        "january", "januar", "jaenner", "janner", "janvier", "enero", "gennaio", "janeiro", "januari",
    ],
    &[
        "february",
        "februar",
        "feber",
        "fevrier",
        "febrero",
        "febbraio",
        "fevereiro",
        "februari",
    ],
    &[
        "march", "marz", "maerz", "mrz", "mars", "marzo", "marco", "maart", "mrt",
    ],
    &["april", "avril", "abril", "aprile"],
    &["may", "mai", "mayo", "maggio", "maio", "mei"],
    &["june", "juni", "juin", "junio", "giugno", "junho"],
    &["july", "juli", "juillet", "julio", "luglio", "julho"],
    &["august", "aout", "agosto", "augustus"],
    &[
        "september",
        "septembre",
        "septiembre",
        "setiembre",
        "settembre",
        "setembro",
    ],
    &["october", "oktober", "octobre", "octubre", "ottobre", "outubro"],
    &["november", "novembre", "noviembre", "novembro"],
    &["december", "dezember", "decembre", "diciembre", "dicembre", "dezembro"],
];

/// The first letters of weekdays, in the same languages.
const WEEKDAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonnabend",
    "sonntag",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
];

/// The month that a word names, from 1. At least three letters are needed.
pub(super) fn month(word: &str) -> Option<u32> {
    let word = without_accents(word);
    let begins = |name: &&str| word.len() >= 3 && name.starts_with(&word);
    let mut months = (1..).zip(MONTHS).filter(|(_, names)| names.iter().any(begins));
    let (month, _) = months.next()?;
    months.next().is_none().then_some(month)
}

/// Whether a word is a weekday. Two letters are enough, as in German.
pub(super) fn is_weekday(word: &str) -> bool {
    let word = without_accents(word);
    word.len() >= 2 && WEEKDAYS.iter().any(|name| name.starts_with(&word))
}

/// A word in small letters without the accents that names of months and weekdays have.
fn without_accents(word: &str) -> String {
    let plain = |letter: char| match letter {
        'ä' | 'á' => 'a',
        'é' | 'è' => 'e',
        'û' => 'u',
        'ç' => 'c',
        other => other,
    };
    word.chars().flat_map(char::to_lowercase).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_words() {
        for (words, expected) in [
            ("Jan Jänner ENERO gen janv", 1),
            ("Feb février", 2),
            ("Mar März Mrz mars março mrt Mär", 3),
            ("Apr avr abr", 4),
            ("May Mai mei mag", 5),
            ("Jun Juin giugno", 6),
            ("Jul juillet lug", 7),
            ("Aug août ago", 8),
            ("Sep Sept set", 9),
            ("Oct Okt out ott", 10),
            ("Nov", 11),
            ("Dec Dez déc dic", 12),
        ] {
            for word in words.split(' ') {
                assert_eq!(month(word), Some(expected), "{word}");
            }
        }
        // June or July in French.
        for word in ["jui", "ja", "foo", "", "13"] {
            assert_eq!(month(word), None, "{word}");
        }
        assert!(is_weekday("Mi") && is_weekday("Wed") && !is_weekday("Apr") && !is_weekday("x"));
    }
}
