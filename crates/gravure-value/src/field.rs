//! The short way to an attribute: by two words instead of a name.
//!
//! In: a name that a template asks for, as it was packed when the template was
//! loaded. Out: what the object gives, written where it is needed.
//! Absent on purpose: long names, and objects that are written by hand, unless
//! they want to; they are asked by [`Object::read`].

use crate::{AsData, Data, Object, Read, Value, text::Packed};

/// A name of up to fifteen bytes, which is compared at once.
///
/// Names that are known ahead are constants to match with:
///
/// ```
/// use gravure_value::FieldName;
///
/// const HOUR: FieldName = FieldName::new("hour");
/// assert!(matches!(FieldName::new("hour"), HOUR));
/// assert_ne!(FieldName::new("hours"), HOUR);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FieldName(Packed);

impl FieldName {
    /// A short name; a longer one becomes a name that no template asks for.
    pub const fn new(name: &str) -> Self {
        Self(Packed::of_known(name))
    }

    /// A name that is asked for; a long one is none that [`FieldName::new`] gives.
    fn asked(name: &str) -> Self {
        Self(Packed::of(name.as_bytes()))
    }

    /// The same by its words.
    #[inline(always)]
    pub fn packed(words: Packed) -> Self {
        Self(words)
    }
}

/// Where what was asked for goes.
///
/// It is written where it is needed, once: a value that is handed out, kept and
/// handed on is three copies, and each waits for the one before.
pub struct Slot<'p, 'a>(&'p mut Value<'a>);

/// What an object says about a short name, or a list about a position.
#[must_use = "it says whether a place was filled"]
pub struct Given<'a>(Told<'a>);

/// The same, for who has asked.
#[derive(Clone)]
pub enum Told<'a> {
    /// It is in its place, and owns nothing.
    Lent,
    /// Data that a heap must take over.
    Owned(Box<Data<'a>>),
    /// There is no such attribute or item.
    Missing,
    /// [`Object::read`] knows.
    Unknown,
}

// It is handed on in registers.
const _: () = assert!(size_of::<Given<'static>>() == 2 * size_of::<usize>());

impl<'p, 'a> Slot<'p, 'a> {
    /// A place for an answer.
    #[inline(always)]
    pub fn of(value: &'p mut Value<'a>) -> Self {
        Self(value)
    }

    /// Put what a field holds.
    #[inline(always)]
    pub fn put<T: AsData + ?Sized>(self, it: &'a T) -> Given<'a> {
        self.put_data(it.as_data())
    }

    /// Put what was made.
    #[inline(always)]
    pub fn put_data(self, data: Data<'a>) -> Given<'a> {
        Given(match Value::from_lent(data) {
            Ok(value) => {
                *self.0 = value;
                Told::Lent
            }
            Err(data) => owned(data),
        })
    }

    /// Put what was read.
    #[inline]
    pub fn put_read(self, read: Read<'a>) -> Given<'a> {
        match read.lent() {
            Ok(value) => {
                *self.0 = value;
                Given(Told::Lent)
            }
            Err(read) => Given(owned(read.into())),
        }
    }
}

impl std::fmt::Debug for Slot<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slot")
    }
}

impl<'a> Given<'a> {
    /// There is no such attribute or item.
    pub const MISSING: Self = Self(Told::Missing);

    /// [`Object::read`] knows.
    pub const UNKNOWN: Self = Self(Told::Unknown);

    /// What was said.
    #[inline(always)]
    pub fn told(self) -> Told<'a> {
        self.0
    }
}

#[inline(never)]
fn owned(data: Data<'_>) -> Told<'_> {
    Told::Owned(Box::new(data))
}

impl std::fmt::Debug for Given<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &self.0 {
            Told::Lent => "Given(in place)",
            Told::Owned(_) => "Given(owned)",
            Told::Missing => "Given(missing)",
            Told::Unknown => "Given(unknown)",
        })
    }
}

impl<'a> Read<'a> {
    /// What [`Object::field`] says about a name: a derived object answers
    /// [`Object::read`] so.
    pub fn field<T: Object + ?Sized>(object: &'a T, name: &str) -> Option<Self> {
        let mut value = Value::Unset;
        let given = object.field(FieldName::asked(name), Slot(&mut value));
        Self::given(given, value).ok()?
    }

    /// The attribute of an object, as all who have a name ask for it: in the
    /// short way first.
    pub fn attr(object: &'a dyn Object, name: &str) -> Option<Self> {
        let mut value = Value::Unset;
        let given = object.field(FieldName::asked(name), Slot(&mut value));
        match Self::given(given, value) {
            Ok(given) => given,
            Err(Unknown) => object.read(name),
        }
    }

    fn given(given: Given<'a>, value: Value<'a>) -> Result<Option<Self>, Unknown> {
        match given.0 {
            Told::Lent => Ok(Some(Self::lending(value))),
            Told::Owned(data) => Ok(Some(Self::owning(*data))),
            Told::Missing => Ok(None),
            Told::Unknown => Err(Unknown),
        }
    }
}

/// [`Object::read`] knows.
struct Unknown;
