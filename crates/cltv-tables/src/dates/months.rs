//! Names of months and weekdays in the languages that exports come in.

/// The months' names from January on: English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish
/// with Norwegian, and Polish (nominative and genitive), without accents.
const MONTHS: [[&str; 12]; 11] = [
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ],
    [
        "januar",
        "februar",
        "marz",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "dezember",
    ],
    [
        "janvier",
        "fevrier",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "aout",
        "septembre",
        "octobre",
        "novembre",
        "decembre",
    ],
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    [
        "janeiro",
        "fevereiro",
        "marco",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
    [
        "januar",
        "februar",
        "marts",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "desember",
    ],
    [
        "styczen",
        "luty",
        "marzec",
        "kwiecien",
        "maj",
        "czerwiec",
        "lipiec",
        "sierpien",
        "wrzesien",
        "pazdziernik",
        "listopad",
        "grudzien",
    ],
    [
        "stycznia",
        "lutego",
        "marca",
        "kwietnia",
        "maja",
        "czerwca",
        "lipca",
        "sierpnia",
        "wrzesnia",
        "pazdziernika",
        "listopada",
        "grudnia",
    ],
];
/// Short names that are no beginnings of the long ones.
const SHORT: [(&str, u32); 4] = [("mrt", 3), ("sept", 9), ("jul", 7), ("jun", 6)];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The month that a name stands for: in full, or by its first three letters or more.
///
/// A beginning that two months share in some language, such as the French "jui", is none.
pub(super) fn month_named(word: &str) -> Option<u32> {
    if word.len() < 3 || !word.chars().all(char::is_alphabetic) {
        return None;
    }
    let word: String = word.chars().flat_map(char::to_lowercase).map(without_accent).collect();
    if let Some((_, month)) = SHORT.iter().find(|(short, _)| *short == word) {
        return Some(*month);
    }
    let mut found = None;
    for names in MONTHS {
        for (month, name) in (1..).zip(names) {
            if name.starts_with(&word) {
                if found.is_some_and(|other| other != month) {
                    return None;
                }
                found = Some(month);
            }
        }
    }
    found
}

/// Whether a word is the English name of a weekday, by three letters or more.
pub(super) fn weekday_named(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.len() >= 3 && WEEKDAYS.iter().any(|name| name.starts_with(&word))
}

fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' | 'ą' => 'a',
        'ç' | 'ć' => 'c',
        'é' | 'è' | 'ê' | 'ë' | 'ę' => 'e',
        'ñ' | 'ń' => 'n',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ś' => 's',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ź' | 'ż' => 'z',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_for_two_months() {
        for names in MONTHS {
            for (month, name) in (1..).zip(names) {
                assert_eq!(month_named(name), Some(month), "{name}");
            }
        }
        assert_eq!(month_named("jui"), None);
        assert_eq!(
            (month_named("Mär"), month_named("déc"), month_named("okt")),
            (Some(3), Some(12), Some(10))
        );
        assert_eq!(month_named("soon"), None);
    }
}
