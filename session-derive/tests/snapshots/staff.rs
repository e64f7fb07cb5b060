/// The data of this request's session, [`Staff`], to be read and edited.
struct StaffMut<'r>(::rocket_typed_session::__private::Editor<'r, Staff>);
impl<'r> StaffMut<'r> {
    /// Returns the session, for its life: end it, rotate its token, list the others.
    #[must_use]
    fn session(&self) -> &::rocket_typed_session::__private::Session<'r, Staff> {
        ::rocket_typed_session::__private::Editor::session(&self.0)
    }
    /// Edits several fields at once; what differs afterwards is what is changed.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if a changed map or set has keys that can not be stored.
    fn update<R>(
        &mut self,
        edit: impl ::core::ops::FnOnce(&mut Staff) -> R,
    ) -> ::core::result::Result<R, ::rocket_typed_session::__private::SessionError> {
        ::rocket_typed_session::__private::Editor::update(&mut self.0, edit)
    }
    /// The `roles` of this session.
    #[must_use]
    fn roles(&self) -> &Vec<Role> {
        &::rocket_typed_session::__private::Editor::data(&self.0).roles
    }
    /// Sets [`roles`](Self::roles).
    fn set_roles(&mut self, value: Vec<Role>) {
        ::rocket_typed_session::__private::Editor::set(
            &mut self.0,
            0,
            |__data| &mut __data.roles,
            value,
        );
    }
}
/// The data of a session, [`Staff`], that meets the conditions of this guard.
struct Editor<'r>(&'r Staff);
/// The data of a session, [`Staff`], that meets the conditions of this guard.
struct Both<'r>(&'r Staff);
#[allow(non_upper_case_globals)]
const _: () = {
    use ::rocket_typed_session::__private as __session;
    use __session::NoFallback as _;
    const __session_roles: __session::FieldOf<Staff, Vec<Role>> = __session::FieldOf::<
        Staff,
        Vec<Role>,
    >::new(
            "roles",
            &__session::Replace(__session::Json),
            |__data| &__data.roles,
            |__data| &mut __data.roles,
            || __session::Fallback::<Vec<Role>>::new().__session_default(),
        )
        .rotating();
    #[automatically_derived]
    impl __session::SessionData for Staff {
        type Mut<'r> = StaffMut<'r>;
        const NAME: &'static str = "session";
        const REQUIRED: ::core::option::Option<__session::Otherwise> = ::core::option::Option::Some(
            __session::Otherwise::Forward,
        );
        const POLICY: __session::Policy<Self> = __session::Policy::<
            Staff,
        >::new(&[|__data| __session::has_at_least(&Role::Reader, &(__data.roles))])
            .fresh(86400);
        const FIELDS: &'static [__session::Field<Self>] = &[
            __session::Field::new(&__session_roles),
        ];
        fn decode(
            __decoder: &mut __session::Decoder<'_, Self>,
        ) -> ::core::option::Option<Self> {
            ::core::option::Option::Some(Self {
                roles: __session::Decoder::next(__decoder, &__session_roles)?,
            })
        }
        fn anonymous() -> ::core::option::Option<Self> {
            ::core::option::Option::None
        }
        fn wrap(__editor: __session::Editor<'_, Self>) -> StaffMut<'_> {
            StaffMut(__editor)
        }
    }
    #[automatically_derived]
    impl ::core::ops::Deref for StaffMut<'_> {
        type Target = Staff;
        fn deref(&self) -> &Staff {
            __session::Editor::data(&self.0)
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for StaffMut<'_> {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.write_str("StaffMut(..)")
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for &'r Staff {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::read::<Staff>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for &'_ Staff {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Staff>(__rocket)
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for Staff {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::owned::<Staff>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for Staff {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Staff>(__rocket)
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for StaffMut<'r> {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::edit::<Staff>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for StaffMut<'_> {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Staff>(__rocket)
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for Editor<'r> {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::named::<
                Staff,
                Self,
            >(
                __request,
                const {
                    &__session::Policy::new(
                        &[
                            |__data| {
                                __session::has_role(&Role::Editor, &(__data.roles))
                                    || __session::has_role(&Role::Admin, &(__data.roles))
                            },
                        ],
                    )
                },
                Editor,
            )
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for Editor<'_> {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Staff>(__rocket)
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for Editor<'_> {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl ::core::marker::Copy for Editor<'_> {}
    #[automatically_derived]
    impl ::core::ops::Deref for Editor<'_> {
        type Target = Staff;
        fn deref(&self) -> &Staff {
            self.0
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for Editor<'_> {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.write_str("Editor(..)")
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for Both<'r> {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::named::<
                Staff,
                Self,
            >(
                __request,
                const {
                    &__session::Policy::new(
                        &[
                            |__data| {
                                __session::has_role(&"a", &(__data.roles))
                                    && __session::has_role(&"b", &(__data.roles))
                            },
                            |__data| __session::has_role(
                                &if strict() { "c" } else { "d" },
                                &(__data.roles),
                            ),
                        ],
                    )
                },
                Both,
            )
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for Both<'_> {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Staff>(__rocket)
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for Both<'_> {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl ::core::marker::Copy for Both<'_> {}
    #[automatically_derived]
    impl ::core::ops::Deref for Both<'_> {
        type Target = Staff;
        fn deref(&self) -> &Staff {
            self.0
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for Both<'_> {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.write_str("Both(..)")
        }
    }
};
