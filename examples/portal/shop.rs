//! What can be put into the cart.

use std::collections::BTreeMap;

/// Something for sale.
pub(super) struct Product {
    pub(super) id: u32,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    cents: u32,
}

pub(super) const PRODUCTS: [Product; 4] = [
    Product { id: 3, name: "Notebook", about: "96 pages, dotted, opens flat.", cents: 1250 },
    Product { id: 5, name: "Fountain pen", about: "Fine steel nib, refillable.", cents: 3400 },
    Product { id: 7, name: "Ink, night blue", about: "30 ml in a glass you will keep.", cents: 1475 },
    Product { id: 11, name: "Pen roll", about: "Waxed canvas, holds six.", cents: 2800 },
];

impl Product {
    pub(super) fn price(&self) -> Price {
        Price(self.cents.into())
    }

    /// Returns how many of it are in a cart.
    pub(super) fn quantity(&self, cart: &BTreeMap<u32, u32>) -> u32 {
        cart.get(&self.id).copied().unwrap_or_default()
    }
}

/// An amount of money.
pub(super) struct Price(u64);

impl Price {
    /// Returns what a cart costs.
    pub(super) fn of(cart: &BTreeMap<u32, u32>) -> Self {
        Self(PRODUCTS.iter().map(|product| u64::from(product.cents) * u64::from(product.quantity(cart))).sum())
    }
}

impl std::fmt::Display for Price {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "€ {}.{:02}", self.0 / 100, self.0 % 100)
    }
}
