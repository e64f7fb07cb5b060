/// The data of this request's session, [`Visitor`], to be read and edited.
#[allow(deprecated)]
pub struct Edit<'r>(crate::web::session::__private::Editor<'r, Visitor>);
#[allow(deprecated)]
impl<'r> Edit<'r> {
    /// Returns the session, for its life: end it, rotate its token, list the others.
    #[must_use]
    pub fn session(&self) -> &crate::web::session::__private::Session<'r, Visitor> {
        crate::web::session::__private::Editor::session(&self.0)
    }
    /// Edits several fields at once; what differs afterwards is what is changed.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if a changed map or set has keys that can not be stored.
    pub fn update<R>(
        &mut self,
        edit: impl ::core::ops::FnOnce(&mut Visitor) -> R,
    ) -> ::core::result::Result<R, crate::web::session::__private::SessionError> {
        crate::web::session::__private::Editor::update(&mut self.0, edit)
    }
    /// Who it is, once they signed in.
    #[must_use]
    pub fn id(&self) -> &Option<Uuid> {
        &crate::web::session::__private::Editor::data(&self.0).id
    }
    /// Sets [`id`](Self::id).
    ///
    /// Who it is, once they signed in.
    pub fn set_id(&mut self, value: Option<Uuid>) {
        crate::web::session::__private::Editor::set(
            &mut self.0,
            0,
            |__data| &mut __data.id,
            value,
        );
    }
    /// The colours of the pages.
    #[must_use]
    pub fn theme(&self) -> &Theme {
        &crate::web::session::__private::Editor::data(&self.0).theme
    }
    /// Sets [`theme`](Self::theme).
    ///
    /// The colours of the pages.
    pub fn set_theme(&mut self, value: Theme) {
        crate::web::session::__private::Editor::set(
            &mut self.0,
            1,
            |__data| &mut __data.theme,
            value,
        );
    }
    /// The `tags` of this session.
    #[must_use]
    fn tags(&self) -> &HashSet<String> {
        &crate::web::session::__private::Editor::data(&self.0).tags
    }
    /// Sets [`tags`](Self::tags).
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if a key can not be stored.
    fn set_tags(
        &mut self,
        value: HashSet<String>,
    ) -> ::core::result::Result<(), crate::web::session::__private::SessionError> {
        crate::web::session::__private::Editor::set_keyed(
            &mut self.0,
            2,
            |__data| &mut __data.tags,
            value,
        )
    }
    /// Adds a member to [`tags`](Self::tags); concurrent changes of other members survive.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if the member can not be stored.
    fn insert_tags(
        &mut self,
        member: String,
    ) -> ::core::result::Result<(), crate::web::session::__private::SessionError> {
        crate::web::session::__private::Editor::insert_member(
            &mut self.0,
            2,
            |__data| &mut __data.tags,
            member,
        )
    }
    /// Removes a key from [`tags`](Self::tags).
    fn remove_tags<Q: ?::core::marker::Sized>(&mut self, key: &Q)
    where
        HashSet<String>: crate::web::session::__private::Lookup<Q>,
    {
        crate::web::session::__private::Editor::remove(
            &mut self.0,
            2,
            |__data| &__data.tags,
            |__data| &mut __data.tags,
            key,
        );
    }
    /// The `seen` of this session.
    #[must_use]
    fn seen(&self) -> &Seen {
        &crate::web::session::__private::Editor::data(&self.0).seen
    }
    /// Sets [`seen`](Self::seen).
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if a key can not be stored.
    fn set_seen(
        &mut self,
        value: Seen,
    ) -> ::core::result::Result<(), crate::web::session::__private::SessionError> {
        crate::web::session::__private::Editor::set_keyed(
            &mut self.0,
            3,
            |__data| &mut __data.seen,
            value,
        )
    }
    /// Sets an entry of [`seen`](Self::seen); concurrent changes of other keys survive.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if the key can not be stored.
    fn insert_seen(
        &mut self,
        key: <Seen as crate::web::session::__private::EntryMap>::Key,
        value: <Seen as crate::web::session::__private::EntryMap>::Value,
    ) -> ::core::result::Result<(), crate::web::session::__private::SessionError> {
        crate::web::session::__private::Editor::insert_entry(
            &mut self.0,
            3,
            |__data| &mut __data.seen,
            key,
            value,
        )
    }
    /// Removes a key from [`seen`](Self::seen).
    fn remove_seen<Q: ?::core::marker::Sized>(&mut self, key: &Q)
    where
        Seen: crate::web::session::__private::Lookup<Q>,
    {
        crate::web::session::__private::Editor::remove(
            &mut self.0,
            3,
            |__data| &__data.seen,
            |__data| &mut __data.seen,
            key,
        );
    }
    /// The `type` of this session.
    #[must_use]
    fn r#type(&self) -> &[u8; 32] {
        &crate::web::session::__private::Editor::data(&self.0).r#type
    }
    /// Sets [`type`](Self::r#type).
    fn set_type(&mut self, value: [u8; 32]) {
        crate::web::session::__private::Editor::set(
            &mut self.0,
            4,
            |__data| &mut __data.r#type,
            value,
        );
    }
    /// The `level` of this session.
    #[deprecated = "use `tags`"]
    #[must_use]
    pub fn level(&self) -> u8 {
        crate::web::session::__private::Editor::data(&self.0).level
    }
    /// Sets [`level`](Self::level).
    #[deprecated = "use `tags`"]
    pub fn set_level(&mut self, value: u8) {
        crate::web::session::__private::Editor::set(
            &mut self.0,
            5,
            |__data| &mut __data.level,
            value,
        );
    }
}
/// The data of a session, [`Visitor`], that meets the conditions of this guard.
#[allow(deprecated)]
pub(super) struct Known<'r>(&'r Visitor);
#[allow(deprecated)]
#[allow(non_upper_case_globals)]
const _: () = {
    use crate::web::session::__private as __session;
    use __session::NoFallback as _;
    const __session_id: __session::FieldOf<Visitor, Option<Uuid>> = __session::FieldOf::<
        Visitor,
        Option<Uuid>,
    >::new(
            "id",
            &__session::Replace(__session::Json),
            |__data| &__data.id,
            |__data| &mut __data.id,
            || {
                let __default: Option<Uuid> = ::core::default::Default::default();
                ::core::option::Option::Some(__default)
            },
        )
        .rotating();
    const __session_theme: __session::FieldOf<Visitor, Theme> = __session::FieldOf::<
        Visitor,
        Theme,
    >::new(
            "colours",
            &__session::Replace(__session::Json),
            |__data| &__data.theme,
            |__data| &mut __data.theme,
            || {
                let __default: Theme = Theme::Light;
                ::core::option::Option::Some(__default)
            },
        )
        .aliases(&["theme", "skin"]);
    const __session_tags: __session::FieldOf<Visitor, HashSet<String>> = __session::FieldOf::new(
        "tags",
        &__session::Members,
        |__data| &__data.tags,
        |__data| &mut __data.tags,
        || __session::Fallback::<HashSet<String>>::new().__session_default(),
    );
    const __session_seen: __session::FieldOf<Visitor, Seen> = __session::FieldOf::new(
        "seen",
        &__session::Entries,
        |__data| &__data.seen,
        |__data| &mut __data.seen,
        || __session::Fallback::<Seen>::new().__session_default(),
    );
    const __session_type: __session::FieldOf<Visitor, [u8; 32]> = __session::FieldOf::<
        Visitor,
        [u8; 32],
    >::new(
            "type",
            &__session::Reject(
                __session::With::<
                    [u8; 32],
                >(
                    |__value, __to| hex::serde::serialize(__value, __to),
                    |__from| hex::serde::deserialize(__from),
                ),
            ),
            |__data| &__data.r#type,
            |__data| &mut __data.r#type,
            || __session::Fallback::<[u8; 32]>::new().__session_default(),
        )
        .migrating(parse_key);
    const __session_level: __session::FieldOf<Visitor, u8> = __session::FieldOf::<
        Visitor,
        u8,
    >::new(
            "level",
            &__session::Replace(__session::Json),
            |__data| &__data.level,
            |__data| &mut __data.level,
            || {
                let __default: u8 = ::core::default::Default::default();
                ::core::option::Option::Some(__default)
            },
        )
        .rotating();
    #[automatically_derived]
    impl __session::SessionData for Visitor {
        type Mut<'r> = Edit<'r>;
        const NAME: &'static str = "guest";
        const REQUIRED: ::core::option::Option<__session::Otherwise> = ::core::option::Option::None;
        const POLICY: __session::Policy<Self> = __session::Policy::new(&[]);
        const FIELDS: &'static [__session::Field<Self>] = &[
            __session::Field::new(&__session_id),
            __session::Field::new(&__session_theme),
            __session::Field::new(&__session_tags),
            __session::Field::new(&__session_seen),
            __session::Field::new(&__session_type),
            __session::Field::new(&__session_level),
        ];
        fn decode(
            __decoder: &mut __session::Decoder<'_, Self>,
        ) -> ::core::option::Option<Self> {
            ::core::option::Option::Some(Self {
                id: __session::Decoder::next(__decoder, &__session_id)?,
                theme: __session::Decoder::next(__decoder, &__session_theme)?,
                tags: __session::Decoder::next(__decoder, &__session_tags)?,
                seen: __session::Decoder::next(__decoder, &__session_seen)?,
                r#type: __session::Decoder::next(__decoder, &__session_type)?,
                level: __session::Decoder::next(__decoder, &__session_level)?,
            })
        }
        fn anonymous() -> ::core::option::Option<Self> {
            ::core::option::Option::Some(<Visitor as __session::Anonymous>::anonymous())
        }
        fn wrap(__editor: __session::Editor<'_, Self>) -> Edit<'_> {
            Edit(__editor)
        }
        const IDENTIFIER: ::core::option::Option<&'static str> = ::core::option::Option::Some(
            "id",
        );
        fn identity(&self) -> ::core::option::Option<__session::String> {
            __session::identity(self)
        }
    }
    #[automatically_derived]
    impl __session::SessionIdentifier for Visitor {
        type Id = Uuid;
        fn identifier(&self) -> ::core::option::Option<Uuid> {
            ::core::clone::Clone::clone(&self.id)
        }
    }
    #[automatically_derived]
    impl ::core::ops::Deref for Edit<'_> {
        type Target = Visitor;
        fn deref(&self) -> &Visitor {
            __session::Editor::data(&self.0)
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for Edit<'_> {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.write_str("Edit(..)")
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for &'r Visitor {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::read::<Visitor>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for &'_ Visitor {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Visitor>(__rocket)
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for Visitor {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::owned::<Visitor>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for Visitor {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Visitor>(__rocket)
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for Edit<'r> {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::edit::<Visitor>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for Edit<'_> {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Visitor>(__rocket)
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for Known<'r> {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::named::<
                Visitor,
                Self,
            >(
                __request,
                const {
                    &__session::Policy::<Visitor>::new(&[Visitor::is_known])
                        .otherwise(__session::Otherwise::Forward)
                },
                Known,
            )
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for Known<'_> {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Visitor>(__rocket)
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for Known<'_> {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl ::core::marker::Copy for Known<'_> {}
    #[automatically_derived]
    impl ::core::ops::Deref for Known<'_> {
        type Target = Visitor;
        fn deref(&self) -> &Visitor {
            self.0
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for Known<'_> {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.write_str("Known(..)")
        }
    }
};
