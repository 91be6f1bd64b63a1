//! `#[derive(Element)]`: a struct is a NumPy record.
//!
//! It is documented at the trait `dtype::Element`. It generates safe code: the offsets are the compiler's own, and
//! bytemuck's derives vouch for the bytes.

#![forbid(unsafe_code)]

mod attributes;
mod expand;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives `Element` for a struct with named fields, which is a record: see the trait.
#[proc_macro_derive(Element, attributes(element))]
pub fn element(input: TokenStream) -> TokenStream {
    derive(parse_macro_input!(input), "::dtype")
}

/// Derives `npio::Element` for a struct with named fields, which is a record: see the trait.
#[proc_macro_derive(ElementOfNpio, attributes(element))]
pub fn element_of_npio(input: TokenStream) -> TokenStream {
    derive(parse_macro_input!(input), "::npio::dtype")
}

fn derive(input: DeriveInput, path: &str) -> TokenStream {
    let expanded = expand::expand(&input, path);
    expanded
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
