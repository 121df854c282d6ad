/// Asks how the site looks and listens to keys in this browser. Kept in cookies, so that the first byte of a page is
/// right.
struct LookForm {
    let look: Frame.Look
    let tags: FormTags

    var html: HTML {
        Elements.card(
            "This browser",
            """
            <form method="post" action="/account/look" class="stack">\(tags.hidden())\
            <fieldset><legend>Theme</legend>\(LookChange.Theme.allCases.map(choice))</fieldset>\
            <fieldset><legend>Keyboard</legend><label class="pick"><input type="checkbox" name="keys" value="true"\
            \(when(look.hasKeys, " checked"))><span>Single letters <small>j and k move in lists, / searches, ? shows all; \
            never while you type</small></span></label></fieldset><button>Save</button></form>
            """)
    }

    private func choice(_ theme: LookChange.Theme) -> HTML {
        """
        <label class="pick"><input type="radio" name="theme" value="\(theme.rawValue)"\
        \(when(theme.rawValue == look.theme ?? LookChange.Theme.system.rawValue, " checked"))>\
        <span>\(theme.label)</span></label>
        """
    }
}

/// The choices for this browser.
struct LookChange: RequestFields {
    enum Theme: String, Sendable, CaseIterable {
        case system
        case light
        case dark

        var label: String {
            switch self {
            case .system: "As the device"
            case .light: "Light"
            case .dark: "Dark"
            }
        }
    }

    private let theme: Theme
    private let hasKeys: Bool

    init(_ fields: inout FieldReader) {
        theme = fields.optional("theme", .word) ?? .system
        hasKeys = fields.optional("keys", .flag) ?? false
    }

    /// The `Set-Cookie` values that keep the choices for a year.
    func setCookies(_ cookies: Cookies) -> [String] {
        let year: Int64 = 365 * 86_400
        return [
            theme == .system
                ? cookies.deletion(.theme) : cookies.header(.theme, theme.rawValue, maxAge: year),
            hasKeys ? cookies.header(.keys, "1", maxAge: year) : cookies.deletion(.keys),
        ]
    }
}
