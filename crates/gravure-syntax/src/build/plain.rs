//! The short way for what most tags hold: `a.b.c`, or one literal.
//!
//! Nothing here could not be read through the grammar; it gives the same tree
//! without asking pest, which costs more than such a value does. A test holds
//! the two ways against each other.

use super::{Builder, Result};
use crate::ast::{Args, Expr, Step, StepKind};
use crate::lex::{Group, GroupId};
use crate::precedence::Operand;
use crate::words::{is_word, shape};

impl Builder<'_> {
    /// The rest of a group from token `from` on, if that is plain.
    pub(super) fn plain(&mut self, group: Group, from: usize) -> Option<Operand> {
        let shapes = self.tokens.shapes(group).as_bytes();
        let (&first, rest) = shapes.get(from - group.first as usize..)?.split_first()?;
        if rest.is_empty() && matches!(first, shape::STRING | shape::NUMBER | shape::CONSTANT) {
            return self.primary(group, from).ok();
        }
        let are_names = rest.as_chunks::<2>().0.iter().all(|&[dot, name]| {
            dot == b'.' && (is_word(name) || matches!(name, shape::CONSTANT | shape::AWAIT))
        });
        if !is_word(first) || rest.len() % 2 != 0 || !are_names {
            return None;
        }
        let base = self.primary(group, from).ok()?;
        if rest.is_empty() {
            return Some(base);
        }
        let steps: Box<[Step]> = (from + 2..group.last as usize)
            .step_by(2)
            .map(|idx| {
                let name = self.ident(self.tokens.span(group, idx));
                let optional = false;
                Step {
                    kind: StepKind::Attr { name, optional },
                    span: name.span,
                }
            })
            .collect();
        let span = steps
            .last()
            .map_or(base.span, |step| base.span.to(step.span));
        let base = base.id;
        Some(self.operand(Expr::Postfix { base, steps }, span))
    }

    /// The inside of brackets, if it is plain and the brackets are closed.
    pub(super) fn plain_inside(&mut self, id: GroupId) -> Result<Option<Operand>> {
        let group = self.tokens.group(id);
        if !group.is_closed || group.first == group.last {
            return Ok(None);
        }
        let outer = self.depth;
        self.go_to(outer + 1, group.open)?;
        let made = self.plain(group, group.first as usize);
        self.depth = outer;
        Ok(made)
    }

    /// Arguments, if there are none or one that is plain.
    pub(super) fn plain_arguments(&mut self, id: GroupId) -> Result<Option<Args>> {
        let positional = self.plain_inside(id)?.map(|made| made.id);
        Ok(positional.map(|only| Args {
            positional: Box::new([only]),
            named: Box::new([]),
        }))
    }
}
