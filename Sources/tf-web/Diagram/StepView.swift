/// How a step is shown in a diagram.
struct StepView: Sendable, Hashable {
    let tone: Tone
    /// The second line: who has it, or how long it takes; nil: the tone's own words.
    var words: String?
    /// Where a click leads; nil: nowhere.
    var link: String?
    /// Live figures at its corners.
    var badges: [Badge] = []
    /// Whether the second line is only what `words` says.
    var isFigure = false

    struct Badge: Sendable, Hashable {
        let text: String
        /// What the link says by itself.
        let label: String
        /// nil: the reader may not see what it counts one by one.
        let link: String?
    }

    init(_ tone: Tone, _ words: String? = nil, link: String? = nil) {
        self.tone = tone
        self.words = words
        self.link = link
    }

    /// A sign and words, so that no state is shown by colour alone.
    var line: String {
        if isFigure { return words ?? "" }
        return "\(tone.sign) \(words ?? tone.stepWord)"
    }
}

extension Tone {
    /// The state's glyph in a text.
    var sign: String {
        switch self {
        case .idle: "○"
        case .work: "◐"
        case .wait: "‖"
        case .done: "✓"
        case .fail: "!"
        case .off: "–"
        case .skip: "»"
        }
    }

    /// The state of a step, in a word.
    var stepWord: String {
        switch self {
        case .idle: "Not started"
        case .work: "Working"
        case .wait: "Waiting"
        case .done: "Done"
        case .fail: "Failed"
        case .off: "Not needed"
        case .skip: "Skipped"
        }
    }
}
