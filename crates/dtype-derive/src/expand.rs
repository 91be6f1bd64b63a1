//! From a struct to its two implementations.

use crate::attributes::{self, FieldNames};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use std::collections::HashSet;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Ident, LitStr, Result, Type};

/// One field: its declaration in the struct, and its name in the record.
struct NamedField<'a> {
    ident: &'a Ident,
    ty: &'a Type,
    name: LitStr,
    title: Option<LitStr>,
}

pub(crate) fn expand(input: &DeriveInput, path: &str) -> Result<TokenStream> {
    let path = attributes::path(&input.attrs, path)?;
    let fields = fields(input)?;
    if !attributes::has_fixed_layout(&input.attrs)? {
        let why = "the fields have no fixed places: write `#[repr(C)]`, or `#[repr(C, packed)]` for a record without padding";
        return Err(Error::new_spanned(&input.ident, why));
    }
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let entries = fields.iter().map(|field| {
        let NamedField { ident, ty, name, title } = field;
        let title = match title {
            Some(title) => quote!(::core::option::Option::Some(#title)),
            None => quote!(::core::option::Option::None),
        };
        let span = errors_at(ty);
        let dtype = quote_spanned!(span => <#ty as #path::Element>::dtype());
        quote!(#path::__private::field(#name, #title, ::core::mem::offset_of!(Self, #ident), #dtype))
    });
    let puts = fields.iter().map(|field| {
        let (ident, span) = (field.ident, errors_at(field.ty));
        quote_spanned!(span => #path::__private::put(&{ self.#ident }, ::core::mem::offset_of!(Self, #ident), out);)
    });
    Ok(quote! {
        #[automatically_derived]
        impl #generics #path::Element for #ident #arguments #bounds {
            fn dtype() -> #path::DType {
                #path::__private::record(
                    ::core::mem::size_of::<Self>(),
                    [#(#entries),*],
                )
            }
        }

        #[automatically_derived]
        impl #generics #path::WriteFields for #ident #arguments #bounds {
            fn copy_to(&self, out: &mut [u8]) {
                #(#puts)*
            }
        }
    })
}

/// The place of a type, for the errors about it. Names are still those of the generated code: the type may come from a
/// macro's caller, to whom they mean nothing.
fn errors_at(ty: &Type) -> Span {
    Span::call_site().located_at(ty.span())
}

/// The named fields of a struct, no two of which have the same name.
fn fields(input: &DeriveInput) -> Result<Vec<NamedField<'_>>> {
    let refuse = |why: &str| Err(Error::new_spanned(&input.ident, why));
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(_) => {
            return refuse(
                "an enum is not a record: write a struct, whose field is the enum's number, as `u8`",
            );
        }
        Data::Union(_) => {
            return refuse("a union is not a record: write a struct with named fields");
        }
    };
    let Fields::Named(named) = fields else {
        return refuse("the fields of a record have names: write `struct Name { x: f64 }`");
    };
    let mut all = Vec::new();
    let mut used = HashSet::new();
    for field in &named.named {
        let Some(ident) = &field.ident else { continue };
        let FieldNames { rename, title } = FieldNames::of(&field.attrs)?;
        let own = LitStr::new(&ident.unraw().to_string(), ident.span());
        let name = rename.unwrap_or(own);
        for word in [Some(&name), title.as_ref()].into_iter().flatten() {
            check_unused(&mut used, word)?;
        }
        let ty = &field.ty;
        all.push(NamedField {
            ident,
            ty,
            name,
            title,
        });
    }
    Ok(all)
}

fn check_unused(used: &mut HashSet<String>, word: &LitStr) -> Result<()> {
    let span: Span = word.span();
    if word.value().is_empty() {
        return Err(Error::new(
            span,
            "the name is empty: NumPy would choose another",
        ));
    }
    if used.insert(word.value()) {
        Ok(())
    } else {
        let why = format!(
            "two fields have the name or title '{}': rename one",
            word.value()
        );
        Err(Error::new(span, why))
    }
}
