//! Methods of texts.

use super::{check, check_on};
use gravure_value::Surface;

#[test]
fn cases_of_letters() {
    check(
        r#"
        ["hELLo wORLD", "capitalize", []] => 'Hello world'
        ["it's x1y", "title", []] => "It'S X1Y"
        ["HeLLo ß ﬁ", "upper", []] => 'HELLO SS FI'
        ["HeLLo ΑΣ", "lower", []] => 'hello ας'
        ["HeLLo ß", "swapcase", []] => 'hEllO SS'
        ["Straße", "casefold", []] => 'strasse'
        ["ǆ", "title", []] => 'ǅ'
        [{"$safe": "<b>"}, "upper", []] => Markup('<B>')
        [{"$styled": "x"}, "upper", []] => 'X'
        ["", "upper", []] => ''
        ["a", "upper", [1]] => K-RUN-012
        "#,
    );
}

#[test]
fn ends_of_texts() {
    check(
        r#"
        ["  x ", "strip", []] => 'x'
        ["  x ", "lstrip", []] => 'x '
        ["  x ", "rstrip", [null]] => '  x'
        ["xxaxx", "strip", ["x"]] => 'a'
        ["abcba", "lstrip", ["ab"]] => 'cba'
        ["abc", "strip", [""]] => 'abc'
        ["\u00a0\u2003\u001c\u0085x\u2028", "strip", []] => 'x'
        ["a", "strip", [1]] => K-RUN-012
        ["a", "strip", [], {"chars": "x"}] => K-RUN-012
        [{"$safe": "<b>"}, "strip", ["<"]] => Markup('b>')
        [{"$safe": "<b>"}, "strip", []] => Markup('<b>')
        [{"$md": "<b>"}, "strip", []] => '<b>'
        ["aab", "removeprefix", ["a"]] => 'ab'
        ["abc", "removesuffix", ["bc"]] => 'a'
        [{"$safe": "<b>"}, "removeprefix", ["<"]] => 'b>'
        "#,
    );
}

#[test]
fn splitting() {
    check(
        r#"
        ["a,b,,c", "split", [","]] => ['a', 'b', '', 'c']
        [" a  b ", "split", []] => ['a', 'b']
        ["a,b,c", "split", [",", 1]] => ['a', 'b,c']
        ["a,b,c", "rsplit", [",", 1]] => ['a,b', 'c']
        [" a  b c ", "split", [null, 1]] => ['a', 'b c ']
        [" a b  c ", "rsplit", [null, 1]] => [' a b', 'c']
        ["", "split", []] => []
        ["", "split", [","]] => ['']
        ["a,b", "split", [], {"sep": ",", "maxsplit": 0}] => ['a,b']
        [" a b ", "split", [null, 0]] => ['a b ']
        [" a b ", "rsplit", [null, 0]] => [' a b']
        [" a b ", "rsplit", [null, -1]] => ['a', 'b']
        ["  ", "rsplit", [null, 0]] => []
        ["a", "split", [""]] => K-RUN-007
        ["a", "split", [1]] => K-RUN-012
        ["a", "split", [",", "x"]] => K-RUN-012
        [{"$safe": "<b>"}, "split", ["b"]] => [Markup('<'), Markup('>')]
        ["a\nb\r\nc\rd\u000be\u2028f\n", "splitlines", []] => ['a', 'b', 'c', 'd', 'e', 'f']
        ["a\nb\r\n", "splitlines", [true]] => ['a\n', 'b\r\n']
        ["a\r\nb", "splitlines", [], {"keepends": true}] => ['a\r\n', 'b']
        ["", "splitlines", []] => []
        ["a-b-c", "partition", ["-"]] => ('a', '-', 'b-c')
        ["abc", "partition", ["-"]] => ('abc', '', '')
        ["a-b-c", "rpartition", ["-"]] => ('a-b', '-', 'c')
        ["abc", "rpartition", ["-"]] => ('', '', 'abc')
        ["a", "partition", [""]] => K-RUN-007
        [{"$safe": "<b>"}, "partition", ["b"]] => (Markup('<'), Markup('b'), Markup('>'))
        "#,
    );
}

#[test]
fn searching() {
    check(
        r#"
        ["abcabc", "find", ["b"]] => 1
        ["abcabc", "find", ["b", 2]] => 4
        ["abcabc", "find", ["b", 2, 4]] => -1
        ["abcabc", "find", ["b", -2]] => 4
        ["abc", "find", [""]] => 0
        ["abc", "find", ["", 3]] => 3
        ["abc", "find", ["", 4]] => -1
        ["abc", "find", ["c", null, null]] => 2
        ["日本x日", "find", ["日", 1]] => 3
        ["日本x日", "rfind", ["本", 0, -1]] => 1
        ["abcabc", "rfind", ["b", 0, 4]] => 1
        ["abc", "index", ["c"]] => 2
        ["abcabc", "rindex", ["c"]] => 5
        ["abc", "index", ["z"]] => K-RUN-007
        ["abc", "find", [1]] => K-RUN-012
        ["abc", "find", ["a", "x"]] => K-RUN-012
        ["aaaa", "count", ["aa"]] => 2
        ["abc", "count", [""]] => 4
        ["abc", "count", ["", 4]] => 0
        ["abcabc", "count", ["b", 2]] => 1
        ["abc", "startswith", ["ab"]] => True
        ["abc", "startswith", [{"$tuple": ["x", "a"]}]] => True
        ["abc", "startswith", ["b", 1]] => True
        ["abc", "startswith", ["", 4]] => False
        ["abc", "endswith", ["b", 0, 2]] => True
        ["abc", "endswith", [{"$tuple": ["x", "c"]}]] => True
        ["a", "startswith", [null]] => K-RUN-012
        ["a", "startswith", [["a"]]] => K-RUN-012
        "#,
    );
}

#[test]
fn replacing() {
    check(
        r#"
        ["aXbXc", "replace", ["X", "-"]] => 'a-b-c'
        ["aXbXc", "replace", ["X", "-", 1]] => 'a-bXc'
        ["aXbXc", "replace", ["X", "-"], {"count": 1}] => 'a-bXc'
        ["aaa", "replace", ["aa", "b"]] => 'ba'
        ["abc", "replace", ["a", "y", 0]] => 'abc'
        ["abc", "replace", ["", "-"]] => '-a-b-c-'
        ["日本", "replace", ["", "-", 2]] => '-日-本'
        ["a", "replace", ["a"]] => K-RUN-012
        ["a", "replace", ["a", null]] => K-RUN-012
        [{"$safe": "<b>"}, "replace", ["b", "<i>"]] => Markup('<&lt;i&gt;>')
        [{"$safe": "<b>"}, "replace", ["b", {"$safe": "i"}]] => Markup('<i>')
        [{"$safe": "<b>"}, "replace", ["<b>", {"$safe": "<i>"}]] => Markup('<i>')
        ["<b>", "replace", ["b", "<i>"]] => '<<i>>'
        [{"$styled": "b"}, "replace", ["x", "y"]] => 'b'
        ["a\tb", "expandtabs", [4]] => 'a   b'
        ["a\tb", "expandtabs", []] => 'a       b'
        ["ab\tc\td", "expandtabs", [3]] => 'ab c  d'
        ["ab\n\tc", "expandtabs", [], {"tabsize": 2}] => 'ab\n  c'
        ["a\tb", "expandtabs", [0]] => 'ab'
        ["a\tb", "expandtabs", [-1]] => 'ab'
        ["abc", "translate", [{"$pairs": [[97, "xy"], [98, null], [99, 100]]}]] => 'xyd'
        ["abc", "translate", [{"$pairs": [[97, 1.5]]}]] => K-RUN-012
        ["abc", "translate", [{"$pairs": [[97, 1114112]]}]] => K-RUN-007
        ["abc", "translate", [null]] => K-RUN-012
        [{"$safe": "<b>"}, "translate", [{}]] => '<b>'
        "#,
    );
}

#[test]
fn padding() {
    check(
        r#"
        ["ab", "center", [7]] => '   ab  '
        ["ab", "center", [5, "*"]] => '**ab*'
        ["abc", "center", [6, "*"]] => '*abc**'
        ["abc", "center", [2]] => 'abc'
        ["ab", "ljust", [5, "."]] => 'ab...'
        ["ab", "rjust", [5, "日"]] => '日日日ab'
        ["ab", "ljust", [-5]] => 'ab'
        ["a", "center", [5, "ab"]] => K-RUN-012
        ["a", "center", [5], {"fill": "b"}] => K-RUN-012
        ["a", "center", ["5"]] => K-RUN-012
        ["42", "zfill", [5]] => '00042'
        ["-42", "zfill", [6]] => '-00042'
        ["+4", "zfill", [4]] => '+004'
        ["", "zfill", [2]] => '00'
        [{"$safe": "<b>"}, "zfill", [6]] => Markup('000<b>')
        [{"$safe": "a"}, "ljust", [3, "<"]] => Markup('a&lt;&lt;')
        [{"$safe": "a"}, "rjust", [2, {"$safe": "<"}]] => Markup('<a')
        [{"$safe": "a"}, "center", [3, "\""]] => Markup('&quot;a&quot;')
        ["a", "ljust", [3, "<"]] => 'a<<'
        [{"$safe": "<b>"}, "center", [7]] => Markup('  <b>  ')
        "#,
    );
}

#[test]
fn joining() {
    check(
        r#"
        ["-", "join", ["abc"]] => 'a-b-c'
        ["-", "join", [{"$tuple": ["x", "y"]}]] => 'x-y'
        ["-", "join", [{"k": 1, "l": 2}]] => 'k-l'
        ["-", "join", [[]]] => ''
        ["-", "join", [["x"]]] => 'x'
        [",", "join", [[1, 2]]] => K-RUN-012
        [",", "join", [[null]]] => K-RUN-012
        [",", "join", [5]] => K-RUN-012
        [{"$safe": "<br>"}, "join", [["<", "x"]]] => Markup('&lt;<br>x')
        [{"$safe": "<b>"}, "join", [[{"$safe": "<"}, ">"]]] => Markup('<<b>&gt;')
        ["<", "join", [[{"$safe": "<b>"}]]] => '<b>'
        [{"$safe": "<b>x</b>"}, "striptags", []] => Markup('x')
        [{"$safe": "&lt;b&gt;"}, "unescape", []] => '<b>'
        [{"$safe": "<b>"}, "unescape", []] => Markup('<b>')
        ["<b>", "striptags", []] => K-RUN-001
        ["<b>", "unescape", []] => K-RUN-001
        "#,
    );
    check_on(
        Surface::Terminal,
        r#"
        [{"$styled": "-"}, "join", [["a", "\u001b[2Jy"]]] => Styled('a-y')
        [{"$styled": "<{}>"}, "format", ["\u001b[2J<"]] => Styled('<<>')
        "#,
    );
    check_on(
        Surface::Markdown,
        r#"
        [{"$md": "**{}**"}, "format", ["*"]] => Marked('**\\***')
        "#,
    );
}

#[test]
fn questions() {
    check(
        r#"
        ["abc", "isalpha", []] => True
        ["a1", "isalpha", []] => False
        ["", "isalpha", []] => False
        ["é日", "isalpha", []] => True
        ["²", "isdigit", []] => True
        ["²", "isdecimal", []] => False
        ["٣", "isdecimal", []] => True
        ["½", "isnumeric", []] => True
        ["½", "isdigit", []] => False
        ["三", "isnumeric", []] => True
        ["1.5", "isdigit", []] => False
        ["a1", "isalnum", []] => True
        ["a 1", "isalnum", []] => False
        [" \t", "isspace", []] => True
        ["", "isspace", []] => False
        ["AB1", "isupper", []] => True
        ["Ab", "isupper", []] => False
        ["ab1", "islower", []] => True
        ["1", "islower", []] => False
        ["Ab Cd", "istitle", []] => True
        ["It'S", "istitle", []] => True
        ["AB", "istitle", []] => False
        ["1", "istitle", []] => False
        ["a_1é", "isidentifier", []] => True
        ["1a", "isidentifier", []] => False
        ["", "isidentifier", []] => False
        ["a b", "isprintable", []] => True
        ["a\n", "isprintable", []] => False
        ["", "isprintable", []] => True
        ["é", "isascii", []] => False
        ["", "isascii", []] => True
        "#,
    );
}
