//! Prints what sessions cost while nobody asks for them: their bytes, what is left of them when they have expired,
//! and how long a request waits while they are freed.
//!
//! Each library runs in a process of its own, `memory child <library>`, both at once.

mod allocator;
mod child;

use std::error::Error;
use std::process::{Child, Command, Stdio};

use benches::Library;

#[global_allocator]
static ALLOCATOR: allocator::Counted = allocator::Counted;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => table(),
        ["child", library] => {
            println!("{}", child::run(library.parse()?));
            Ok(())
        }
        _ => Err("usage: memory".into()),
    }
}

fn table() -> Result<(), Box<dyn Error>> {
    let children = [Library::Typed, Library::Flex].map(spawn);
    println!("| | bytes per session | left of them | longest wait while full | while they are freed |");
    println!("|---|--:|--:|--:|--:|");
    for child in children {
        println!("{}", String::from_utf8(child?.wait_with_output()?.stdout)?.trim_end());
    }
    Ok(())
}

fn spawn(library: Library) -> Result<Child, std::io::Error> {
    Command::new(std::env::current_exe()?).args(["child", &library.to_string()]).stdout(Stdio::piped()).spawn()
}
