//! What stands left of `??`, `default` and `is defined`: a miss in it is no
//! error.
//!
//! Names and dotted paths have ops that leave a register unset; anything else
//! is a region whose faults of one code go to a handler that does.

use super::Compiler;
use super::names::Read;
use crate::labels::Label;
use gravure_bytecode::*;
use gravure_syntax::ast::{Expr, ExprId, Ident, Step, StepKind};

impl<'a> Compiler<'a> {
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
                    if self.is_loop_attr(*ident, steps)
                        && let [first, rest @ ..] = &**steps
                    {
                        let dst = self.dst(want);
                        self.loop_property(*ident, first, dst);
                        return self.probe_steps(dst, rest, dst);
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

    fn probe_path(&mut self, ident: Ident, steps: &'a [Step], want: Option<u16>) -> u16 {
        let mark = self.mark();
        let src = match self.direct_name(ident.name) {
            Some(register) => register,
            None => self.read_name(ident, Read::Probe, want),
        };
        self.release(mark);
        let dst = self.dst(want);
        self.probe_steps(src, steps, dst)
    }

    fn probe_steps(&mut self, mut src: u16, steps: &'a [Step], dst: u16) -> u16 {
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

fn is_plain_attr(kind: &StepKind) -> bool {
    matches!(
        kind,
        StepKind::Attr {
            optional: false,
            ..
        }
    )
}
