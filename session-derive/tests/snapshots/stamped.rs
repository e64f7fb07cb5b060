/// The data of this request's session, [`User`], to be read and edited.
struct UserMut<'r>(::rocket_typed_session::__private::Editor<'r, User>);
impl<'r> UserMut<'r> {
    /// Returns the session, for its life: end it, rotate its token, list the others.
    #[must_use]
    fn session(&self) -> &::rocket_typed_session::__private::Session<'r, User> {
        ::rocket_typed_session::__private::Editor::session(&self.0)
    }
    /// Edits several fields at once; what differs afterwards is what is changed.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if a changed map or set has keys that can not be stored.
    fn update<R>(
        &mut self,
        edit: impl ::core::ops::FnOnce(&mut User) -> R,
    ) -> ::core::result::Result<R, ::rocket_typed_session::__private::SessionError> {
        ::rocket_typed_session::__private::Editor::update(&mut self.0, edit)
    }
    /// The `id` of this session.
    #[must_use]
    fn id(&self) -> i64 {
        ::rocket_typed_session::__private::Editor::data(&self.0).id
    }
    /// Sets [`id`](Self::id).
    fn set_id(&mut self, value: i64) {
        ::rocket_typed_session::__private::Editor::set(
            &mut self.0,
            0,
            |__data| &mut __data.id,
            value,
        );
    }
    /// The `password` of this session.
    #[must_use]
    fn password(&self) -> &Option<String> {
        &::rocket_typed_session::__private::Editor::data(&self.0).password
    }
    /// Sets [`password`](Self::password).
    fn set_password(&mut self, value: Option<String>) {
        ::rocket_typed_session::__private::Editor::set(
            &mut self.0,
            1,
            |__data| &mut __data.password,
            value,
        );
    }
}
#[allow(non_upper_case_globals)]
const _: () = {
    use ::rocket_typed_session::__private as __session;
    use __session::NoFallback as _;
    const __session_id: __session::FieldOf<User, i64> = __session::FieldOf::<
        User,
        i64,
    >::new(
            "id",
            &__session::Replace(__session::Json),
            |__data| &__data.id,
            |__data| &mut __data.id,
            || __session::Fallback::<i64>::new().__session_default(),
        )
        .rotating()
        .undecodable(__session::Undecodable::End);
    const __session_password: __session::FieldOf<User, Option<String>> = __session::FieldOf::<
        User,
        Option<String>,
    >::new(
            "password",
            &__session::Replace(__session::Json),
            |__data| &__data.password,
            |__data| &mut __data.password,
            || __session::Fallback::<Option<String>>::new().__session_default(),
        )
        .rotating()
        .undecodable(__session::Undecodable::End);
    #[automatically_derived]
    impl __session::SessionData for User {
        type Mut<'r> = UserMut<'r>;
        const NAME: &'static str = "session";
        const REQUIRED: ::core::option::Option<__session::Otherwise> = ::core::option::Option::Some(
            __session::Otherwise::Refuse,
        );
        const POLICY: __session::Policy<Self> = __session::Policy::new(&[]);
        const FIELDS: &'static [__session::Field<Self>] = &[
            __session::Field::new(&__session_id),
            __session::Field::new(&__session_password),
        ];
        const STAMPED: bool = true;
        fn decode(
            __decoder: &mut __session::Decoder<'_, Self>,
        ) -> ::core::option::Option<Self> {
            ::core::option::Option::Some(Self {
                id: __session::Decoder::next(__decoder, &__session_id)?,
                password: __session::Decoder::next(__decoder, &__session_password)?,
            })
        }
        fn anonymous() -> ::core::option::Option<Self> {
            ::core::option::Option::None
        }
        fn wrap(__editor: __session::Editor<'_, Self>) -> UserMut<'_> {
            UserMut(__editor)
        }
        const IDENTIFIER: ::core::option::Option<&'static str> = ::core::option::Option::Some(
            "id",
        );
        fn identity(&self) -> ::core::option::Option<__session::String> {
            __session::identity(self)
        }
    }
    #[automatically_derived]
    impl __session::SessionIdentifier for User {
        type Id = i64;
        fn identifier(&self) -> ::core::option::Option<i64> {
            ::core::option::Option::Some(::core::clone::Clone::clone(&self.id))
        }
    }
    #[automatically_derived]
    impl __session::SessionStamp for User {
        type Stamp = Option<String>;
        fn stamp(&self) -> &Option<String> {
            &self.password
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for User {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter
                .debug_struct("User")
                .field("id", &self.id)
                .field("password", &::core::format_args!("[secret]"))
                .finish()
        }
    }
    #[automatically_derived]
    impl ::core::ops::Deref for UserMut<'_> {
        type Target = User;
        fn deref(&self) -> &User {
            __session::Editor::data(&self.0)
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for UserMut<'_> {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.write_str("UserMut(..)")
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for &'r User {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::read::<User>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for &'_ User {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<User>(__rocket)
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for User {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::owned::<User>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for User {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<User>(__rocket)
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for UserMut<'r> {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::edit::<User>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for UserMut<'_> {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<User>(__rocket)
        }
    }
};
