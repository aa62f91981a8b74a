//! From markup back to text: tags removed, entities decoded.

/// Remove everything between `<` and the next `>`, both included.
pub fn strip_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<')
        && let Some(len) = rest[start..].find('>')
    {
        out.push_str(&rest[..start]);
        rest = &rest[start + len + 1..];
    }
    out.push_str(rest);
    out
}

/// The longest name below, and then some.
const MAX_NAME: usize = 10;

/// Decode entities: numbers, and the names of HTML 4. Others stay.
pub fn unescape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let body = &rest[at + 1..];
        rest = match body.strip_prefix('#') {
            Some(number) => numeric(number, &mut out),
            None => named(body, &mut out),
        }
        .unwrap_or_else(|| {
            out.push('&');
            body
        });
    }
    out.push_str(rest);
    out
}

/// Decode a number after `&#`; what follows it, or `None` if it is none.
fn numeric<'a>(body: &'a str, out: &mut String) -> Option<&'a str> {
    let (digits, radix) = match body.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (body, 10),
    };
    let len = digits
        .bytes()
        .take_while(|byte| char::from(*byte).is_digit(radix))
        .count();
    let (number, after) = digits.split_at(len);
    if number.is_empty() {
        return None;
    }
    let code = u32::from_str_radix(number, radix).unwrap_or(u32::MAX);
    let c = match code {
        // Old pages mean Windows' characters here.
        0x80..=0x9f => WINDOWS
            .chars()
            .nth(code as usize - 0x80)
            .unwrap_or('\u{fffd}'),
        0 => '\u{fffd}',
        _ => char::from_u32(code).unwrap_or('\u{fffd}'),
    };
    let is_dropped = matches!(c, '\u{1}'..='\u{8}' | '\u{b}' | '\u{e}'..='\u{1f}' | '\u{7f}')
        || (c as u32) & 0xfffe == 0xfffe
        || ('\u{fdd0}'..='\u{fdef}').contains(&c);
    if !is_dropped {
        out.push(c);
    }
    Some(after.strip_prefix(';').unwrap_or(after))
}

/// Decode a name after `&`.
fn named<'a>(body: &'a str, out: &mut String) -> Option<&'a str> {
    let len = body
        .bytes()
        .take(MAX_NAME)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let (name, after) = body.split_at(len);
    if let Some(after) = after.strip_prefix(';')
        && let Some(c) = lookup(name)
    {
        out.push(c);
        return Some(after);
    }
    // The oldest names also count without a semicolon, the longest first.
    for end in (2..=len).rev() {
        if let Some(c) = OLD
            .contains(&&name[..end])
            .then(|| lookup(&name[..end]))
            .flatten()
            .or_else(|| latin(&name[..end]))
        {
            out.push(c);
            return Some(&body[end..]);
        }
    }
    None
}

const OLD: [&str; 10] = [
    "amp", "AMP", "lt", "LT", "gt", "GT", "quot", "QUOT", "copy", "reg",
];

fn lookup(name: &str) -> Option<char> {
    let c = match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        _ => return latin(name).or_else(|| other(name)),
    };
    Some(c)
}

/// Names of U+00A0 to U+00FF, in order.
fn latin(name: &str) -> Option<char> {
    let at = LATIN.split(' ').position(|it| it == name)?;
    char::from_u32(0xa0 + at as u32)
}

fn other(name: &str) -> Option<char> {
    let mut pairs = OTHERS.split(' ');
    while let Some(word) = pairs.next() {
        let c = pairs.next()?.chars().next()?;
        if word == name {
            return Some(c);
        }
    }
    None
}

const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg \
    macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 \
    iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave \
    Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc \
    Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc \
    euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
    uacute ucirc uuml yacute thorn yuml";

const OTHERS: &str = "OElig Œ oelig œ Scaron Š scaron š Yuml Ÿ fnof ƒ circ ˆ tilde ˜ Alpha Α \
    Beta Β Gamma Γ Delta Δ Epsilon Ε Zeta Ζ Eta Η Theta Θ Iota Ι Kappa Κ Lambda Λ Mu Μ Nu Ν Xi Ξ \
    Omicron Ο Pi Π Rho Ρ Sigma Σ Tau Τ Upsilon Υ Phi Φ Chi Χ Psi Ψ Omega Ω alpha α beta β gamma γ \
    delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ omicron ο pi π \
    rho ρ sigmaf ς sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω thetasym ϑ upsih ϒ piv ϖ \
    ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” bdquo „ dagger † Dagger ‡ bull • \
    hellip … permil ‰ prime ′ Prime ″ lsaquo ‹ rsaquo › oline ‾ frasl ⁄ euro € image ℑ weierp ℘ \
    real ℜ trade ™ alefsym ℵ larr ← uarr ↑ rarr → darr ↓ harr ↔ crarr ↵ lArr ⇐ uArr ⇑ rArr ⇒ \
    dArr ⇓ hArr ⇔ forall ∀ part ∂ exist ∃ empty ∅ nabla ∇ isin ∈ notin ∉ ni ∋ prod ∏ sum ∑ \
    minus − lowast ∗ radic √ prop ∝ infin ∞ ang ∠ and ∧ or ∨ cap ∩ cup ∪ int ∫ there4 ∴ sim ∼ \
    cong ≅ asymp ≈ ne ≠ equiv ≡ le ≤ ge ≥ sub ⊂ sup ⊃ nsub ⊄ sube ⊆ supe ⊇ oplus ⊕ otimes ⊗ \
    perp ⊥ sdot ⋅ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lang ⟨ rang ⟩ loz ◊ spades ♠ clubs ♣ \
    hearts ♥ diams ♦ ensp \u{2002} emsp \u{2003} thinsp \u{2009} zwnj \u{200c} zwj \u{200d} \
    lrm \u{200e} rlm \u{200f}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go() {
        let cases = [
            ("", ""),
            ("a<b>c</b>d", "acd"),
            ("a < b", "a < b"),
            ("a<b<c>d", "ad"),
            ("<<>>", ">"),
            ("日<本>語", "日語"),
        ];
        for (text, wanted) in cases {
            assert_eq!(strip_tags(text), wanted, "{text}");
        }
    }

    #[test]
    fn entities_become_characters() {
        let cases = [
            ("&lt;b&gt;&amp;&quot;&#39;&apos;", "<b>&\"''"),
            ("&#x41;&#65;&#X41;&#65 x", "AAAA x"),
            ("&nbsp;&copy;&eacute;&yuml;&euro;&hellip;", "\u{a0}©éÿ€…"),
            ("&amp;lt;", "&lt;"),
            ("&ampx &ltx", "&x <x"),
            ("&nope; & &; &#; &#x;", "&nope; & &; &#; &#x;"),
            (
                "&#0;&#128;&#xd800;&#99999999999;",
                "\u{fffd}€\u{fffd}\u{fffd}",
            ),
            ("&#1;x", "x"),
            ("&notin; &notit;", "∉ ¬it;"),
            ("&rlm;&thinsp;|", "\u{200f}\u{2009}|"),
            ("&日", "&日"),
        ];
        for (text, wanted) in cases {
            assert_eq!(unescape_html(text), wanted, "{text}");
        }
    }
}
