//! A session in a function, in modules, and through another name of the crate.

mod kit {
    pub use rocket_typed_session as session;
}

mod outer {
    pub mod inner {
        #[derive(Clone, Default, crate::kit::session::Session)]
        #[session(crate = crate::kit::session, name = "inner-1", guard(Member, vis = pub(super)))]
        pub(super) struct Inner {
            pub(super) theme: String,
            pub(in crate::outer) colour: String,
            size: u8,
        }

        pub(super) fn size(inner: &crate::outer::inner::Inner) -> u8 {
            inner.size
        }
    }

    #[derive(Clone, Default, super::kit::session::Session)]
    #[session(crate = super::kit::session, name = "outer")]
    pub struct Outer {
        pub theme: String,
    }

    fn edit(mut inner: inner::InnerMut<'_>, member: inner::Member<'_>) {
        inner.set_theme("dark");
        let _ = inner::size(&member);
        inner.set_colour(member.colour.clone());
    }
}

fn edit(mut outer: outer::OuterMut<'_>) {
    outer.set_theme("dark");
}

fn main() {
    use kit::session as inside;

    const LIGHT: &str = "light";

    #[derive(Clone, Default, inside::Session)]
    #[session(crate = inside)]
    struct Local {
        #[session(default = LIGHT.to_owned())]
        theme: String,
    }

    fn read(local: &Local, mut edit: LocalMut<'_>) -> String {
        edit.set_theme("dark");
        local.theme.clone()
    }

    let _ = (edit, read);
}
