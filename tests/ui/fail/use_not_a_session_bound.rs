use rocket_typed_session::SessionData;

struct NotOne;

fn list<T: SessionData>(_: &T) {}

fn page(data: &NotOne) {
    list(data);
}

fn main() {}
