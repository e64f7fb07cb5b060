/// The data of this request's session, [`Bag`], to be read and edited.
pub(crate) struct BagMut<'r>(::rocket_typed_session::__private::Editor<'r, Bag>);
impl<'r> BagMut<'r> {
    /// Returns the session, for its life: end it, rotate its token, list the others.
    #[must_use]
    pub(crate) fn session(
        &self,
    ) -> &::rocket_typed_session::__private::Session<'r, Bag> {
        ::rocket_typed_session::__private::Editor::session(&self.0)
    }
    /// Edits several fields at once; what differs afterwards is what is changed.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if a changed map or set has keys that can not be stored.
    pub(crate) fn update<R>(
        &mut self,
        edit: impl ::core::ops::FnOnce(&mut Bag) -> R,
    ) -> ::core::result::Result<R, ::rocket_typed_session::__private::SessionError> {
        ::rocket_typed_session::__private::Editor::update(&mut self.0, edit)
    }
    /// The entries of this session.
    #[must_use]
    fn entries(&self) -> &BTreeMap<String, Vec<u8>> {
        &::rocket_typed_session::__private::Editor::data(&self.0).0
    }
    /// Returns the value of a key.
    #[must_use]
    fn get<Q: ?::core::marker::Sized>(&self, key: &Q) -> ::core::option::Option<&Vec<u8>>
    where
        BTreeMap<String, Vec<u8>>: ::rocket_typed_session::__private::Find<Q>,
    {
        ::rocket_typed_session::__private::Find::find(
            &::rocket_typed_session::__private::Editor::data(&self.0).0,
            key,
        )
    }
    /// Sets the value of a key; concurrent changes of other keys survive.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if the key can not be stored.
    fn insert(
        &mut self,
        key: String,
        value: Vec<u8>,
    ) -> ::core::result::Result<(), ::rocket_typed_session::__private::SessionError> {
        ::rocket_typed_session::__private::Editor::insert_entry(
            &mut self.0,
            0,
            |__data| &mut __data.0,
            key,
            value,
        )
    }
    /// Removes a key.
    fn remove<Q: ?::core::marker::Sized>(&mut self, key: &Q)
    where
        BTreeMap<String, Vec<u8>>: ::rocket_typed_session::__private::Lookup<Q>,
    {
        ::rocket_typed_session::__private::Editor::remove(
            &mut self.0,
            0,
            |__data| &__data.0,
            |__data| &mut __data.0,
            key,
        );
    }
    /// Sets all entries: those that were loaded and are not among these are removed; what others insert meanwhile stays.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if a key can not be stored.
    fn set(
        &mut self,
        entries: BTreeMap<String, Vec<u8>>,
    ) -> ::core::result::Result<(), ::rocket_typed_session::__private::SessionError> {
        ::rocket_typed_session::__private::Editor::set_keyed(
            &mut self.0,
            0,
            |__data| &mut __data.0,
            entries,
        )
    }
}
#[allow(non_upper_case_globals)]
const _: () = {
    use ::rocket_typed_session::__private as __session;
    use __session::NoFallback as _;
    const __session_entries: __session::FieldOf<Bag, BTreeMap<String, Vec<u8>>> = __session::FieldOf::new(
        "entries",
        &__session::Entries,
        |__data| &__data.0,
        |__data| &mut __data.0,
        || __session::Fallback::<BTreeMap<String, Vec<u8>>>::new().__session_default(),
    );
    #[automatically_derived]
    impl __session::SessionData for Bag {
        type Mut<'r> = BagMut<'r>;
        const NAME: &'static str = "bag";
        const REQUIRED: ::core::option::Option<__session::Otherwise> = ::core::option::Option::None;
        const POLICY: __session::Policy<Self> = __session::Policy::new(&[]);
        const FIELDS: &'static [__session::Field<Self>] = &[
            __session::Field::new(&__session_entries),
        ];
        fn decode(
            __decoder: &mut __session::Decoder<'_, Self>,
        ) -> ::core::option::Option<Self> {
            ::core::option::Option::Some(Self {
                0: __session::Decoder::next(__decoder, &__session_entries)?,
            })
        }
        fn anonymous() -> ::core::option::Option<Self> {
            ::core::option::Option::Some(<Bag as __session::Anonymous>::anonymous())
        }
        fn wrap(__editor: __session::Editor<'_, Self>) -> BagMut<'_> {
            BagMut(__editor)
        }
    }
    #[automatically_derived]
    impl ::core::ops::Deref for BagMut<'_> {
        type Target = Bag;
        fn deref(&self) -> &Bag {
            __session::Editor::data(&self.0)
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for BagMut<'_> {
        fn fmt(
            &self,
            __formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            __formatter.write_str("BagMut(..)")
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for &'r Bag {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::read::<Bag>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for &'_ Bag {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Bag>(__rocket)
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for Bag {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::owned::<Bag>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for Bag {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Bag>(__rocket)
        }
    }
    #[automatically_derived]
    impl<'r> __session::FromRequest<'r> for BagMut<'r> {
        type Error = __session::GuardError;
        fn from_request<'l: 'f, 'f>(
            __request: &'r __session::Request<'l>,
        ) -> __session::Guarding<'f, Self>
        where
            'r: 'f,
        {
            __session::edit::<Bag>(__request)
        }
    }
    #[automatically_derived]
    impl __session::Sentinel for BagMut<'_> {
        fn abort(__rocket: &__session::Rocket<__session::Ignite>) -> bool {
            __session::aborts::<Bag>(__rocket)
        }
    }
};
