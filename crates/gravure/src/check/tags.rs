//! Which templates a template names, as far as its text says so.
//!
//! In: a tree, and the chunk's own list if it was compiled. Out: one [`Tag`] a
//! name. A name that is computed from data is not here; of `"a" if x else "b"`
//! and `x ?? "a"` the literals are, since a render may come to each.

use gravure_bytecode::{Chunk, DependencyKind};
use gravure_source::Span;
use gravure_syntax::ast::{Expr, ExprId, Lit, Stmt, StmtId, Target, Template};
use std::collections::{BTreeSet, HashSet};

/// A tag that names another template.
pub(super) struct Tag {
    pub(super) kind: DependencyKind,
    /// As written.
    pub(super) name: String,
    /// Where the tag's word is, or only its line.
    pub(super) place: Place,
    /// `ignore missing`.
    pub(super) may_miss: bool,
    /// Is it certain that a render of the template comes here?
    pub(super) is_certain: bool,
    /// What `from` wants of the other template, if it can only be defined there.
    pub(super) wanted: Vec<String>,
}

/// Where a tag is.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Span(Span),
    Line(u32),
}

/// All literal names of a tree. Statements lie in one flat table, so nothing
/// here follows how they are nested.
pub(super) fn tags(tree: &Template) -> Vec<Tag> {
    let mut tags = Vec::new();
    let top: HashSet<StmtId> = tree.body.iter().copied().collect();
    for (at, node) in tree.stmts.iter().enumerate() {
        let (kind, expr, may_miss) = match &node.stmt {
            Stmt::Extends(expr) => (DependencyKind::Extends, *expr, false),
            Stmt::Include {
                template,
                ignore_missing,
                ..
            } => (DependencyKind::Include, *template, *ignore_missing),
            Stmt::Embed { template, .. } => (DependencyKind::Embed, *template, false),
            Stmt::Import { template, .. } | Stmt::From { template, .. } => {
                (DependencyKind::Import, *template, false)
            }
            _ => continue,
        };
        let wanted = match &node.stmt {
            Stmt::From {
                names,
                with_context: false,
                ..
            } => names
                .iter()
                .map(|(name, _)| tree.name(name.name).to_owned())
                .collect(),
            _ => Vec::new(),
        };
        let names = literals(tree, expr);
        let is_literal = matches!(&tree.expr(expr).expr, Expr::Lit(Lit::Str(_)));
        let id = StmtId(u32::try_from(at).unwrap_or(u32::MAX));
        let is_certain = is_literal && top.contains(&id);
        if names.is_empty() && may_miss {
            // Keeps a name that only the compiler works out from being missed.
            tags.push(Tag {
                kind,
                name: String::new(),
                place: Place::Span(node.span),
                may_miss,
                is_certain: false,
                wanted: Vec::new(),
            });
        }
        tags.extend(names.into_iter().map(|name| Tag {
            kind,
            name,
            place: Place::Span(node.span),
            may_miss,
            is_certain,
            wanted: wanted.clone(),
        }));
    }
    tags
}

/// Texts that an expression can be, as far as they are written in it.
fn literals(tree: &Template, expr: ExprId) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = vec![expr];
    while let Some(id) = open.pop() {
        match &tree.expr(id).expr {
            Expr::Lit(Lit::Str(text)) => names.push(text.to_string()),
            Expr::Ternary {
                then, otherwise, ..
            } => {
                open.extend(otherwise);
                open.push(*then);
            }
            Expr::Coalesce(items) => open.extend(items.iter().rev()),
            _ => {}
        }
    }
    names
}

/// Names that only the compiler works out, such as `"a" ~ ".html"`.
/// `line_of` says on which line a tag of the tree is.
pub(super) fn add_folded(tags: &mut Vec<Tag>, chunk: &Chunk, line_of: impl Fn(Span) -> u32) {
    let mut written = HashSet::new();
    let mut may_miss = HashSet::new();
    for tag in &*tags {
        let line = match tag.place {
            Place::Span(span) => line_of(span),
            Place::Line(line) => line,
        };
        written.insert((tag.kind, line, tag.name.clone()));
        if tag.may_miss {
            may_miss.insert((tag.kind, line));
        }
    }
    for dependency in &chunk.dependencies {
        let (kind, line) = (dependency.kind, dependency.line);
        let name = chunk.symbol(dependency.name).to_owned();
        if may_miss.contains(&(kind, line)) || written.contains(&(kind, line, name.clone())) {
            continue;
        }
        tags.push(Tag {
            kind,
            name,
            place: Place::Line(line),
            may_miss: false,
            is_certain: false,
            wanted: Vec::new(),
        });
    }
}

/// Every name that a template gives to something, as a library that is
/// imported; `None` if other templates may add to them.
pub(super) fn bound(tree: &Template) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for node in &tree.stmts {
        match &node.stmt {
            Stmt::Include { .. } | Stmt::Embed { .. } | Stmt::Extends(_) => return None,
            Stmt::Def(it) => {
                names.insert(tree.name(it.name.name).to_owned());
            }
            Stmt::Capture { name, .. } | Stmt::Import { name, .. } => {
                names.insert(tree.name(name.name).to_owned());
            }
            Stmt::From { names: more, .. } => {
                names.extend(more.iter().map(|(_, name)| tree.name(name.name).to_owned()));
            }
            Stmt::Assign(it) => {
                let mut open: Vec<&Target> = it.items.iter().map(|(target, ..)| target).collect();
                while let Some(target) = open.pop() {
                    match target {
                        Target::Name(name) => {
                            names.insert(tree.name(name.name).to_owned());
                        }
                        Target::Tuple(targets, _) => open.extend(targets),
                    }
                }
            }
            _ => {}
        }
    }
    Some(names)
}

/// The word of a tag.
pub(super) fn word(kind: DependencyKind) -> &'static str {
    match kind {
        DependencyKind::Extends => "extends",
        DependencyKind::Include => "include",
        DependencyKind::Embed => "embed",
        DependencyKind::Import => "import",
    }
}
