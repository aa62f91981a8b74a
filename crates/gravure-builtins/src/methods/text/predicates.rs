//! Questions about the characters of a text.

use super::{ALONE, Table, text_of};
use gravure_value::{
    Args, Call, Fault, Value,
    text::{is_cased, is_decimal, is_printable, is_space},
};
use unicode_properties::UnicodeGeneralCategory as _;
use unicode_properties::{GeneralCategory as Category, GeneralCategoryGroup as Group};

pub(super) fn register(table: &mut Table<'_>) {
    table.method("isalpha", ALONE, |call, args| every(call, args, is_letter));
    table.method("isdecimal", ALONE, |call, args| {
        every(call, args, is_decimal)
    });
    table.method("isdigit", ALONE, |call, args| every(call, args, is_digit));
    table.method("isnumeric", ALONE, |call, args| {
        every(call, args, is_numeric)
    });
    table.method("isalnum", ALONE, |call, args| {
        every(call, args, |c| is_letter(c) || is_numeric(c))
    });
    table.method("isspace", ALONE, |call, args| every(call, args, is_space));
    table.method("isupper", ALONE, |call, args| {
        one_case(call, args, |c| !c.is_lowercase() && !is_title(c))
    });
    table.method("islower", ALONE, |call, args| {
        one_case(call, args, |c| !c.is_uppercase() && !is_title(c))
    });
    table.method("istitle", ALONE, |call, args| {
        test(call, args, has_title_case)
    });
    table.method("isidentifier", ALONE, |call, args| {
        test(call, args, |text| {
            let mut chars = text.chars();
            chars.next().is_some_and(starts_name) && chars.all(continues_name)
        })
    });
    table.method("isprintable", ALONE, |call, args| {
        test(call, args, |text| text.chars().all(is_printable))
    });
    table.method("isascii", ALONE, |call, args| {
        test(call, args, str::is_ascii)
    });
}

fn test<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    test: fn(&str) -> bool,
) -> Result<Value<'c>, Fault> {
    Ok(Value::Bool(test(text_of(call.heap(), args.get(0))?)))
}

/// There are characters, and each passes.
fn every<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    test: fn(char) -> bool,
) -> Result<Value<'c>, Fault> {
    let text = text_of(call.heap(), args.get(0))?;
    Ok(Value::Bool(!text.is_empty() && text.chars().all(test)))
}

/// There are cased characters, and all characters pass.
fn one_case<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    test: fn(char) -> bool,
) -> Result<Value<'c>, Fault> {
    let text = text_of(call.heap(), args.get(0))?;
    let has_case = |c: char| c.is_lowercase() || c.is_uppercase() || is_title(c);
    Ok(Value::Bool(
        text.chars().any(has_case) && text.chars().all(test),
    ))
}

/// Upper case follows what has no case, lower case follows what has.
fn has_title_case(text: &str) -> bool {
    let mut after_cased = false;
    let mut has_case = false;
    for c in text.chars() {
        let fits = if c.is_uppercase() || is_title(c) {
            !after_cased
        } else if c.is_lowercase() {
            after_cased
        } else {
            after_cased = false;
            continue;
        };
        if !fits {
            return false;
        }
        after_cased = is_cased(c);
        has_case = true;
    }
    has_case
}

fn is_title(c: char) -> bool {
    !c.is_ascii() && c.general_category() == Category::TitlecaseLetter
}

fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    c.general_category_group() == Group::Letter
}

fn is_digit(c: char) -> bool {
    is_decimal(c) || is_in(DIGITS, c)
}

fn is_numeric(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_digit();
    }
    c.general_category_group() == Group::Number || is_in(NUMERIC_LETTERS, c)
}

fn starts_name(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic() || c == '_';
    }
    let is_start = is_letter(c) || c.general_category() == Category::LetterNumber;
    (is_start || is_in(OTHER_START, c)) && !is_in(NO_START, c)
}

fn continues_name(c: char) -> bool {
    if starts_name(c) || is_in(OTHER_CONTINUE, c) {
        return true;
    }
    let fits = matches!(
        c.general_category(),
        Category::NonspacingMark
            | Category::SpacingMark
            | Category::DecimalNumber
            | Category::ConnectorPunctuation
    );
    fits && !is_in(NO_START, c)
}

/// Is it in one of the ranges, which are in order and include their ends?
fn is_in(ranges: &[(u32, u32)], c: char) -> bool {
    let c = u32::from(c);
    let at = ranges.partition_point(|&(_, last)| last < c);
    ranges.get(at).is_some_and(|&(first, _)| first <= c)
}

/// Digits that are no decimal ones: raised, lowered, circled and old ones.
const DIGITS: &[(u32, u32)] = &[
    (0xb2, 0xb3),
    (0xb9, 0xb9),
    (0x1369, 0x1371),
    (0x19da, 0x19da),
    (0x2070, 0x2070),
    (0x2074, 0x2079),
    (0x2080, 0x2089),
    (0x2460, 0x2468),
    (0x2474, 0x247c),
    (0x2488, 0x2490),
    (0x24ea, 0x24ea),
    (0x24f5, 0x24fd),
    (0x24ff, 0x24ff),
    (0x2776, 0x277e),
    (0x2780, 0x2788),
    (0x278a, 0x2792),
    (0x10a40, 0x10a43),
    (0x10e60, 0x10e68),
    (0x11052, 0x1105a),
    (0x1f100, 0x1f10a),
];

/// Ideographs that stand for numbers.
const NUMERIC_LETTERS: &[(u32, u32)] = &[
    (0x3405, 0x3405),
    (0x3483, 0x3483),
    (0x382a, 0x382a),
    (0x3b4d, 0x3b4d),
    (0x4e00, 0x4e00),
    (0x4e03, 0x4e03),
    (0x4e07, 0x4e07),
    (0x4e09, 0x4e09),
    (0x4e5d, 0x4e5d),
    (0x4e8c, 0x4e8c),
    (0x4e94, 0x4e94),
    (0x4e96, 0x4e96),
    (0x4ebf, 0x4ec0),
    (0x4edf, 0x4edf),
    (0x4ee8, 0x4ee8),
    (0x4f0d, 0x4f0d),
    (0x4f70, 0x4f70),
    (0x5104, 0x5104),
    (0x5146, 0x5146),
    (0x5169, 0x5169),
    (0x516b, 0x516b),
    (0x516d, 0x516d),
    (0x5341, 0x5341),
    (0x5343, 0x5345),
    (0x534c, 0x534c),
    (0x53c1, 0x53c4),
    (0x56db, 0x56db),
    (0x58f1, 0x58f1),
    (0x58f9, 0x58f9),
    (0x5e7a, 0x5e7a),
    (0x5efe, 0x5eff),
    (0x5f0c, 0x5f0e),
    (0x5f10, 0x5f10),
    (0x62fe, 0x62fe),
    (0x634c, 0x634c),
    (0x67d2, 0x67d2),
    (0x6f06, 0x6f06),
    (0x7396, 0x7396),
    (0x767e, 0x767e),
    (0x8086, 0x8086),
    (0x842c, 0x842c),
    (0x8cae, 0x8cae),
    (0x8cb3, 0x8cb3),
    (0x8d30, 0x8d30),
    (0x9621, 0x9621),
    (0x9646, 0x9646),
    (0x964c, 0x964c),
    (0x9678, 0x9678),
    (0x96f6, 0x96f6),
    (0xf96b, 0xf96b),
    (0xf973, 0xf973),
    (0xf978, 0xf978),
    (0xf9b2, 0xf9b2),
    (0xf9d1, 0xf9d1),
    (0xf9d3, 0xf9d3),
    (0xf9fd, 0xf9fd),
    (0x20001, 0x20001),
    (0x20064, 0x20064),
    (0x200e2, 0x200e2),
    (0x20121, 0x20121),
    (0x2092a, 0x2092a),
    (0x20983, 0x20983),
    (0x2098c, 0x2098c),
    (0x2099c, 0x2099c),
    (0x20aea, 0x20aea),
    (0x20afd, 0x20afd),
    (0x20b19, 0x20b19),
    (0x22390, 0x22390),
    (0x22998, 0x22998),
    (0x23b1b, 0x23b1b),
    (0x2626d, 0x2626d),
    (0x2f890, 0x2f890),
];

/// Characters that start names though they are no letters.
const OTHER_START: &[(u32, u32)] = &[(0x1885, 0x1886), (0x2118, 0x2118), (0x212e, 0x212e)];

/// Characters that go on with names though their category does not say so.
const OTHER_CONTINUE: &[(u32, u32)] = &[
    (0xb7, 0xb7),
    (0x387, 0x387),
    (0xe33, 0xe33),
    (0xeb3, 0xeb3),
    (0x1369, 0x1371),
    (0x19da, 0x19da),
    (0xff9e, 0xff9f),
];

/// Letters that normalizing would take apart into something else.
const NO_START: &[(u32, u32)] = &[
    (0x37a, 0x37a),
    (0xe33, 0xe33),
    (0xeb3, 0xeb3),
    (0x2e2f, 0x2e2f),
    (0xfc5e, 0xfc63),
    (0xfdfa, 0xfdfb),
    (0xfe70, 0xfe70),
    (0xfe72, 0xfe72),
    (0xfe74, 0xfe74),
    (0xfe76, 0xfe76),
    (0xfe78, 0xfe78),
    (0xfe7a, 0xfe7a),
    (0xfe7c, 0xfe7c),
    (0xfe7e, 0xfe7e),
    (0xff9e, 0xff9f),
];
