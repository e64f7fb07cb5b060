//! What a user agent is called.

use woothee::parser::Parser;

use super::Entry;

/// What the parser says where it knows nothing.
const UNKNOWN: &str = "UNKNOWN";

impl<T> Entry<T> {
    /// Returns what a person would call the device: `Firefox on Windows`. [`None`] for programs and for what is not
    /// known; show [`agent`](Self::agent) then.
    ///
    /// It is what the client says of itself, for its owner to recognise it. It decides nothing.
    #[cfg_attr(docsrs, doc(cfg(feature = "devices")))]
    pub fn device(&self) -> Option<String> {
        name(self.agent.as_deref()?)
    }
}

/// Names the browser and the system of a `User-Agent`, which is cut at 256 bytes where it comes in. The regular
/// expressions that the parser uses take linear time.
fn name(agent: &str) -> Option<String> {
    let parsed = Parser::new().parse(agent)?;
    if parsed.name == UNKNOWN || matches!(parsed.category, "crawler" | "misc" | UNKNOWN) {
        return None;
    }
    Some(match system(parsed.os) {
        UNKNOWN => parsed.name.to_owned(),
        system => format!("{} on {system}", parsed.name),
    })
}

fn system(os: &str) -> &str {
    match os {
        "Mac OSX" => "macOS",
        // Browsers call Windows 11 `NT 10.0`, too.
        "Windows 10" => "Windows",
        os => os,
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn browsers_are_named_with_their_systems() {
        for (expected, agent) in [
            ("Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            ("Firefox on Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            (
                "Edge on Windows",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 \
                 Safari/537.36 Edg/138.0.0.0",
            ),
            (
                "Safari on macOS",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.5 Safari/605.1.15",
            ),
            (
                "Chrome on iPhone",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 CriOS/138.0.7204.33 Mobile/15E148 Safari/604.1",
            ),
            (
                "Chrome on Android",
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile \
                 Safari/537.36",
            ),
            (
                "Chrome on ChromeOS",
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 \
                 Safari/537.36",
            ),
        ] {
            assert_eq!(name(agent).as_deref(), Some(expected), "{agent}");
        }
    }

    #[test]
    fn what_is_no_browser_has_no_name() {
        let hostile = ["Mozilla/5.0 (", &"(".repeat(243)].concat();
        for agent in ["", "-", "curl/8.14.1", "Phone/1.0", "okhttp/4.12.0", "Mozilla/5.0", "é\u{0}\u{202e}", &hostile]
        {
            assert_eq!(name(agent), None, "{agent}");
        }
        let robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
        assert_eq!(name(robot), None);
    }
}
