//! `for`, `while`, `break`, `continue`.

use super::Compiler;
use crate::bindings::{Binding, Local};
use crate::unit::{Loop, Undo};
use gravure_bytecode::*;
use gravure_source::Span;
use gravure_syntax::ast::{Body, ExprId, For, StmtId};

/// How many ops all `break` and `continue` of a template may need to close
/// what they leave: thousands of them out of thousands of bindings are refused.
const MOST_UNDONE: usize = 1 << 20;

impl<'a> Compiler<'a> {
    pub(super) fn lower_for(&mut self, id: StmtId, it: &'a For, span: Span) {
        self.controlled(|this| this.for_loop(id, it, span));
    }

    fn for_loop(&mut self, id: StmtId, stmt: &'a For, span: Span) {
        if stmt.is_async {
            self.is_async(span);
        }
        let used = self.resolved.loop_use(id);
        let mark = self.mark();
        let iters = self.unit.iters.mark();
        let bindings = self.unit.bindings.len();
        let src = Src(self.expr(stmt.source, None));
        let it = self.alloc_it();
        self.emit_at(
            span,
            if stmt.is_async {
                let flags = Small(used.mentioned.into());
                Op::IterAsync {
                    it: It(it),
                    src,
                    flags,
                }
            } else if used.mentioned {
                Op::IterGather { it: It(it), src }
            } else {
                Op::Iter { it: It(it), src }
            },
        );
        self.release(mark);
        let cell = used.escapes.then(|| {
            let dst = self.alloc();
            self.emit(Op::LoopCell {
                dst: Dst(dst),
                it: It(it),
                flags: Small(stmt.is_async.into()),
            });
            dst
        });
        let item = self.alloc();
        let (next, end) = (self.label(), self.label());
        self.jump(next);
        let body = self.here();
        let name = self.loop_name;
        self.unit.bindings.push(Binding::Loop {
            name,
            it,
            cell,
            is_async: stmt.is_async,
        });
        self.bind_target(&stmt.target, item, Local::Loop, span);
        if let Some(condition) = stmt.condition {
            self.branch(condition, false, next);
        }
        self.unit.loops.push(Loop {
            on_break: end,
            on_continue: next,
            undo: self.unit.undo.len(),
        });
        self.scoped((id, 0), |this| this.body(&stmt.body));
        self.unit.loops.pop();
        self.place_label(next);
        let (it_, dst, body) = (It(it), Dst(item), Back(body));
        let is_plain = self.options.optimize.loops && self.only_emits(body, Src(item));
        let next = if is_plain {
            Op::NextEmit { it: it_, dst, body }
        } else {
            Op::Next { it: it_, dst, body }
        };
        self.emit_at(span, next);
        self.unit.bindings.truncate(bindings);
        self.release(mark);
        if let Some(otherwise) = &stmt.otherwise {
            self.emit(Op::JumpLooped {
                it: It(it),
                to: Jump(end.0),
            });
            self.undoing(Undo::IterEnd(it), |this| this.body(otherwise));
        }
        self.place_label(end);
        self.emit(Op::IterEnd { it: It(it) });
        self.unit.iters.release(iters);
    }

    /// Does the code from `body` to here write `item` and text, and nothing
    /// else?
    fn only_emits(&self, body: Back, item: Src) -> bool {
        let is_text = |op: &Op| matches!(op, Op::EmitText { .. });
        let is_item = |op: &Op| matches!(op, Op::Emit { src } if *src == item);
        match self.unit.code.get(body.index()..) {
            Some([emit]) => is_item(emit),
            Some([a, b]) => (is_text(a) && is_item(b)) || (is_item(a) && is_text(b)),
            Some([a, b, c]) => is_text(a) && is_item(b) && is_text(c),
            _ => false,
        }
    }

    pub(super) fn lower_while(
        &mut self,
        id: StmtId,
        condition: ExprId,
        body: &'a Body,
        span: Span,
    ) {
        let (end, again) = (self.label(), self.label());
        let head = self.here();
        self.branch(condition, false, end);
        self.unit.loops.push(Loop {
            on_break: end,
            on_continue: again,
            undo: self.unit.undo.len(),
        });
        self.controlled(|this| this.scoped((id, 0), |this| this.body(body)));
        self.unit.loops.pop();
        self.place_label(again);
        self.emit_at(span, Op::Again { to: Back(head) });
        self.place_label(end);
    }

    /// `break` (or `continue`): close what was opened inside the loop, and go.
    pub(super) fn leave_loop(&mut self, is_break: bool) {
        // The parser lets neither stand outside of a loop.
        let Some(target) = self.unit.loops.last().copied() else {
            return;
        };
        let open: Vec<Undo<'a>> = self.unit.undo.iter().skip(target.undo).copied().collect();
        let before = self.unit.code.len();
        for undo in open.into_iter().rev() {
            self.undo(undo);
            let written = self.unit.code.len().saturating_sub(before);
            if self.n_undone + written > MOST_UNDONE {
                self.too_large("instructions that leave loops");
                break;
            }
        }
        self.n_undone += self.unit.code.len().saturating_sub(before);
        self.jump(if is_break {
            target.on_break
        } else {
            target.on_continue
        });
    }

    fn undo(&mut self, undo: Undo<'a>) {
        match undo {
            Undo::Unbind { sym, old } => self.emit(Op::Unbind { sym, old: Src(old) }),
            Undo::Unprovide => self.emit(Op::Unprovide {}),
            Undo::Drop(cap) => self.emit(Op::CaptureDrop { cap: Cap(cap) }),
            Undo::Keep(cap) => self.emit(Op::CaptureKeep { cap: Cap(cap) }),
            Undo::Spaceless(cap) => self.emit(Op::SpacelessEnd { cap: Cap(cap) }),
            Undo::Filter(cap, filter) => self.end_filter(cap, filter),
            Undo::IterEnd(it) => self.emit(Op::IterEnd { it: It(it) }),
        }
    }
}
