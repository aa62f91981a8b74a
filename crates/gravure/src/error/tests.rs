//! Errors as they are printed, and the facts behind.

use super::*;
use crate::loader::{LoadError, MapLoader};

fn site(template: &str, line: u32, column: u32, end_column: u32) -> Option<Box<Site>> {
    Some(Box::new(Site {
        template: template.to_owned(),
        line,
        column,
        end_column,
        ..Site::default()
    }))
}

fn undefined() -> Error {
    let mut fault = Fault::undefined_variable("titl", vec!["title".to_owned(), "x".to_owned()]);
    let mut place = *site("page.html", 5, 10, 14).unwrap();
    place.templates = vec![("main.html".to_owned(), 3, "include")];
    place.components = vec![("list.html".to_owned(), 14, "card".to_owned())];
    fault.site = Some(Box::new(place));
    let source = "\n\n\n<article>\n  <h1>{{ titl }}</h1>\n</article>\n";
    Error::from_fault(fault, Some(source))
}

#[test]
fn a_render_error_says_everything_in_order() {
    assert_eq!(
        undefined().report().to_string(),
        "\
error[K-RUN-001]: undefined variable `titl`
  ┌─ page.html:5:11
3 │ 
4 │ <article>
5 │   <h1>{{ titl }}</h1>
  │           ^^^^
6 │ </article>
7 │ 
  in   card()            called at list.html:14
  from main.html:3       include
  help: did you mean `title`?
  help: use `{{ titl | default('') }}` for optional values
  docs: k-run-001"
    );
    assert_eq!(
        format!("{:#}", undefined()),
        undefined().report().to_string()
    );
}

#[test]
fn one_line_names_the_place() {
    assert_eq!(
        undefined().to_string(),
        "K-RUN-001: undefined variable `titl` (page.html:5:11)"
    );
    let error = undefined();
    assert_eq!(error.kind(), ErrorKind::Undefined);
    assert_eq!(
        (error.line(), error.column(), error.end_column()),
        (Some(5), Some(10), Some(14))
    );
    assert_eq!(error.suggestion().as_deref(), Some("title"));
    assert_eq!(error.type_name(), "UndefinedError");
    assert_eq!(error.docs(), "k-run-001");
    assert_eq!(error.snippet().unwrap().error_line, 5);
}

#[test]
fn findings_of_a_source_come_as_one_error() {
    let source = "Hello {{ name | uper }}!\n{% for %}\nä {{ b";
    let error = Error::from_diagnostics(
        Some("main.html"),
        source,
        vec![
            Diagnostic::new(Code::ParFilter, Span::new(16, 20), "unknown filter `uper`")
                .label("not known here")
                .did_you_mean(Some("upper")),
            Diagnostic::new(
                Code::ParUnexpected,
                Span::new(25, 34),
                "a name was expected",
            )
            .related(Span::new(0, 5), "the last text"),
            Diagnostic::new(
                Code::LexUnclosedOutput,
                Span::new(38, 43),
                "unclosed output",
            ),
        ],
    );
    assert_eq!(
        error.report().to_string(),
        "\
error[K-PAR-004]: unknown filter `uper`
  ┌─ main.html:1:17
1 │ Hello {{ name | uper }}!
  │                 ^^^^ not known here
2 │ {% for %}
3 │ ä {{ b
  help: did you mean `upper`?
  also K-PAR-001: a name was expected (main.html:2:1)
  also K-LEX-003: unclosed output (main.html:3:3)
  docs: k-par-004"
    );
    assert_eq!(error.suggestion().as_deref(), Some("upper"));
    assert_eq!(error.span(), Some(Span::new(16, 20)));
    assert_eq!(error.others().len(), 2);
    assert!(
        error.others()[0]
            .report()
            .to_string()
            .contains("  note: the last text at main.html:1:1\n")
    );
    assert_eq!(error.type_name(), "ParseError");
}

#[test]
fn a_token_over_several_lines_is_underlined_on_its_first() {
    let source = "{{ 'one\ntwo' }}";
    let found = Diagnostic::new(Code::LexUnclosedString, Span::new(3, 12), "open");
    let error = Error::from_diagnostics(None, source, vec![found]);
    assert_eq!((error.column(), error.end_column()), (Some(3), Some(7)));
    assert_eq!(error.to_string(), "K-LEX-005: open (<template>:1:4)");
    assert_eq!(error.template(), None);
}

#[test]
fn no_findings_are_no_panic() {
    let error = Error::from_diagnostics(None, "", Vec::new());
    assert_eq!(error.code(), Code::RunValue);
}

#[test]
fn the_host_s_request_has_no_place() {
    let loader = Arc::new(MapLoader::from([("index.html", ""), ("about.html", "")]));
    let fault = LoadError::not_found().into_fault("indx.html");
    let error = Error::from_fault(fault, None).looked_for("indx.html", loader.clone());
    assert_eq!((error.template(), error.line()), (None, None));
    assert_eq!(
        error.report().to_string(),
        "\
error[K-TPL-001]: template `indx.html` not found
  help: did you mean `index.html`?
  docs: k-tpl-001"
    );
    let fault = LoadError::not_found().into_fault("zzz");
    let error = Error::from_fault(fault, None).looked_for("zzz", loader);
    assert_eq!(error.hints(), ["known templates: about.html, index.html"]);
    assert_eq!(error.type_name(), "TemplateNotFoundError");
    let error = Error::config("ambiguous_width", "3", "1 and 2 would do");
    assert_eq!(
        error.to_string(),
        "K-CFG-001: option `ambiguous_width` cannot be 3"
    );
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn messages_cannot_drive_a_terminal() {
    let mut fault = Fault::value("bad \x1b[31m\ntext\u{202e}");
    fault.site = site("a\x07.html", 1, 0, 1);
    let error = Error::from_fault(fault, Some("\x1b[2J"));
    let all = format!("{error} {error:#}");
    assert!(!all.contains(['\x1b', '\x07', '\u{202e}']), "{all:?}");
    assert!(
        error
            .to_string()
            .starts_with("K-RUN-007: bad \\u{1b}[31m\\ntext\\u{202e} (")
    );
    assert!(
        error
            .report()
            .color(true)
            .to_string()
            .contains("\x1b[1;31merror")
    );
}

#[test]
fn a_long_trace_loses_its_middle_in_text_only() {
    let mut fault = Fault::call_depth(500);
    let mut place = *site("a", 1, 0, 1).unwrap();
    place.components = (1..=500)
        .map(|n| ("a".to_owned(), n, "f".to_owned()))
        .collect();
    fault.site = Some(Box::new(place));
    let error = Error::from_fault(fault, None);
    assert_eq!(error.component_stack().len(), 500);
    let text = error.report().to_string();
    assert!(text.contains("  … 480 more …\n"), "{text}");
    assert_eq!(text.matches("called at").count(), 20);
    assert!(text.contains("called at a:500\n") && text.contains("called at a:1\n"));
}

#[test]
fn a_host_s_error_can_be_had_back() {
    let inner = std::io::Error::other("disk on fire");
    let fault = Fault::value("the function `load` failed").caused_by(Box::new(inner));
    let error = Error::from_fault(fault, None);
    assert!(error.host_error().unwrap().is::<std::io::Error>());
    assert_eq!(
        StdError::source(&error).unwrap().to_string(),
        "disk on fire"
    );
    assert!(
        error
            .report()
            .to_string()
            .contains("  cause: disk on fire\n")
    );
    assert_eq!(error.type_name(), "TemplateRuntimeError");
    assert_eq!(
        Error::from_fault(Fault::index("no"), None).type_name(),
        "IndexError"
    );
    assert_eq!(
        Error::from_fault(Fault::value("no"), None).type_name(),
        "ValueError"
    );
}

#[test]
fn an_error_carried_through_the_machine_keeps_its_place() {
    let found = Diagnostic::new(Code::ParExpression, Span::new(3, 4), "a value was expected");
    let inner = Error::from_diagnostics(Some("part.html"), "{{ + }}", vec![found]);
    let mut fault = Fault::value("carrier").caused_by(Box::new(inner));
    let mut place = *site("main.html", 7, 0, 10).unwrap();
    place.templates = vec![("root.html".to_owned(), 2, "include")];
    fault.site = Some(Box::new(place));
    let error = Error::from_fault(fault, Some("not this text"));
    assert_eq!(error.code(), Code::ParExpression);
    assert_eq!(
        (error.template(), error.line()),
        (Some("part.html"), Some(1))
    );
    let stack: Vec<_> = error
        .template_stack()
        .iter()
        .map(|frame| (&*frame.template, frame.line))
        .collect();
    assert_eq!(stack, [("root.html", 2), ("main.html", 7)]);
}

#[test]
fn an_error_without_a_place_gets_the_tag_s() {
    let inner = Error::new(Code::TplIo, "template `x` cannot be read");
    let error = inner.reached_from(&site("main.html", 3, 4, 9).unwrap(), "include");
    assert_eq!(
        (error.template(), error.line()),
        (Some("main.html"), Some(3))
    );
    let error = Error::new(Code::RunValue, "no block `x`").asked_of(Some("main.html"));
    assert_eq!(error.to_string(), "K-RUN-007: no block `x` (main.html)");
}

#[test]
fn panics_of_the_host_become_errors() {
    let error = Error::from_panic("oh");
    assert_eq!(error.to_string(), "K-RUN-007: host code panicked: oh");
}

#[test]
fn html_cannot_be_written_by_a_template() {
    let mut fault = Fault::value("bad <script>\"'&");
    fault.site = site("<b>.html", 1, 0, 3);
    let error = Error::from_fault(fault.help("try <i>"), Some("<script>alert(1)</script>"));
    let page = error.html_page();
    for markup in ["<script", "<b>", "<i>"] {
        assert!(!page.contains(markup), "{page}");
    }
    assert!(page.contains("<p class=\"gravure-first-fix\">First fix: try &lt;i&gt;</p>"));
    assert!(page.contains("class=\"gravure-line gravure-line-error\" data-line=\"1\""));
    assert!(page.starts_with("<!DOCTYPE html>"));
}

#[test]
fn markdown_says_the_same_and_means_itself() {
    assert_eq!(
        undefined().markdown(),
        "\
## K-RUN-001

undefined variable \\`titl\\`

page.html:5:11

```text
3 │ 
4 │ <article>
5 │   <h1>{{ titl }}</h1>
  │           ^^^^
6 │ </article>
7 │
```

### Help

- did you mean \\`title\\`\\?
- use \\`\\{\\{ titl \\| default\\(\\'\\'\\) \\}\\}\\` for optional values

### Calls

- card\\(\\) called at list.html:14

### Templates

- main.html:3 include
"
    );
    let mut fault = Fault::value("# <img> [x](y)\nnext");
    fault.site = site("a", 1, 0, 1);
    let text = Error::from_fault(fault, Some("```` {{ x }}")).markdown();
    assert!(
        text.contains("\\# &lt;img\\> \\[x\\]\\(y\\) next"),
        "{text}"
    );
    assert!(text.contains("\n`````text\n"), "{text}");
}
