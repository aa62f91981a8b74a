//! "Did you mean": the nearest of some known words.
//!
//! Similarity is Ratcliff and Obershelp's ("Pattern Matching: The Gestalt
//! Approach", Dr. Dobb's Journal, 1988): twice the number of characters in
//! matching blocks over the sum of the lengths.

/// The longest word that is compared, in characters: comparing is quadratic.
const MAX_CHARS: usize = 64;

/// Similarity of a candidate and a word, from 0 to 1.
pub fn similarity(candidate: &str, word: &str) -> f64 {
    let a: Vec<char> = candidate.chars().collect();
    let b: Vec<char> = word.chars().collect();
    let total = a.len() + b.len();
    if total == 0 {
        return 1.0;
    }
    let mut matching = 0;
    let mut open = vec![(0, a.len(), 0, b.len())];
    while let Some((a_lo, a_hi, b_lo, b_hi)) = open.pop() {
        let (at_a, at_b, len) = longest_run(&a, &b, (a_lo, a_hi, b_lo, b_hi));
        if len > 0 {
            matching += len;
            open.push((a_lo, at_a, b_lo, at_b));
            open.push((at_a + len, a_hi, at_b + len, b_hi));
        }
    }
    2.0 * matching as f64 / total as f64
}

/// The candidate that is nearest to `word`, if one is near enough (0.6) and at
/// least half as long. Of equally near ones the lexicographically larger.
///
/// ```
/// use gravure_source::similar::nearest;
/// assert_eq!(nearest("usr", ["user", "users", "name"]), Some("user"));
/// assert_eq!(nearest("zzz", ["user"]), None);
/// ```
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let n_chars = word.chars().count();
    if n_chars > MAX_CHARS {
        return None;
    }
    candidates
        .into_iter()
        .filter(|candidate| {
            let n = candidate.chars().count();
            n <= MAX_CHARS && n * 2 >= n_chars && *candidate != word
        })
        .map(|candidate| (similarity(candidate, word), candidate))
        .filter(|&(score, _)| score >= 0.6)
        .max_by(|lhs, rhs| lhs.0.total_cmp(&rhs.0).then(lhs.1.cmp(rhs.1)))
        .map(|(_, candidate)| candidate)
}

/// The longest common contiguous run within two windows: where it starts in
/// each, and its length. Of equal ones the earliest in `a`, then in `b`.
fn longest_run(
    a: &[char],
    b: &[char],
    (a_lo, a_hi, b_lo, b_hi): (usize, usize, usize, usize),
) -> (usize, usize, usize) {
    let mut best = (a_lo, b_lo, 0);
    let mut lengths = vec![0usize; b_hi - b_lo + 1];
    for (i, c) in a[a_lo..a_hi].iter().enumerate() {
        let mut diagonal = 0;
        for (j, d) in b[b_lo..b_hi].iter().enumerate() {
            let above = lengths[j + 1];
            let run = if c == d { diagonal + 1 } else { 0 };
            lengths[j + 1] = run;
            diagonal = above;
            if run > best.2 {
                best = (a_lo + i + 1 - run, b_lo + j + 1 - run, run);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_pairs() {
        assert!((similarity("abcd", "bcde") - 0.75).abs() < 1e-9);
        assert_eq!(similarity("", ""), 1.0);
        assert_eq!(nearest("lenght", ["length", "len"]), Some("length"));
        assert_eq!(nearest("titl", ["title", "tile"]), Some("title"));
    }
}
