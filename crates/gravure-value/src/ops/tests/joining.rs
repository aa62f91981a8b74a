//! Joining and formatting of texts.

use super::*;

#[test]
fn joining() {
    check(
        "1 | ~ | 2 | '12'
        None | ~ | 'x' | 'Nonex'
        Undefined | ~ | 'a' | 'a'
        '' | ~ | '' | ''
        '<' | ~ | '<' | '<<'
        h'<b>' | ~ | '<i>' | Markup('<b>&lt;i&gt;')
        '<i>' | ~ | h'<b>' | Markup('&lt;i&gt;<b>')
        '<i>' | + | h'<b>' | Markup('&lt;i&gt;<b>')
        h'<b>' | + | 5 | Markup('<b>5')
        5 | + | h'<b>' | Markup('5<b>')
        h'<b>' | ~ | ['<'] | Markup('<b>[&#39;&lt;&#39;]')
        None | + | h'<b>' | Markup('None<b>')
        h'<b>' | ~ | h'<i>' | Markup('<b><i>')
        h'<b>' | text ~ | '<i>' | Markup('<b>&lt;i&gt;')
        m'*' | ~ | '<' | '*<'
        h'<' | ~ | m'*<' | Markup('<*&lt;')
        h'*' | md ~ | '<b>_' | Marked('*\\\\<b>\\\\_')
        m'**x**' | md + | '*' | Marked('**x**\\\\*')
        '- a' | md ~ | m'x' | Marked('\\\\- ax')
        m'x' | md ~ | '- a' | Marked('x\\\\- a')
        'x' | md ~ | '*' | 'x*'
        t'\\e[1mx' | term ~ | 'y' | '\\x1b[1mxy'
        h'a' | term ~ | '<' | 'a<'",
    );
    let mut heap = heap();
    let parts = ["'a'", "'<'", "h'<'", "'<'"].map(|part| read(&mut heap, part));
    let made = concat(&mut heap, Surface::Html, &parts);
    assert_eq!(shown(&heap, made), "Markup('a&lt;<&lt;')");
    // What stands before the first safe text is one text: no line starts at '-'.
    let parts = ["'x'", "'- '", "m'*'", "'- '"].map(|part| read(&mut heap, part));
    let made = concat(&mut heap, Surface::Markdown, &parts);
    assert_eq!(shown(&heap, made), "Marked('x- *\\\\- ')");
}

#[test]
fn formatting() {
    check(
        "'a%sb' | % | 'x' | 'axb'
        '%s' | % | None | 'None'
        '%s' | % | [1, 'b'] | \"[1, 'b']\"
        '%s-%s' | % | ('a', 1) | 'a-1'
        '%%' | % | () | '%'
        'plain' | % | () | 'plain'
        '%d %5d|%-5d|%05d %+d % d' | % | (1, 2, 3, 4, 5, 6) | '1     2|3    |00004 +5  6'
        '%d %i %u' | % | (3.99, True, -3.99) | '3 1 -3'
        '%f %.1f %8.3f|%-8.2f|%08.2f' | % | (1.5, 2.25, 3.14159, 2.5, 2.5) | '1.500000 2.2    3.142|2.50    |00002.50'
        '%e %.2E %g %g %g %G' | % | (12345.678, 0.00012, 0.00001, 1234567.0, 100000.0, 0.000001) | '1.234568e+04 1.20E-04 1e-05 1.23457e+06 100000 1E-06'
        '%x %X %#x %o %#o %c %c' | % | (255, 255, 255, 8, 8, 65, 'z') | 'ff FF 0xff 10 0o10 A z'
        '%5s|%-5s|%.2s|%5.1s|' | % | ('a', 'b', 'cdef', 'xyz') | '    a|b    |cd|    x|'
        '%r %r' | % | ('a', 1.0) | \"'a' 1.0\"
        '%(a)s-%(b)03d' | % | {'a': 'x', 'b': 7} | 'x-007'
        '%*d|%.*f' | % | (5, 42, 2, 3.14159) | '   42|3.14'
        '%*d|' | % | (-5, 42) | '42   |'
        'x' | % | {'k': 1} | 'x'
        '%s' | % | {'k': 1} | \"{'k': 1}\"
        '%a' | % | 'é' | \"'\\\\xe9'\"
        '%.3d %+.3d %06.3d' | % | (5, 5, 5) | '005 +005 000005'
        '%x %#X %08x %-#8x|' | % | (-255, -255, -255, -255) | '-ff -0XFF -00000ff -0xff   |'
        '%x' | % | 99999999999999999999 | '56bc75e2d630fffff'
        '%d' | % | 99999999999999999999.0 | '100000000000000000000'
        '%F %E' | % | (inf, nan) | 'INF NAN'
        '%05d|%+d' | % | (-3, -3) | '-0003|-3'
        '%05s' | % | 'a' | '    a'
        '%5%' | % | () | '%'
        '%c' | % | 128512 | '😀'
        '%s' | % | Undefined | ''
        '%s %s' | % | ('a',) | K-RUN-012
        '%d' | % | 'x' | K-RUN-012
        '%d' | % | None | K-RUN-012
        '%x' | % | 1.5 | K-RUN-012
        '%f' | % | '1' | K-RUN-012
        '%d' | % | inf | K-RUN-007
        'a' | % | 1 | K-RUN-012
        'a' | % | [1] | K-RUN-012
        '%s' | % | (1, 2) | K-RUN-012
        '%z' | % | 1 | K-RUN-007
        '%' | % | 1 | K-RUN-007
        '%5' | % | 1 | K-RUN-007
        '%(a' | % | {'a': 1} | K-RUN-007
        '%(z)s' | % | {'a': 1} | K-RUN-009
        '%(z)s' | % | (1,) | K-RUN-012
        '%c' | % | 'ab' | K-RUN-012
        '%c' | % | -1 | K-RUN-007
        '%99999999999999999999d' | % | 1 | K-RUN-019
        '%.10001f' | % | 1.0 | K-RUN-019
        h'<%s>' | % | '<b>' | Markup('<&lt;b&gt;>')
        h'<%s>' | % | h'<b>' | Markup('<<b>>')
        h'<%s>' | % | ['<b>'] | Markup('<[&#39;&lt;b&gt;&#39;]>')
        h'<%s %s>' | % | (['<b>'], None) | Markup('<[&#39;&lt;b&gt;&#39;] None>')
        h'%(a)s' | % | {'a': '<'} | Markup('&lt;')
        h'<%r>' | % | '<b>' | Markup(\"<'&lt;b&gt;'>\")
        h'<%5d|%s>' | % | (5, 1.5) | Markup('<    5|1.5>')
        h'%6s' | % | '<' | Markup('  &lt;')
        h'%c' | % | '<' | Markup('&lt;')
        '%s' | % | h'<b>' | '<b>'
        m'<%s>' | % | '*' | Marked('<\\\\*>')
        h'%s' | md % | '<*' | Marked('\\\\<\\\\*')
        t'%s' | term % | '\\e[2Jy' | Styled('y')",
    );
}
