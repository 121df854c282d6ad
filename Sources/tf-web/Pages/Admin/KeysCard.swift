import TFDefinition
import TFStore

/// The API keys of a program: those in force with a button that revokes them, those that were, and a form for a new one.
struct KeysCard {
    let account: Account
    let keys: [APIKey]
    let errors: [FieldError]
    let tags: FormTags
    let times: Times

    private var path: String { "/admin/users/\(account.login)/keys" }

    var html: HTML {
        Elements.card(
            "API keys",
            """
            <div class="stack"><p class="sm soft">The program sends a key as a bearer token, and asks for what is in the \
            <a href="\(OpenAPI.path)">API document</a>. A key is shown once, when it is made.</p>\
            \(list)\(when(!account.isDisabled, form))</div>
            """)
    }

    private var list: HTML {
        guard let first = keys.first else { return #"<p class="soft">None yet.</p>"# }
        return """
            <form method="post" action="\(path)/\(first.id)/revocation">\(tags.hidden())\
            <ul class="menu stack" aria-label="Keys, the oldest first">\(keys.map(row))</ul></form>
            """
    }

    private func row(_ key: APIKey) -> HTML {
        let name = key.name.isEmpty ? "Key \(key.id)" : key.name
        let end: HTML =
            key.revokedAtMs.map { moment in
                "<small class=\"end\">Revoked \(times.near(moment))</small>"
            } ?? """
                <button class="small end" formaction="\(path)/\(key.id)/revocation">Revoke<span class="vh"> \(name)</span>\
                </button>
                """
        let used: HTML = key.usedAtMs == nil ? "never used" : "last used \(times.near(key.usedAtMs))"
        return """
            <li class="row"><div><b>\(name)</b><br><small>Made \(times.near(key.createdAtMs)), \(used), \
            <code>tfk_\(key.id)_…</code></small></div>\(end)</li>
            """
    }

    private var form: HTML {
        """
        <form method="post" action="\(path)" class="stack" novalidate>\(tags.hidden())\
        \(Elements.field(
            "name", in: "key", label: "What the new key is for", hint: "So that it is known later, such as Nightly import.",
            errors: errors
        ) { attributes in
            #"<input class="wide" type="text" name="name" autocomplete="off"\#(attributes)>"#
        })<p><button>Make a key</button></p></form>
        """
    }
}

/// Shows a new key, once.
struct KeyPage {
    let text: String
    let name: String
    let account: Account

    var page: Page {
        Page(
            "New API key",
            """
            \(Elements.head(
                "The key “\(name)” is made", back: [
                    Link("/admin/users", "Users"), Link("/admin/users/\(account.login)", account.name),
                ]))\
            <section class="card stack"><h2>Give it to the program</h2>\
            <p>It is shown only now; only its hash is kept. The program sends it with each request:</p>\
            <pre tabindex="0" role="region" aria-label="Header">Authorization: Bearer <span id="key">\(text)</span></pre>\
            <div class="row"><button type="button" data-copy="key">Copy the key</button>\
            <a class="btn primary" href="/admin/users/\(account.login)">I have kept it</a></div></section>
            """
        ).under(.admin)
    }
}
