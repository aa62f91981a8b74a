//! Expressions: the door to all of them, literals, containers, choices.

use super::Compiler;
use super::names::Read;
use crate::bindings::Local;
use crate::fold::{self, Const};
use gravure_bytecode::*;
use gravure_source::Span;
use gravure_syntax::ast::{Comprehension, Expr, ExprId, StepKind, Target};

/// How many values of a literal are put side by side at most before they are
/// made into a list; longer ones are built item by item.
const WIDE: usize = 256;

impl<'a> Compiler<'a> {
    /// Lower an expression: its value is wanted in a register (a temp that
    /// nothing else reads), or anywhere. Says where it is.
    pub(super) fn expr(&mut self, id: ExprId, want: Option<u16>) -> u16 {
        if let Some(constant) = self.constant(id) {
            return self.load(&constant, want);
        }
        let tree = self.tree;
        let node = tree.expr(id);
        match &node.expr {
            Expr::Lit(lit) => self.load(&Const::from(lit), want),
            Expr::Name(ident) => self.read_name(*ident, Read::Strict, want),
            Expr::Tuple(items) => self.sequence(items, true, node.span, want),
            Expr::List(items) => self.sequence(items, false, node.span, want),
            Expr::Dict(pairs) => self.dict(pairs, node.span, want),
            Expr::Comprehension(it) => self.comprehension(it, want),
            Expr::Postfix { base, steps } => self.postfix(*base, steps, want),
            Expr::Prefix { ops, operand } => self.prefix(ops, *operand, want),
            Expr::Binary { first, rest } => self.binary(*first, rest, want),
            Expr::Power { base, exponent, op } => self.power(*base, *exponent, *op, want),
            Expr::Filter { base, steps } => self.filter_chain(*base, steps, want),
            Expr::Test { operand, tests } => self.test_chain(*operand, tests, want),
            Expr::Compare { first, rest } => self.compare(*first, rest, want),
            Expr::And(items) => self.and_or(items, false, want),
            Expr::Or(items) => self.and_or(items, true, want),
            Expr::Coalesce(items) => self.coalesce(items, node.span, want),
            Expr::Ternary {
                then,
                condition,
                otherwise,
            } => self.ternary(*then, *condition, *otherwise, want),
        }
    }

    /// Lower an expression to a new register at the end.
    pub(super) fn expr_to_new(&mut self, id: ExprId) -> u16 {
        let register = self.alloc();
        self.expr(id, Some(register))
    }

    // ---- outputs ----

    /// `{{ … }}`
    pub(super) fn output(&mut self, id: ExprId) {
        if let Some(constant) = self.constant(id)
            && self.output_constant(id, &constant)
        {
            return;
        }
        let tree = self.tree;
        let span = self.expr_span(id);
        let mark = self.mark();
        let is_optional = match &tree.expr(id).expr {
            Expr::Postfix { base, steps } => match steps.last().map(|step| (&step.kind, step.span))
            {
                Some((StepKind::Call(_), at)) if self.is_plain_call(*base, steps) => {
                    let (base, shape) = self.call_window(*base, steps, None);
                    self.emit_at(
                        at,
                        Op::CallEmit {
                            base: Base(base),
                            shape,
                        },
                    );
                    self.release(mark);
                    return;
                }
                Some((StepKind::Attr { optional, .. }, _))
                | Some((StepKind::Item { optional, .. }, _))
                | Some((StepKind::Slice { optional, .. }, _)) => *optional,
                _ => false,
            },
            Expr::Filter { steps, .. } => steps.last().is_some_and(|step| step.optional),
            _ => false,
        };
        let src = Src(self.expr(id, None));
        self.emit_at(
            span,
            if is_optional {
                Op::EmitOptional { src }
            } else {
                Op::Emit { src }
            },
        );
        self.release(mark);
    }

    /// Print a constant as text, if its escaped form is known here.
    fn output_constant(&mut self, id: ExprId, constant: &Const) -> bool {
        if !self.options.optimize.print {
            return false;
        }
        let Some(printed) = fold::printed(constant) else {
            return false;
        };
        let text = match self.options.escape {
            Escape::Text => printed,
            Escape::Html => fold::escaped_html(&printed),
            Escape::Markdown | Escape::Terminal => return false,
        };
        let span = self.expr_span(id);
        self.text(&text, span);
        true
    }

    // ---- containers ----

    fn sequence(
        &mut self,
        items: &'a [ExprId],
        is_tuple: bool,
        span: Span,
        want: Option<u16>,
    ) -> u16 {
        let mark = self.mark();
        if !is_tuple && items.len() > WIDE {
            return self.long_list(items, span, want);
        }
        let base = u16::try_from(mark).unwrap_or(0);
        for &item in items {
            self.expr_to_new(item);
        }
        self.release(mark);
        let count = self.count(items.len());
        let register = self.dst(want);
        let base = Base(if items.is_empty() { register } else { base });
        let dst = Dst(register);
        self.emit_at(
            span,
            if is_tuple {
                Op::Tuple { dst, base, count }
            } else {
                Op::List { dst, base, count }
            },
        );
        register
    }

    /// A list with more items than should stand in registers.
    fn long_list(&mut self, items: &'a [ExprId], span: Span, want: Option<u16>) -> u16 {
        let list = self.dst(want);
        self.emit_at(
            span,
            Op::List {
                dst: Dst(list),
                base: Base(list),
                count: Count(0),
            },
        );
        for &item in items {
            let mark = self.mark();
            let src = Src(self.expr(item, None));
            self.emit_at(
                span,
                Op::PushItem {
                    list: Src(list),
                    src,
                },
            );
            self.release(mark);
        }
        list
    }

    fn dict(&mut self, pairs: &'a [(ExprId, ExprId)], span: Span, want: Option<u16>) -> u16 {
        let mark = self.mark();
        let base = u16::try_from(mark).unwrap_or(0);
        for &(key, value) in pairs {
            self.expr_to_new(key);
            self.expr_to_new(value);
        }
        self.release(mark);
        let count = self.count(pairs.len());
        let register = self.dst(want);
        let base = Base(if pairs.is_empty() { register } else { base });
        self.emit_at(
            span,
            Op::Dict {
                dst: Dst(register),
                base,
                count,
            },
        );
        register
    }

    fn comprehension(&mut self, it: &'a Comprehension, want: Option<u16>) -> u16 {
        let list = self.dst(want);
        let mark = self.mark();
        let iters = self.unit.iters.mark();
        let span = it.keyword;
        let src = Src(self.expr(it.source, None));
        let iter = self.alloc_it();
        self.emit_at(span, Op::IterStrict { it: It(iter), src });
        self.release(mark);
        self.emit_at(
            span,
            Op::List {
                dst: Dst(list),
                base: Base(list),
                count: Count(0),
            },
        );
        let bindings = self.unit.bindings.len();
        let item = self.alloc();
        let next = self.label();
        self.jump(next);
        let body = self.here();
        self.bind_target(&it.target, item, Local::Other, span);
        if let Some(condition) = it.condition {
            self.branch(condition, false, next);
        }
        let inner = self.mark();
        let src = Src(self.expr(it.element, None));
        self.emit_at(
            span,
            Op::PushItem {
                list: Src(list),
                src,
            },
        );
        self.release(inner);
        self.place_label(next);
        self.emit_at(
            span,
            Op::Next {
                it: It(iter),
                dst: Dst(item),
                body: Back(body),
            },
        );
        self.emit(Op::IterEnd { it: It(iter) });
        self.unit.bindings.truncate(bindings);
        self.unit.iters.release(iters);
        self.release(mark);
        list
    }

    /// Bind the names of a target to a value in a register, taking it apart.
    pub(super) fn bind_target(
        &mut self,
        target: &'a Target,
        register: u16,
        local: Local,
        span: Span,
    ) {
        // A work list: what was unpacked is bound in order.
        let mut open = vec![(target, register)];
        while let Some((target, register)) = open.pop() {
            match target {
                Target::Name(ident) => self.bind_local(ident.name, register, local),
                Target::Tuple(targets, _) => {
                    let base = self.alloc_n(targets.len());
                    let count = self.count(targets.len());
                    self.emit_at(
                        span,
                        Op::Unpack {
                            src: Src(register),
                            base: Base(base),
                            count,
                        },
                    );
                    let parts = targets.iter().enumerate();
                    let parts = parts.map(|(idx, part)| (part, base.saturating_add(idx as u16)));
                    open.extend(parts.rev());
                }
            }
        }
    }

    // ---- choices ----

    fn and_or(&mut self, items: &'a [ExprId], decides: bool, want: Option<u16>) -> u16 {
        let dst = self.dst(want);
        let end = self.label();
        for (idx, &item) in items.iter().enumerate() {
            self.expr(item, Some(dst));
            if idx + 1 < items.len() {
                self.jump_if(dst, decides, end);
            }
        }
        self.place_label(end);
        dst
    }

    fn ternary(
        &mut self,
        then: ExprId,
        condition: ExprId,
        otherwise: Option<ExprId>,
        want: Option<u16>,
    ) -> u16 {
        let dst = self.dst(want);
        let no = self.label();
        let end = self.label();
        self.branch(condition, false, no);
        self.expr(then, Some(dst));
        self.jump(end);
        self.place_label(no);
        match otherwise {
            Some(otherwise) => self.expr(otherwise, Some(dst)),
            None => self.load_text("", Some(dst)),
        };
        self.place_label(end);
        dst
    }

    fn coalesce(&mut self, items: &'a [ExprId], span: Span, want: Option<u16>) -> u16 {
        self.warn_coalesced_filters(span, items);
        let dst = self.dst(want);
        let end = self.label();
        let Some((&last, guarded)) = items.split_last() else {
            return dst;
        };
        for &item in guarded {
            self.guarded(item, Some(dst));
            let next = self.label();
            self.jump_missing(dst, next);
            self.jump(end);
            self.place_label(next);
        }
        self.expr(last, Some(dst));
        self.place_label(end);
        dst
    }
}
