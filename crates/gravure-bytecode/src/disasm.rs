//! The listing: a draft as a person reads it.
//!
//! ```text
//! proto p0 main   registers 1
//!        | Hello {{ user.name | upper }}!
//!   0  emit_text      "Hello "
//!   1  load_name      r0, user                 ; 1:10
//!   2  get_attr       r0, r0, name
//!   3  filter         r0.., upper, (0)         ; 1:22
//! ```
//!
//! What an operand names is printed in its place. Any draft has a listing, a
//! broken one too: that is when it is needed. Long texts and tables are cut,
//! so a listing is a small multiple of its draft.

use crate::{
    AnyOperand, Constant, Draft, Op, ParamRole, Proto, ProtoId, ProtoKind, Region, RegionKind,
    ShapeId, SpanEntry, Sym, TextRange,
};
use std::fmt::{self, Write};

/// Characters of a text that are shown.
const SHOWN: usize = 60;
/// Entries of a table that are shown.
const ENTRIES: usize = 8;

/// The readable form of a draft.
pub fn disassemble(draft: &Draft) -> String {
    let source = draft.source.as_deref().unwrap_or_default();
    let listing = Listing {
        draft,
        lines: source.lines().collect(),
    };
    let mut to = String::new();
    // Writing to a string does not fail.
    let _ = listing.draft(&mut to);
    to
}

struct Listing<'a> {
    draft: &'a Draft,
    lines: Vec<&'a str>,
}

impl Listing<'_> {
    fn draft(&self, to: &mut String) -> fmt::Result {
        let draft = self.draft;
        if !draft.name.is_empty() {
            writeln!(to, "template {}", cut(&draft.name))?;
        }
        if let Some(parent) = draft.parent {
            writeln!(to, "extends {}", self.name(parent))?;
        }
        for block in &draft.blocks {
            let kind = format!("{:?}", block.kind).to_lowercase();
            writeln!(to, "{kind} {} = {}", self.name(block.name), block.proto)?;
        }
        for (id, proto) in draft.protos.iter().enumerate() {
            if !to.is_empty() {
                to.push('\n');
            }
            self.proto(to, id, proto)?;
        }
        Ok(())
    }

    fn proto(&self, to: &mut String, id: usize, proto: &Proto) -> fmt::Result {
        write!(to, "proto p{id} {}", kind(proto.kind))?;
        let name = self.name(proto.name);
        if !name.is_empty() {
            write!(to, " {name}")?;
        }
        if matches!(proto.kind, ProtoKind::Def | ProtoKind::Region) {
            let params = listed(proto.params.iter().map(|param| {
                let stars = match param.role {
                    ParamRole::Plain => "",
                    ParamRole::Named => "named ",
                    ParamRole::Rest => "*",
                    ParamRole::NamedRest => "**",
                };
                let default = if param.has_default { "=" } else { "" };
                format!("{stars}{}{default}", self.name(param.name))
            }));
            write!(to, "({params})")?;
        }
        write!(to, "   registers {}", proto.registers)?;
        if proto.iters > 0 {
            write!(to, "  iters {}", proto.iters)?;
        }
        if proto.caps > 0 {
            write!(to, "  caps {}", proto.caps)?;
        }
        if !proto.captures.is_empty() {
            let captures = listed(proto.captures.iter().map(|it| format!("r{it}")));
            write!(to, "  captures {captures}")?;
        }
        if proto.own_context {
            to.push_str("  own context");
        }
        to.push('\n');
        for region in &proto.regions {
            self.region(to, region)?;
        }
        self.code(to, proto)
    }

    fn region(&self, to: &mut String, region: &Region) -> fmt::Result {
        write!(to, "  region @{}..@{} ", region.start, region.end)?;
        match region.kind {
            RegionKind::Guard => write!(to, "guard -> @{}", region.handler)?,
            RegionKind::Try { cap } => write!(to, "try c{cap} -> @{}", region.handler)?,
            RegionKind::With { name, register } => {
                write!(to, "with {} in r{register}", self.name(name))?;
            }
            RegionKind::Capture { cap } => write!(to, "capture c{cap}")?,
            RegionKind::Provide => to.write_str("provide")?,
        }
        to.push('\n');
        Ok(())
    }

    fn code(&self, to: &mut String, proto: &Proto) -> fmt::Result {
        let mut spans = proto.spans.iter().peekable();
        let (mut line, mut place) = (0, (0, 0));
        for (pc, &word) in self.draft.code_of(proto).iter().enumerate() {
            let mut span: Option<&SpanEntry> = None;
            while let Some(next) = spans.next_if(|it| it.pc as usize <= pc) {
                span = Some(next);
            }
            if let Some(span) = span.filter(|it| it.line != line) {
                line = span.line;
                let text = (line as usize)
                    .checked_sub(1)
                    .and_then(|it| self.lines.get(it));
                if let Some(text) = text {
                    writeln!(to, "       | {}", cut(text))?;
                }
            }
            let start = to.len();
            write!(to, "{pc:>5}  ")?;
            match Op::decode(word) {
                Some(op) => self.op(to, op)?,
                None => write!(to, "?              {word:#018x}")?,
            }
            if let Some(span) = span.filter(|it| (it.line, it.column) != place) {
                place = (span.line, span.column);
                let wide = to.get(start..).map_or(0, |it| it.chars().count());
                let gap = 44usize.saturating_sub(wide);
                write!(to, "{:gap$}  ; {}:{}", "", span.line, span.column)?;
            }
            to.push('\n');
        }
        Ok(())
    }

    fn op(&self, to: &mut String, op: Op) -> fmt::Result {
        let name = op.opcode().name();
        let mut operands = Vec::new();
        op.operands(&mut |field, operand| operands.push(self.operand(field, operand)));
        match operands.is_empty() {
            true => to.write_str(name),
            false => write!(to, "{name:<14} {}", operands.join(", ")),
        }
    }

    fn operand(&self, field: &str, operand: AnyOperand) -> String {
        match operand {
            AnyOperand::Dst(it) => it.to_string(),
            AnyOperand::Src(it) => it.to_string(),
            AnyOperand::Base(it) => it.to_string(),
            AnyOperand::It(it) => it.to_string(),
            AnyOperand::Cap(it) => it.to_string(),
            AnyOperand::Const(it) => self.constant(it.index()),
            AnyOperand::Text(it) => self.constant(it.index()),
            AnyOperand::Sym(it) => self.name(it),
            AnyOperand::Jump(it) => it.to_string(),
            AnyOperand::Back(it) => it.to_string(),
            AnyOperand::Import(it) => match self.draft.imports.get(it.index()) {
                Some(import) => self.name(import.name),
                None => format!("{it}?"),
            },
            AnyOperand::ShapeId(it) => self.shape(it),
            AnyOperand::ProtoId(it) => self.body(it),
            AnyOperand::NamesId(it) => match self.draft.names.get(it.index()) {
                Some(table) => braced(table.iter().map(|it| {
                    let shared = if it.shared { " shared" } else { "" };
                    format!("{} r{}{shared}", self.name(it.name), it.register)
                })),
                None => format!("{it}?"),
            },
            AnyOperand::ContentId(it) => match self.draft.contents.get(it.index()) {
                Some(table) => braced(table.iter().map(|it| {
                    let blank = if it.is_blank { " blank" } else { "" };
                    format!("{} {}{blank}", self.name(it.name), it.proto)
                })),
                None => format!("{it}?"),
            },
            AnyOperand::OverrideId(it) => match self.draft.overrides.get(it.index()) {
                Some(table) => braced(
                    table
                        .iter()
                        .map(|it| format!("{} {}", self.name(it.name), it.proto)),
                ),
                None => format!("{it}?"),
            },
            AnyOperand::Count(it) => it.to_string(),
            AnyOperand::Small(it) if field == "flags" => format!("flags {it}"),
            AnyOperand::Small(it) => it.to_string(),
            AnyOperand::Imm(it) => it.to_string(),
        }
    }

    fn name(&self, sym: Sym) -> String {
        match self.draft.symbols.get(sym.index()) {
            Some(&range) => cut(self.draft.text(range)),
            None => format!("{sym}?"),
        }
    }

    fn constant(&self, index: usize) -> String {
        let text = |range: TextRange| self.draft.text(range);
        match self.draft.constants.get(index) {
            Some(&Constant::Text(range)) => format!("{:?}", cut(text(range))),
            Some(Constant::Int(int)) => int.to_string(),
            Some(&Constant::Big(range)) => cut(text(range)),
            Some(&Constant::Float(bits)) => format!("{:?}", f64::from_bits(bits)),
            None => format!("k{index}?"),
        }
    }

    fn shape(&self, id: ShapeId) -> String {
        let Some(shape) = self.draft.shape(id) else {
            return format!("{id}?");
        };
        let positional = std::iter::once(shape.positional.to_string());
        let names = shape.names.iter().map(|&it| format!("{}=", self.name(it)));
        format!("({})", listed(positional.chain(names)))
    }

    fn body(&self, id: ProtoId) -> String {
        let Some(proto) = self.draft.proto(id) else {
            return format!("{id}?");
        };
        format!("{id} {}", self.name(proto.name))
            .trim_end()
            .to_owned()
    }
}

fn kind(kind: ProtoKind) -> &'static str {
    match kind {
        ProtoKind::Main => "main",
        ProtoKind::Setup => "setup",
        ProtoKind::Block => "block",
        ProtoKind::Def => "def",
        ProtoKind::Region => "region",
        ProtoKind::Content => "content",
    }
}

/// A text up to a bearable length.
fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Entries up to a bearable number.
fn listed(mut entries: impl Iterator<Item = String>) -> String {
    let mut shown: Vec<String> = entries.by_ref().take(ENTRIES).collect();
    if entries.next().is_some() {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

fn braced(entries: impl Iterator<Item = String>) -> String {
    format!("{{{}}}", listed(entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_listing_reads_as_the_template() {
        assert_eq!(disassemble(&sample::greeting()), sample::GREETING_LISTING);
    }

    #[test]
    fn what_does_not_exist_is_listed_too() {
        let mut draft = sample::full();
        draft.symbols.clear();
        draft.constants.clear();
        draft.imports.clear();
        draft.shapes.clear();
        draft.names.clear();
        draft.contents.clear();
        draft.overrides.clear();
        draft.code.push(0xff);
        draft.protos.truncate(1);
        draft.protos[0].code_len = draft.code.len() as u32;
        draft.protos[0].code_start = 0;
        let listing = disassemble(&draft);
        for part in [
            "s1?",
            "k0?",
            "shape0?",
            "names0?",
            "content0?",
            "overrides0?",
            "?   ",
        ] {
            assert!(listing.contains(part), "{part}: {listing}");
        }
    }

    #[test]
    fn long_texts_are_cut() {
        let mut draft = sample::greeting();
        draft.name = "ä".repeat(1000);
        let first = disassemble(&draft)
            .lines()
            .next()
            .map(|it| it.chars().count());
        assert_eq!(first, Some("template ".len() + SHOWN + 1));
    }
}
