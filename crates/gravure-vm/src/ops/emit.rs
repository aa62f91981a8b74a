//! Output: the one door to the page.

use crate::{
    Stop,
    exec::{Done, Exec, Flow},
    frame::Ret,
    output::Output,
};
use gravure_bytecode::{RegionKind, Src, Text};
use gravure_value::{Cell, CellId, Fault, Mark, Surface, Value, ops};

impl<'c> Exec<'_, 'c> {
    pub(crate) fn emit_literal(&mut self, literal: Text) -> Done {
        if let Some(&(start, len)) = self.compiled.literals.get(literal.index()) {
            let segment = self.compiled.segment();
            self.m
                .out
                .push_padded(segment, start as usize, len as usize);
        }
        self.check_output()
    }

    #[inline]
    pub(crate) fn emit_value(&mut self, src: Src) -> Done {
        let value = self.get(src);
        self.write(value)
    }

    pub(crate) fn emit_present(&mut self, src: Src) -> Done {
        match self.get(src) {
            Value::None => Ok(Flow::Go),
            value => self.write(value),
        }
    }

    /// Write a value, escaped for the running template's surface.
    pub(crate) fn write(&mut self, value: Value<'c>) -> Done {
        let machine = &mut *self.m;
        match value {
            Value::Int(it) => machine.out.push_int(it),
            Value::Float(it) => machine.out.push_float(it),
            Value::Str(mark, it) => machine.out.push_text(self.surface, mark, it),
            Value::Text(mark, id) => match machine.heap.cell(id) {
                Cell::Text(it) => machine.out.push_text(self.surface, mark, it),
                Cell::Placed(_) => self.write_placed(mark, id)?,
                _ => {}
            },
            Value::Const(..) => {
                if let Some(it) = machine.heap.text(value) {
                    machine.out.push_text(self.surface, Mark::Plain, it);
                }
            }
            _ => self.write_other(value)?,
        }
        self.check_output()
    }

    /// Write text with places of lists, which the page has from then on.
    #[cold]
    fn write_placed(&mut self, mark: Mark, id: CellId) -> Result<(), Fault> {
        let machine = &mut *self.m;
        let places = machine.heap.places(Value::Text(mark, id));
        let bytes = machine.heap.charge_places(places, 0)?;
        machine.heap.hold(bytes)?;
        if let Cell::Placed(placed) = machine.heap.cell(id) {
            let surface = self.surface;
            let write = |out: &mut Output, it: &str| out.push_text(surface, mark, it);
            machine.out.push_placed(placed, write);
            machine.watermark = usize::MAX;
        }
        Ok(())
    }

    #[cold]
    fn write_other(&mut self, value: Value<'c>) -> Result<(), Fault> {
        if let Some(form) = self.m.heap.own_form(self.surface, value)? {
            self.m.out.push_str(&form);
            return Ok(());
        }
        let mut printed = String::new();
        ops::print(&self.m.heap, value, &mut printed)?;
        self.m.out.push_text(self.surface, Mark::Plain, &printed);
        Ok(())
    }

    pub(crate) fn emit_plain(&mut self, src: Src) -> Done {
        let value = self.get(src);
        let value = self.settled(value)?;
        let machine = &mut *self.m;
        match machine.heap.text(value) {
            Some(it) => machine.out.push_str(it),
            None => {
                let mut printed = String::new();
                ops::print(&machine.heap, value, &mut printed)?;
                machine.out.push_str(&printed);
            }
        }
        self.check_output()
    }

    /// Stop if the output is longer than it may be.
    #[inline]
    pub(crate) fn check_output(&mut self) -> Done {
        if self.m.out.len() > self.m.out_max {
            self.m.count_output()?;
        }
        Ok(Flow::Go)
    }

    /// Let a stream send what is out, if nothing holds it back.
    pub(crate) fn piece(&mut self, flush: bool) -> Done {
        if self.m.watermark == usize::MAX || self.m.callbacks > 0 {
            return Ok(Flow::Go);
        }
        self.save();
        if self.is_held() {
            if !flush {
                // Do not look again before twice as much has come.
                self.m.watermark = self.m.out.len().saturating_mul(2).max(1);
            }
            return Ok(Flow::Go);
        }
        self.stop = Some(Stop::Piece);
        Ok(Flow::Stop)
    }

    /// Is some frame going to look at its output again?
    pub(crate) fn is_held(&self) -> bool {
        self.m.frames.iter().any(|frame| {
            if frame.ret != Ret::Emit || frame.ignore_missing {
                return true;
            }
            let Some(compiled) = self.templates.get(frame.template.0 as usize) else {
                return true;
            };
            // What comes next may be a first op, gone back to, or the op that
            // closes: either way the region was opened and still is.
            let next = frame.pc;
            compiled
                .chunk
                .protos
                .get(frame.proto as usize)
                .is_some_and(|proto| {
                    proto.regions.iter().any(|region| {
                        region.start <= next
                            && next <= region.end
                            && matches!(
                                region.kind,
                                RegionKind::Try { .. } | RegionKind::Capture { .. }
                            )
                    })
                })
        })
    }

    /// Can a def of this surface write straight into the running template's
    /// output?
    pub(crate) fn writes_alike(&self, other: Surface) -> bool {
        self.surface == other
    }
}
