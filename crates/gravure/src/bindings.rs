//! Names for one render, bound to whatever the host has at hand.
//!
//! In: names with objects, borrowed values or data of their own. Out: a
//! context that lends them, an [`Object`] itself. Absent on purpose: keeping
//! it for many renders without its parts, which [`Context`](crate::Context)
//! does by taking them over.

use crate::ContextRef;
use gravure_value::{AsData, Data, Object};

/// A context that is put together from parts that lie elsewhere.
///
/// ```
/// use gravure::{Bindings, Environment, Object};
///
/// #[derive(Object)]
/// struct User { name: String, tags: Vec<String> }
///
/// let user = User { name: "Ada".into(), tags: vec!["math".into()] };
/// let settings = serde_json::json!({"theme": "dark"});
/// let context = Bindings::new()
///     .lend("user", &user)
///     .lend("settings", &settings)
///     .give("visits", 3);
/// let template = Environment::new()
///     .from_string("{{ user.name }}, {{ user.tags[0] }}, {{ settings.theme }}, {{ visits }}")?;
/// assert_eq!(template.render(&context)?, "Ada, math, dark, 3");
/// # Ok::<(), gravure::Error>(())
/// ```
#[derive(Default)]
pub struct Bindings<'a> {
    bound: Vec<(&'a str, Bound<'a>)>,
}

enum Bound<'a> {
    /// Made into data when a template reads it.
    Lent(&'a dyn AsData),
    Given(Data<'a>),
}

impl<'a> Bindings<'a> {
    /// No names.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a value that stays where it is. It is made into data whenever a
    /// template reads the name, and not at all if none does. What is copied
    /// then, such as a map, is copied each time: a template that reads many of
    /// its entries binds it first, `{% let rates = rates %}`.
    #[must_use]
    pub fn lend(self, name: &'a str, value: &'a impl AsData) -> Self {
        self.bind(name, Bound::Lent(value))
    }

    /// With data of its own, such as a number or a `String` made just now, an
    /// `Arc` of a [`SharedObject`](crate::SharedObject), or any [`Data`].
    #[must_use]
    pub fn give(self, name: &'a str, data: impl Into<Data<'a>>) -> Self {
        self.bind(name, Bound::Given(data.into()))
    }

    /// The last value of a name counts.
    fn bind(mut self, name: &'a str, value: Bound<'a>) -> Self {
        match self.bound.iter_mut().find(|(known, _)| *known == name) {
            Some((_, bound)) => *bound = value,
            None => self.bound.push((name, value)),
        }
        self
    }
}

impl std::fmt::Debug for Bindings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bindings")?;
        f.debug_set().entries(self.attrs()).finish()
    }
}

impl Object for Bindings<'_> {
    fn attr<'b>(&'b self, name: &str) -> Option<Data<'b>> {
        let (_, bound) = self.bound.iter().find(|(known, _)| *known == name)?;
        Some(match bound {
            Bound::Lent(value) => value.as_data(),
            Bound::Given(data) => data.as_data(),
        })
    }

    fn attrs(&self) -> Vec<&str> {
        self.bound.iter().map(|(name, _)| *name).collect()
    }

    fn type_name(&self) -> &str {
        "bindings"
    }
}

impl AsData for Bindings<'_> {
    fn as_data(&self) -> Data<'_> {
        Data::Object(self)
    }
}

impl<'a> From<&'a Bindings<'_>> for ContextRef<'a> {
    fn from(bindings: &'a Bindings<'_>) -> Self {
        Self::Object(bindings)
    }
}
