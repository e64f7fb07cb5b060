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
    /// The `role` of this session.
    #[must_use]
    fn role(&self) -> &Role {
        &::rocket_typed_session::__private::Editor::data(&self.0).role
    }
    /// Sets [`role`](Self::role).
    fn set_role(&mut self, value: Role) {
        ::rocket_typed_session::__private::Editor::set(
            &mut self.0,
            1,
            |__data| &mut __data.role,
            value,
        );
    }
    /// The `theme` of this session.
    #[must_use]
    fn theme(&self) -> &String {
        &::rocket_typed_session::__private::Editor::data(&self.0).theme
    }
    /// Sets [`theme`](Self::theme).
    fn set_theme(&mut self, value: impl ::core::convert::Into<String>) {
        ::rocket_typed_session::__private::Editor::set(
            &mut self.0,
            2,
            |__data| &mut __data.theme,
            ::core::convert::Into::into(value),
        );
    }
    /// The `visits` of this session.
    #[must_use]
    fn visits(&self) -> u64 {
        ::rocket_typed_session::__private::Editor::data(&self.0).visits
    }
    /// Sets [`visits`](Self::visits).
    fn set_visits(&mut self, value: u64) {
        ::rocket_typed_session::__private::Editor::set(
            &mut self.0,
            3,
            |__data| &mut __data.visits,
            value,
        );
    }
    /// Adds to [`visits`](Self::visits); concurrent additions all count.
    fn add_visits(&mut self, n: i64) {
        ::rocket_typed_session::__private::Editor::add(&mut self.0, 3, n);
    }
    /// The `cart` of this session.
    #[must_use]
    fn cart(&self) -> &BTreeMap<u32, u32> {
        &::rocket_typed_session::__private::Editor::data(&self.0).cart
    }
    /// Sets [`cart`](Self::cart).
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if a key can not be stored.
    fn set_cart(
        &mut self,
        value: BTreeMap<u32, u32>,
    ) -> ::core::result::Result<(), ::rocket_typed_session::__private::SessionError> {
        ::rocket_typed_session::__private::Editor::set_keyed(
            &mut self.0,
            4,
            |__data| &mut __data.cart,
            value,
        )
    }
    /// Sets an entry of [`cart`](Self::cart); concurrent changes of other keys survive.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if the key can not be stored.
    fn insert_cart(
        &mut self,
        key: u32,
        value: u32,
    ) -> ::core::result::Result<(), ::rocket_typed_session::__private::SessionError> {
        ::rocket_typed_session::__private::Editor::insert_entry(
            &mut self.0,
            4,
            |__data| &mut __data.cart,
            key,
            value,
        )
    }
    /// Removes a key from [`cart`](Self::cart).
    fn remove_cart<Q: ?::core::marker::Sized>(&mut self, key: &Q)
    where
        BTreeMap<u32, u32>: ::rocket_typed_session::__private::Lookup<Q>,
    {
        ::rocket_typed_session::__private::Editor::remove(
            &mut self.0,
            4,
            |__data| &__data.cart,
            |__data| &mut __data.cart,
            key,
        );
    }
    /// The `notice` of this session.
    #[must_use]
    fn notice(&self) -> &Option<String> {
        &::rocket_typed_session::__private::Editor::data(&self.0).notice
    }
    /// Sets [`notice`](Self::notice).
    fn set_notice(&mut self, value: Option<String>) {
        ::rocket_typed_session::__private::Editor::set(
            &mut self.0,
            5,
            |__data| &mut __data.notice,
            value,
        );
    }
    /// Takes [`notice`](Self::notice), which is gone once the response is on its way.
    fn take_notice(&mut self) -> Option<String> {
        ::rocket_typed_session::__private::Editor::take(
            &mut self.0,
            5,
            |__data| &__data.notice,
            |__data| &mut __data.notice,
        )
    }
    /// The `phone` of this session.
    #[must_use]
    fn phone(&self) -> &String {
        &::rocket_typed_session::__private::Editor::data(&self.0).phone
    }
    /// Sets [`phone`](Self::phone).
    fn set_phone(&mut self, value: impl ::core::convert::Into<String>) {
        ::rocket_typed_session::__private::Editor::set(
            &mut self.0,
            6,
            |__data| &mut __data.phone,
            ::core::convert::Into::into(value),
        );
    }
}
/// The data of a session, [`User`], that meets the conditions of this guard.
struct Admin<'r>(&'r User);
/// The data of a session, [`User`], that meets the conditions of this guard.
struct Vault<'r>(&'r User);
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
    const __session_role: __session::FieldOf<User, Role> = __session::FieldOf::<
        User,
        Role,
    >::new(
            "role",
            &__session::Replace(__session::Json),
            |__data| &__data.role,
            |__data| &mut __data.role,
            || __session::Fallback::<Role>::new().__session_default(),
        )
        .rotating();
    const __session_theme: __session::FieldOf<User, String> = __session::FieldOf::new(
        "theme",
        &__session::Replace(__session::Json),
        |__data| &__data.theme,
        |__data| &mut __data.theme,
        || __session::Fallback::<String>::new().__session_default(),
    );
    const __session_visits: __session::FieldOf<User, u64> = __session::FieldOf::new(
        "visits",
        &__session::Add,
        |__data| &__data.visits,
        |__data| &mut __data.visits,
        || __session::Fallback::<u64>::new().__session_default(),
    );
    const __session_cart: __session::FieldOf<User, BTreeMap<u32, u32>> = __session::FieldOf::new(
        "cart",
        &__session::Entries,
        |__data| &__data.cart,
        |__data| &mut __data.cart,
        || __session::Fallback::<BTreeMap<u32, u32>>::new().__session_default(),
    );
    const __session_notice: __session::FieldOf<User, Option<String>> = __session::FieldOf::new(
        "notice",
        &__session::Flash(__session::Json),
        |__data| &__data.notice,
        |__data| &mut __data.notice,
        || __session::Fallback::<Option<String>>::new().__session_default(),
    );
    const __session_phone: __session::FieldOf<User, String> = __session::FieldOf::new(
        "phone",
        &__session::Replace(__session::Json),
        |__data| &__data.phone,
        |__data| &mut __data.phone,
        || __session::Fallback::<String>::new().__session_default(),
    );
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
            __session::Field::new(&__session_role),
            __session::Field::new(&__session_theme),
            __session::Field::new(&__session_visits),
            __session::Field::new(&__session_cart),
            __session::Field::new(&__session_notice),
            __session::Field::new(&__session_phone),
        ];
        fn decode(
            __decoder: &mut __session::Decoder<'_, Self>,
        ) -> ::core::option::Option<Self> {
            ::core::option::Option::Some(Self {
                id: __session::Decoder::next(__decoder, &__session_id)?,
                role: __session::Decoder::next(__decoder, &__session_role)?,
                theme: __session::Decoder::next(__decoder, &__session_theme)?,
                visits: __session::Decoder::next(__decoder, &__session_visits)?,
                cart: __session::Decoder::next(__decoder, &__session_cart)?,
                notice: __session::Decoder::next(__decoder, &__session_notice)?,
                phone: __session::Decoder::next(__decoder, &__session_phone)?,
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
    impl ::core::fmt::Debug for User {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter
                .debug_struct("User")
                .field("id", &self.id)
                .field("role", &self.role)
                .field("theme", &self.theme)
                .field("visits", &self.visits)
                .field("cart", &self.cart)
                .field("notice", &self.notice)
                .field("phone", &::core::format_args!("[secret]"))
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
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for Admin<'r> {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::named::<
                User,
                Self,
            >(
                __request,
                const {
                    &__session::Policy::new(
                        &[|__data| __session::has_role(&Role::Admin, &(__data.role))],
                    )
                },
                Admin,
            )
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for Admin<'_> {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<User>(__rocket)
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for Admin<'_> {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl ::core::marker::Copy for Admin<'_> {}
    #[automatically_derived]
    impl ::core::ops::Deref for Admin<'_> {
        type Target = User;
        fn deref(&self) -> &User {
            self.0
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for Admin<'_> {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.write_str("Admin(..)")
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for Vault<'r> {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::named::<
                User,
                Self,
            >(
                __request,
                const {
                    &__session::Policy::<
                        User,
                    >::new(&[|__data| __session::has_role(&Role::Admin, &(__data.role))])
                        .fresh(900)
                },
                Vault,
            )
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for Vault<'_> {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<User>(__rocket)
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for Vault<'_> {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl ::core::marker::Copy for Vault<'_> {}
    #[automatically_derived]
    impl ::core::ops::Deref for Vault<'_> {
        type Target = User;
        fn deref(&self) -> &User {
            self.0
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for Vault<'_> {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.write_str("Vault(..)")
        }
    }
};
