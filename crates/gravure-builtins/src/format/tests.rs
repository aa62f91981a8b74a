//! Templates of one value or two against what they print.

use super::{
    pad::pad,
    spec::{Align, parse},
};

#[test]
fn specs_are_read_in_order() {
    let spec = parse("*^+z#012,.3f", 100).unwrap();
    assert_eq!(spec.fill, Some('*'));
    assert_eq!(spec.align, Some(Align::Center));
    assert_eq!(spec.sign, Some('+'));
    assert!(spec.no_minus_zero && spec.alternate && !spec.zero);
    assert_eq!((spec.width, spec.precision), (12, Some(3)));
    assert_eq!((spec.grouping, spec.kind), (Some(','), Some('f')));
    for bad in ["5.", "zz ", ",_", "10xx", ".f"] {
        assert_eq!(
            parse(bad, 100).unwrap_err().code.as_str(),
            "K-RUN-007",
            "{bad}"
        );
    }
    for long in ["101", ".101", "99999999999999999999999"] {
        assert_eq!(
            parse(long, 100).unwrap_err().code.as_str(),
            "K-RUN-019",
            "{long}"
        );
    }
}

#[test]
fn widths_count_characters() {
    assert_eq!(pad("日", 1, 4, '·', Align::Right), "···日");
    assert_eq!(pad("mid", 3, 8, '*', Align::Center), "**mid***");
    assert_eq!(pad("long", 4, 2, '*', Align::Left), "long");
}
