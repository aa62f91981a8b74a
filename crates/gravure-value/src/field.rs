//! The short way to an attribute: by two words instead of a name.
//!
//! In: a name that a template asks for, as it was packed when the template was
//! loaded. Out: what the object gives, in no more room than a value takes.
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

/// What an object says about a short name.
#[derive(Clone)]
pub struct Given<'a>(Told<'a>);

/// The same, for who has asked.
#[derive(Clone)]
pub enum Told<'a> {
    /// A value that owns nothing.
    Lent(Value<'a>),
    /// Data that a heap must take over.
    Owned(Box<Data<'a>>),
    /// There is no such attribute.
    Missing,
    /// [`Object::read`] knows.
    Unknown,
}

// It goes where a value goes.
const _: () = assert!(size_of::<Given<'static>>() == size_of::<Value<'static>>());

impl<'a> Given<'a> {
    /// There is no such attribute.
    pub const MISSING: Self = Self(Told::Missing);

    /// [`Object::read`] knows.
    pub const UNKNOWN: Self = Self(Told::Unknown);

    /// What a field holds.
    #[inline(always)]
    pub fn of<T: AsData + ?Sized>(it: &'a T) -> Self {
        Self::from(it.as_data())
    }

    /// What was said.
    #[inline(always)]
    pub fn told(self) -> Told<'a> {
        self.0
    }
}

impl<'a> From<Data<'a>> for Given<'a> {
    #[inline(always)]
    fn from(data: Data<'a>) -> Self {
        Self(match Value::from_lent(data) {
            Ok(value) => Told::Lent(value),
            Err(data) => owned(data),
        })
    }
}

#[inline(never)]
fn owned(data: Data<'_>) -> Told<'_> {
    Told::Owned(Box::new(data))
}

impl std::fmt::Debug for Given<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Told::Lent(value) => write!(f, "Given({value:?})"),
            Told::Owned(_) => f.write_str("Given(owned)"),
            Told::Missing => f.write_str("Given(missing)"),
            Told::Unknown => f.write_str("Given(unknown)"),
        }
    }
}

impl<'a> Read<'a> {
    /// What [`Object::field`] says about a name: a derived object answers
    /// [`Object::read`] so.
    pub fn field<T: Object + ?Sized>(object: &'a T, name: &str) -> Option<Self> {
        Self::given(object.field(FieldName::asked(name))).ok()?
    }

    /// The attribute of an object, as all who have a name ask for it: in the
    /// short way first.
    pub fn attr(object: &'a dyn Object, name: &str) -> Option<Self> {
        match Self::given(object.field(FieldName::asked(name))) {
            Ok(given) => given,
            Err(Unknown) => object.read(name),
        }
    }

    fn given(given: Given<'a>) -> Result<Option<Self>, Unknown> {
        match given.0 {
            Told::Lent(value) => Ok(Some(Self::lending(value))),
            Told::Owned(data) => Ok(Some(Self::owning(*data))),
            Told::Missing => Ok(None),
            Told::Unknown => Err(Unknown),
        }
    }
}

/// [`Object::read`] knows.
struct Unknown;
