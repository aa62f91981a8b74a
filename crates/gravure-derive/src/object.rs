//! `#[derive(Object)]`: a struct with named fields to an implementation that
//! reads them in place.
//!
//! Short names are compared as constants of two words, in the one method from
//! which the others take what they say; long ones by their letters.
//! Beside `Object` the struct gets `AsData`, so that others may hold it, and
//! `From<&T> for ContextRef`, so that it may be a whole context. A blanket
//! implementation of either would collide with those for `&T` and `Box<T>`,
//! which anyone may implement `Object` for.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{
    Attribute, Data, DeriveInput, Error, Field, Fields, GenericParam, Generics, Ident, Lifetime,
    LifetimeParam, LitStr, Result, ext::IdentExt as _, parse_quote, spanned::Spanned as _,
};

/// A field that templates see.
struct Shown<'a> {
    name: LitStr,
    ident: &'a Ident,
    field: &'a Field,
    is_optional: bool,
}

/// What `#[object(…)]` says.
#[derive(Default)]
struct Words {
    rename: Option<LitStr>,
    skip: bool,
    optional: bool,
}

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let fields = named_fields(&input)?;
    let words = Words::parse(&input.attrs)?;
    if words.skip {
        let message = "a whole struct cannot be skipped: leave the derive out";
        return Err(Error::new(input.ident.span(), message));
    }
    if words.optional {
        let message = "a whole struct cannot be optional: say it on its fields";
        return Err(Error::new(input.ident.span(), message));
    }
    let type_name = words.rename.unwrap_or_else(|| name_of(&input.ident));
    let shown = shown_fields(fields)?;

    let names = shown.iter().map(|it| &it.name);
    let Arms {
        read,
        known,
        short,
        other,
    } = Arms::of(&shown);

    // Without short names there is nothing to put.
    let to = match short.is_empty() {
        true => quote!(_),
        false => quote!(to),
    };

    let ident = &input.ident;
    let generics = bounded(input.generics.clone());
    let (params, args, bounds) = generics.split_for_impl();
    let lent = fresh_lifetime(&generics);
    let lending = lending(generics.clone(), &lent);
    let (lending_params, _, _) = lending.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #params ::gravure::Object for #ident #args #bounds {
            fn attr<#lent>(
                &#lent self,
                name: &str,
            ) -> ::core::option::Option<::gravure::Data<#lent>> {
                ::core::option::Option::map(
                    ::gravure::Object::read(self, name),
                    ::core::convert::From::from,
                )
            }

            fn read<#lent>(
                &#lent self,
                name: &str,
            ) -> ::core::option::Option<::gravure::Read<#lent>> {
                #read
            }

            fn field<#lent>(
                &#lent self,
                name: ::gravure::FieldName,
                #to: ::gravure::Slot<'_, #lent>,
            ) -> ::gravure::Given<#lent> {
                #(#known)*
                match name {
                    #(#short)*
                    _ => #other,
                }
            }

            fn attrs(&self) -> ::std::vec::Vec<&str> {
                ::std::vec![#(#names),*]
            }

            fn type_name(&self) -> &str {
                #type_name
            }
        }

        #[automatically_derived]
        impl #params ::gravure::AsData for #ident #args #bounds {
            fn as_data(&self) -> ::gravure::Data<'_> {
                ::gravure::Data::Object(self)
            }

            fn is_lent(&self) -> bool {
                true
            }
        }

        #[automatically_derived]
        impl #lending_params ::core::convert::From<&#lent #ident #args>
            for ::gravure::ContextRef<#lent> #bounds
        {
            fn from(object: &#lent #ident #args) -> Self {
                ::gravure::ContextRef::Object(object)
            }
        }
    })
}

/// Names of up to so many bytes are asked for by `Object::field`.
const SHORT: usize = 15;

/// What the methods say that read fields.
struct Arms {
    /// The body of `read`.
    read: TokenStream,
    /// The short names, as constants.
    known: Vec<TokenStream>,
    /// The arms of a `match` over one.
    short: Vec<TokenStream>,
    /// What is said about any other.
    other: TokenStream,
}

impl Arms {
    fn of(shown: &[Shown<'_>]) -> Self {
        let (short, long): (Vec<_>, Vec<_>) =
            shown.iter().partition(|it| it.name.value().len() <= SHORT);
        let constant = |at: usize| format_ident!("NAME_{at}");
        let known = short.iter().enumerate().map(|(at, it)| {
            let (constant, name) = (constant(at), &it.name);
            quote! {
                const #constant: ::gravure::FieldName = ::gravure::FieldName::new(#name);
            }
        });
        let arms = short.iter().enumerate().map(|(at, it)| {
            let (constant, ident) = (constant(at), it.ident);
            // A field that cannot be lent is told at its type.
            let given = match it.is_optional {
                false => quote_spanned!(it.field.ty.span()=> to.put(&self.#ident)),
                true => quote_spanned!(it.field.ty.span()=>
                    match &self.#ident {
                        ::core::option::Option::Some(it) => to.put(it),
                        ::core::option::Option::None => ::gravure::Given::MISSING,
                    }
                ),
            };
            quote!(#constant => #given,)
        });
        let by_name = long.iter().map(|it| {
            let Shown { name, ident, .. } = it;
            let lent = match it.is_optional {
                false => quote_spanned!(it.field.ty.span()=>
                    ::core::option::Option::Some(::gravure::Read::of(&self.#ident))
                ),
                true => quote_spanned!(it.field.ty.span()=>
                    ::core::option::Option::map(
                        ::core::option::Option::as_ref(&self.#ident),
                        ::gravure::Read::of,
                    )
                ),
            };
            quote!(#name => #lent,)
        });
        let field = quote!(::gravure::Read::field(self, name));
        let (read, other) = match long.is_empty() {
            true => (field, quote!(::gravure::Given::MISSING)),
            false => (
                quote!(match name { #(#by_name)* _ => #field }),
                quote!(::gravure::Given::UNKNOWN),
            ),
        };
        Self {
            read,
            known: known.collect(),
            short: arms.collect(),
            other,
        }
    }
}

fn named_fields(input: &DeriveInput) -> Result<impl Iterator<Item = &Field>> {
    let problem = match &input.data {
        Data::Struct(it) => match &it.fields {
            Fields::Named(fields) => return Ok(fields.named.iter()),
            Fields::Unnamed(_) => "a tuple struct has no names for its fields",
            Fields::Unit => "a struct without fields has no attributes",
        },
        Data::Enum(_) => "the variants of an enum have different fields",
        Data::Union(_) => "a union does not know which of its fields is meant",
    };
    let message = format!("{problem}: implement `gravure::Object` by hand");
    Err(Error::new(input.ident.span(), message))
}

fn shown_fields<'a>(fields: impl Iterator<Item = &'a Field>) -> Result<Vec<Shown<'a>>> {
    let mut shown: Vec<Shown<'a>> = Vec::new();
    for field in fields {
        let words = Words::parse(&field.attrs)?;
        let Some(ident) = &field.ident else {
            continue;
        };
        if words.skip {
            if let Some(rename) = words.rename {
                let message = "a field that is skipped needs no name";
                return Err(Error::new(rename.span(), message));
            }
            if words.optional {
                let message = "a field that is skipped is missing in any case";
                return Err(Error::new(ident.span(), message));
            }
            continue;
        }
        let name = words.rename.unwrap_or_else(|| name_of(ident));
        if shown.iter().any(|other| other.name.value() == name.value()) {
            let message = format!("two fields are called `{}`", name.value());
            return Err(Error::new(name.span(), message));
        }
        shown.push(Shown {
            name,
            ident,
            field,
            is_optional: words.optional,
        });
    }
    Ok(shown)
}

/// The name as it is written without `r#`.
fn name_of(ident: &Ident) -> LitStr {
    LitStr::new(&ident.unraw().to_string(), ident.span())
}

impl Words {
    fn parse(attrs: &[Attribute]) -> Result<Self> {
        let mut words = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("object")) {
            attr.parse_nested_meta(|meta| {
                if meta.path.is_ident("rename") {
                    let name: LitStr = meta.value()?.parse()?;
                    if words.rename.replace(name).is_some() {
                        return Err(meta.error("`rename` is said twice"));
                    }
                    Ok(())
                } else if meta.path.is_ident("skip") {
                    words.skip = true;
                    Ok(())
                } else if meta.path.is_ident("optional") {
                    words.optional = true;
                    Ok(())
                } else {
                    Err(meta
                        .error("not known here: `rename = \"…\"`, `skip` or `optional` would do"))
                }
            })?;
        }
        Ok(words)
    }
}

/// Every type parameter can be lent and shared, as an object must be.
fn bounded(mut generics: Generics) -> Generics {
    for param in &mut generics.params {
        if let GenericParam::Type(param) = param {
            param.bounds.push(parse_quote!(::gravure::AsData));
            param.bounds.push(parse_quote!(::core::marker::Send));
            param.bounds.push(parse_quote!(::core::marker::Sync));
        }
    }
    generics
}

/// A lifetime that the struct does not use.
fn fresh_lifetime(generics: &Generics) -> Lifetime {
    let mut name = "lent".to_owned();
    while generics.lifetimes().any(|it| it.lifetime.ident == name) {
        name.push('_');
    }
    let ident = format_ident!("{name}");
    Lifetime {
        apostrophe: ident.span(),
        ident,
    }
}

/// The same parameters behind one lifetime more.
fn lending(mut generics: Generics, lent: &Lifetime) -> Generics {
    let param = GenericParam::Lifetime(LifetimeParam::new(lent.clone()));
    generics.params.insert(0, param);
    generics
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of the expansion that differ, or the error.
    fn check(source: &str, expected: &[&str]) {
        let expanded = match expand(source.parse().unwrap()) {
            Ok(tokens) => tokens.to_string(),
            Err(error) => error.to_string(),
        };
        for part in expected {
            // Tokens are printed with blanks between them, but not everywhere.
            let dense = |text: &str| text.split_whitespace().collect::<String>();
            assert!(
                dense(&expanded).contains(&dense(part)),
                "{source}\nlacks {part}\nin {expanded}"
            );
        }
    }

    #[test]
    fn fields_become_arms() {
        check(
            "struct User { name: String, pub age: u32, #[object(optional)] city: Option<u8> }",
            &[
                "impl ::gravure::Object for User {",
                r#"const NAME_0: ::gravure::FieldName = ::gravure::FieldName::new("name");"#,
                "match name {
                    NAME_0 => to.put(&self.name),
                    NAME_1 => to.put(&self.age),
                    NAME_2 => match &self.city {
                        ::core::option::Option::Some(it) => to.put(it),
                        ::core::option::Option::None => ::gravure::Given::MISSING,
                    },
                    _ => ::gravure::Given::MISSING,
                }",
                "{ ::gravure::Read::field(self, name) }",
                r#"::std::vec!["name", "age", "city"]"#,
                r#"fn type_name(&self) -> &str { "User" }"#,
                "impl ::gravure::AsData for User {",
                "impl<'lent> ::core::convert::From<&'lent User> for ::gravure::ContextRef<'lent> {",
            ],
        );
    }

    #[test]
    fn words_change_names() {
        check(
            r#"#[object(rename = "person")] struct User {
                #[object(rename = "class")] kind: u8,
                #[object(skip)] secret: u8,
                r#type: u8,
                #[serde(rename = "other")] serde: u8,
            }"#,
            &[
                r#"::std::vec!["class", "type", "serde"]"#,
                "NAME_0 => to.put(&self.kind)",
                "NAME_1 => to.put(&self.r#type)",
                r#"{ "person" }"#,
            ],
        );
    }

    #[test]
    fn long_names_are_asked_for_by_name() {
        check(
            "struct Long {
                fifteen_letters: u8,
                sixteen_letters1: u8,
                #[object(optional)] sixteen_letters2: Option<u8>,
            }",
            &[
                "match name {
                    NAME_0 => to.put(&self.fifteen_letters),
                    _ => ::gravure::Given::UNKNOWN,
                }",
                r#"match name {
                    "sixteen_letters1" => ::core::option::Option::Some(::gravure::Read::of(&self.sixteen_letters1)),
                    "sixteen_letters2" => ::core::option::Option::map(::core::option::Option::as_ref(&self.sixteen_letters2), ::gravure::Read::of,),
                    _ => ::gravure::Read::field(self, name)
                }"#,
            ],
        );
    }

    #[test]
    fn a_struct_may_be_empty_and_generic() {
        check(
            "struct Nothing {}",
            &[
                "::std::vec![]",
                "match name { _ => ::gravure::Given::MISSING, }",
            ],
        );
        check(
            "struct Page<'lent, T: Clone, const N: usize> where T: Eq { items: &'lent [T; N] }",
            &[
                "impl<'lent, T: Clone + ::gravure::AsData + ::core::marker::Send + ::core::marker::Sync, const N: usize> \
                 ::gravure::Object for Page<'lent, T, N> where T: Eq {",
                "fn attr<'lent_>(&'lent_ self",
                "fn read<'lent_>(&'lent_ self",
                "fn field<'lent_>(&'lent_ self",
                "impl<'lent_, 'lent, T:",
                "From<&'lent_ Page<'lent, T, N>> for ::gravure::ContextRef<'lent_> where T: Eq {",
            ],
        );
    }

    #[test]
    fn what_has_no_named_fields_is_told() {
        for (source, expected) in [
            (
                "enum Shape { Round }",
                "the variants of an enum have different fields: implement `gravure::Object` by hand",
            ),
            (
                "struct Pair(u8, u8);",
                "a tuple struct has no names for its fields: implement `gravure::Object` by hand",
            ),
            (
                "struct Unit;",
                "a struct without fields has no attributes: implement `gravure::Object` by hand",
            ),
            (
                "union Bits { a: u8 }",
                "a union does not know which of its fields is meant: implement `gravure::Object` by hand",
            ),
            (
                "struct A { #[object(hide)] a: u8 }",
                "not known here: `rename = \"…\"`, `skip` or `optional` would do",
            ),
            (
                "struct A { #[object(rename = a)] a: u8 }",
                "expected string literal",
            ),
            (
                "struct A { a: u8, #[object(rename = \"a\")] b: u8 }",
                "two fields are called `a`",
            ),
            (
                "struct A { #[object(skip, rename = \"b\")] a: u8 }",
                "a field that is skipped needs no name",
            ),
            (
                "struct A { #[object(rename = \"b\", rename = \"c\")] a: u8 }",
                "`rename` is said twice",
            ),
            (
                "struct A { #[object(skip, optional)] a: Option<u8> }",
                "a field that is skipped is missing in any case",
            ),
            (
                "#[object(optional)] struct A { a: u8 }",
                "a whole struct cannot be optional: say it on its fields",
            ),
            (
                "#[object(skip)] struct A { a: u8 }",
                "a whole struct cannot be skipped: leave the derive out",
            ),
        ] {
            let error = expand(source.parse().unwrap()).unwrap_err();
            assert_eq!(error.to_string(), expected, "{source}");
        }
    }
}
