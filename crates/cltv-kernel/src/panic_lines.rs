//! The lines of standard error that speak of a panic.

/// Where in what a cell wrote to standard error it begins to speak of a panic.
pub(crate) fn first_panic(text: &str) -> Option<usize> {
    let mut at = 0;
    text.split_inclusive('\n').find_map(|line| {
        let begin = at;
        at += line.len();
        place_of_panic(line).map(|_| begin)
    })
}

/// The place of the panic of which a line speaks.
pub(crate) fn place_of_panic(line: &str) -> Option<&str> {
    let (_, place) = line.strip_prefix("thread ")?.split_once("panicked at ")?;
    Some(place.trim_end().trim_end_matches(':'))
}
