//! Objects of the host, used without conversion.

use crate::{
    AsyncItems, Awaitable, Data, Fault, FieldName, Given, Heap, Read, Slot, Surface, Value, View,
};

/// A moment of a host's date or time.
///
/// ```
/// use gravure_value::Moment;
/// let noon = Moment { unix_seconds: 43_200, ..Moment::default() };
/// assert_eq!(noon.offset, None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Moment {
    /// Seconds since 1970-01-01: in UTC where there is an offset, else as the
    /// clock on the wall shows them.
    pub unix_seconds: i64,
    /// Microseconds behind the second; less than a million.
    pub micros: u32,
    /// Offset from UTC in seconds, if the moment knows its zone.
    pub offset: Option<i32>,
    /// The zone's name, such as `CET`; may be empty.
    pub zone: String,
}

/// Something that the host lends for a render.
///
/// Calls may be repeated and may be fewer than the template's text suggests:
/// a path that is written twice may be loaded once.
pub trait Object: Send + Sync {
    /// The attribute of this name.
    fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>>;

    /// The same attribute as a template reads it. An object that is written by
    /// hand need not say it.
    #[inline]
    fn read<'a>(&'a self, name: &str) -> Option<Read<'a>> {
        self.attr(name).map(Read::from)
    }

    /// The same once more, for names of up to fifteen bytes: what is asked
    /// first. An object that is written by hand need not say it; one that is
    /// derived does, and is read as fast as data that was prepared ahead.
    /// What is found is put in its place; [`Given::UNKNOWN`] says that [`Object::read`] knows; any other answer is
    /// the one that [`Object::read`] gives too.
    ///
    /// ```
    /// use gravure_value::{Data, FieldName, Given, Object, Slot};
    ///
    /// struct Clock {
    ///     hour: u8,
    /// }
    ///
    /// impl Object for Clock {
    ///     fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
    ///         (name == "hour").then(|| self.hour.into())
    ///     }
    ///
    ///     fn field<'a>(&'a self, name: FieldName, to: Slot<'_, 'a>) -> Given<'a> {
    ///         const HOUR: FieldName = FieldName::new("hour");
    ///         match name {
    ///             HOUR => to.put(&self.hour),
    ///             _ => Given::UNKNOWN,
    ///         }
    ///     }
    /// }
    /// ```
    #[inline]
    fn field<'a>(&'a self, name: FieldName, to: Slot<'_, 'a>) -> Given<'a> {
        let _ = (name, to);
        Given::UNKNOWN
    }

    /// Names of attributes, for messages.
    fn attrs(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The item under a key (`x[key]`).
    fn item<'a>(&'a self, key: &Data<'_>) -> Option<Data<'a>> {
        let _ = key;
        None
    }

    /// Items to go through, if there are any.
    fn items<'a>(&'a self) -> Option<Vec<Data<'a>>> {
        None
    }

    /// Call the method `name`; `None` if there is no such method.
    ///
    /// # Errors
    /// What the host says.
    fn call<'a>(&'a self, name: &str, args: &[Data<'_>]) -> Option<Result<Data<'a>, Fault>> {
        let _ = (name, args);
        None
    }

    /// The text form.
    fn print(&self) -> String {
        format!("<{}>", self.type_name())
    }

    /// The form of its own for a surface, which is printed there as it is;
    /// the text form, escaped, where there is none. `escape` uses the one for
    /// HTML on every surface.
    fn form(&self, surface: Surface) -> Option<String> {
        let _ = surface;
        None
    }

    /// The moment that it stands for, if it is a date or time: what the filter
    /// `date` shows.
    fn moment(&self) -> Option<Moment> {
        None
    }

    /// What `await` waits for, if this is a value that is not there yet.
    fn awaitable(&self) -> Option<Awaitable> {
        None
    }

    /// What `async for` goes through, if items come one by one.
    fn async_items(&self) -> Option<AsyncItems> {
        None
    }

    /// What `typeof` says.
    fn type_name(&self) -> &str {
        "object"
    }

    /// Is it true in a condition?
    fn is_truthy(&self) -> bool {
        true
    }
}

/// Something that a host function hands out: it keeps itself alive.
pub trait SharedObject: Send + Sync + 'static + std::fmt::Debug {
    /// The attribute of this name.
    fn attr(&self, name: &str) -> Option<Data<'static>>;

    /// Items to go through, if there are any.
    fn items(&self) -> Option<Vec<Data<'static>>> {
        None
    }

    /// Call the method `name`; `None` if there is no such method.
    ///
    /// # Errors
    /// What the host says.
    fn call(&self, name: &str, args: &[Data<'_>]) -> Option<Result<Data<'static>, Fault>> {
        let _ = (name, args);
        None
    }

    /// The text form.
    fn print(&self) -> String {
        format!("<{}>", self.type_name())
    }

    /// The form of its own for a surface, which is printed there as it is;
    /// the text form, escaped, where there is none. `escape` uses the one for
    /// HTML on every surface.
    fn form(&self, surface: Surface) -> Option<String> {
        let _ = surface;
        None
    }

    /// The moment that it stands for, if it is a date or time: what the filter
    /// `date` shows.
    fn moment(&self) -> Option<Moment> {
        None
    }

    /// What `await` waits for, if this is a value that is not there yet.
    fn awaitable(&self) -> Option<Awaitable> {
        None
    }

    /// What `async for` goes through, if items come one by one.
    fn async_items(&self) -> Option<AsyncItems> {
        None
    }

    /// What `typeof` says.
    fn type_name(&self) -> &str {
        "object"
    }
}

impl<'c> Heap<'c> {
    /// What `await` waits for; most values are there.
    pub fn awaitable(&self, value: Value<'c>) -> Option<Awaitable> {
        match self.view(value) {
            View::Object(object) => object.awaitable(),
            View::Shared(object) => object.awaitable(),
            _ => None,
        }
    }

    /// What `async for` goes through, where items come one by one.
    pub fn async_items(&self, value: Value<'c>) -> Option<AsyncItems> {
        match self.view(value) {
            View::Object(object) => object.async_items(),
            View::Shared(object) => object.async_items(),
            _ => None,
        }
    }

    /// What a host's object brings for a surface; most values bring nothing.
    ///
    /// # Errors
    /// `K-RUN-019` if it is too long.
    pub fn own_form(&self, surface: Surface, value: Value<'c>) -> Result<Option<String>, Fault> {
        let form = match self.view(value) {
            View::Object(object) => object.form(surface),
            View::Shared(object) => object.form(surface),
            _ => None,
        };
        if let Some(form) = &form {
            self.charge(form.len() as u64 / 8)?;
            self.check_text(form.len() as u64)?;
        }
        Ok(form)
    }
}
