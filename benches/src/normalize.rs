//! The differences between two pages that do not count, and no others.
//!
//! In: a page. Out: the same page with one spelling for each entity and
//! without the whitespace that no browser shows.
//! Some engines escape `/`, `=` or the backquote, and some leave `'` as it is;
//! all that belongs to what an engine costs and none of it changes the page.

/// Spellings of one character, and the one that stands for all of them.
const SPELLINGS: [(&str, &str); 12] = [
    ("&#39;", "'"),
    ("&#x27;", "'"),
    ("&#039;", "'"),
    ("&#34;", "&quot;"),
    ("&#60;", "&lt;"),
    ("&#62;", "&gt;"),
    ("&#38;", "&amp;"),
    ("&#x2f;", "/"),
    ("&#x3D;", "="),
    ("&#x60;", "`"),
    ("&copy;", "\u{a9}"),
    ("<!DOCTYPE", "<!doctype"),
];

/// The page as it is compared.
pub fn normalize(page: &str) -> String {
    let mut text = collapse_whitespace(page);
    for (spelling, standard) in SPELLINGS {
        if text.contains(spelling) {
            text = text.replace(spelling, standard);
        }
    }
    text
}

/// Removes whitespace next to `<` and `>`; other runs become one space.
fn collapse_whitespace(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut is_gap = false;
    for character in page.chars() {
        if character.is_ascii_whitespace() {
            is_gap = true;
            continue;
        }
        if is_gap && character != '<' && !text.ends_with('>') {
            text.push(' ');
        }
        is_gap = false;
        text.push(character);
    }
    if is_gap && !text.ends_with('>') {
        text.push(' ');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn equal_pages_get_one_spelling() {
        for (page, expected) in [
            ("a&#39;b&#x27;c&#039;d'e", "a'b'c'd'e"),
            (
                "&#34;&#60;&#62;&#38;&#x2f;&#x3D;&#x60;&copy;",
                "&quot;&lt;&gt;&amp;/=`\u{a9}",
            ),
            (
                "<!DOCTYPE html>\n<p> a \n b </p>\n",
                "<!doctype html><p>a b</p>",
            ),
            ("text \n", "text "),
        ] {
            assert_eq!(normalize(page), expected, "{page:?}");
        }
    }

    #[test]
    fn other_differences_stay() {
        for (left, right) in [
            ("<p>a b</p>", "<p>ab</p>"),
            ("&amp;lt;", "&lt;"),
            ("1.0", "1"),
            ("&#x2F;", "/"),
        ] {
            assert_ne!(normalize(left), normalize(right), "{left:?} {right:?}");
        }
    }
}
