//! Operators: small integers here, everything else in `gravure_value::ops`.

use crate::exec::{Done, Exec, Flow};
use gravure_bytecode::{Base, Count, Dst, Small, Src};
use gravure_value::{Fault, Kind, Mark, Placed, Range, Value, ops, text};
use smallvec::SmallVec;

/// `fn name`: a fast path for integers, and the operator itself.
macro_rules! arithmetic {
    ($($name:ident = $op:ident, $checked:ident;)*) => {$(
        #[inline]
        pub(crate) fn $name(&mut self, dst: Dst, lhs: Src, rhs: Src) -> Done {
            let (lhs, rhs) = (self.get(lhs), self.get(rhs));
            let value = match (lhs, rhs) {
                (Value::Int(a), Value::Int(b)) if a.$checked(b).is_some() => {
                    Value::Int(a.$checked(b).unwrap_or(0))
                }
                _ => ops::$op(&mut self.m.heap, lhs, rhs)?,
            };
            self.set(dst, value);
            Ok(Flow::Go)
        }
    )*};
}

macro_rules! plain {
    ($($name:ident = $op:ident;)*) => {$(
        pub(crate) fn $name(&mut self, dst: Dst, lhs: Src, rhs: Src) -> Done {
            let (lhs, rhs) = (self.get(lhs), self.get(rhs));
            let value = ops::$op(&mut self.m.heap, lhs, rhs)?;
            self.set(dst, value);
            Ok(Flow::Go)
        }
    )*};
}

macro_rules! ordering {
    ($($name:ident = $op:ident, $test:tt;)*) => {$(
        #[inline]
        pub(crate) fn $name(&mut self, dst: Dst, lhs: Src, rhs: Src) -> Done {
            let (lhs, rhs) = (self.get(lhs), self.get(rhs));
            let is = match (lhs, rhs) {
                (Value::Int(a), Value::Int(b)) => a $test b,
                _ => ops::$op(&self.m.heap, lhs, rhs)?,
            };
            self.set(dst, Value::Bool(is));
            Ok(Flow::Go)
        }
    )*};
}

macro_rules! unary {
    ($($name:ident = $op:ident;)*) => {$(
        pub(crate) fn $name(&mut self, dst: Dst, src: Src) -> Done {
            let value = self.get(src);
            let value = ops::$op(&mut self.m.heap, value)?;
            self.set(dst, value);
            Ok(Flow::Go)
        }
    )*};
}

impl<'c> Exec<'_, 'c> {
    arithmetic! {
        op_sub = sub, checked_sub;
        op_mul = mul, checked_mul;
    }

    plain! {
        op_div = div;
        op_floor_div = floor_div;
        op_pow = pow;
    }

    ordering! {
        op_lt = less, <;
        op_le = less_eq, <=;
        op_gt = greater, >;
        op_ge = greater_eq, >=;
    }

    unary! {
        op_neg = neg;
        op_pos = pos;
        op_coerce = coerce;
    }

    #[inline]
    pub(crate) fn op_add(&mut self, dst: Dst, lhs: Src, rhs: Src) -> Done {
        let (lhs, rhs) = (self.get(lhs), self.get(rhs));
        let value = match (lhs, rhs) {
            (Value::Int(a), Value::Int(b)) if a.checked_add(b).is_some() => Value::Int(a + b),
            (Value::Text(..), _) | (_, Value::Text(..)) => self.concat_or_add(lhs, rhs)?,
            _ => ops::add(&mut self.m.heap, self.surface, lhs, rhs)?,
        };
        self.set(dst, value);
        Ok(Flow::Go)
    }

    /// `+` with a text that the render made.
    fn concat_or_add(&mut self, lhs: Value<'c>, rhs: Value<'c>) -> Result<Value<'c>, Fault> {
        let has_places = [lhs, rhs]
            .iter()
            .any(|&part| !self.m.heap.places(part).is_empty());
        match has_places {
            true => self.concat_placed(&[lhs, rhs]),
            false => ops::add(&mut self.m.heap, self.surface, lhs, rhs),
        }
    }

    pub(crate) fn op_modulo(&mut self, dst: Dst, lhs: Src, rhs: Src) -> Done {
        let (lhs, rhs) = (self.get(lhs), self.get(rhs));
        let value = ops::modulo(&mut self.m.heap, self.surface, lhs, rhs)?;
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn op_concat(&mut self, dst: Dst, base: Base, count: Count) -> Done {
        let parts: smallvec::SmallVec<[Value<'c>; 8]> =
            self.window(base, count.index()).iter().copied().collect();
        let has_places = parts
            .iter()
            .any(|&part| !self.m.heap.places(part).is_empty());
        let value = match has_places {
            true => self.concat_placed(&parts)?,
            false => ops::concat(&mut self.m.heap, self.surface, &parts)?,
        };
        self.set(dst, value);
        Ok(Flow::Go)
    }

    /// Join texts of which some have places: those of safe text go along, those
    /// of text that joining escapes are filled.
    #[cold]
    fn concat_placed(&mut self, parts: &[Value<'c>]) -> Result<Value<'c>, Fault> {
        let mut joined = Placed::default();
        let mut before: SmallVec<[Value<'c>; 8]> = SmallVec::new();
        let mut whole = Value::Str(Mark::Plain, "");
        let is_safe = parts.iter().any(|&part| self.m.heap.mark(part).is_safe());
        let mut bytes = 0;
        for &part in parts {
            let stays = !is_safe || self.m.heap.mark(part).is_safe();
            let part = if stays { part } else { self.settled(part)? };
            let start = self.m.heap.text(whole).map_or(0, str::len);
            let places = self.m.heap.places(part);
            bytes += self.m.heap.charge_places(places, bytes)?;
            joined
                .places
                .extend(places.iter().map(|(at, list)| (start + at, list.clone())));
            before.push(part);
            whole = ops::concat(&mut self.m.heap, self.surface, &before)?;
        }
        let mark = self.m.heap.mark(whole);
        joined.text = self.m.heap.text(whole).unwrap_or("").into();
        self.m.heap.new_placed(mark, joined)
    }

    pub(crate) fn op_coerce_left(&mut self, dst: Dst, src: Src) -> Done {
        let value = self.get(src);
        let is_format = self
            .m
            .heap
            .text(value)
            .is_some_and(|it| text::parse_int(it).is_none() && text::parse_float(it).is_none());
        let value = match is_format {
            true => value,
            false => ops::coerce(&mut self.m.heap, value)?,
        };
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn op_coerce_right(&mut self, dst: Dst, src: Src, lhs: Src) -> Done {
        let mut value = self.get(src);
        if self.m.heap.text(self.get(lhs)).is_none() {
            value = ops::coerce(&mut self.m.heap, value)?;
        }
        self.set(dst, value);
        Ok(Flow::Go)
    }

    #[inline]
    pub(crate) fn truthy(&self, src: Src) -> bool {
        match self.get(src) {
            Value::Bool(it) => it,
            value => ops::is_truthy(&self.m.heap, value),
        }
    }

    pub(crate) fn op_not(&mut self, dst: Dst, src: Src) -> Done {
        let is = !self.truthy(src);
        self.set(dst, Value::Bool(is));
        Ok(Flow::Go)
    }

    fn equal(&mut self, lhs: Src, rhs: Src) -> Result<bool, Fault> {
        match (self.get(lhs), self.get(rhs)) {
            (Value::Int(a), Value::Int(b)) => Ok(a == b),
            (lhs, rhs) => {
                let (lhs, rhs) = (self.settled(lhs)?, self.settled(rhs)?);
                ops::eq(&self.m.heap, lhs, rhs)
            }
        }
    }

    pub(crate) fn op_eq(&mut self, dst: Dst, lhs: Src, rhs: Src) -> Done {
        let is = self.equal(lhs, rhs)?;
        self.set(dst, Value::Bool(is));
        Ok(Flow::Go)
    }

    pub(crate) fn op_ne(&mut self, dst: Dst, lhs: Src, rhs: Src) -> Done {
        let is = self.equal(lhs, rhs)?;
        self.set(dst, Value::Bool(!is));
        Ok(Flow::Go)
    }

    pub(crate) fn op_contains(&mut self, dst: Dst, lhs: Src, rhs: Src) -> Done {
        let (item, container) = (self.settled(self.get(lhs))?, self.settled(self.get(rhs))?);
        let is = match self.m.heap.kind(container) {
            Kind::Iter | Kind::Loop | Kind::Object => self.is_among(item, container)?,
            _ => ops::contains(&self.m.heap, item, container)?,
        };
        self.set(dst, Value::Bool(is));
        Ok(Flow::Go)
    }

    /// Membership by going through items.
    fn is_among(&mut self, item: Value<'c>, container: Value<'c>) -> Result<bool, Fault> {
        self.forget_pulled();
        let mut iter = self.m.heap.iter(container)?;
        while let Some(other) = self.advance(&mut iter)? {
            self.m.heap.charge(1)?;
            if ops::eq(&self.m.heap, item, other)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(crate) fn op_same(&mut self, dst: Dst, lhs: Src, rhs: Src) -> Done {
        let is = ops::same(&self.m.heap, self.get(lhs), self.get(rhs));
        self.set(dst, Value::Bool(is));
        Ok(Flow::Go)
    }

    pub(crate) fn make_range(&mut self, dst: Dst, base: Base, inclusive: Small) -> Done {
        let &[start, stop, step] = self.window(base, 3) else {
            return Err(crate::exec::bug("range without bounds"));
        };
        let start = self.bound(start)?;
        let stop = self.bound(stop)?;
        let step = match step {
            Value::Unset => 1,
            step => self.bound(step)?,
        };
        let stop = match (inclusive.0 != 0, step > 0) {
            (false, _) => Some(stop),
            (true, true) => stop.checked_add(1),
            (true, false) => stop.checked_sub(1),
        };
        let stop = stop.ok_or_else(|| Fault::value("a bound of a range is too large"))?;
        let value = self.m.heap.new_range(Range { start, stop, step })?;
        self.set(dst, value);
        Ok(Flow::Go)
    }

    fn bound(&self, value: Value<'c>) -> Result<i64, Fault> {
        match value {
            Value::Int(it) => Ok(it),
            Value::Bool(it) => Ok(i64::from(it)),
            _ if self.m.heap.kind(value) == Kind::Int => {
                Err(Fault::value("a bound of a range is too large"))
            }
            _ => {
                let kind = self.m.heap.kind_name(value);
                Err(Fault::kind(format!("a range needs integers, not {kind}")))
            }
        }
    }
}
