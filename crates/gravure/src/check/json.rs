//! Findings as JSON, version 1: sorted keys, every field always there, `null`
//! where there is nothing.

use super::{Checked, Finding, Position, Range, Related, Severity};
use serde_json::{Value, json};

/// The version of the form.
const VERSION: u32 = 1;

impl Checked {
    /// The findings as a document, two blanks a level, with a final line end.
    /// `root` says what was checked.
    pub fn json(&self, root: &str) -> String {
        let diagnostics: Vec<Value> = self.findings.iter().map(record).collect();
        let mut document = json!({
            "schema_version": VERSION,
            "root": root,
            "diagnostics": diagnostics,
            "summary": {
                "errors": self.count(Severity::Error),
                "warnings": self.count(Severity::Warning),
                "info": self.count(Severity::Info),
                "total": self.findings.len(),
            },
            "partial": self.is_partial,
            "exit_code": self.exit_code(),
        });
        document.sort_all_objects();
        format!("{document:#}\n")
    }
}

fn record(it: &Finding) -> Value {
    let snippet = it.snippet.as_ref().map(|snippet| {
        let lines = snippet.lines.iter();
        let lines = lines.map(|(line, text)| json!({"line": line, "text": text}));
        json!({
            "lines": lines.collect::<Vec<_>>(),
            "error_line": snippet.error_line,
            "column": snippet.column,
        })
    });
    json!({
        "code": it.code.as_str(),
        "category": it.category(),
        "severity": it.severity.as_str(),
        "message": it.message,
        "path": it.path,
        "range": it.range.map(range),
        "title": it.code.title(),
        "kind": it.kind,
        "suggestion": it.suggestion(),
        // Nothing offers an edit yet.
        "safe_edit": null,
        "related_locations": it.related.iter().map(related).collect::<Vec<_>>(),
        "confidence": it.confidence.as_str(),
        "notes": it.notes,
        "documentation_url": format!("errors.md#{}", it.docs()),
        "source_snippet": snippet,
        "metadata": it.metadata,
    })
}

fn related(it: &Related) -> Value {
    json!({
        "label": it.label,
        "path": it.path,
        "range": it.range.map(range),
    })
}

fn range(it: Range) -> Value {
    json!({"start": position(it.start), "end": it.end.map(position)})
}

fn position(it: Position) -> Value {
    json!({"line": it.line, "column": it.column})
}
