//! Every instruction, one row each: its documentation, its name, its operands.
//!
//! To add one: write the row; implement the method that the compiler then
//! misses in the VM; emit it in the compiler; add cases; regenerate
//! `docs/bytecode.md`.

use crate::operand::*;

macro_rules! ops {
    ($($(#[doc = $doc:literal])+ $mnemonic:ident = $name:ident { $($field:ident: $kind:ident),* };)*) => {
        /// The byte that says which instruction a word is.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Opcode { $($(#[doc = $doc])+ $name,)* }

        impl Opcode {
            /// Every opcode in order of its number.
            pub const ALL: &'static [Opcode] = &[$(Opcode::$name),*];

            /// The lower-case name.
            pub const fn mnemonic(self) -> &'static str {
                match self { $(Opcode::$name => stringify!($mnemonic),)* }
            }

            /// The name that people read: the mnemonic without the `_` that
            /// keeps some of them from being Rust's words.
            pub fn name(self) -> &'static str {
                self.mnemonic().trim_end_matches('_')
            }

            /// What it does.
            pub const fn doc(self) -> &'static str {
                match self { $(Opcode::$name => concat!($($doc, "\n"),+),)* }
            }

            /// How wide its operands are, and how they are written to a file.
            pub(crate) const fn layout(self) -> &'static [(u32, Way)] {
                match self { $(Opcode::$name => &[
                    $((<$kind as Operand>::BITS, <$kind as Operand>::WAY)),*
                ],)* }
            }

            /// Names and types of its operands.
            pub const fn fields(self) -> &'static [(&'static str, &'static str)] {
                match self { $(Opcode::$name => &[$((stringify!($field), stringify!($kind))),*],)* }
            }
        }

        /// An instruction with its operands.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Op { $($(#[doc = $doc])+ $name {
            $(#[allow(missing_docs)] $field: $kind),* },)* }

        impl Op {
            /// Which one it is.
            pub const fn opcode(&self) -> Opcode {
                match self { $(Op::$name { .. } => Opcode::$name,)* }
            }

            /// As a word.
            pub fn encode(self) -> u64 {
                match self { $(Op::$name { $($field),* } => {
                    #[allow(unused_mut, unused_assignments)]
                    let (mut word, mut at) = (Opcode::$name as u64, 8u32);
                    $(
                        word |= $field.put() << at;
                        #[allow(unused_assignments)]
                        { at += <$kind as Operand>::BITS; }
                    )*
                    let _ = at;
                    word
                })* }
            }

            /// From a word; `None` if the opcode is unknown or a reserved bit is set.
            pub fn decode(word: u64) -> Option<Op> {
                let opcode = *Opcode::ALL.get((word & 0xff) as usize)?;
                match opcode { $(Opcode::$name => {
                    #[allow(unused_mut)]
                    let mut at = 8u32;
                    $(
                        let $field = <$kind as Operand>::take(word.checked_shr(at).unwrap_or(0));
                        at += <$kind as Operand>::BITS;
                    )*
                    let reserved = word.checked_shr(at).unwrap_or(0);
                    (reserved == 0).then_some(Op::$name { $($field),* })
                })* }
            }

            /// Show every operand of a word to `see`, as [`Op::operands`] does, in
            /// one step with reading them; answers whether the word is an op and
            /// its unused bits are zero.
            #[inline(always)]
            pub(crate) fn operands_of<F>(word: u64, see: &mut F) -> bool
            where
                F: FnMut(AnyOperand) + ?Sized,
            {
                let Some(opcode) = Opcode::ALL.get((word & 0xff) as usize) else {
                    return false;
                };
                match opcode { $(Opcode::$name => {
                    #[allow(unused_mut)]
                    let mut left = word >> 8;
                    $(
                        see(AnyOperand::$kind(<$kind as Operand>::take(left)));
                        left = left.checked_shr(<$kind as Operand>::BITS).unwrap_or(0);
                    )*
                    left == 0
                })* }
            }

            /// Show every operand to `see`: its name and itself.
            #[inline(always)]
            pub fn operands<F>(&self, see: &mut F)
            where
                F: FnMut(&'static str, AnyOperand) + ?Sized,
            {
                match *self { $(Op::$name { $($field),* } => {
                    $(see(stringify!($field), AnyOperand::$kind($field));)*
                    let _ = see;
                })* }
            }
        }

        impl Op {
            /// The same op, reading other registers: each [`Src`] as `map` says.
            #[must_use]
            pub fn with_sources(self, map: &mut impl FnMut(Src) -> Src) -> Op {
                let _ = &map;
                match self { $(Op::$name { $($field),* } => Op::$name {
                    $($field: match stringify!($kind).as_bytes() {
                        b"Src" => $kind::take(map(Src::take($field.put())).put()),
                        _ => $field,
                    },)*
                },)* }
            }
        }

        /// What runs instructions: one method a row.
        pub trait Dispatch {
            /// What a method answers.
            type Out;
            $($(#[doc = $doc])+ fn $mnemonic(&mut self $(, $field: $kind)*) -> Self::Out;)*
            /// A word that is no instruction; a verified chunk has none.
            fn unknown(&mut self) -> Self::Out;
        }

        /// Decode one word and hand it to its method.
        #[inline(always)]
        #[allow(non_upper_case_globals)]
        pub fn step<D: Dispatch>(to: &mut D, word: u64) -> D::Out {
            $(const $name: u8 = Opcode::$name as u8;)*
            match word as u8 {
                $($name => {
                    #[allow(unused_mut, unused_assignments)]
                    let mut at = 8u32;
                    $(
                        let $field = <$kind as Operand>::take(word >> at);
                        #[allow(unused_assignments)]
                        { at += <$kind as Operand>::BITS; }
                    )*
                    let _ = at;
                    to.$mnemonic($($field),*)
                })*
                _ => to.unknown(),
            }
        }

        // No row is wider than a word.
        $(const _: () = assert!(8 $(+ <$kind as Operand>::BITS)* <= 64, stringify!($mnemonic));)*
    };
}

/// An operand of any type, for walks that do not care which op it is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum AnyOperand {
    Dst(Dst),
    Src(Src),
    Base(Base),
    It(It),
    Cap(Cap),
    Const(Const),
    Text(Text),
    Sym(Sym),
    Jump(Jump),
    Back(Back),
    Count(Count),
    Import(Import),
    ShapeId(ShapeId),
    ProtoId(ProtoId),
    NamesId(NamesId),
    ContentId(ContentId),
    OverrideId(OverrideId),
    Small(Small),
    Imm(Imm),
}

ops! {
    // ---- output ----
    /// Write literal text.
    emit_text = EmitText { text: Text };
    /// Write the text form of `src`, escaped for the template's surface.
    emit = Emit { src: Src };
    /// As `emit`, but none writes nothing.
    emit_optional = EmitOptional { src: Src };
    /// Write the text form of `src` as it is.
    emit_raw = EmitRaw { src: Src };
    /// A stream should send what it has.
    flush = Flush {};

    // ---- loading and moving ----
    /// `dst ← constant`.
    load_const = LoadConst { dst: Dst, value: Const };
    /// `dst ← integer`.
    load_int = LoadInt { dst: Dst, value: Imm };
    /// `dst ← none`.
    load_none = LoadNone { dst: Dst };
    /// `dst ← truth value`: 0 is false, 1 is true.
    load_bool = LoadBool { dst: Dst, value: Small };
    /// `dst ← undefined`.
    load_undefined = LoadUndefined { dst: Dst };
    /// `dst ← src`.
    move_ = Move { dst: Dst, src: Src };
    /// Forget `count` registers from `base` on.
    unset = Unset { base: Base, count: Count };

    // ---- names ----
    /// `dst ←` the context's `sym`; K-RUN-001 if there is none.
    load_name = LoadName { dst: Dst, sym: Sym };
    /// `dst ←` the context's `sym`, unset if there is none.
    probe_name = ProbeName { dst: Dst, sym: Sym };
    /// The context's `sym` ← `src`.
    store_name = StoreName { sym: Sym, src: Src };
    /// If `src` is set: `dst ← src` and go to `to`.
    pick = Pick { dst: Dst, src: Src, to: Jump };
    /// `dst ←` a new shared variable, unset.
    new_var = NewVar { dst: Dst };
    /// `dst ←` what the shared variable in `var` holds, perhaps unset.
    load_var = LoadVar { dst: Dst, var: Src };
    /// The shared variable in `var` ← `src`.
    store_var = StoreVar { var: Src, src: Src };
    /// `dst ←` what the running content's slot binds to `sym`, unset if nothing.
    probe_binding = ProbeBinding { dst: Dst, sym: Sym };
    /// If the running content's slot has bindings: its `sym` ← `src`. `done ←`
    /// was there a slot scope?
    store_binding = StoreBinding { done: Dst, sym: Sym, src: Src };
    /// `old ←` the context's own `sym` (unset if not written there), then
    /// `sym ← src`. Undone by `unbind`, or by its region.
    bind = Bind { old: Dst, sym: Sym, src: Src };
    /// Give the context's `sym` back what `bind` saved.
    unbind = Unbind { sym: Sym, old: Src };

    // ---- attributes and items ----
    /// `dst ← src.sym`; K-RUN-001 if missing in strict mode, else undefined. A
    /// stored none gives the empty text.
    get_attr = GetAttr { dst: Dst, src: Src, sym: Sym };
    /// As `get_attr`, but unset if missing; an unset or undefined `src` gives unset.
    probe_attr = ProbeAttr { dst: Dst, src: Src, sym: Sym };
    /// `dst ← src?.sym`: none if `src` is none, or a dict without it.
    get_attr_optional = GetAttrOptional { dst: Dst, src: Src, sym: Sym };
    /// `dst ← src[key]`.
    get_item = GetItem { dst: Dst, src: Src, key: Src };
    /// `dst ← src?[key]`: none if `src` is none, or a dict without it.
    get_item_optional = GetItemOptional { dst: Dst, src: Src, key: Src };
    /// `dst ← src[a:b:c]`, bounds in three registers from `bounds` on, unset
    /// where left out.
    slice = Slice { dst: Dst, src: Src, bounds: Base };
    /// Take `src` apart into exactly `count` registers from `base` on;
    /// K-RUN-007 for another number, K-RUN-012 for no sequence.
    unpack = Unpack { src: Src, base: Base, count: Count };
    /// Registers from `base` on ← `src[0]`, `src[1]` …; `count` of them.
    unpack_index = UnpackIndex { src: Src, base: Base, count: Count };
    /// `dst ←` is `src` a list or tuple of exactly `count` items?
    match_seq = MatchSeq { dst: Dst, src: Src, count: Count };
    /// `dst ←` item `index` of the list or tuple `src`; undefined past its end.
    seq_at = SeqAt { dst: Dst, src: Src, index: Count };

    // ---- operators ----
    /// `dst ← lhs + rhs`.
    add = Add { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs - rhs`.
    sub = Sub { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs * rhs`.
    mul = Mul { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs / rhs`.
    div = Div { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs // rhs`.
    floor_div = FloorDiv { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs % rhs`.
    modulo = Modulo { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs ** rhs`.
    pow = Pow { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ←` the text forms of `count` registers from `base` on, joined.
    concat = Concat { dst: Dst, base: Base, count: Count };
    /// `dst ← -src`.
    neg = Neg { dst: Dst, src: Src };
    /// `dst ← +src`.
    pos = Pos { dst: Dst, src: Src };
    /// `dst ← not src`.
    not = Not { dst: Dst, src: Src };
    /// `dst ←` `src` as an operand of arithmetic that was computed: text is
    /// read as a number, none and undefined are 0.
    coerce = Coerce { dst: Dst, src: Src };
    /// As `coerce`, for the left operand of `%`: text that is no number stays.
    coerce_left = CoerceLeft { dst: Dst, src: Src };
    /// As `coerce`, for the right operand of `%`: where `lhs` is text, it is a
    /// format, and `src` stays.
    coerce_right = CoerceRight { dst: Dst, src: Src, lhs: Src };
    /// `dst ← lhs == rhs`.
    eq = Eq { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs != rhs`.
    ne = Ne { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs < rhs`.
    lt = Lt { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs <= rhs`.
    le = Le { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs > rhs`.
    gt = Gt { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs >= rhs`.
    ge = Ge { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ← lhs in rhs`.
    contains = Contains { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ←` are `lhs` and `rhs` the same object?
    same = Same { dst: Dst, lhs: Src, rhs: Src };
    /// `dst ←` is `src` neither unset, undefined nor none?
    is_defined = IsDefined { dst: Dst, src: Src };
    /// `dst ←` the range from `base` to the next register by the one after it
    /// (unset: 1); `inclusive` 1 counts the bound in.
    range = Range { dst: Dst, base: Base, inclusive: Small };

    // ---- jumps ----
    /// Go to `to`.
    jump = Jump { to: Jump };
    /// Go to `to` if `src` is truthy.
    jump_if = JumpIf { src: Src, to: Jump };
    /// Go to `to` if `src` is falsy.
    jump_unless = JumpUnless { src: Src, to: Jump };
    /// Go to `to` if `src` is set.
    jump_set = JumpSet { src: Src, to: Jump };
    /// Go to `to` if `src` is none.
    jump_none = JumpNone { src: Src, to: Jump };
    /// Go to `to` if `src` is unset, undefined or none.
    jump_missing = JumpMissing { src: Src, to: Jump };

    // ---- building ----
    /// `dst ←` a list of `count` registers from `base` on.
    list = List { dst: Dst, base: Base, count: Count };
    /// `dst ←` a tuple of `count` registers from `base` on.
    tuple = Tuple { dst: Dst, base: Base, count: Count };
    /// `dst ←` a dict of `count` pairs of registers from `base` on.
    dict = Dict { dst: Dst, base: Base, count: Count };
    /// Append `src` to the list in `list`.
    push_item = PushItem { list: Src, src: Src };

    // ---- calls ----
    /// Call what is in `base` with the registers behind it: first the
    /// positional, then the named arguments of the shape. The answer goes to
    /// `base`.
    call = Call { base: Base, shape: ShapeId };
    /// As `call`, but a callee that is none or undefined is not called and
    /// gives undefined.
    call_optional = CallOptional { base: Base, shape: ShapeId };
    /// As `call`, and write the answer as `emit` does.
    call_emit = CallEmit { base: Base, shape: ShapeId };
    /// As `call`, of the method `sym` of what is in `base`.
    call_method = CallMethod { base: Base, sym: Sym, shape: ShapeId };
    /// Call the def in `base`, with the content in the register just behind
    /// the arguments, and write what it gives.
    call_content = CallContent { base: Base, shape: ShapeId };
    /// `base ←` what the imported filter makes of `base` and the arguments behind it.
    /// If the next op is an `emit` of `base`, what `base` holds behind that is not said.
    filter = Filter { base: Base, import: Import, shape: ShapeId };
    /// `base ←` does the imported predicate hold of `base` with the arguments behind it?
    predicate = Predicate { base: Base, import: Import, shape: ShapeId };
    /// `dst ←` the def of a proto. Values of its defaults stand from `base` on,
    /// one a parameter that has one, in order.
    make_def = MakeDef { dst: Dst, proto: ProtoId, base: Base };
    /// `dst ←` the content of a table, as it sees the frame now.
    make_content = MakeContent { dst: Dst, table: ContentId };

    // ---- slots ----
    /// Write what the caller has for slot `sym`, with the named values of the
    /// shape (from `base` on) bound.
    slot = Slot { sym: Sym, base: Base, shape: ShapeId };
    /// `dst ←` the caller's content as a callable, unset if there is none.
    load_caller = LoadCaller { dst: Dst };

    // ---- loops ----
    /// Begin to go through `src`; none has no items. K-RUN-012 for what has none.
    iter = Iter { it: It, src: Src };
    /// As `iter`, but a one-pass iterator is read to its end first.
    iter_gather = IterGather { it: It, src: Src };
    /// As `iter`, but none is K-RUN-012: the source of a comprehension.
    iter_strict = IterStrict { it: It, src: Src };
    /// As `iter`, but what comes one by one is waited for. `flags`: 1 to read a
    /// one-pass iterator to its end first.
    iter_async = IterAsync { it: It, src: Src, flags: Small };
    /// `dst ←` the loop object of an iterator, which lives in a cell from here
    /// on. `flags`: 1 of an asynchronous loop.
    loop_cell = LoopCell { dst: Dst, it: It, flags: Small };
    /// Go to `to` if the iterator had no items at all; asked behind the loop.
    jump_looped = JumpLooped { it: It, to: Jump };
    /// If there is another item: `dst` ← it, and go back to `body`.
    next = Next { it: It, dst: Dst, body: Back };
    /// As `next`, of a loop whose body does no more than write `dst`, with text
    /// before or behind it (`emit_text`, `emit`, `emit_text`, either text
    /// left out): many rounds may be done at once, and what `dst` holds behind
    /// the loop is not said. One op instead of three a round: a table of
    /// 10,000 numbers takes half the time.
    next_emit = NextEmit { it: It, dst: Dst, body: Back };
    /// Forget an iterator.
    iter_end = IterEnd { it: It };
    /// Go back to `to`: the round of a `while`.
    again = Again { to: Back };
    /// `dst ←` a property of the loop: 0 index, 1 index0, 2 first, 3 last,
    /// 4 length, 5 revindex, 6 revindex0, 7 previtem, 8 nextitem; 9 is K-RUN-012:
    /// a size that an asynchronous loop does not know.
    loop_attr = LoopAttr { dst: Dst, it: It, attr: Small };

    // ---- captured output ----
    /// From here on output goes to a capture.
    capture = Capture { cap: Cap };
    /// `dst ←` the captured output, plain.
    capture_end = CaptureEnd { dst: Dst, cap: Cap };
    /// Drop the captured output.
    capture_drop = CaptureDrop { cap: Cap };
    /// Write the captured output.
    capture_keep = CaptureKeep { cap: Cap };
    /// Write the captured output without white space between tags and at its ends.
    spaceless_end = SpacelessEnd { cap: Cap };
    /// Add the captured output to the list `sym` of the render.
    push_end = PushEnd { cap: Cap, sym: Sym };
    /// The place of the list `sym` of the render.
    stack = Stack { sym: Sym };
    /// If the fragment store has text under the key in `base`: write it and go
    /// to `to`. Otherwise begin a capture.
    cache_begin = CacheBegin { cap: Cap, base: Base, to: Jump };
    /// Write the captured output and keep it under the key in `base`, with the
    /// life and dependencies in the two registers behind it (unset if none).
    cache_end = CacheEnd { cap: Cap, base: Base };
    /// Write a translated message: `base` holds the singular, then the plural
    /// (unset if none), then the named values of the shape.
    trans = Trans { base: Base, shape: ShapeId };

    // ---- templates ----
    /// Write the most derived block `sym`.
    block = Block { sym: Sym };
    /// Go on as the template named by `src`, with this one's blocks on top.
    extends = Extends { src: Src };
    /// Write the template named by `src`. `flags`: 1 without context, 2 ignore
    /// missing, 4 on a copy of the context.
    include = Include { src: Src, names: NamesId, flags: Small };
    /// As `include`, with overriding blocks. `flags`: 1 without context, 4 on a
    /// copy of the context.
    embed = Embed { src: Src, overrides: OverrideId, names: NamesId, flags: Small };
    /// `dst ←` the library that the template named by `src` leaves. `flags`:
    /// 1 with context, 2 as a dict.
    import = Import { dst: Dst, src: Src, flags: Small };
    /// `dst ←` the callable `sym` of the library `src`; K-RUN-008 if there is none.
    import_name = ImportName { dst: Dst, src: Src, sym: Sym };
    /// Provide `src` under `sym` until `unprovide`.
    provide = Provide { sym: Sym, src: Src };
    /// Take the last provided value back.
    unprovide = Unprovide {};
    /// `dst ←` the caught error as a dict. The first op of a `try` handler.
    load_error = LoadError { dst: Dst };

    // ---- the rest ----
    /// `dst ←` what `src` gives when it is ready.
    await_ = Await { dst: Dst, src: Src };
    /// Leave the proto.
    ret = Ret {};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        let ops = [
            Op::Add {
                dst: Dst(1),
                lhs: Src(2),
                rhs: Src(65_535),
            },
            Op::LoadInt {
                dst: Dst(7),
                value: Imm(-1),
            },
            Op::StoreBinding {
                done: Dst(1),
                sym: Sym(0xff_ffff),
                src: Src(9),
            },
            Op::Ret {},
        ];
        for op in ops {
            assert_eq!(Op::decode(op.encode()), Some(op));
        }
    }

    #[test]
    fn unknown_and_reserved_are_refused() {
        assert_eq!(Op::decode(0xff), None);
        assert_eq!(Op::decode(Op::Ret {}.encode() | 1 << 63), None);
    }
}
