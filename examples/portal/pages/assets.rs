//! What the pages load.

use rocket::get;
use rocket::http::{ContentType, Header};
use rocket::response::Responder;
use rocket::response::content::RawCss;

/// Something that may be kept for an hour, by anybody.
#[derive(Responder)]
pub(super) struct Asset<R> {
    content: R,
    caching: Header<'static>,
}

impl<R> Asset<R> {
    fn new(content: R) -> Self {
        Self { content, caching: Header::new("Cache-Control", "public, max-age=3600") }
    }
}

#[get("/style.css")]
pub(super) fn style() -> Asset<RawCss<&'static str>> {
    Asset::new(RawCss(include_str!("../assets/style.css")))
}

#[get("/icon.svg")]
pub(super) fn icon() -> Asset<(ContentType, &'static str)> {
    Asset::new((ContentType::SVG, include_str!("../assets/icon.svg")))
}
