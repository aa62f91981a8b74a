//! Good templates that between them need every part of a chunk, and edits
//! that make their chunks bad.

use gravure_bytecode::{Draft, OPERANDS, Opcode, Region, RegionKind, SpanEntry};

/// What gets compiled and then changed.
pub(super) const TEMPLATES: &[&str] = &[
    "Hello {{ user.name | upper }}, {{ n + 1 }} of {{ xs | length }}!",
    "{% for x in xs %}{{ loop.index }}{{ x }}{% if loop.last %}.{% else %},{% end %}{% empty %}none{% end %}",
    "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% elif i == 3 %}{% break %}{% end %}{{ i ** 2 }}{% end %}",
    "{% def card(t, b='x', *rest, **named) %}<{{ t }}{{ b }}{{ rest }}{{ named }}{% slot %}{% slot foot %}>{% end %}{{ card(1, b=2) }}{% call card('t', c=4) %}body{% slot foot %}f{% end %}{% end %}",
    "{% try %}{{ missing.a.b }}{% fallback e %}{{ e.code }}:{{ e.type }}{% end %}{{ missing ?? 'alt' }}{{ o?.a }}{{ o?.n?.b }}",
    "{% capture c %}a{{ n }}{% end %}{{ c }}{% spaceless %}<a> <b>{% end %}{% filter upper %}abc{{ s }}{% end %}",
    "{% with a = 2, b = a %}{{ a }}{{ b }}{% include 'p.html' %}{% end %}{% include 'none.html' ignore missing %}",
    "{% extends 'base.html' %}{% block body %}[{{ n }}{% try %}{{ nope }}{% fallback %}-{% end %}]{% end %}{% block foot %}{% let k = 2 %}{{ k }}{% end %}",
    "{% import 'lib.html' as lib %}{{ lib.twice(3) }}{% from 'lib.html' import twice as t with context %}{{ t('a') }}{% imports %}{% from 'lib.html' import twice %}{% end %}",
    "{% embed 'base.html' %}{% block body %}E{{ n }}{% include 'p.html' %}{% end %}{% end %}",
    "{% let l = [3, 1, 2] %}{% set m = {'a': 1, 'b': d} %}{{ l | sort(reverse=true) | join('-') }}{{ m.a }}{{ l[0] }}{{ l[1:] }}{{ (1, 2) }}{% let a, b = xs[1:] %}{{ b }}",
    "{{ [x * 2 for x in l if x > 1] }}{{ xs | map('upper') | list }}{{ v | selectattr('age', 'gt', 3) | list }}{{ 1..9 by 3 | list }}",
    "{% match xs %}{% case [a, 'b', c] if c %}{{ a }}{% case 1 %}n{% case _ %}other{% end %}{% match n %}{% case 3 %}t{% end %}",
    "{% let k = 3 %}{% while k > 0 %}{{ k }}{% export k = k - 1 %}{% end %}{% for a, b in ps %}{{ a }}{{ b }}{% end %}{% with user as it %}{{ it.name }}{% end %}",
    "{% region side(x=n) %}{{ x }}{% end %}{{ side() }}{% fragment fr %}f{% end %}{% block bl %}{{ s }}{% flush %}{% end %}",
    "{% def f() %}{{ consume('theme', 'none') }}{% end %}{% provide theme = 'dark' %}{{ consume('theme') }}{{ f() }}{% end %}{{ f() }}",
    "{% push 'css' %}a{% end %}{% stack 'css' %}{% cache 'k' ~ n %}cached {{ n }}{% end %}{% trans count = n %}one{% plural %}{{ count }} many{% end %}",
    "{{ 1 < n <= 3 }}{{ n is odd }}{{ n is divisibleby 3 and not off or on }}{{ 'a' in xs }}{{ 'x' if on else 'y' }}{{ '%05d' % n }}{{ '{:>4}' | format(n) }}{{ -n // 2 % 3 ~ 'z' }}",
    "{% def rec(k) %}{{ k }}{% if k > 0 %}{{ rec(k - 1) }}{% end %}{% end %}{{ rec(4) }}{{ sorted(l, key=rec) }}{% for x in [1, 2] %}{% set y = x %}{{ y }}{% end %}",
    "{% def outer(a) %}{% def inner(b) %}{{ a }}{{ b }}{% set a = b %}{% end %}{{ inner(1) }}{{ inner(2) }}{% end %}{{ outer(0) }}{% export z = 4 %}{{ z }}",
    "{% def rows(items) %}{% for r in items %}{% slot row let:item=r, let:n=loop.index %}d:{{ item }}{% end %}{% end %}{% end %}{% call rows([1, 2]) %}{% slot row let:item, let:n %}{{ n }}={{ item }}{% end %}{% end %}",
    "{% def inner() %}<{% slot %}|{% slot h %}>{% end %}{% def outer() %}{% call inner() %}{% yield %}{% slot h %}{% yield h %}{% end %}{% end %}{% end %}{% call outer() %}X{% slot h %}H{{ n }}{% end %}{% end %}",
    "{% extends 'mid.html' %}{% block body %}{% def g(x) %}{{ x }}{% end %}{{ g(a) }}{% for q in xs %}{% capture c %}{{ q }}{% if q == 'b' %}{% break %}{% end %}{% end %}{{ c }}{% end %}{% end %}",
    "{% for x in v %}{% for k, w in x.items() %}{% try %}{% if loop.index > 2 %}{% continue %}{% end %}{{ k }}={{ w.nope }}{% fallback %}!{% end %}{% end %}{% else %}0{% end %}{{ q | escape }}{{ s | truncate(9) | title }}",
];

/// The templates that they refer to.
pub(super) const OTHERS: &[(&str, &str)] = &[
    ("p.html", "<p>{{ n }}{{ a ?? '-' }}</p>"),
    (
        "base.html",
        "<{% block body %}base{{ n }}{% end %}|{% block foot %}{% end %}>",
    ),
    (
        "lib.html",
        "{% def twice(x) %}{{ x }}{{ x }}{% end %}{% let base = 7 %}",
    ),
    (
        "mid.html",
        "{% extends 'base.html' %}{% set a = 9 %}{% block foot %}mid{{ a }}{% end %}",
    ),
];

/// Edits of five bytes each: what, where (two), value (two). Answers whether
/// any of them has changed the encoded bytes.
pub(super) fn change(edits: &[u8], draft: &mut Draft, bytes: &mut [u8]) -> bool {
    let mut is_raw = false;
    for edit in edits.chunks_exact(5).take(12) {
        let [what, at_high, at_low, high, low] = *edit else {
            break;
        };
        let at = usize::from(u16::from_be_bytes([at_high, at_low]));
        let value = u16::from_be_bytes([high, low]);
        match what % 16 {
            0 => {
                is_raw = true;
                if let Some(byte) = pick(bytes, at) {
                    *byte ^= low.max(1);
                }
            }
            1 => {
                is_raw = true;
                if let Some(byte) = pick(bytes, at) {
                    *byte = low;
                }
            }
            2..=6 => operand(draft, at, value),
            7 => {
                if let Some(word) = pick(&mut draft.code, at) {
                    *word = (*word & !0xff) | (u64::from(low) % Opcode::ALL.len() as u64);
                }
            }
            8 => {
                let n = draft.code.len();
                if n > 0 {
                    draft.code.swap(at % n, usize::from(value) % n);
                }
            }
            9 => {
                let n = draft.code.len();
                if n > 0 {
                    draft.code[at % n] = draft.code[usize::from(value) % n];
                }
            }
            10 => proto(draft, at, value),
            11 => region(draft, at, value),
            12 => tables(draft, at, value),
            13 => {
                if let Some(constant) = pick(&mut draft.constants, at) {
                    use gravure_bytecode::Constant;
                    *constant = match value % 3 {
                        0 => Constant::Int(i64::from(value) << (value % 48)),
                        1 => Constant::Float(u64::from(value) << 48),
                        _ => *constant,
                    };
                }
            }
            14 => {
                let fresh = u64::from(low) % Opcode::ALL.len() as u64;
                if let Some(word) = pick(&mut draft.code, at) {
                    *word = fresh;
                }
            }
            _ => {
                if let Some(word) = pick(&mut draft.code, at) {
                    *word ^= 1 << (value % 64);
                }
            }
        }
    }
    is_raw
}

fn pick<T>(items: &mut [T], at: usize) -> Option<&mut T> {
    let n = items.len();
    items.get_mut(at.checked_rem(n)?)
}

/// Give one operand of one word another value.
fn operand(draft: &mut Draft, at: usize, value: u16) {
    let Some(word) = pick(&mut draft.code, at) else {
        return;
    };
    let Some(opcode) = Opcode::ALL.get((*word & 0xff) as usize) else {
        return;
    };
    let fields = opcode.fields();
    let Some(which) = usize::from(value >> 8).checked_rem(fields.len()) else {
        return;
    };
    let bits = |kind: &str| {
        OPERANDS
            .iter()
            .find(|row| row.0 == kind)
            .map_or(0, |row| row.1)
    };
    let shift: u32 = 8 + fields[..which]
        .iter()
        .map(|field| bits(field.1))
        .sum::<u32>();
    let mask = ((1u64 << bits(fields[which].1)) - 1) << shift;
    let old = (*word & mask) >> shift;
    // Neighbors and small numbers are likelier to be let through.
    let new = match value & 0xc0 {
        0x00 | 0x40 => u64::from(value & 0x3f),
        0x80 => old.wrapping_add(u64::from(value & 0x3f)),
        _ => old.wrapping_sub(u64::from(value & 0x3f)),
    };
    *word = (*word & !mask) | ((new << shift) & mask);
}

fn proto(draft: &mut Draft, at: usize, value: u16) {
    let Some(proto) = pick(&mut draft.protos, at) else {
        return;
    };
    let small = value & 0xff;
    match value >> 8 & 7 {
        0 => proto.registers = small,
        1 => proto.iters = small,
        2 => proto.caps = small,
        3 => proto.own_context = !proto.own_context,
        4 => {
            if let Some(capture) = pick(&mut proto.captures, usize::from(small)) {
                *capture = small & 7;
            }
        }
        5 => {
            if let Some(param) = pick(&mut proto.params, usize::from(small)) {
                param.has_default = !param.has_default;
            }
        }
        6 => proto.spans.push(SpanEntry {
            pc: u32::from(small),
            line: u32::from(small) * 0x0101_0101,
            column: u32::from(small),
            end_column: u32::MAX,
        }),
        _ => proto.registers = proto.registers.saturating_add(small),
    }
}

fn region(draft: &mut Draft, at: usize, value: u16) {
    let Some(proto) = pick(&mut draft.protos, at) else {
        return;
    };
    let small = u32::from(value & 0x1f);
    if value >> 13 == 7 {
        proto.regions.push(Region {
            start: u32::from(value >> 5 & 0x1f),
            end: small,
            handler: small,
            kind: RegionKind::Guard,
        });
        return;
    }
    let Some(region) = pick(&mut proto.regions, usize::from(value >> 5 & 7)) else {
        return;
    };
    match value >> 13 {
        0 => region.start = small,
        1 => region.end = small,
        2 => region.handler = small,
        3 => region.kind = RegionKind::Capture { cap: small as u16 },
        4 => region.kind = RegionKind::Try { cap: small as u16 },
        5 => region.kind = RegionKind::Provide,
        _ => region.kind = RegionKind::Guard,
    }
}

fn tables(draft: &mut Draft, at: usize, value: u16) {
    let small = usize::from(value & 0x1f);
    match value >> 12 {
        0 => {
            if let Some(shape) = pick(&mut draft.shapes, at) {
                shape.positional = small as u16;
            }
        }
        1 => {
            if let Some(name) = pick(&mut draft.names, at).and_then(|it| pick(it, small)) {
                name.register = small as u16;
            }
        }
        2 => {
            if let Some(name) = pick(&mut draft.names, at).and_then(|it| pick(it, small)) {
                name.shared = !name.shared;
            }
        }
        3 => {
            if let Some(content) = pick(&mut draft.contents, at).and_then(|it| pick(it, small)) {
                content.is_blank = !content.is_blank;
            }
        }
        4 => {
            if let Some(content) = pick(&mut draft.contents, at).and_then(|it| pick(it, small)) {
                content.proto = gravure_bytecode::ProtoId(small as u16);
            }
        }
        5 => {
            if let Some(block) = pick(&mut draft.blocks, at) {
                block.proto = gravure_bytecode::ProtoId(small as u16);
            }
        }
        6 => draft.setup = gravure_bytecode::ProtoId(small as u16),
        7 => draft.extends = !draft.extends,
        8 => draft.parent = None,
        9 => {
            let n = draft.symbols.len();
            if n > 0 {
                draft.symbols.swap(at % n, small % n);
            }
        }
        10 => {
            let n = draft.imports.len();
            if n > 0 {
                draft.imports[at % n].name = gravure_bytecode::Sym(small as u32);
            }
        }
        _ => draft.name = "other".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A template that does not compile, or fails before its end, is edited in vain.
    #[test]
    fn the_templates_render() {
        let mut broken = Vec::new();
        for source in TEMPLATES {
            if let Err(error) = super::super::chunk::try_good(source) {
                broken.push(format!("{error}: {source}"));
            }
        }
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }
}
