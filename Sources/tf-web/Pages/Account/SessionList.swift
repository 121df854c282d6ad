import TFEngine
import TFStore

/// The sessions of an account, each with a button that ends it.
struct SessionList {
    let sessions: [Session]
    /// The id of the visitor's own session, which this list does not end; nil if it is not among them.
    let own: SessionID?
    /// The address below which the sessions are: `<path>/sessions/<id>/revocation` ends one, and
    /// `<path>/other-sessions/revocation` all but the visitor's own.
    let path: String
    let tags: FormTags
    let times: Times

    private var others: Int { sessions.count { $0.id != own } }

    var html: HTML {
        guard !sessions.isEmpty else { return #"<p class="soft">Signed in nowhere.</p>"# }
        let all: HTML = """
            <p class="row"><button>End \(own == nil ? "all" : "all others")</button></p>
            """
        return """
            <form method="post" action="\(path)/other-sessions/revocation" class="stack">\(tags.hidden())\
            <ul class="menu stack" aria-label="Sessions, the last used first">\(sessions.map(row))</ul>\
            \(when(others > 1, all))</form>
            """
    }

    private func row(_ session: Session) -> HTML {
        let program = ProgramName(session.agent).text
        // Exactly: several may be of one browser and one day.
        let began = times.moment(session.createdAtMs)
        let end: HTML =
            session.id == own
            ? #"<span class="tag done end">This one</span>"#
            : """
            <button class="small end" formaction="\(path)/sessions/\(session.id)/revocation">End<span class="vh"> the \
            session of \(program), signed in \(began)</span></button>
            """
        return """
            <li class="row"><div><b>\(session.purpose == .api ? "API: " : "")\(program)</b><br>\
            <small>Last used \(times.near(session.rotatedAtMs)), signed in \(began), from \
            \(session.address)</small></div>\(end)</li>
            """
    }
}

/// A browser or program in words, from the `User-Agent` that it sends.
struct ProgramName {
    let text: String

    init(_ agent: String) {
        // Chromium's browsers name Chrome and Safari too, and Chrome names Safari: the most particular name is first.
        let browsers = [
            ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
            ("Chrome/", "Chrome"), ("Safari/", "Safari"),
        ]
        let systems = [
            ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
        ]
        guard agent.hasPrefix("Mozilla/"), let browser = browsers.first(where: { agent.contains($0.0) })?.1 else {
            // A program's name comes first, and its version behind a slash.
            text = String(agent.prefix { $0 != " " && $0 != "/" })
            return
        }
        let system = systems.first { agent.contains($0.0) }?.1
        text = system.map { "\(browser) on \($0)" } ?? browser
    }
}
