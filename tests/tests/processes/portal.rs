//! A process of the portal.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;

use crate::home::Home;

/// The key of every process, as of the instances of one application.
const KEY: &str = "hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk=";

/// A process of the portal, on a free port. It is killed when this goes.
pub(crate) struct Portal {
    process: Mutex<Child>,
    port: u16,
}

impl Portal {
    /// Starts a process.
    pub(crate) fn start(home: &Home) -> Self {
        Self::launch(home, &[]).expect("the portal launches")
    }

    /// Starts a process with more variables; none if its launch is refused.
    pub(crate) fn launch(home: &Home, variables: &[(&str, &str)]) -> Option<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portal"));
        command.envs(home.variables()).envs(variables.iter().copied()).env("ROCKET_SECRET_KEY", KEY);
        Self::run(&mut command)
    }

    /// Starts a process in a directory, with nothing configured.
    pub(crate) fn start_in(directory: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portal"));
        for unset in ["ROCKET_SESSION", "ROCKET_GUEST", "ROCKET_SECRET_KEY", "ROCKET_PROFILE", "ROCKET_CONFIG"] {
            command.env_remove(unset);
        }
        Self::run(command.current_dir(directory)).expect("the portal launches")
    }

    fn run(command: &mut Command) -> Option<Self> {
        let mut process = command
            .envs([("ROCKET_PORT", "0"), ("ROCKET_LOG_LEVEL", "critical"), ("ROCKET_CLI_COLORS", "false")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = lines.find_map(|line| line.split_once("http://127.0.0.1:")?.1.trim().parse().ok());
        // What is written to nobody would end the process.
        thread::spawn(move || lines.for_each(drop));
        let portal = Self { process: Mutex::new(process), port: port.unwrap_or_default() };
        port.is_some().then_some(portal)
    }

    /// Returns the address of a page.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Kills the process, which learns nothing of it.
    pub(crate) fn kill(&self) {
        let mut process = self.process.lock().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let Ok(process) = self.process.get_mut() else { return };
        let _ = process.kill();
        let _ = process.wait();
    }
}
