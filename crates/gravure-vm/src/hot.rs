//! The ops that a page is made of, in one small loop.
//!
//! Everything they touch (the next op, the registers, the page) stands in
//! locals here, and nothing is called that could look at them from outside.
//! What is rare, long or fails is left to the run loop: the word is handed
//! back as it is, and the op's own method does it. So this file may leave out
//! any op, and any case of one; it must never do something else.

use crate::{
    Compiled,
    exec::Exec,
    lookup::{Answer, Entry, Spelled, ask, ask_attribute, entry, put_json, put_node, variable},
    machine::Machine,
    output::{Around, MOST_DIGITS, Rest},
};
use gravure_bytecode::{
    Back, Const, Count, Dst, Imm, It, Jump, Opcode, Operand, Small, Src, Sym, Text,
};
use gravure_value::{Heap, Items, Iter, Json, Mark, NodeId, Surface, Value, text::same_bytes};

/// Take the operands of a word in the order of its row.
macro_rules! take {
    ($word:ident: $($field:ident: $kind:ident),+) => {
        let mut at = 8u32;
        $(
            let $field = <$kind as Operand>::take($word >> at);
            at += <$kind as Operand>::BITS;
        )+
        let _ = at;
    };
}

macro_rules! opcodes {
    ($($name:ident = $op:ident;)*) => { $(const $name: u8 = Opcode::$op as u8;)* };
}

opcodes! {
    EMIT_TEXT = EmitText;
    EMIT = Emit;
    MOVE = Move;
    LOAD_INT = LoadInt;
    LOAD_BOOL = LoadBool;
    LOAD_NONE = LoadNone;
    LOAD_CONST = LoadConst;
    JUMP = Jump;
    JUMP_IF = JumpIf;
    JUMP_UNLESS = JumpUnless;
    JUMP_SET = JumpSet;
    JUMP_NONE = JumpNone;
    JUMP_MISSING = JumpMissing;
    PICK = Pick;
    UNSET = Unset;
    IS_DEFINED = IsDefined;
    NOT = Not;
    ADD = Add;
    SUB = Sub;
    EQ = Eq;
    NE = Ne;
    LT = Lt;
    LE = Le;
    GT = Gt;
    GE = Ge;
    NEXT = Next;
    NEXT_EMIT = NextEmit;
    LOOP_ATTR = LoopAttr;
    GET_ATTR = GetAttr;
    PROBE_ATTR = ProbeAttr;
    LOAD_NAME = LoadName;
    PROBE_NAME = ProbeName;
}

/// `lhs op rhs` where both are numbers of one kind; else the word goes back.
macro_rules! compare {
    ($regs:ident, $word:ident, $op:tt) => {{
        take!($word: dst: Dst, lhs: Src, rhs: Src);
        let is = match ($regs[lhs.index()], $regs[rhs.index()]) {
            (Value::Int(a), Value::Int(b)) => a $op b,
            (Value::Float(a), Value::Float(b)) => a $op b,
            _ => break $word,
        };
        $regs[dst.index()] = Value::Bool(is);
    }};
}

impl<'c> Exec<'_, 'c> {
    /// Do ops until one is not for this loop; that one's word comes back, and
    /// `pc` stands behind it. `None`: ran off the code.
    #[inline(never)]
    pub(crate) fn hot(&mut self) -> Option<u64> {
        let code = self.code;
        let compiled = self.compiled;
        let segment = compiled.segment();
        let surface = self.surface;
        let template = self.template;
        let has_statics = self.env.statics.is_set();
        let context = self.m.frames.last()?.context;
        // Templates keep their hints apart.
        let spot = template.0 as usize * 61 + self.proto.code_start as usize;
        let mut pc = self.pc;
        let Machine {
            heap,
            regs,
            iters,
            out,
            out_max,
            watermark,
            rounds,
            callbacks,
            hints,
            ..
        } = &mut *self.m;
        let may_collect = *callbacks == 0;
        let regs = regs.get_mut(self.base..)?;
        let iters = iters.get_mut(self.its..)?;
        let most = *out_max;
        let limit = most.min(*watermark);

        let word = loop {
            let Some(&word) = code.get(pc) else {
                self.pc = pc;
                return None;
            };
            pc += 1;
            match word as u8 {
                EMIT_TEXT => {
                    take!(word: text: Text);
                    let Some(&(start, len)) = compiled.literals.get(text.index()) else {
                        break word;
                    };
                    if out.len() + len as usize > most {
                        break word;
                    }
                    out.push_padded(segment, start as usize, len as usize);
                }
                EMIT => {
                    take!(word: src: Src);
                    // What may not fit is written, or refused, elsewhere.
                    match regs[src.index()] {
                        Value::Int(it) if out.len() + MOST_DIGITS <= most => out.push_int(it),
                        Value::Str(Mark::Plain, it)
                            if surface == Surface::Html && out.push_short_escaped(it, most) => {}
                        Value::Const(of, id)
                            if surface == Surface::Html
                                && out.push_short_escaped(heap.constant(of, id), most) => {}
                        _ => break word,
                    }
                }
                MOVE => {
                    take!(word: dst: Dst, src: Src);
                    regs[dst.index()] = regs[src.index()];
                }
                LOAD_INT => {
                    take!(word: dst: Dst, value: Imm);
                    regs[dst.index()] = Value::Int(i64::from(value.0));
                }
                LOAD_BOOL => {
                    take!(word: dst: Dst, value: Small);
                    regs[dst.index()] = Value::Bool(value.0 != 0);
                }
                LOAD_NONE => {
                    take!(word: dst: Dst);
                    regs[dst.index()] = Value::None;
                }
                LOAD_CONST => {
                    take!(word: dst: Dst, value: Const);
                    match compiled.chunk.constants.get(value.index()) {
                        Some(gravure_bytecode::Constant::Text(_)) => {
                            let id = gravure_value::ConstId(value.0);
                            regs[dst.index()] = Value::Const(template, id);
                        }
                        _ => break word,
                    }
                }
                JUMP => {
                    take!(word: to: Jump);
                    pc = to.index();
                }
                JUMP_IF => {
                    take!(word: src: Src, to: Jump);
                    match truth(regs[src.index()]) {
                        Some(true) => pc = to.index(),
                        Some(false) => {}
                        None => break word,
                    }
                }
                JUMP_UNLESS => {
                    take!(word: src: Src, to: Jump);
                    match truth(regs[src.index()]) {
                        Some(false) => pc = to.index(),
                        Some(true) => {}
                        None => break word,
                    }
                }
                JUMP_SET => {
                    take!(word: src: Src, to: Jump);
                    if regs[src.index()].is_set() {
                        pc = to.index();
                    }
                }
                JUMP_NONE => {
                    take!(word: src: Src, to: Jump);
                    if regs[src.index()].is_none() {
                        pc = to.index();
                    }
                }
                JUMP_MISSING => {
                    take!(word: src: Src, to: Jump);
                    if regs[src.index()].is_missing() {
                        pc = to.index();
                    }
                }
                PICK => {
                    take!(word: dst: Dst, src: Src, to: Jump);
                    let value = regs[src.index()];
                    if value.is_set() {
                        regs[dst.index()] = value;
                        pc = to.index();
                    }
                }
                UNSET => {
                    take!(word: base: Dst, count: Count);
                    let window = base.index()..base.index() + count.index();
                    if let Some(window) = regs.get_mut(window) {
                        window.fill(Value::Unset);
                    }
                }
                IS_DEFINED => {
                    take!(word: dst: Dst, src: Src);
                    regs[dst.index()] = Value::Bool(!regs[src.index()].is_missing());
                }
                NOT => {
                    take!(word: dst: Dst, src: Src);
                    match truth(regs[src.index()]) {
                        Some(is) => regs[dst.index()] = Value::Bool(!is),
                        None => break word,
                    }
                }
                ADD => {
                    take!(word: dst: Dst, lhs: Src, rhs: Src);
                    match (regs[lhs.index()], regs[rhs.index()]) {
                        (Value::Int(a), Value::Int(b)) => match a.checked_add(b) {
                            Some(sum) => regs[dst.index()] = Value::Int(sum),
                            None => break word,
                        },
                        _ => break word,
                    }
                }
                SUB => {
                    take!(word: dst: Dst, lhs: Src, rhs: Src);
                    match (regs[lhs.index()], regs[rhs.index()]) {
                        (Value::Int(a), Value::Int(b)) => match a.checked_sub(b) {
                            Some(difference) => regs[dst.index()] = Value::Int(difference),
                            None => break word,
                        },
                        _ => break word,
                    }
                }
                EQ | NE => {
                    take!(word: dst: Dst, lhs: Src, rhs: Src);
                    let (lhs, rhs) = (regs[lhs.index()], regs[rhs.index()]);
                    let Some(same) = equal(heap, lhs, rhs) else {
                        break word;
                    };
                    regs[dst.index()] = Value::Bool(same == (word as u8 == EQ));
                }
                LT => compare!(regs, word, <),
                LE => compare!(regs, word, <=),
                GT => compare!(regs, word, >),
                GE => compare!(regs, word, >=),
                NEXT => {
                    take!(word: it: It, dst: Dst, body: Back);
                    let steps = (pc - body.index()) as u64;
                    // A round that must be paid, counted or stopped elsewhere.
                    if (may_collect && heap.wants_collection())
                        || out.len() >= limit
                        || *rounds >= heap.limits.loop_rounds
                    {
                        break word;
                    }
                    let iter = &mut iters[it.index()];
                    let item = match upcoming(iter) {
                        Upcoming::Item(item) => item,
                        Upcoming::End => continue,
                        Upcoming::Unknown => break word,
                    };
                    if !heap.meter.try_charge(steps) {
                        break word;
                    }
                    iter.pos += 1;
                    *rounds += 1;
                    regs[dst.index()] = item;
                    pc = body.index();
                }
                NEXT_EMIT => {
                    take!(word: it: It, dst: Dst, body: Back);
                    let steps = (pc - body.index()) as u64;
                    let ops = code.get(body.index()..pc - 1).unwrap_or(&[]);
                    let Some(around) = texts_around(compiled, ops) else {
                        break word;
                    };
                    if may_collect && heap.wants_collection() {
                        break word;
                    }
                    let iter = &mut iters[it.index()];
                    let is_html = surface == Surface::Html;
                    let left = heap.limits.loop_rounds.saturating_sub(*rounds);
                    let paid = heap.meter.affordable(steps).min(left);
                    let (done, rest) = out.push_rounds(&around, iter, is_html, paid, limit);
                    heap.meter.try_charge(done * steps);
                    iter.pos += done;
                    *rounds += done;
                    if rest == Rest::Ended {
                        continue;
                    }
                    // The ops of the body know what to do with the next one.
                    let item = match upcoming(iter) {
                        Upcoming::Item(item) if out.len() < limit && done < paid => item,
                        _ => break word,
                    };
                    if !heap.meter.try_charge(steps) {
                        break word;
                    }
                    iter.pos += 1;
                    *rounds += 1;
                    regs[dst.index()] = item;
                    pc = body.index();
                }
                LOOP_ATTR => {
                    take!(word: dst: Dst, it: It, attr: Small);
                    let iter = &iters[it.index()];
                    if iter.is_one_pass() || iter.len > i64::MAX as u64 {
                        break word;
                    }
                    regs[dst.index()] = match attr.0 {
                        0 => Value::Int(iter.pos as i64),
                        1 => Value::Int(iter.pos as i64 - 1),
                        2 => Value::Bool(iter.pos <= 1),
                        3 => Value::Bool(iter.pos >= iter.len),
                        4 => Value::Int(iter.len as i64),
                        _ => break word,
                    };
                }
                GET_ATTR | PROBE_ATTR => {
                    take!(word: dst: Dst, src: Src, sym: Sym);
                    let Some(name) = compiled.name(segment, sym) else {
                        break word;
                    };
                    let hint = hints.at(spot + pc);
                    let is_probe = word as u8 == PROBE_ATTR;
                    match entry(regs[src.index()], name, hint) {
                        Entry::Json(json) => put_json(&mut regs[dst.index()], json),
                        Entry::Node(tree, id) => put_node(&mut regs[dst.index()], tree, id),
                        Entry::Missing if is_probe && !compiled.is_of_dicts(sym) => {
                            regs[dst.index()] = Value::Unset;
                        }
                        Entry::Object(object) => {
                            let answer = ask_attribute(heap, object, compiled.chunk.symbol(sym));
                            regs[dst.index()] = match answer {
                                Answer::Found(Value::None) => Value::Str(Mark::Plain, ""),
                                Answer::Found(value) => value,
                                Answer::Missing if is_probe => Value::Unset,
                                Answer::Missing | Answer::Failed => break word,
                            };
                        }
                        Entry::Found(_) | Entry::Missing | Entry::Unknown => break word,
                    }
                }
                LOAD_NAME | PROBE_NAME => {
                    take!(word: dst: Dst, sym: Sym);
                    let (false, Some(name)) = (has_statics, compiled.name(segment, sym)) else {
                        break word;
                    };
                    let wanted = Spelled {
                        template,
                        sym,
                        hash: compiled.hash(sym),
                        name,
                    };
                    let hint = hints.at(spot + pc);
                    regs[dst.index()] = match variable(heap, context, wanted, hint) {
                        Entry::Found(value) => value,
                        Entry::Json(json) => Value::from_json(json),
                        Entry::Node(tree, id) => Value::from_node(tree, id),
                        Entry::Object(object) => {
                            match ask(heap, object, compiled.chunk.symbol(sym)) {
                                Answer::Found(value) => value,
                                Answer::Missing | Answer::Failed => break word,
                            }
                        }
                        Entry::Missing | Entry::Unknown => break word,
                    };
                }
                _ => break word,
            }
        };
        self.pc = pc;
        Some(word)
    }
}

/// What an iterator gives next.
enum Upcoming<'c> {
    Item(Value<'c>),
    End,
    /// The run loop knows.
    Unknown,
}

/// Look at the next item without taking it.
#[inline(always)]
fn upcoming<'c>(iter: &Iter<'c>) -> Upcoming<'c> {
    let item = match &iter.items {
        Items::Json(items) => items.get(iter.pos as usize).map(Value::from_json),
        Items::Node(tree, first) => {
            (iter.pos < iter.len).then(|| Value::from_node(tree, NodeId(first.0 + iter.pos as u32)))
        }
        Items::Values(items) => items.get(iter.pos as usize).copied(),
        Items::Host(seq) => Value::item_of(*seq, iter.pos as usize),
        Items::Range(range) => range.get(iter.pos).map(Value::Int),
        _ => return Upcoming::Unknown,
    };
    item.map_or(Upcoming::End, Upcoming::Item)
}

/// The texts before and behind the item that a loop's body writes. `None` if
/// the body does anything else.
#[inline]
fn texts_around<'a>(compiled: &'a Compiled, ops: &[u64]) -> Option<Around<'a>> {
    let text = |word: u64| {
        let id = Text::take(word >> 8);
        let &(start, len) = compiled.literals.get(id.index())?;
        let place = start as usize..(start + len) as usize;
        let text = compiled.segment().get(place);
        text.filter(|_| word as u8 == EMIT_TEXT)
    };
    let is_emit = |word: u64| word as u8 == EMIT;
    let (before, behind) = match *ops {
        [item] if is_emit(item) => (&[][..], &[][..]),
        [a, item] if is_emit(item) => (text(a)?, &[][..]),
        [item, b] if is_emit(item) => (&[][..], text(b)?),
        [a, item, b] if is_emit(item) => (text(a)?, text(b)?),
        _ => return None,
    };
    Some(Around { before, behind })
}

/// Truth of what needs no look.
#[inline(always)]
fn truth(value: Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(it) => Some(it),
        Value::Int(it) => Some(it != 0),
        Value::None | Value::Undefined | Value::Unset => Some(false),
        Value::Str(_, text) => Some(!text.is_empty()),
        Value::Float(it) => Some(it != 0.0),
        Value::Json(Json::Array(items)) => Some(!items.is_empty()),
        _ => None,
    }
}

/// Equality of scalars of one kind.
#[inline(always)]
fn equal<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Option<bool> {
    match (lhs, rhs) {
        (Value::Int(a), Value::Int(b)) => Some(a == b),
        (Value::Str(_, a), Value::Str(_, b)) => short_equal(a, b),
        (Value::Str(_, a), Value::Const(template, id))
        | (Value::Const(template, id), Value::Str(_, a)) => {
            short_equal(a, heap.constant(template, id))
        }
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        _ => None,
    }
}

/// Texts that are so long that comparing them costs are compared elsewhere.
#[inline(always)]
fn short_equal(a: &str, b: &str) -> Option<bool> {
    if a.len() != b.len() {
        return Some(false);
    }
    (a.len() <= 64).then(|| same_bytes(a.as_bytes(), b.as_bytes()))
}
