//! A block is closed: what its frame knows becomes a statement.

use super::frame::Kind;
use super::{Builder, Result};
use crate::ast::{
    Block, Body, Call, Case, Content, Def, For, If, Match, Slot, Stmt, StmtId, Trans, WithValue,
};
use gravure_source::{Code, Diagnostic, Span};

impl Builder<'_> {
    /// Make the statement of the innermost block.
    pub(super) fn finish(&mut self, closer: Span) -> Result<()> {
        let body = self.take_body();
        let Some(frame) = self.frames.pop() else {
            return Err(super::Failed);
        };
        let word = frame.word;
        let stmt = match frame.kind {
            Kind::If {
                mut branches,
                open,
                negated,
            } => {
                let otherwise = match open {
                    Some((condition, word)) => {
                        branches.push((condition, body, word));
                        None
                    }
                    None => Some(body),
                };
                Stmt::If(If {
                    branches: branches.into(),
                    otherwise,
                    negated,
                })
            }
            Kind::For {
                target,
                source,
                condition,
                is_async,
                body: first,
            } => {
                let (body, otherwise) = parts(first, body);
                Stmt::For(Box::new(For {
                    target,
                    source,
                    condition,
                    body,
                    otherwise,
                    is_async,
                }))
            }
            Kind::While(condition) => Stmt::While { condition, body },
            Kind::Match {
                subject,
                mut cases,
                open,
            } => {
                let Some((pattern, guard, span)) = open else {
                    let finding =
                        Diagnostic::new(Code::ParUnexpected, closer, "`match` needs a `case`")
                            .label("`case` was expected")
                            .related(word, "this `match` is open");
                    return self.fail(finding);
                };
                cases.push(Case {
                    pattern,
                    guard,
                    body,
                    span,
                });
                Stmt::Match(Match {
                    subject,
                    cases: cases.into(),
                })
            }
            Kind::Capture { name, filter } => Stmt::Capture { name, filter, body },
            Kind::With(bindings) => Stmt::With { bindings, body },
            Kind::WithValue {
                value,
                target,
                body: first,
            } => {
                let (body, otherwise) = parts(first, body);
                Stmt::WithValue(Box::new(WithValue {
                    value,
                    target,
                    body,
                    otherwise,
                }))
            }
            Kind::Def {
                name,
                params,
                is_region,
            } => Stmt::Def(Box::new(Def {
                name,
                params,
                body,
                is_region,
            })),
            Kind::Call {
                callee,
                mut contents,
            } => {
                if !body.is_empty() {
                    contents.add(self.default_slot(word), body);
                }
                let contents = contents
                    .list
                    .into_iter()
                    .map(|(name, body)| Content {
                        name,
                        is_blank: body.iter().all(|&id| self.is_blank(id)),
                        body: body.into(),
                    })
                    .collect();
                Stmt::Call(Box::new(Call { callee, contents }))
            }
            Kind::SlotContent(name) => {
                if let Some(Kind::Call { contents, .. }) =
                    self.frames.last_mut().map(|frame| &mut frame.kind)
                {
                    contents.add(name, body);
                }
                return Ok(());
            }
            Kind::Slot { name, bindings } => Stmt::Slot(Box::new(Slot {
                name,
                bindings,
                fallback: body,
            })),
            Kind::Block {
                name,
                modifiers,
                condition,
                is_fragment,
            } => Stmt::Block(Box::new(Block {
                name,
                modifiers,
                condition,
                body,
                is_fragment,
            })),
            Kind::Embed { template, context } => Stmt::Embed {
                template,
                context,
                overrides: body,
            },
            Kind::Globals => Stmt::Globals(body),
            Kind::Provide { name, value } => Stmt::Provide { name, value, body },
            Kind::Push(name) => Stmt::Push { name, body },
            Kind::Try { body: first, name } => {
                let (body, Some(fallback)) = parts(first, body) else {
                    let finding =
                        Diagnostic::new(Code::ParUnexpected, closer, "`try` needs a `fallback`")
                            .label("`fallback` was expected")
                            .related(word, "this `try` is open");
                    return self.fail(finding);
                };
                Stmt::Try {
                    body,
                    name,
                    fallback,
                }
            }
            Kind::Cache { key, ttl, depends } => Stmt::Cache {
                key,
                ttl,
                depends,
                body,
            },
            Kind::FilterBlock(filter) => Stmt::FilterBlock { filter, body },
            Kind::Spaceless => Stmt::Spaceless(body),
            Kind::Raw => {
                // Verbatim text is text like any other from here on.
                self.stmts.extend(body);
                return Ok(());
            }
            Kind::Trans {
                bindings,
                message,
                singular,
                ..
            } => {
                let message = super::trans::fold(&message);
                let (singular, plural) = match singular {
                    Some(singular) => (singular, Some(message)),
                    None => (message, None),
                };
                Stmt::Trans(Box::new(Trans {
                    bindings,
                    singular,
                    plural,
                }))
            }
            Kind::Broken => return Ok(()),
        };
        self.push(stmt, word);
        Ok(())
    }

    /// Is a statement of call content nothing but white space?
    fn is_blank(&self, id: StmtId) -> bool {
        match self.tree.stmt(id).stmt {
            Stmt::Text(span) => span.of(self.source).chars().all(crate::lex::is_space),
            _ => false,
        }
    }
}

/// The body and the `else` part, given what was set aside and what came last.
fn parts(first: Option<Body>, last: Body) -> (Body, Option<Body>) {
    match first {
        Some(first) => (first, Some(last)),
        None => (last, None),
    }
}
