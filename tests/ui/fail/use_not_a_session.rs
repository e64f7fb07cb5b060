use rocket_typed_session::Session;

struct NotOne;

fn page(_session: Session<'_, NotOne>) {}

fn main() {}
