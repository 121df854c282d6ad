/// The drawing of a page without content: the site's flower, whose petals say what is the matter.
enum Flower: Sendable {
    /// All is done: every petal is green.
    case nothingToDo
    /// Nothing is here yet: two petals have not grown.
    case nothingYet
    /// Nothing matches: a magnifying glass.
    case noMatch
    /// There is nothing at this address: a petal has fallen.
    case notFound
    /// Seen, but not to be done: one petal waits.
    case notAllowed
    /// For makers: each petal in the colour of a state.
    case full

    /// The petals' states, clockwise from the top; nil: no petal.
    private var petals: [Tone?] {
        switch self {
        case .nothingToDo: [.done, .done, .done, .done, .done]
        case .nothingYet: [.idle, .idle, nil, nil, .idle]
        case .noMatch: [.idle, .idle, .idle, .idle, .idle]
        case .notFound: [.idle, nil, .idle, .idle, .off]
        case .notAllowed: [.wait, .idle, .idle, .idle, .idle]
        case .full: [.idle, .work, .wait, .done, .fail]
        }
    }

    var html: HTML {
        let drawn = petals.enumerated().compactMap { index, tone -> HTML? in
            guard let tone else { return nil }
            return """
                <ellipse class="shape \(tone.rawValue)" cx="60" cy="22" rx="11" ry="14" \
                transform="rotate(\(index * 72) 60 38)"/>
                """
        }
        return """
            <svg viewBox="0 0 120 100" width="120" height="100" aria-hidden="true">\(ground)\(drawn)\
            <circle class="shape work" cx="60" cy="38" r="6.5"/>\(extra)</svg>
            """
    }

    /// Stem, leaves and earth; a flower under the glass has none.
    private var ground: HTML {
        switch self {
        case .noMatch: .empty
        case .nothingToDo, .nothingYet, .notFound, .notAllowed, .full:
            """
            <path class="e" d="M60 50v46M60 78c-8 0-16-4-18-12 10-1 17 4 18 12zM60 88c7 0 14-3 16-10-9-1-15 3-16 \
            10zM34 97h52"/>
            """
        }
    }

    private var extra: HTML {
        switch self {
        case .noMatch:
            #"<circle class="e" cx="60" cy="38" r="34" stroke-dasharray="4 6"/><path class="e" d="M85 63l12 12"/>"#
        case .notFound: #"<ellipse class="shape fail" cx="92" cy="91" rx="13" ry="6"/>"#
        case .nothingToDo, .nothingYet, .notAllowed, .full: .empty
        }
    }
}

extension Elements {
    /// A page or list without content: what is (not) there, and the next step.
    /// - Parameters:
    ///   - actions: the first is the main one.
    ///   - level: of the heading: 1 if it is the page's only one.
    static func empty(
        _ flower: Flower, _ title: String, _ text: HTML, actions: [Link] = [], level: Int = 2
    ) -> HTML {
        let links = actions.enumerated().map { index, link -> HTML in
            #"<a class="btn\#(index == 0 ? " primary" : "")" href="\#(link.path)">\#(link.label)</a>"#
        }
        return """
            <section class="empty">\(flower.html)<h\(level)>\(title)</h\(level)><p>\(text)</p>\
            \(when(!links.isEmpty, #"<p class="row">\#(links)</p>"#))</section>
            """
    }
}
