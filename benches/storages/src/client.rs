//! What the client of Redis takes by itself.

use cpu_time::ProcessTime;
use fred::clients::Client;
use fred::interfaces::{ClientLike, FredResult, HashesInterface, KeysInterface, SortedSetsInterface};
use fred::types::{ClusterHash, CustomCommand, Value};
use fred::util::sha1_hash;
use rocket::futures::future::join_all;

use crate::rounds::{median, per_request};
use crate::servers::Servers;
use crate::visitor::{LANES, REQUESTS};

const LOAD: &str = include_str!("../../../session/src/storage/redis/scripts/load.lua");

/// The fields of a session of this library that hold what is known of every session.
const KNOWN: [&str; 12] = [
    "@handle",
    "@version",
    "@identified",
    "@newborn",
    "@rotation_due",
    "@created_at",
    "@seen_at",
    "@authenticated_at",
    "@renewed_at",
    "@expires_at",
    "@deadline",
    "@epoch",
];

/// Those of the application's data.
const DATA: [(&str, &str); 5] = [
    ("id", "4"),
    ("name", "\"member 00000000000000004\""),
    ("theme", "\"midnight\""),
    ("cart", "[100,101,102,103,104,105,106,107,108,109]"),
    ("visits", "1"),
];

/// What is asked, without a library and without a framework.
#[derive(Debug, Clone, Copy)]
enum Question {
    /// One value, as the peers do.
    Get,
    /// What this library's load asks, by its script.
    Load,
}

/// Returns a line for each question, with the microseconds of CPU time that it takes.
pub(crate) async fn alone(rounds: usize, servers: &Servers) -> FredResult<String> {
    let pool = servers.pool().await;
    // As this library does, one thread keeps to one connection.
    let client = pool.next();
    store(client).await?;
    let hash = sha1_hash(LOAD);
    let command = CustomCommand::new_static("SCRIPT", ClusterHash::Custom(0), false);
    client.custom::<(), _>(command, vec!["LOAD", LOAD]).await?;
    let mut micros = [Question::Get, Question::Load].map(|question| (question, Vec::new()));
    for _ in 0..rounds {
        for (question, micros) in &mut micros {
            let start = ProcessTime::now();
            for lane in join_all((0..LANES).map(|_| ask(client, *question, &hash))).await {
                lane?;
            }
            micros.push(per_request(start, LANES * REQUESTS));
        }
    }
    Ok(micros.map(|(question, micros)| format!("{question:?}: {:.1}\n", median(micros))).concat())
}

async fn store(client: &Client) -> FredResult<()> {
    let known = KNOWN.map(|name| (name, "1795737071223"));
    client.hset::<(), _, _>("client:session", known.into_iter().chain(DATA).collect::<Vec<_>>()).await?;
    client.zadd::<(), _, _>("client:index", None, None, false, false, (1.0, "session")).await?;
    client.set::<(), _, _>("client:value", DATA.map(|(_, text)| text).concat(), None, None, false).await?;
    client.set("client:epoch", "1", None, None, false).await
}

async fn ask(client: &Client, question: Question, hash: &str) -> FredResult<()> {
    for _ in 0..REQUESTS {
        match question {
            Question::Get => drop(client.get::<Value, _>("client:value").await?),
            Question::Load => {
                let command = CustomCommand::new_static("EVALSHA", ClusterHash::Custom(0), false);
                let args = [hash, "3", "client:session", "client:index", "client:epoch"];
                drop(client.custom::<Value, _>(command, args.to_vec()).await?);
            }
        }
    }
    Ok(())
}
