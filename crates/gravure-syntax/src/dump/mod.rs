//! The tree as text, one node a line: what we read when we are lost, and what
//! tests compare. Every line of a node ends with its span.
//!
//! Work that is left lies on a stack of its own, so depth costs nothing.

mod exprs;
mod stmts;

use crate::ast::{Args, ExprId, FilterStep, Ident, Lit, StmtId, Target, Template};
use crate::limits::with_stack;
use gravure_source::Span;
use std::fmt::Write as _;

/// A tree as indented text. `source` is what it was made from.
pub fn dump(template: &Template, source: &str) -> String {
    let mut dumper = Dumper {
        tree: template,
        source,
        out: String::new(),
        work: Vec::new(),
        depth: 0,
        children: Vec::new(),
    };
    dumper.body("", &template.body);
    dumper.queue();
    while let Some((depth, item)) = dumper.work.pop() {
        dumper.depth = depth;
        match item {
            Item::Line(line) => dumper.line(&line),
            Item::Expr(label, id) => dumper.expr(label, id),
            Item::Stmt(id) => dumper.stmt(id),
        }
        dumper.queue();
    }
    dumper.out
}

/// What is still to be printed.
enum Item {
    Line(String),
    Expr(&'static str, ExprId),
    Stmt(StmtId),
}

struct Dumper<'t> {
    tree: &'t Template,
    source: &'t str,
    out: String,
    work: Vec<(usize, Item)>,
    depth: usize,
    /// What stands below the node that is being printed, in order.
    children: Vec<(usize, Item)>,
}

impl Dumper<'_> {
    fn queue(&mut self) {
        self.work.extend(self.children.drain(..).rev());
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{:indent$}{line}", "", indent = self.depth * 2);
    }

    fn head(&mut self, head: &str, span: Span) {
        let line = format!("{head} @{}..{}", span.start, span.end);
        self.line(line.trim_start());
    }

    fn child(&mut self, deeper: usize, item: Item) {
        self.children.push((self.depth + deeper, item));
    }

    fn value(&mut self, label: &'static str, id: ExprId) {
        self.child(1, Item::Expr(label, id));
    }

    fn maybe(&mut self, label: &'static str, id: Option<ExprId>) {
        if let Some(id) = id {
            self.value(label, id);
        }
    }

    /// Statements, below a word of their own if there is one.
    fn body(&mut self, label: &str, body: &[StmtId]) {
        let deeper = usize::from(!label.is_empty());
        if !label.is_empty() {
            self.child(1, Item::Line(label.to_owned()));
        }
        for &id in body {
            self.child(deeper * 2, Item::Stmt(id));
        }
    }

    fn name(&self, ident: Ident) -> &str {
        self.tree.name(ident.name)
    }

    fn bindings(&mut self, bindings: &[(Ident, ExprId)]) {
        for &(name, value) in bindings {
            let line = format!("{} =", self.name(name));
            self.child(1, Item::Line(line));
            self.child(2, Item::Expr("", value));
        }
    }

    fn target(&self, target: &Target) -> String {
        // A group of targets is at most as deep as the nesting limit.
        match target {
            Target::Name(name) => self.name(*name).to_owned(),
            Target::Tuple(targets, _) => {
                let parts: Vec<_> = targets
                    .iter()
                    .map(|target| with_stack(|| self.target(target)))
                    .collect();
                format!("({})", parts.join(" "))
            }
        }
    }

    fn filter(&mut self, deeper: usize, step: &FilterStep) {
        let mark = if step.optional { "?" } else { "" };
        let line = format!(
            "filter{mark} {} @{}..{}",
            self.name(step.name),
            step.name.span.start,
            step.name.span.end
        );
        self.child(deeper, Item::Line(line));
        self.args(deeper + 1, &step.args);
    }

    fn args(&mut self, deeper: usize, args: &Args) {
        for &id in &args.positional {
            self.child(deeper, Item::Expr("", id));
        }
        for &(name, id) in &args.named {
            let line = format!("{} =", self.name(name));
            self.child(deeper, Item::Line(line));
            self.child(deeper + 1, Item::Expr("", id));
        }
    }
}

fn literal(lit: &Lit) -> String {
    match lit {
        Lit::None => "none".to_owned(),
        Lit::Bool(value) => value.to_string(),
        Lit::Int(value) => format!("int {value}"),
        Lit::Big(digits) => format!("big {digits}"),
        Lit::Float(value) => format!("float {value:?}"),
        Lit::Str(text) => format!("str {text:?}"),
    }
}
