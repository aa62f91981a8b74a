//! A fault on its way out: what was open is closed, and a handler may stop it.

use crate::{
    context,
    exec::{Exec, bug},
    frame::Ret,
    output::Spot,
};
use gravure_bytecode::RegionKind;
use gravure_source::Code;
use gravure_value::Fault;

impl<'c> Exec<'_, 'c> {
    /// Find who takes a fault. `Ok`: the loop goes on at a handler, or behind
    /// an include that may be missing. `Err`: nobody above `floor` frames did;
    /// they are gone.
    pub(crate) fn unwind(&mut self, mut fault: Fault, floor: usize) -> Result<(), Fault> {
        // A builtin that called back and needs a template is done again from
        // its start: no handler may see that, and nothing is kept.
        let is_retry = self.m.pending.is_some();
        self.save();
        while self.m.frames.len() > floor {
            self.drop_works();
            let at = self.pc.saturating_sub(1) as u32;
            let regions = &self.proto.regions;
            // Looking through many regions is work, and so is a trace.
            if fault.code != Code::RunBudget
                && let Err(budget) = self.m.heap.charge(regions.len() as u64 / 8)
            {
                fault = budget;
            }
            let is_undefined = fault.code == Code::RunUndefined;
            for idx in (0..regions.len()).rev() {
                let Some(&region) = self.proto.regions.get(idx) else {
                    continue;
                };
                if at < region.start || at >= region.end {
                    continue;
                }
                match region.kind {
                    RegionKind::Guard if is_undefined && !is_retry => {
                        self.pc = region.handler as usize;
                        return Ok(());
                    }
                    RegionKind::Guard => {}
                    RegionKind::Try { cap } => {
                        if !is_retry && can_catch(&fault) {
                            self.place(&mut fault);
                            let start = self.cap(cap);
                            self.m.out.cut(start);
                            self.m.caught = Some(fault);
                            self.pc = region.handler as usize;
                            return Ok(());
                        }
                    }
                    RegionKind::With { name, register } => {
                        let old = self.get(gravure_bytecode::Src(register));
                        let wanted = self.wanted(name);
                        let target = self.frame().context;
                        context::write(&mut self.m.heap, target, &wanted, old)?;
                    }
                    RegionKind::Capture { cap } => {
                        let start = self.cap(cap);
                        self.m.out.cut(start);
                    }
                    RegionKind::Provide => {
                        self.m.providers.pop();
                    }
                }
            }
            if !is_retry {
                self.place(&mut fault);
            }
            let Some(frame) = self.pop()? else {
                return Err(bug("no frame to leave"));
            };
            let is_missing = matches!(fault.code, Code::TplNotFound | Code::RunNoLoader);
            if frame.ret != Ret::Emit || is_retry || (frame.ignore_missing && is_missing) {
                self.m.out.cut(frame.out_start);
            }
            if frame.ignore_missing && is_missing && !is_retry && self.m.frames.len() >= floor {
                return Ok(());
            }
        }
        Err(fault)
    }

    /// A template that the op at hand names cannot be had.
    pub(crate) fn load_failed(&mut self, mut fault: Fault) -> Result<(), Fault> {
        use gravure_bytecode::Op;
        let op = self.code.get(self.pc).and_then(|&word| Op::decode(word));
        self.pc += 1;
        self.save();
        // Its name was read, and stands in the message.
        let named = match op {
            Some(
                Op::Extends { src }
                | Op::Include { src, .. }
                | Op::Embed { src, .. }
                | Op::Import { src, .. },
            ) => self.m.heap.text(self.get(src)).map_or(0, str::len),
            _ => 0,
        };
        if let Err(budget) = self.pay_for_bytes(named) {
            fault = budget;
        }
        let is_missing = matches!(fault.code, Code::TplNotFound | Code::RunNoLoader);
        self.place(&mut fault);
        if let Some(site) = &mut fault.site {
            site.role = match op {
                Some(Op::Extends { .. }) => Some("extends"),
                Some(Op::Embed { .. }) => Some("embed"),
                Some(Op::Import { .. }) => Some("import"),
                _ => None,
            };
        }
        match op {
            Some(Op::Include { flags, .. }) if flags.0 & 2 != 0 && is_missing => Ok(()),
            _ => {
                self.unwind(fault, 0)?;
                self.save();
                Ok(())
            }
        }
    }

    fn cap(&self, cap: u16) -> Spot {
        self.m
            .caps
            .get(self.caps + cap as usize)
            .copied()
            .unwrap_or_default()
    }
}

/// May a template catch it?
fn can_catch(fault: &Fault) -> bool {
    !matches!(
        fault.code,
        Code::RunBudget
            | Code::RunAsync
            | Code::SecAttribute
            | Code::SecType
            | Code::SecRange
            | Code::SecCall
            | Code::SecOutput
    ) && !matches!(fault.code.kind(), gravure_source::code::Kind::Syntax)
}
