//! Which methods of a block count, and what their arguments are.

use proc_macro2::Ident;
use quote::format_ident;
use syn::{Attribute, Error, FnArg, ImplItem, ImplItemFn, ItemImpl, Result, Type, Visibility};

/// The block's public async methods that take `&self` and whose names do not begin with `_`.
pub(crate) fn exposed(block: &ItemImpl) -> impl Iterator<Item = &ImplItemFn> {
    block.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) if is_exposed(method) => Some(method),
        _ => None,
    })
}

/// Refuses an attribute of ours on a method that stays out: it would silently mean nothing.
pub(crate) fn refuse_in_vain(block: &ItemImpl, name: &str) -> Result<()> {
    let in_vain = block.items.iter().find_map(|item| match item {
        ImplItem::Fn(method) if !is_exposed(method) => attribute(method, name),
        _ => None,
    });
    in_vain.map_or(Ok(()), |attribute| {
        let message = format!(
            "`#[{name}]` belongs to a `pub async fn` with `&self` whose name does not begin with `_`"
        );
        Err(Error::new_spanned(attribute, message))
    })
}

fn is_exposed(method: &ImplItemFn) -> bool {
    matches!(method.vis, Visibility::Public(_))
        && method.sig.asyncness.is_some()
        && matches!(method.sig.inputs.first(), Some(FnArg::Receiver(_)))
        && !method.sig.ident.to_string().starts_with('_')
}

pub(crate) fn argument_types(method: &ImplItemFn) -> impl Iterator<Item = &Type> {
    method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(&*argument.ty),
        FnArg::Receiver(_) => None,
    })
}

/// Fresh names for so many arguments.
pub(crate) fn names(count: usize) -> Vec<Ident> {
    (0..count).map(|index| format_ident!("argument{index}")).collect()
}

/// The attribute of this name on a method.
pub(crate) fn attribute<'m>(method: &'m ImplItemFn, name: &str) -> Option<&'m Attribute> {
    method.attrs.iter().find(|attribute| attribute.path().is_ident(name))
}

/// Takes our own attributes off the methods: the compiler does not know them.
pub(crate) fn strip(block: &mut ItemImpl, name: &str) {
    for item in &mut block.items {
        if let ImplItem::Fn(method) = item {
            method.attrs.retain(|attribute| !attribute.path().is_ident(name));
        }
    }
}
