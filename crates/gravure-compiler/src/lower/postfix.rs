//! Attributes, items, slices, calls and ranges, and the windows of calls.

use super::Compiler;
use crate::resolve::loop_attr;
use gravure_bytecode::*;
use gravure_syntax::ast::{Args, Expr, ExprId, Ident, Step, StepKind};

/// The property of an asynchronous loop that does not exist.
const ASYNC_SIZE: u8 = 9;

impl<'a> Compiler<'a> {
    /// `base` and its steps, from left to right.
    pub(super) fn postfix(&mut self, base: ExprId, steps: &'a [Step], want: Option<u16>) -> u16 {
        let tree = self.tree;
        if let Expr::Name(ident) = &tree.expr(base).expr {
            if self.is_loop_attr(*ident, steps)
                && let [first, rest @ ..] = steps
            {
                let mark = self.mark();
                let dst = self.dst(want);
                self.loop_property(*ident, first, dst);
                return self.steps(dst, rest, want, mark);
            }
            if self.is_has_slot(*ident, steps) {
                let mark = self.mark();
                let dst = self.window(want);
                self.has_slot(dst);
                // It takes no arguments: its answer, called with some, is an
                // error of the right sort at the right place.
                let is_bare = matches!(steps.first().map(|it| &it.kind),
                    Some(StepKind::Call(args)) if args.positional.is_empty() && args.named.is_empty());
                let rest = steps.get(usize::from(is_bare)..).unwrap_or(&[]);
                return self.steps(dst, rest, want, mark);
            }
        }
        let mark = self.mark();
        if matches!(steps.first().map(|it| &it.kind), Some(StepKind::Call(_))) || is_method(steps) {
            // The callee or receiver is the first of the call's window.
            let window = self.window(want);
            self.expr(base, Some(window));
            return self.steps(window, steps, want, mark);
        }
        let direct = match &tree.expr(base).expr {
            Expr::Name(ident) => self.direct_name(ident.name),
            _ => None,
        };
        let src = match direct {
            Some(register) => register,
            None => self.expr(base, want),
        };
        self.steps(src, steps, want, mark)
    }

    /// Apply steps to what is in `src`; temps began at `mark`.
    fn steps(&mut self, mut src: u16, steps: &'a [Step], want: Option<u16>, mark: u32) -> u16 {
        let mut steps = steps;
        while let [step, rest @ ..] = steps {
            let called = match (&step.kind, rest.first()) {
                (StepKind::Attr { name, optional }, Some(next)) => match &next.kind {
                    StepKind::Call(args) => Some((*name, *optional, args, next.span)),
                    _ => None,
                },
                _ => None,
            };
            if let Some((name, optional, args, span)) = called {
                steps = rest.get(1..).unwrap_or(&[]);
                let base = self.windowed(src, mark, want);
                let sym = self.sym(name.name);
                if optional {
                    self.emit_at(
                        step.span,
                        Op::GetAttrOptional {
                            dst: Dst(base),
                            src: Src(base),
                            sym,
                        },
                    );
                }
                let shape = self.args(args);
                let base_operand = Base(base);
                self.emit_at(
                    span,
                    if optional {
                        Op::CallOptional {
                            base: base_operand,
                            shape,
                        }
                    } else {
                        Op::CallMethod {
                            base: base_operand,
                            sym,
                            shape,
                        }
                    },
                );
                self.release(u32::from(base) + 1);
                src = base;
                continue;
            }
            steps = rest;
            if let StepKind::Call(args) = &step.kind {
                let base = self.windowed(src, mark, want);
                let shape = self.args(args);
                self.emit_at(
                    step.span,
                    Op::Call {
                        base: Base(base),
                        shape,
                    },
                );
                self.release(u32::from(base) + 1);
                src = base;
                continue;
            }
            src = self.step(src, step, want, mark);
        }
        match want {
            Some(dst) => {
                self.move_to(dst, src);
                self.release(mark);
                dst
            }
            None => src,
        }
    }

    /// A receiver becomes the first of a window at the end: it is that
    /// already, or it is moved there.
    fn windowed(&mut self, src: u16, mark: u32, want: Option<u16>) -> u16 {
        if u32::from(src) + 1 == self.mark() && (u32::from(src) >= mark || want == Some(src)) {
            return src;
        }
        let base = self.window(want);
        self.move_to(base, src);
        base
    }

    /// One step that is no call.
    fn step(&mut self, src: u16, step: &'a Step, want: Option<u16>, mark: u32) -> u16 {
        let span = step.span;
        match &step.kind {
            StepKind::Attr { name, optional } => {
                let sym = self.sym(name.name);
                self.release(mark);
                let register = self.dst(want);
                let (dst, src) = (Dst(register), Src(src));
                self.emit_at(
                    span,
                    if *optional {
                        Op::GetAttrOptional { dst, src, sym }
                    } else {
                        Op::GetAttr { dst, src, sym }
                    },
                );
                register
            }
            StepKind::Item { key, optional } => {
                let key = Src(self.expr(*key, None));
                self.release(mark);
                let register = self.dst(want);
                let (dst, src) = (Dst(register), Src(src));
                self.emit_at(
                    span,
                    if *optional {
                        Op::GetItemOptional { dst, src, key }
                    } else {
                        Op::GetItem { dst, src, key }
                    },
                );
                register
            }
            StepKind::Slice {
                start,
                stop,
                step,
                optional,
            } => {
                let bounds = self.bounds([*start, *stop, *step]);
                self.release(mark);
                let register = self.dst(want);
                let end = self.label();
                let no = self.label();
                if *optional {
                    self.emit(Op::JumpNone {
                        src: Src(src),
                        to: Jump(no.0),
                    });
                }
                self.emit_at(
                    span,
                    Op::Slice {
                        dst: Dst(register),
                        src: Src(src),
                        bounds: Base(bounds),
                    },
                );
                if *optional {
                    self.jump(end);
                    self.place_label(no);
                    self.emit(Op::LoadNone { dst: Dst(register) });
                    self.place_label(end);
                }
                register
            }
            StepKind::Range {
                end,
                inclusive,
                step,
            } => {
                let base = self.windowed(src, mark, None);
                self.expr_to_new(*end);
                match step {
                    Some(step) => {
                        self.expr_to_new(*step);
                    }
                    None => {
                        let step = self.alloc();
                        self.unset(step, 1);
                    }
                }
                self.release(mark);
                let register = self.dst(want);
                self.emit_at(
                    span,
                    Op::Range {
                        dst: Dst(register),
                        base: Base(base),
                        inclusive: Small(u8::from(*inclusive)),
                    },
                );
                register
            }
            // Calls are dealt with by who takes the steps.
            StepKind::Call(_) => src,
        }
    }

    /// Bounds in registers side by side, unset where they are left out.
    fn bounds(&mut self, bounds: [Option<ExprId>; 3]) -> u16 {
        let base = self.alloc_n(3);
        for (idx, bound) in bounds.into_iter().enumerate() {
            let register = base.saturating_add(idx as u16);
            match bound {
                Some(bound) => {
                    self.expr(bound, Some(register));
                }
                None => self.unset(register, 1),
            }
        }
        base
    }

    // ---- calls ----

    /// Arguments side by side, behind what is at the end: their shape.
    pub(super) fn args(&mut self, args: &'a Args) -> ShapeId {
        for &value in &args.positional {
            self.expr_to_new(value);
        }
        let mut names = Vec::with_capacity(args.named.len());
        for &(name, value) in &args.named {
            self.expr_to_new(value);
            names.push(self.sym(name.name));
        }
        self.shape(args.positional.len(), names)
    }

    /// Is an expression `f(…)` or `a.b[…](…)`, but no method call and none of
    /// the calls with a meaning of their own?
    pub(super) fn is_plain_call(&mut self, base: ExprId, steps: &'a [Step]) -> bool {
        let before = steps.len().checked_sub(2).and_then(|at| steps.get(at));
        if matches!(before.map(|it| &it.kind), Some(StepKind::Attr { .. })) {
            return false;
        }
        match &self.tree.expr(base).expr {
            Expr::Name(ident) => !self.is_has_slot(*ident, steps),
            _ => true,
        }
    }

    /// Put a callee and its arguments into a window; the last step is a call.
    pub(super) fn call_window(
        &mut self,
        base: ExprId,
        steps: &'a [Step],
        want: Option<u16>,
    ) -> (u16, ShapeId) {
        let window = self.window(want);
        let Some((last, before)) = steps.split_last() else {
            return (window, ShapeId(0));
        };
        if before.is_empty() {
            self.expr(base, Some(window));
        } else {
            self.postfix(base, before, Some(window));
        }
        let shape = match &last.kind {
            StepKind::Call(args) => self.args(args),
            _ => ShapeId(0),
        };
        (window, shape)
    }

    /// Load what [`Compiler::is_loop_attr`] has found.
    pub(super) fn loop_property(&mut self, ident: Ident, step: &Step, dst: u16) {
        let attr = match &step.kind {
            StepKind::Attr { name, .. } => loop_attr(self.name(*name)),
            _ => None,
        };
        if let (Some((it, is_async)), Some(attr)) = (self.loop_iterator(ident.name), attr) {
            // An asynchronous loop knows nothing of what is to come.
            let attr = match (is_async, attr) {
                (true, 3..=6 | 8) => ASYNC_SIZE,
                _ => attr,
            };
            self.emit_at(
                step.span,
                Op::LoopAttr {
                    dst: Dst(dst),
                    it: It(it),
                    attr: Small(attr),
                },
            );
        }
    }

    /// `loop.index` and its like, of a loop of this unit.
    pub(super) fn is_loop_attr(&self, ident: Ident, steps: &[Step]) -> bool {
        if self.loop_iterator(ident.name).is_none() {
            return false;
        }
        let is_called = matches!(steps.get(1).map(|it| &it.kind), Some(StepKind::Call(_)));
        match steps.first().map(|it| &it.kind) {
            Some(StepKind::Attr {
                name,
                optional: false,
            }) => !is_called && loop_attr(self.name(*name)).is_some(),
            _ => false,
        }
    }

    /// `has_slot()` in a def, where nothing else has that name.
    fn is_has_slot(&mut self, ident: Ident, steps: &[Step]) -> bool {
        if Some(ident.name) != self.has_slot_name || !self.unit.has_caller {
            return false;
        }
        let is_called = matches!(steps.first().map(|it| &it.kind), Some(StepKind::Call(_)));
        is_called && self.local(ident.name).is_none()
    }

    fn has_slot(&mut self, dst: u16) {
        let (yes, end) = (self.label(), self.label());
        let value = |it| Op::LoadBool {
            dst: Dst(dst),
            value: Small(it),
        };
        self.emit(Op::LoadCaller { dst: Dst(dst) });
        self.jump_set(dst, yes);
        self.emit(value(0));
        self.jump(end);
        self.place_label(yes);
        self.emit(value(1));
        self.place_label(end);
    }
}

/// Does a chain begin with a method call?
fn is_method(steps: &[Step]) -> bool {
    matches!(
        (
            steps.first().map(|it| &it.kind),
            steps.get(1).map(|it| &it.kind)
        ),
        (Some(StepKind::Attr { .. }), Some(StepKind::Call(_)))
    )
}
