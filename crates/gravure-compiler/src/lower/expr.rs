//! Expressions: the door to all of them, literals, containers, choices.

use super::names::Read;
use super::{Compiler, Known};
use crate::fold::{self, Const};
use crate::labels::Label;
use crate::unit::Local;
use gravure_bytecode::Const as Const_;
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

    // ---- constants ----

    /// The value of an expression, if it is constant.
    pub(super) fn constant(&mut self, id: ExprId) -> Option<Const> {
        let at = id.0 as usize;
        match self.known.get(at) {
            Some(Known::Value(constant)) => return Some(constant.clone()),
            Some(Known::NotYet) => {}
            _ => return None,
        }
        let constant = self.evaluate(id);
        if let Some(known) = self.known.get_mut(at) {
            *known = match &constant {
                Some(constant) => Known::Value(constant.clone()),
                None => Known::Never,
            };
        }
        constant
    }

    fn evaluate(&mut self, id: ExprId) -> Option<Const> {
        let tree = self.tree;
        let expr = &tree.expr(id).expr;
        if let Expr::Lit(lit) = expr {
            return Some(Const::from(lit));
        }
        if !self.options.optimize.fold {
            return None;
        }
        match expr {
            Expr::Prefix { ops, operand } => {
                let mut value = self.constant(*operand)?;
                for &(op, _) in ops.iter().rev() {
                    value = fold::prefix(op, &value)?;
                }
                Some(value)
            }
            Expr::Binary { first, rest } => {
                let mut value = self.constant(*first)?;
                for &(op, _, operand) in rest {
                    let operand = self.constant(operand)?;
                    value = fold::binary(op, &value, &operand)?;
                }
                Some(value)
            }
            Expr::Power { base, exponent, .. } => {
                let base = self.constant(*base)?;
                let exponent = self.constant(*exponent)?;
                fold::power(&base, &exponent)
            }
            Expr::Compare { first, rest } => {
                let mut lhs = self.constant(*first)?;
                for (idx, &(op, _, operand)) in rest.iter().enumerate() {
                    let rhs = self.constant(operand);
                    let holds = fold::compare(op, &lhs, rhs.as_ref()?)?;
                    if !holds || idx + 1 == rest.len() {
                        return self.all_checked(rest.get(idx + 1..), holds);
                    }
                    lhs = rhs?;
                }
                None
            }
            Expr::And(items) | Expr::Or(items) => {
                let decides = matches!(expr, Expr::Or(_));
                let mut result = None;
                for &item in items {
                    let value = self.constant(item)?;
                    if !last_decides(&result, decides) {
                        result = Some(value);
                    }
                }
                result
            }
            Expr::Ternary {
                then,
                condition,
                otherwise,
            } => {
                // All parts must be constant, or names in them went unchecked.
                let condition = self.constant(*condition)?;
                let then = self.constant(*then)?;
                let otherwise = match otherwise {
                    Some(otherwise) => self.constant(*otherwise)?,
                    None => Const::Str("".into()),
                };
                Some(if condition.is_truthy() { then } else { otherwise })
            }
            _ => None,
        }
    }

    /// A chain that stopped early is a constant only if the rest is too: what
    /// is left out must have been checked.
    fn all_checked(
        &mut self,
        rest: Option<&[(gravure_syntax::ast::CompareOp, Span, ExprId)]>,
        holds: bool,
    ) -> Option<Const> {
        for &(_, _, operand) in rest.unwrap_or(&[]) {
            self.constant(operand)?;
        }
        Some(Const::Bool(holds))
    }

    /// Load a constant.
    pub(super) fn load(&mut self, constant: &Const, want: Option<u16>) -> u16 {
        let register = self.dst(want);
        if self.is_dead() {
            return register;
        }
        let dst = Dst(register);
        let op = match constant {
            Const::None => Op::LoadNone { dst },
            Const::Bool(it) => Op::LoadBool {
                dst,
                value: Small(u8::from(*it)),
            },
            Const::Int(it) if i32::try_from(*it).is_ok() => Op::LoadInt {
                dst,
                value: Imm(*it as i32),
            },
            other => {
                let number = self.pool.constant(other);
                let value = Const_(self.or_too_large(number, 0, "constants"));
                Op::LoadConst { dst, value }
            }
        };
        self.emit(op);
        register
    }

    /// Load literal text.
    pub(super) fn load_text(&mut self, text: &str, want: Option<u16>) -> u16 {
        let register = self.dst(want);
        let value = Const_(self.text_const(text));
        self.emit(Op::LoadConst {
            dst: Dst(register),
            value,
        });
        register
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

    // ---- guards ----

    /// Lower an expression whose misses (K-RUN-001) leave the register unset.
    pub(super) fn guarded(&mut self, id: ExprId, want: Option<u16>) -> u16 {
        if let Some(constant) = self.constant(id) {
            return self.load(&constant, want);
        }
        let tree = self.tree;
        match &tree.expr(id).expr {
            Expr::Name(ident) => return self.read_name(*ident, Read::Probe, want),
            Expr::Postfix { base, steps } if steps.iter().all(|it| is_plain_attr(&it.kind)) => {
                if let Expr::Name(ident) = &tree.expr(*base).expr {
                    if self.is_loop_attr(*ident, steps) && steps.len() == 1 {
                        return self.expr(id, want);
                    }
                    return self.probe_path(*ident, steps, want);
                }
            }
            _ => {}
        }
        let dst = self.dst(want);
        let guard = self.open_guard();
        self.expr(id, Some(dst));
        self.close_guard(guard, dst);
        dst
    }

    fn probe_path(
        &mut self,
        ident: gravure_syntax::ast::Ident,
        steps: &'a [gravure_syntax::ast::Step],
        want: Option<u16>,
    ) -> u16 {
        let mark = self.mark();
        let mut src = match self.direct_name(ident.name) {
            Some(register) => register,
            None => self.read_name(ident, Read::Probe, want),
        };
        self.release(mark);
        let dst = self.dst(want);
        for step in steps {
            if let StepKind::Attr { name, .. } = &step.kind {
                let sym = self.sym(name.name);
                self.emit_at(
                    step.span,
                    Op::ProbeAttr {
                        dst: Dst(dst),
                        src: Src(src),
                        sym,
                    },
                );
                src = dst;
            }
        }
        dst
    }

    /// What follows may miss.
    pub(super) fn open_guard(&mut self) -> (usize, Label) {
        let handler = self.label();
        let region = self.open_region(RegionKind::Guard, Some(handler));
        (region, handler)
    }

    /// It may no longer. At a miss, `dst` is unset here.
    pub(super) fn close_guard(&mut self, (region, handler): (usize, Label), dst: u16) {
        self.close_region(region);
        let end = self.label();
        self.jump(end);
        self.place_label(handler);
        self.unset(dst, 1);
        self.place_label(end);
    }
}

/// Is a chain of `and` or `or` decided by what was last taken?
fn last_decides(last: &Option<Const>, decides: bool) -> bool {
    last.as_ref().is_some_and(|it| it.is_truthy() == decides)
}

fn is_plain_attr(kind: &StepKind) -> bool {
    matches!(
        kind,
        StepKind::Attr {
            optional: false,
            ..
        }
    )
}
