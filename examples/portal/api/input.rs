//! What programs send.

use std::ops::Deref;

use rocket::data::{FromData, Outcome};
use rocket::form::{Errors, Form, FromForm};
use rocket::http::Status;
use rocket::{Data, Request, async_trait};

/// A form, of which everything that can be wrong is answered alike: with 422.
pub(super) struct Input<T>(T);

#[async_trait]
impl<'r, T: FromForm<'r>> FromData<'r> for Input<T> {
    type Error = Errors<'r>;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match Form::<T>::from_data(request, data).await {
            Outcome::Success(form) => Outcome::Success(Self(form.into_inner())),
            Outcome::Error((_, errors)) => Outcome::Error((Status::UnprocessableEntity, errors)),
            Outcome::Forward(_) => Outcome::Error((Status::UnprocessableEntity, Errors::new())),
        }
    }
}

impl<T> Deref for Input<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
