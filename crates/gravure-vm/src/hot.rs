//! The ops that a page is made of, in one small loop.
//!
//! Everything they touch (the next step, the registers, the page) stands in
//! locals here, and nothing is called that could look at them from outside.
//! What is rare, long or fails is left to the run loop: the word is handed
//! back as it is, and the op's own method does it. So this file may leave out
//! any op, and any case of one; it must never do something else.
//!
//! What it calls becomes a part of it only with optimizations: without, its
//! frame would be as large as a small stack.

use crate::{
    exec::Exec,
    glance::{attribute, holds, instead, is_constant, show, truth},
    levels::{Levels, Now, Nows},
    lookup::{Spelled, Variable, hinted_json, put_json, put_node, variable},
    machine::Machine,
    objects::{self, Answer},
    output::Rest,
    printed::print,
    quick,
    registers::Window,
    rounds::{Upcoming, held_loop, texts_around, upcoming},
    steps::{Step, Then},
};
use gravure_bytecode::Sym;
use gravure_value::{Json, Node, Surface, Value};

/// The text that stands before what a step does.
macro_rules! text_first {
    ($page:ident, $segment:ident, ($n_texts:ident, $at:ident, $len:ident), $ops:lifetime, $pc:ident) => {
        if $n_texts > 0 {
            if !$page.put_block($segment, $at, $len) {
                break $ops $pc;
            }
            $pc += 1;
        }
    };
}

/// The jump behind an attribute, by its truth.
macro_rules! jump {
    ($value:expr, ($then:ident, $at:ident), $ops:lifetime, $pc:ident) => {
        match truth($value) {
            Some(is) if is == ($then == Then::JUMP_IF) => $pc = $at as usize,
            Some(_) => $pc += 1,
            None => break $ops $pc,
        }
    };
}

impl<'a, 'c> Exec<'a, 'c> {
    /// Do ops until one is not for this loop; that one's word comes back, and
    /// `pc` stands behind it. `None`: ran off the code.
    #[inline(never)]
    pub(crate) fn hot(&mut self, levels: &mut Levels<'a, 'c>) -> Option<u64> {
        let mut nows = Nows::of(self.templates, self.m, levels)?;
        nows.now()?.pc = self.pc;
        let mut has_moved = false;
        loop {
            let step = self.in_frame(nows.now()?);
            let is_done = match step {
                Some(&Step::Call { base, n }) => {
                    self.m.call_quickly(self.templates, &mut nows, base, n)
                }
                Some(&Step::Include(tag)) => self.m.include_quickly(self.templates, &mut nows, tag),
                Some(Step::Ret) => self.m.leave_quickly(self.templates, &mut nows),
                _ => false,
            };
            if !is_done {
                self.pc = nows.now()?.pc;
                if has_moved {
                    self.m.push_frames(&mut nows);
                    self.enter().ok()?;
                }
                step?;
                return self.code.get(self.pc - 1).copied();
            }
            has_moved = true;
        }
    }

    /// Do ops of the running frame until one is not for this loop; its step
    /// comes back, and `pc` stands behind it.
    #[inline(always)]
    fn in_frame(&mut self, now: &mut Now<'a, 'c>) -> Option<&'a Step> {
        let &mut Now {
            compiled,
            segment,
            steps,
            template,
            start,
            mut pc,
            base,
            its,
            context,
            ..
        } = now;
        let own = (compiled, template);
        let start = start as usize;
        let has_statics = self.env.has_statics;
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
        let mut regs = Window(regs.window(base)?);
        let iters = iters.slots().get_mut(its..)?;
        let most = *out_max;
        let limit = most.min(*watermark);
        let mut page = out.page(most);

        // Where the op stands that is left to the run loop.
        let left = 'ops: loop {
            let Some(step) = steps.get(pc) else {
                break pc;
            };

            match *step {
                Step::Other | Step::Ret | Step::Call { .. } | Step::Include(_) => break 'ops pc,
                Step::Cased {
                    case,
                    src,
                    at,
                    len,
                    n_texts,
                    n_moves,
                } => {
                    text_first!(page, segment, (n_texts, at, len), 'ops, pc);
                    let Some(text) = quick::text(heap, regs[src]) else {
                        break 'ops pc;
                    };
                    let Some(steps) = quick::price_of_case(heap, text) else {
                        break 'ops pc;
                    };
                    if !page.put_cased(text.as_bytes(), case) {
                        break 'ops pc;
                    }
                    heap.meter.try_charge(steps);
                    pc += 2 + usize::from(n_moves);
                }
                Step::Printed { filter, base, n } => {
                    let base = usize::from(base);
                    let args = regs.0.get(base..base + 1 + usize::from(n)).unwrap_or(&[]);
                    if !print(&mut page, heap, filter, args) {
                        break 'ops pc;
                    }
                    pc += 2;
                }
                Step::Length { base } => {
                    let Some(length) = quick::length(heap, regs[base]) else {
                        break 'ops pc;
                    };
                    regs[base] = length;
                    pc += 1;
                }
                Step::Item { dst, src, key } => {
                    let (src, key) = (regs[src], regs[key]);
                    if !quick::item(&mut regs[dst], src, key) {
                        break 'ops pc;
                    }
                    pc += 1;
                }
                Step::Begin { it, src } => {
                    if !iters[usize::from(it)].begin(regs[src]) {
                        break 'ops pc;
                    }
                    pc += 1;
                }
                Step::End { it } => {
                    iters[usize::from(it)].end();
                    pc += 1;
                }
                Step::Text { len, start } => {
                    if !page.put_block(segment, start, len) {
                        break 'ops pc;
                    }
                    pc += 1;
                }
                Step::LongText { start, len } => {
                    let range = start as usize..start as usize + len as usize;
                    let Some(text) = segment.get(range) else {
                        break 'ops pc;
                    };
                    if !page.put(text) {
                        break 'ops pc;
                    }
                    pc += 1;
                }
                Step::TextJump { len, start, to } => {
                    if !page.put_block(segment, start, len) {
                        break 'ops pc;
                    }
                    pc = to as usize;
                }
                Step::Emit { src } => {
                    if !show(&mut page, heap, own, regs[src]) {
                        break 'ops pc;
                    }
                    pc += 1;
                }
                Step::TextRet { len, start } => {
                    if !page.put_block(segment, start, len) {
                        break 'ops pc;
                    }
                    break 'ops pc + 1;
                }
                Step::TextEmit { len, src, start } => {
                    if !page.put_block(segment, start, len) {
                        break 'ops pc;
                    }
                    if !show(&mut page, heap, own, regs[src]) {
                        break 'ops pc + 1;
                    }
                    pc += 2;
                }
                Step::Attr {
                    src,
                    n_texts,
                    at,
                    len,
                    ..
                } => {
                    text_first!(page, segment, (n_texts, at, len), 'ops, pc);
                    let mut step = step;
                    let (mut is_found, mut is_missing) = (false, false);
                    match regs[src] {
                        Value::Node(tree, id) => {
                            let mut node = tree.node(id);
                            while let Node::Map(map) = node {
                                let Step::Attr {
                                    words,
                                    at,
                                    dst,
                                    hint,
                                    then,
                                    ..
                                } = *step
                                else {
                                    continue 'ops;
                                };
                                let hint = u32::from(*hints.at(hint));
                                let Some(id) = tree.entry_if(map, hint, words) else {
                                    break;
                                };
                                node = tree.node(id);
                                let to = &mut regs[dst];
                                if then == Then::LINK
                                    && let Node::Map(_) = node
                                {
                                    *to = Value::Node(tree, id);
                                    pc += 1;
                                    let Some(next) = steps.get(pc) else {
                                        continue 'ops;
                                    };
                                    step = next;
                                    continue;
                                }
                                if then.shows() {
                                    pc += 1;
                                    let is_shown = match node {
                                        Node::Text(start, len) => {
                                            let texts = tree.bytes_of_texts();
                                            page.put_piece_escaped(texts, start, len)
                                        }
                                        Node::Int(it) => page.put_int(it),
                                        Node::Float(it) => page.put_float(it),
                                        Node::None => true,
                                        _ => false,
                                    };
                                    if !is_shown {
                                        put_node(to, tree, (id, node));
                                        break 'ops pc;
                                    }
                                    pc += then.n_shown();
                                    continue 'ops;
                                }
                                put_node(to, tree, (id, node));
                                pc += 1;
                                if then.jumps() {
                                    jump!(*to, (then, at), 'ops, pc);
                                }
                                continue 'ops;
                            }
                        }
                        Value::Json(json) => {
                            let mut json = json;
                            loop {
                                let Step::Attr {
                                    words,
                                    at,
                                    dst,
                                    hint,
                                    then,
                                    ..
                                } = *step
                                else {
                                    continue 'ops;
                                };
                                let Some(entry) = hinted_json(json, words, *hints.at(hint)) else {
                                    break;
                                };
                                json = entry;
                                let to = &mut regs[dst];
                                if then == Then::LINK
                                    && let Json::Object(_) = json
                                {
                                    *to = Value::Json(json);
                                    pc += 1;
                                    let Some(next) = steps.get(pc) else {
                                        continue 'ops;
                                    };
                                    step = next;
                                    continue;
                                }
                                if then.shows() {
                                    pc += 1;
                                    let int = match json {
                                        Json::Number(it) => it.as_i64(),
                                        _ => None,
                                    };
                                    let is_shown = match (json, int) {
                                        (Json::String(it), _) => page.put_escaped(it.as_bytes()),
                                        (_, Some(int)) => page.put_int(int),
                                        _ => {
                                            put_json(to, json);
                                            show(&mut page, heap, own, *to)
                                        }
                                    };
                                    if !is_shown {
                                        put_json(to, json);
                                        break 'ops pc;
                                    }
                                    pc += then.n_shown();
                                    continue 'ops;
                                }
                                put_json(to, json);
                                pc += 1;
                                if then.jumps() {
                                    jump!(*to, (then, at), 'ops, pc);
                                }
                                continue 'ops;
                            }
                        }
                        Value::Object(object) => {
                            let mut object = object;
                            loop {
                                let Step::Attr {
                                    words, dst, then, ..
                                } = *step
                                else {
                                    continue 'ops;
                                };
                                let to = &mut regs[dst];
                                match objects::field(to, heap, object, words) {
                                    Answer::Found => {}
                                    Answer::Unknown => break,
                                    Answer::Missing if then.probes() => *to = Value::Unset,
                                    Answer::Missing | Answer::Failed => break 'ops pc,
                                }
                                let (Value::Object(inner), Then::LINK) = (*to, then) else {
                                    is_missing = then == Then::DEFAULT && to.is_missing();
                                    is_found = !is_missing;
                                    break;
                                };
                                pc += 1;
                                let Some(next) = steps.get(pc) else {
                                    continue 'ops;
                                };
                                (object, step) = (inner, next);
                            }
                        }
                        _ => {}
                    }
                    if is_found {
                        // It stands where it was asked for.
                    } else if let Some((start, len)) = instead(regs.0, compiled, step, is_missing) {
                        if !page.put_block(segment, start, len) {
                            // Who was asked may no longer stand where it did.
                            break 'ops pc + usize::from(is_missing);
                        }
                        pc += 1 + Then::DEFAULT.n_shown();
                        continue 'ops;
                    } else if !is_missing
                        && !attribute(regs.0, heap, compiled, start + pc, step, hints)
                    {
                        // It does not stand where it was last, nor elsewhere.
                        break 'ops pc;
                    }
                    let Step::Attr { at, dst, then, .. } = *step else {
                        continue 'ops;
                    };
                    let value = regs[dst];
                    pc += 1;
                    if then.shows() && !value.is_missing() {
                        if !show(&mut page, heap, own, value) {
                            break 'ops pc;
                        }
                        pc += then.n_shown();
                    } else if then.jumps() {
                        jump!(value, (then, at), 'ops, pc);
                    }
                }
                Step::Compare { by, dst, lhs, rhs } => {
                    let Some(is) = holds(heap, by, regs.0, (lhs, rhs)) else {
                        break 'ops pc;
                    };
                    regs[dst] = Value::Bool(is);
                    pc += 1;
                }
                Step::CompareJump { by, lhs, rhs, to } => {
                    let is = match (&regs[lhs], &regs[rhs]) {
                        (&Value::Int(a), &Value::Int(b)) => by.of_ints(a, b),
                        _ => match holds(heap, by, regs.0, (lhs, rhs)) {
                            Some(is) => is,
                            None => break 'ops pc,
                        },
                    };
                    pc = match is == by.jumps() {
                        true => to as usize,
                        false => pc + 2,
                    };
                }
                Step::NumberJump {
                    by,
                    lhs,
                    number,
                    to,
                } => {
                    let Value::Int(value) = regs[lhs] else {
                        break 'ops pc;
                    };
                    let is = by.of_ints(value, i64::from(number));
                    pc = match is == by.jumps() {
                        true => to as usize,
                        false => pc + 3,
                    };
                }
                Step::ConstJump {
                    by,
                    lhs,
                    constant,
                    to,
                } => {
                    let (Value::Str(_, text), Some(literal)) =
                        (regs[lhs], compiled.literal(constant))
                    else {
                        break 'ops pc;
                    };
                    let same = is_constant(heap, text.as_bytes(), literal);
                    let Some(is) = same.and_then(|it| by.of_sameness(it)) else {
                        break 'ops pc;
                    };
                    pc = match is == by.jumps() {
                        true => to as usize,
                        false => pc + 3,
                    };
                }
                Step::Name {
                    dst,
                    hint,
                    sym,
                    at,
                    len,
                    n_texts,
                    then,
                } => {
                    text_first!(page, segment, (n_texts, at, len), 'ops, pc);
                    let (false, Some(name)) = (has_statics, compiled.name(sym)) else {
                        break 'ops pc;
                    };
                    let wanted = Spelled {
                        template,
                        sym: Sym(sym),
                        name,
                        segment,
                    };
                    let to = &mut regs[dst];
                    if !(now.is_shown && now.shown.put(sym, to)) {
                        match variable(to, heap, context, wanted, hints.at(hint)) {
                            Variable::Found => {}
                            Variable::Object(object) => {
                                let spelled = || compiled.chunk.symbol(Sym(sym));
                                if !objects::variable(to, heap, object, name.words, spelled) {
                                    break 'ops pc;
                                }
                            }
                            Variable::Unknown => break 'ops pc,
                        }
                    }
                    pc += 1;
                    if then == Then::EMIT {
                        if !show(&mut page, heap, own, *to) {
                            break 'ops pc;
                        }
                        pc += 1;
                    }
                }
                Step::Next { it, dst, body } => {
                    // A round that must be paid, counted or stopped elsewhere.
                    if (may_collect && heap.wants_collection())
                        || page.len() >= limit
                        || *rounds >= heap.limits.loop_rounds
                    {
                        break 'ops pc;
                    }
                    let iter = &mut *iters[usize::from(it)];
                    let to = &mut regs[dst];
                    let next = match upcoming(iter, to) {
                        // The loop may be held as a value.
                        Upcoming::Unknown => match held_loop(heap, iter) {
                            Some(held) => upcoming(held, to),
                            None => break 'ops pc,
                        },
                        known => known,
                    };
                    match next {
                        Upcoming::Item => {}
                        Upcoming::End => {
                            pc += 1;
                            continue 'ops;
                        }
                        Upcoming::Unknown => break 'ops pc,
                    }
                    if !heap.meter.try_charge((pc + 1 - body as usize) as u64) {
                        break 'ops pc;
                    }
                    if let Some(held) = held_loop(heap, iter) {
                        held.pos += 1;
                    }
                    iter.pos += 1;
                    *rounds += 1;
                    pc = body as usize;
                }
                Step::NextEmit { it, dst, body } => {
                    let body = body as usize;
                    let steps = (pc + 1 - body) as u64;
                    let ops = compiled.chunk.code.get(start + body..start + pc);
                    let Some(around) = texts_around(compiled, ops.unwrap_or(&[])) else {
                        break 'ops pc;
                    };
                    if may_collect && heap.wants_collection() {
                        break 'ops pc;
                    }
                    let iter = &mut *iters[usize::from(it)];
                    let is_html = compiled.surface == Surface::Html;
                    let left = heap.limits.loop_rounds.saturating_sub(*rounds);
                    let paid = heap.meter.affordable(steps).min(left);
                    page.end();
                    let (done, rest) = out.push_rounds(&around, iter, is_html, paid, limit);
                    page = out.page(most);
                    heap.meter.try_charge(done * steps);
                    iter.pos += done;
                    *rounds += done;
                    if rest == Rest::Ended {
                        pc += 1;
                        continue 'ops;
                    }
                    // The ops of the body know what to do with the next one.
                    let is_near = page.len() >= limit || done >= paid;
                    if is_near || upcoming(iter, &mut regs[dst]) != Upcoming::Item {
                        break 'ops pc;
                    }
                    if !heap.meter.try_charge(steps) {
                        break 'ops pc;
                    }
                    iter.pos += 1;
                    *rounds += 1;
                    pc = body;
                }
                Step::LoopAttr {
                    attr,
                    dst,
                    it,
                    at,
                    len,
                    n_texts,
                    then,
                } => {
                    text_first!(page, segment, (n_texts, at, len), 'ops, pc);
                    let iter = &*iters[usize::from(it)];
                    if iter.is_one_pass() || iter.len > i64::MAX as u64 {
                        break 'ops pc;
                    }
                    let to = &mut regs[dst];
                    let number = match attr {
                        0 => iter.pos as i64,
                        1 => iter.pos.saturating_sub(1) as i64,
                        2 | 3 => {
                            let is = match attr {
                                2 => iter.pos <= 1,
                                _ => iter.pos >= iter.len,
                            };
                            *to = Value::Bool(is);
                            pc += 1;
                            if then.jumps() {
                                pc = match is == (then == Then::JUMP_IF) {
                                    true => at as usize,
                                    false => pc + 1,
                                };
                            }
                            continue 'ops;
                        }
                        4 => iter.len as i64,
                        _ => break 'ops pc,
                    };
                    *to = Value::Int(number);
                    pc += 1;
                    if then == Then::EMIT {
                        if !page.put_int(number) {
                            break 'ops pc;
                        }
                        pc += 1;
                    }
                }
                Step::Move { dst, src } => {
                    regs[dst] = regs[src];
                    pc += 1;
                }
                Step::Int { dst, value } => {
                    regs[dst] = Value::Int(i64::from(value));
                    pc += 1;
                }
                Step::Bool { value, dst } => {
                    regs[dst] = Value::Bool(value);
                    pc += 1;
                }
                Step::None { dst } => {
                    regs[dst] = Value::None;
                    pc += 1;
                }
                Step::Const { dst, constant } => {
                    let id = gravure_value::ConstId(constant);
                    regs[dst] = Value::Const(template, id);
                    pc += 1;
                }
                Step::Jump { to } => pc = to as usize,
                Step::Branch { wanted, src, to } => match truth(regs[src]) {
                    Some(is) if is == wanted => pc = to as usize,
                    Some(_) => pc += 1,
                    None => break 'ops pc,
                },
                Step::JumpSet { src, to } => {
                    let is = regs[src].is_set();
                    pc = if is { to as usize } else { pc + 1 };
                }
                Step::JumpNone { src, to } => {
                    let is = regs[src].is_none();
                    pc = if is { to as usize } else { pc + 1 };
                }
                Step::JumpMissing { src, to } => {
                    let is = regs[src].is_missing();
                    pc = if is { to as usize } else { pc + 1 };
                }
                Step::Pick { dst, src, to } => {
                    let value = regs[src];
                    pc += 1;
                    if value.is_set() {
                        regs[dst] = value;
                        pc = to as usize;
                    }
                }
                Step::Unset { base, count } => {
                    let base = usize::from(base);
                    // No step names others.
                    if let Some(window) = regs.0.get_mut(base..base + usize::from(count)) {
                        window.fill(Value::Unset);
                    }
                    pc += 1;
                }
                Step::IsDefined { dst, src } => {
                    let is = !regs[src].is_missing();
                    regs[dst] = Value::Bool(is);
                    pc += 1;
                }
                Step::Not { dst, src } => {
                    let Some(is) = truth(regs[src]) else {
                        break 'ops pc;
                    };
                    regs[dst] = Value::Bool(!is);
                    pc += 1;
                }
                Step::Add { dst, lhs, rhs } => {
                    let values = (regs[lhs], regs[rhs]);
                    let (Value::Int(a), Value::Int(b)) = values else {
                        break 'ops pc;
                    };
                    let Some(sum) = a.checked_add(b) else {
                        break 'ops pc;
                    };
                    regs[dst] = Value::Int(sum);
                    pc += 1;
                }
                Step::Sub { dst, lhs, rhs } => {
                    let values = (regs[lhs], regs[rhs]);
                    let (Value::Int(a), Value::Int(b)) = values else {
                        break 'ops pc;
                    };
                    let Some(difference) = a.checked_sub(b) else {
                        break 'ops pc;
                    };
                    regs[dst] = Value::Int(difference);
                    pc += 1;
                }
            }
        };
        page.end();
        now.pc = left + 1;
        steps.get(left)
    }
}
