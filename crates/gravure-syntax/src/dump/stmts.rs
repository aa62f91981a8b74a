//! Statements as text.

use super::{Dumper, Item, literal};
use crate::ast::{AssignKind, Ident, ParamKind, Stmt, StmtId};

impl Dumper<'_> {
    pub(super) fn stmt(&mut self, id: StmtId) {
        let tree = self.tree;
        let node = tree.stmt(id);
        let head = self.stmt_head(&node.stmt);
        self.head(&head, node.span);
        match &node.stmt {
            Stmt::Text(_)
            | Stmt::Break
            | Stmt::Continue
            | Stmt::Yield(_)
            | Stmt::Template(_)
            | Stmt::Stack(_)
            | Stmt::Flush => {}
            Stmt::Output(value) | Stmt::Extends(value) => self.value("", *value),
            Stmt::Import { template, .. }
            | Stmt::From { template, .. }
            | Stmt::Include { template, .. } => self.value("", *template),
            Stmt::If(parts) => {
                for (condition, body, _) in &parts.branches {
                    self.value("if", *condition);
                    self.body("then", body);
                }
                if let Some(body) = &parts.otherwise {
                    self.body("else", body);
                }
            }
            Stmt::For(parts) => {
                self.value("in", parts.source);
                self.maybe("if", parts.condition);
                self.body("do", &parts.body);
                if let Some(body) = &parts.otherwise {
                    self.body("else", body);
                }
            }
            Stmt::While { condition, body } => {
                self.value("", *condition);
                self.body("do", body);
            }
            Stmt::Match(parts) => {
                self.maybe("", parts.subject);
                for case in &parts.cases {
                    self.value("case", case.pattern);
                    self.maybe("if", case.guard);
                    self.body("then", &case.body);
                }
            }
            Stmt::Assign(parts) => {
                for (target, is_default, value) in &parts.items {
                    let op = if *is_default { "??=" } else { "=" };
                    let line = format!("{} {op}", self.target(target));
                    self.child(1, Item::Line(line));
                    self.child(2, Item::Expr("", *value));
                }
            }
            Stmt::Capture { filter, body, .. } => {
                if let Some(filter) = filter {
                    self.filter(1, filter);
                }
                self.body("do", body);
            }
            Stmt::With { bindings, body } => {
                self.bindings(bindings);
                self.body("do", body);
            }
            Stmt::WithValue(parts) => {
                self.value("", parts.value);
                self.body("do", &parts.body);
                if let Some(body) = &parts.otherwise {
                    self.body("else", body);
                }
            }
            Stmt::Def(parts) => {
                for param in &parts.params {
                    let stars = match param.kind {
                        ParamKind::Plain => "",
                        ParamKind::Named => "named ",
                        ParamKind::Rest => "*",
                        ParamKind::NamedRest => "**",
                    };
                    let ty = param
                        .annotation
                        .map(|span| format!(": {}", span.of(self.source)))
                        .unwrap_or_default();
                    let line = format!("param {stars}{}{ty}", self.name(param.name));
                    self.child(1, Item::Line(line));
                    if let Some(default) = param.default {
                        self.child(2, Item::Expr("", default));
                    }
                }
                self.body("do", &parts.body);
            }
            Stmt::Call(parts) => {
                self.value("", parts.callee);
                for content in &parts.contents {
                    let blank = if content.is_blank { " blank" } else { "" };
                    let label = format!("content {}{blank}", self.name(content.name));
                    self.body(&label, &content.body);
                }
            }
            Stmt::Slot(parts) => {
                self.bindings(&parts.bindings);
                if !parts.bindings.is_empty() {
                    self.body("fallback", &parts.fallback);
                }
            }
            Stmt::Block(parts) => {
                for (name, value) in &parts.modifiers {
                    let line = format!("{} = {}", self.name(*name), literal(value));
                    self.child(1, Item::Line(line));
                }
                self.maybe("if", parts.condition);
                self.body("do", &parts.body);
            }
            Stmt::Embed {
                template,
                overrides,
                ..
            } => {
                self.value("", *template);
                self.body("overrides", overrides);
            }
            Stmt::Globals(body) | Stmt::Spaceless(body) | Stmt::Push { body, .. } => {
                self.body("do", body);
            }
            Stmt::Provide { value, body, .. } => {
                self.value("", *value);
                self.body("do", body);
            }
            Stmt::Try { body, fallback, .. } => {
                self.body("do", body);
                self.body("fallback", fallback);
            }
            Stmt::Cache {
                key,
                ttl,
                depends,
                body,
            } => {
                self.value("key", *key);
                self.maybe("ttl", *ttl);
                self.maybe("depends", *depends);
                self.body("do", body);
            }
            Stmt::FilterBlock { filter, body } => {
                self.filter(1, filter);
                self.body("do", body);
            }
            Stmt::Trans(parts) => {
                self.bindings(&parts.bindings);
                self.child(1, Item::Line(format!("singular {:?}", parts.singular)));
                if let Some(plural) = &parts.plural {
                    self.child(1, Item::Line(format!("plural {plural:?}")));
                }
            }
        }
    }

    fn stmt_head(&self, stmt: &Stmt) -> String {
        let name = |ident: &Ident| self.name(*ident).to_owned();
        let flag = |is_set: bool, word: &'static str| if is_set { word } else { "" };
        match stmt {
            Stmt::Text(span) => format!("text {:?}", span.of(self.source)),
            Stmt::Output(_) => "output".to_owned(),
            Stmt::If(parts) => {
                flag(parts.negated, "unless").to_owned() + flag(!parts.negated, "if")
            }
            Stmt::For(parts) => format!(
                "{}for {}",
                flag(parts.is_async, "async "),
                self.target(&parts.target)
            ),
            Stmt::While { .. } => "while".to_owned(),
            Stmt::Break => "break".to_owned(),
            Stmt::Continue => "continue".to_owned(),
            Stmt::Match(_) => "match".to_owned(),
            Stmt::Assign(parts) => match parts.kind {
                AssignKind::Set => "set".to_owned(),
                AssignKind::Let => "let".to_owned(),
                AssignKind::Export => "export".to_owned(),
            },
            Stmt::Capture { name: ident, .. } => format!("capture {}", name(ident)),
            Stmt::With { .. } => "with".to_owned(),
            Stmt::WithValue(parts) => format!("with as {}", self.target(&parts.target)),
            Stmt::Def(parts) => format!(
                "{}{} {}",
                flag(parts.is_region, "region"),
                flag(!parts.is_region, "def"),
                name(&parts.name)
            ),
            Stmt::Call(_) => "call".to_owned(),
            Stmt::Slot(parts) => format!("slot {}", name(&parts.name)),
            Stmt::Yield(ident) => match ident {
                Some(ident) => format!("yield {}", name(ident)),
                None => "yield".to_owned(),
            },
            Stmt::Import {
                name: ident,
                with_context,
                ..
            } => format!(
                "import as {}{}",
                name(ident),
                flag(*with_context, " with context")
            ),
            Stmt::From {
                names,
                with_context,
                ..
            } => {
                let names: Vec<_> = names
                    .iter()
                    .map(|(from, to)| format!("{} as {}", name(from), name(to)))
                    .collect();
                format!(
                    "from import {}{}",
                    names.join(", "),
                    flag(*with_context, " with context")
                )
            }
            Stmt::Extends(_) => "extends".to_owned(),
            Stmt::Block(parts) => format!(
                "{}{} {}",
                flag(parts.is_fragment, "fragment"),
                flag(!parts.is_fragment, "block"),
                name(&parts.name)
            ),
            Stmt::Include {
                context,
                ignore_missing,
                ..
            } => format!(
                "include{}{}",
                flag(!context, " without context"),
                flag(*ignore_missing, " ignore missing")
            ),
            Stmt::Embed { context, .. } => format!("embed{}", flag(!context, " without context")),
            Stmt::Globals(_) => "globals".to_owned(),
            Stmt::Template(types) => {
                let types: Vec<_> = types
                    .iter()
                    .map(|(of, ty)| format!("{}: {}", name(of), name(ty)))
                    .collect();
                format!("template {}", types.join(", "))
            }
            Stmt::Provide { name: ident, .. } => format!("provide {}", name(ident)),
            Stmt::Push { name: ident, .. } => format!("push {:?}", name(ident)),
            Stmt::Stack(ident) => format!("stack {:?}", name(ident)),
            Stmt::Try { name: ident, .. } => match ident {
                Some(ident) => format!("try as {}", name(ident)),
                None => "try".to_owned(),
            },
            Stmt::Cache { .. } => "cache".to_owned(),
            Stmt::FilterBlock { .. } => "filter".to_owned(),
            Stmt::Spaceless(_) => "spaceless".to_owned(),
            Stmt::Flush => "flush".to_owned(),
            Stmt::Trans(_) => "trans".to_owned(),
        }
    }
}
