//! Types of the host, lent as data.
//!
//! In: a reference to a number, a text, a collection or an object. Out:
//! [`Data`] that borrows as much as it can: texts, JSON, trees, objects and
//! lists of these are not copied; a map or a tuple costs one vector. Absent on purpose: types that
//! must be serialized, which `tree_of` takes over.

use crate::{BigInt, Data, Json, Object, SharedObject, Slice, Tree};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    sync::Arc,
};

/// A type whose values can be lent as [`Data`], such as a field of a struct.
/// A render may go on in another thread, so they can be shared.
///
/// Deriving `Object` implements it too, so structs may hold each other. An
/// object that is written by hand says it in one line:
///
/// ```
/// use gravure_value::{AsData, Data, Object};
///
/// struct Clock;
///
/// impl Object for Clock {
///     fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
///         (name == "hour").then_some(Data::Int(9))
///     }
/// }
///
/// impl AsData for Clock {
///     fn as_data(&self) -> Data<'_> {
///         Data::Object(self)
///     }
/// }
///
/// assert!(matches!(vec![Clock].as_data(), Data::List(clocks) if clocks.len() == 1));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be lent to a template",
    label = "no `AsData` for this type",
    note = "derive `gravure::Object` for a struct, implement `gravure::AsData` by hand, or mark the field `#[object(skip)]`"
)]
pub trait AsData: Send + Sync {
    /// The value as data.
    fn as_data(&self) -> Data<'_>;

    /// Does [`AsData::as_data`] borrow, so that nothing is made or dropped
    /// with its answer? A `Vec`, `VecDeque` or array of such values is read in
    /// place, as a [`Sequence`](crate::Sequence): each item when a template
    /// comes to it, and again when it comes again. Others are copied into a
    /// list whenever one is read.
    fn is_lent(&self) -> bool {
        false
    }

    /// Values side by side in a form that needs no reading. A type of your own
    /// need not say it.
    fn slice_of(items: &[Self]) -> Slice<'_>
    where
        Self: Sized,
    {
        let _ = items;
        Slice::Other
    }
}

impl AsData for () {
    #[inline]
    fn as_data(&self) -> Data<'_> {
        Data::None
    }

    fn is_lent(&self) -> bool {
        true
    }
}

impl AsData for bool {
    #[inline]
    fn as_data(&self) -> Data<'_> {
        Data::Bool(*self)
    }

    fn is_lent(&self) -> bool {
        true
    }
}

impl AsData for char {
    fn as_data(&self) -> Data<'_> {
        Data::Str(Cow::Owned(self.to_string()))
    }
}

macro_rules! integers {
    ($($type:ty $(=> $slice:ident)?)*) => {$(
        impl AsData for $type {
            #[inline]
            fn as_data(&self) -> Data<'_> {
                Data::from(*self)
            }

            #[inline]
            fn is_lent(&self) -> bool {
                i64::try_from(*self).is_ok()
            }

            $(fn slice_of(items: &[Self]) -> Slice<'_> {
                Slice::$slice(items)
            })?
        }

        impl From<$type> for Data<'_> {
            fn from(it: $type) -> Self {
                match i64::try_from(it) {
                    Ok(it) => Data::Int(it),
                    Err(_) => Data::Big(BigInt::from(it)),
                }
            }
        }
    )*};
}

integers!(i8 i16 i32 i64 => Ints i128 isize u8 u16 u32 u64 u128 usize);

impl AsData for BigInt {
    fn as_data(&self) -> Data<'_> {
        Data::Big(self.clone())
    }
}

impl AsData for f32 {
    #[inline]
    fn as_data(&self) -> Data<'_> {
        Data::Float(f64::from(*self))
    }

    fn is_lent(&self) -> bool {
        true
    }
}

impl AsData for f64 {
    #[inline]
    fn as_data(&self) -> Data<'_> {
        Data::Float(*self)
    }

    fn is_lent(&self) -> bool {
        true
    }
}

impl AsData for str {
    #[inline]
    fn as_data(&self) -> Data<'_> {
        Data::Str(Cow::Borrowed(self))
    }

    fn is_lent(&self) -> bool {
        true
    }
}

impl AsData for String {
    #[inline]
    fn as_data(&self) -> Data<'_> {
        self.as_str().as_data()
    }

    fn is_lent(&self) -> bool {
        true
    }

    fn slice_of(items: &[Self]) -> Slice<'_> {
        Slice::Texts(items)
    }
}

impl AsData for Json {
    #[inline]
    fn as_data(&self) -> Data<'_> {
        Data::Json(self)
    }

    fn is_lent(&self) -> bool {
        true
    }
}

impl AsData for serde_json::Map<String, Json> {
    fn as_data(&self) -> Data<'_> {
        dict(self.iter())
    }
}

impl AsData for Tree {
    #[inline]
    fn as_data(&self) -> Data<'_> {
        Data::Node(self)
    }

    fn is_lent(&self) -> bool {
        true
    }
}

impl AsData for dyn Object + '_ {
    #[inline]
    fn as_data(&self) -> Data<'_> {
        Data::Object(self)
    }

    fn is_lent(&self) -> bool {
        true
    }
}

impl AsData for Arc<dyn SharedObject> {
    fn as_data(&self) -> Data<'_> {
        Data::Shared(self.clone())
    }
}

/// Texts are lent; lists, tuples and dicts cost a vector each. It goes as deep
/// as the host has nested it, as dropping it does.
impl AsData for Data<'_> {
    fn as_data(&self) -> Data<'_> {
        match self {
            Data::Undefined => Data::Undefined,
            Data::None => Data::None,
            Data::Bool(it) => Data::Bool(*it),
            Data::Int(it) => Data::Int(*it),
            Data::Big(it) => Data::Big(it.clone()),
            Data::Float(it) => Data::Float(*it),
            Data::Str(text) => Data::Str(Cow::Borrowed(text)),
            Data::Safe(text) => Data::Safe(Cow::Borrowed(text)),
            Data::Marked(mark, text) => Data::Marked(*mark, Cow::Borrowed(text)),
            Data::List(items) => items.as_data(),
            Data::Tuple(items) => Data::Tuple(items.iter().map(AsData::as_data).collect()),
            Data::Dict(entries) => Data::Dict(
                entries
                    .iter()
                    .map(|(key, value)| (key.as_data(), value.as_data()))
                    .collect(),
            ),
            Data::Json(json) => Data::Json(json),
            Data::Node(tree) => Data::Node(tree),
            Data::Tree(tree) => Data::Node(tree),
            Data::Object(object) => Data::Object(*object),
            Data::Seq(seq) => Data::Seq(*seq),
            Data::Shared(object) => Data::Shared(object.clone()),
        }
    }

    fn is_lent(&self) -> bool {
        !matches!(
            self,
            Data::Big(_) | Data::List(_) | Data::Tuple(_) | Data::Dict(_) | Data::Shared(_)
        )
    }
}

/// `None` is none.
impl<T: AsData> AsData for Option<T> {
    #[inline]
    fn as_data(&self) -> Data<'_> {
        self.as_ref().map_or(Data::None, AsData::as_data)
    }

    fn is_lent(&self) -> bool {
        self.as_ref().is_none_or(AsData::is_lent)
    }
}

macro_rules! forwards {
    ($($type:ty)*) => {$(
        impl<T: AsData + ?Sized> AsData for $type {
            #[inline]
            fn as_data(&self) -> Data<'_> {
                (**self).as_data()
            }

            fn is_lent(&self) -> bool {
                (**self).is_lent()
            }
        }
    )*};
}

forwards!(&T &mut T Box<T> Arc<T>);

impl<T: AsData + ToOwned<Owned: Send + Sync> + ?Sized> AsData for Cow<'_, T> {
    #[inline]
    fn as_data(&self) -> Data<'_> {
        (**self).as_data()
    }

    fn is_lent(&self) -> bool {
        (**self).is_lent()
    }
}

/// Behind a reference that knows no more than where it starts and ends, a list
/// is copied; its items are not.
impl<T: AsData> AsData for [T] {
    fn as_data(&self) -> Data<'_> {
        Data::List(self.iter().map(T::as_data).collect())
    }
}

macro_rules! sequences {
    ($([$($param:tt)*] $type:ty;)*) => {$(
        impl<T: AsData, $($param)*> AsData for $type {
            fn as_data(&self) -> Data<'_> {
                match self.is_lent() {
                    true => Data::Seq(self),
                    false => Data::List(self.iter().map(T::as_data).collect()),
                }
            }

            fn is_lent(&self) -> bool {
                self.iter().all(T::is_lent)
            }
        }
    )*};
}

sequences! {
    [] Vec<T>;
    [] VecDeque<T>;
    [const LEN: usize] [T; LEN];
}

impl<T: AsData> AsData for BTreeSet<T> {
    fn as_data(&self) -> Data<'_> {
        Data::List(self.iter().map(T::as_data).collect())
    }
}

/// A sorted list: the order of hashes reaches no page.
impl<T: AsData + Ord, S: Send + Sync> AsData for HashSet<T, S> {
    fn as_data(&self) -> Data<'_> {
        let mut members: Vec<&T> = self.iter().collect();
        members.sort_unstable();
        Data::List(members.into_iter().map(T::as_data).collect())
    }
}

impl<K: AsRef<str> + Send + Sync, T: AsData> AsData for BTreeMap<K, T> {
    fn as_data(&self) -> Data<'_> {
        dict(self)
    }
}

/// Sorted by key: the order of hashes reaches no page.
impl<K, T, S> AsData for HashMap<K, T, S>
where
    K: AsRef<str> + Send + Sync,
    T: AsData,
    S: Send + Sync,
{
    fn as_data(&self) -> Data<'_> {
        let mut entries: Vec<(&K, &T)> = self.iter().collect();
        entries.sort_unstable_by(|lhs, rhs| lhs.0.as_ref().cmp(rhs.0.as_ref()));
        dict(entries)
    }
}

fn dict<'a, K, T>(entries: impl IntoIterator<Item = (&'a K, &'a T)>) -> Data<'a>
where
    K: AsRef<str> + 'a,
    T: AsData + 'a,
{
    Data::Dict(
        entries
            .into_iter()
            .map(|(key, value)| (key.as_ref().as_data(), value.as_data()))
            .collect(),
    )
}

macro_rules! tuples {
    ($($name:ident $at:tt),*) => {
        impl<$($name: AsData),*> AsData for ($($name,)*) {
            fn as_data(&self) -> Data<'_> {
                Data::Tuple(vec![$(self.$at.as_data()),*])
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);

impl<'a, T: AsData + ?Sized> From<&'a T> for Data<'a> {
    fn from(it: &'a T) -> Self {
        it.as_data()
    }
}

impl From<bool> for Data<'_> {
    fn from(it: bool) -> Self {
        Data::Bool(it)
    }
}

impl From<f64> for Data<'_> {
    fn from(it: f64) -> Self {
        Data::Float(it)
    }
}

impl From<String> for Data<'_> {
    fn from(it: String) -> Self {
        Data::Str(Cow::Owned(it))
    }
}

impl<'a> From<Cow<'a, str>> for Data<'a> {
    fn from(it: Cow<'a, str>) -> Self {
        Data::Str(it)
    }
}

impl<T: SharedObject> From<Arc<T>> for Data<'_> {
    fn from(it: Arc<T>) -> Self {
        Data::Shared(it)
    }
}

impl<'a, T: Into<Data<'a>>> From<Option<T>> for Data<'a> {
    fn from(it: Option<T>) -> Self {
        it.map_or(Data::None, Into::into)
    }
}

impl<'a, T: Into<Data<'a>>> From<Vec<T>> for Data<'a> {
    fn from(items: Vec<T>) -> Self {
        Data::List(items.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Heap, Limits, ops};

    struct Named(&'static str);

    impl Object for Named {
        fn attr<'a>(&'a self, _: &str) -> Option<Data<'a>> {
            None
        }
        fn print(&self) -> String {
            format!("<{}>", self.0)
        }
    }

    impl AsData for Named {
        #[inline]
        fn as_data(&self) -> Data<'_> {
            Data::Object(self)
        }
    }

    #[derive(Debug)]
    struct Kept;

    impl SharedObject for Kept {
        fn attr(&self, _: &str) -> Option<Data<'static>> {
            None
        }
    }

    fn shown(data: Data<'_>) -> String {
        let mut heap = Heap::new(Limits::default());
        let value = heap.import(data).unwrap();
        let mut out = String::new();
        ops::repr(&heap, value, &mut out).unwrap();
        out
    }

    fn check(value: &dyn AsData, expected: &str) {
        assert_eq!(shown(value.as_data()), expected);
        assert_eq!(shown(value.as_data().as_data()), expected, "lent once more");
    }

    #[test]
    fn scalars_are_what_they_look_like() {
        check(&(), "None");
        check(&true, "True");
        check(&'ä', "'ä'");
        check(&-3_i8, "-3");
        check(&u64::MAX, "18446744073709551615");
        check(&i128::MIN, "-170141183460469231731687303715884105728");
        check(&7_usize, "7");
        check(&0.5_f32, "0.5");
        check(&1.0, "1.0");
        check(&BigInt::from(12), "12");
    }

    #[test]
    fn texts_are_lent() {
        let text = String::from("it");
        assert!(matches!(
            text.as_data(),
            Data::Str(Cow::Borrowed(lent)) if std::ptr::eq(lent, text.as_str())
        ));
        check(&"a", "'a'");
        check(&Cow::<str>::Owned("b".into()), "'b'");
        check(&Box::<str>::from("c"), "'c'");
        check(&Arc::<str>::from("d"), "'d'");
    }

    #[test]
    fn collections_keep_or_sort() {
        check(&vec![3, 1, 2], "[3, 1, 2]");
        check(&[Some("a"), None], "['a', None]");
        check(&VecDeque::from([1, 2]), "[1, 2]");
        check(&BTreeSet::from(["b", "a"]), "['a', 'b']");
        check(&HashSet::from([3, 1, 2]), "[1, 2, 3]");
        check(
            &BTreeMap::from([("b".to_owned(), 1), ("a".to_owned(), 2)]),
            "{'a': 2, 'b': 1}",
        );
        let many: HashMap<String, usize> = (0..5).map(|at| (format!("k{at}"), at)).collect();
        check(&many, "{'k0': 0, 'k1': 1, 'k2': 2, 'k3': 3, 'k4': 4}");
        check(&(1, "x", 2.5, false), "(1, 'x', 2.5, False)");
        check(&(1,), "(1,)");
    }

    #[test]
    fn json_and_trees_are_lent() {
        let json = serde_json::json!({"a": [1, null]});
        assert!(matches!(json.as_data(), Data::Json(lent) if std::ptr::eq(lent, &json)));
        check(&json, "{'a': [1, None]}");
        check(json.as_object().unwrap(), "{'a': [1, None]}");
        check(&crate::tree_of(&json).unwrap(), "{'a': [1, None]}");
        check(
            &Data::Tree(Arc::new(crate::tree_of(&json).unwrap())),
            "{'a': [1, None]}",
        );
    }

    #[test]
    fn objects_stay_objects_wherever_they_lie() {
        check(&Named("a"), "<a>");
        check(&[Named("a"), Named("b")], "[<a>, <b>]");
        check(&Some(Box::new(Named("a"))), "<a>");
        let any: Vec<Arc<dyn Object>> = vec![Arc::new(Named("a"))];
        check(&any, "[<a>]");
        let lent: &dyn Object = &Named("b");
        check(&lent, "<b>");
        let kept: Arc<dyn SharedObject> = Arc::new(Kept);
        check(&kept, "<object>");
    }

    #[test]
    fn data_comes_from_what_is_at_hand() {
        for (data, expected) in [
            (Data::from("a"), "'a'"),
            (Data::from(String::from("a")), "'a'"),
            (Data::from(Cow::Borrowed("a")), "'a'"),
            (Data::from(1), "1"),
            (Data::from(u64::MAX), "18446744073709551615"),
            (Data::from(true), "True"),
            (Data::from(0.5), "0.5"),
            (Data::from(Some(1)), "1"),
            (Data::from(None::<bool>), "None"),
            (Data::from(vec![Some("a"), None]), "['a', None]"),
            (Data::from(Arc::new(Kept)), "<object>"),
            (Data::from(&[1, 2]), "[1, 2]"),
        ] {
            assert_eq!(shown(data), expected);
        }
    }

    #[test]
    fn data_that_is_lent_keeps_its_marks() {
        let safe = Data::Safe(Cow::Owned("<b>".to_owned()));
        assert!(matches!(safe.as_data(), Data::Safe(Cow::Borrowed("<b>"))));
        let dict = Data::Dict(vec![(Data::from("k"), Data::Tuple(vec![safe]))]);
        check(&dict, "{'k': (Markup('<b>'),)}");
    }
}
