//! The contents of `#[element(…)]` and `#[repr(…)]`.

use syn::{Attribute, Error, LitStr, Path, Result, Token};

/// `#[element(crate = "…")]` of a struct: the path of the crate `dtype`.
pub(crate) fn path(attributes: &[Attribute], default: &str) -> Result<Path> {
    let mut path = syn::parse_str(default)?;
    for_each_meta(attributes, |name, meta| match name {
        "crate" => {
            path = string_value(meta)?.parse()?;
            Ok(())
        }
        _ => Err(meta.error(
            "unknown attribute: a struct has `crate = \"…\"`, its fields `rename` and `title`",
        )),
    })?;
    Ok(path)
}

/// `#[element(rename = "…", title = "…")]` of a field.
#[derive(Default)]
pub(crate) struct FieldNames {
    pub(crate) rename: Option<LitStr>,
    pub(crate) title: Option<LitStr>,
}

impl FieldNames {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<FieldNames> {
        let mut names = FieldNames::default();
        for_each_meta(attributes, |name, meta| {
            let place = match name {
                "rename" => &mut names.rename,
                "title" => &mut names.title,
                _ => {
                    let why = "unknown attribute: a field has `rename = \"…\"` and `title = \"…\"`";
                    return Err(meta.error(why));
                }
            };
            match place.replace(string_value(meta)?) {
                None => Ok(()),
                Some(_) => Err(meta.error("duplicate attribute")),
            }
        })?;
        Ok(names)
    }
}

/// Whether the fields are in memory in the order in which they are declared.
pub(crate) fn has_fixed_layout(attributes: &[Attribute]) -> Result<bool> {
    let mut found = false;
    for attribute in attributes.iter().filter(|a| a.path().is_ident("repr")) {
        attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("C") || meta.path.is_ident("transparent");
            // `packed(2)`, `align(8)`
            if meta.input.peek(syn::token::Paren) {
                let number;
                syn::parenthesized!(number in meta.input);
                number.parse::<proc_macro2::TokenStream>()?;
            }
            Ok(())
        })?;
    }
    Ok(found)
}

fn for_each_meta(
    attributes: &[Attribute],
    mut one: impl FnMut(&str, &syn::meta::ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    for attribute in attributes.iter().filter(|a| a.path().is_ident("element")) {
        attribute.parse_nested_meta(|meta| {
            let name = meta.path.get_ident().map(ToString::to_string);
            one(&name.unwrap_or_default(), &meta)
        })?;
    }
    Ok(())
}

fn string_value(meta: &syn::meta::ParseNestedMeta<'_>) -> Result<LitStr> {
    if !meta.input.peek(Token![=]) {
        let why = "expected a text: `#[element(rename = \"…\")]`";
        return Err(Error::new_spanned(&meta.path, why));
    }
    meta.value()?.parse()
}
