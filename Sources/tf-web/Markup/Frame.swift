import TFStore

/// The layout that all pages share: header, navigation, banner, and the visitor's position in them.
struct Frame {
    let title: String
    let signedIn: SignedIn?
    let company: Company?
    let csrf: String
    /// A success message, shown once.
    var flash: String?
    /// Whether the page shows a form with errors: its title then begins with "Error: ".
    var isError = false
    /// The address of the current entry in the navigation.
    var current = ""
    /// The pages in the navigation that the visitor's roles allow.
    var links: [(path: String, label: String)] = []

    func page(_ content: HTML) -> HTML {
        let fullTitle = (isError ? "Error: " : "") + title + (company.map { " – \($0.name)" } ?? "") + " – TicketFlower"
        return """
            <!DOCTYPE html><html lang="en"><head><meta charset="utf-8">\
            <meta name="viewport" content="width=device-width,initial-scale=1">\
            <meta name="color-scheme" content="light dark"><title>\(fullTitle)</title>\
            <link rel="icon" href="\(Asset.icon.path)">\
            <link rel="stylesheet" href="\(Asset.styleSheet.path)">\
            <script type="module" src="\(Asset.script.path)"></script></head><body>\
            <a class="skip" href="#main">Skip to content</a>\(header)\
            <main id="main" tabindex="-1">\(banner)\(content)</main>\
            <footer><p>TicketFlower\(company.map { ", \($0.name)" })</p></footer></body></html>
            """
    }

    private var banner: HTML {
        guard let flash, !isError else { return .empty }
        return #"<div class="banner" role="alert"><strong>Success</strong> \#(flash)</div>"#
    }

    private var header: HTML {
        guard let signedIn else { return #"<header><a class="brand" href="/">TicketFlower</a></header>"# }
        return """
            <header><a class="brand" href="/">TicketFlower</a>\(companySwitcher(signedIn))\
            <nav aria-label="Main"><ul>\(links.map(link))</ul></nav>\
            <div class="who"><a href="/account">\(signedIn.account.name)</a>\
            <form method="post" action="/logout"><input type="hidden" name="_csrf" value="\(csrf)">\
            <button class="plain">Sign out</button></form></div></header>
            """
    }

    private func companySwitcher(_ signedIn: SignedIn) -> HTML {
        let others = signedIn.identity.memberships.values.map(\.company).sorted { $0.slug < $1.slug }
        guard let company else { return .empty }
        guard others.count > 1 else { return #"<span class="company">\#(company.name)</span>"# }
        let entries = others.map { other -> HTML in
            #"<li><a href="/c/\#(other.slug)"\#(current(other.id == company.id))>\#(other.name)</a></li>"#
        }
        return """
            <details class="company"><summary><span class="hidden">Company: </span>\(company.name)</summary>\
            <ul>\(entries)</ul></details>
            """
    }

    private func link(_ entry: (path: String, label: String)) -> HTML {
        #"<li><a href="\#(entry.path)"\#(current(entry.path == current))>\#(entry.label)</a></li>"#
    }

    private func current(_ isCurrent: Bool) -> HTML { isCurrent ? #" aria-current="page""# : .empty }
}

/// A page for an error. Anybody may see it: it names nothing that the visitor may not see.
struct ErrorPage {
    let title: String
    let detail: String

    var html: HTML {
        Frame(title: title, signedIn: nil, company: nil, csrf: "").page(
            """
            <h1>\(title)</h1><p>\(detail)</p><p><a href="/">Go to the start page</a></p>
            """)
    }
}
