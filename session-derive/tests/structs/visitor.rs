/// Somebody who came by.
#[session(name = "guest", mut = Edit, crate = crate::web::session)]
#[session(guard(Known, check = Visitor::is_known, otherwise = forward, vis = pub(super)))]
pub struct Visitor {
    /// Who it is, once they signed in.
    #[session(identifier, undecodable = default)]
    pub id: Option<Uuid>,
    /// The colours of the pages.
    #[session(rename = "colours", alias = "theme", alias = "skin", default = Theme::Light)]
    pub theme: Theme,
    #[session(merge = members)]
    tags: HashSet<String>,
    #[session(merge = entries)]
    seen: Seen,
    #[session(merge = reject, with = hex::serde, migrate = parse_key)]
    r#type: [u8; 32],
    #[deprecated = "use `tags`"]
    #[session(rotate, default)]
    pub level: u8,
}
