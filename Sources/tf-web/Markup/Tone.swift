import TFDefinition
import TFEngine
import TFStore

/// How a state looks: the class that the style sheet colours and draws a glyph for.
enum Tone: String, Sendable, CaseIterable {
    /// Not started: a dashed ring.
    case idle
    /// Being worked on: a half disc.
    case work
    /// Waiting or on hold: two bars.
    case wait
    /// Done: a disc with a tick.
    case done
    /// Failed: a square with an exclamation mark.
    case fail
    /// Not needed, or not in use: a ring with a dash.
    case off
    /// Skipped by somebody's decision, after it had failed: a disc with two arrows.
    case skip
}

extension TicketState {
    var tone: Tone {
        switch self {
        case .open: .work
        case .closed: .done
        case .cancelled: .off
        case .failed: .fail
        }
    }

    /// How a ticket looks whose workflow may have ended otherwise than it is meant to, as by a refusal.
    /// - Parameter endings: nil: those of its workflow are not known.
    func tone(_ status: String, _ endings: WorkflowEndings?) -> Tone {
        guard self == .closed, status != TicketStatus.done, endings?.isMeant(status) == false else { return tone }
        return .off
    }

    /// The state in the words of the pages.
    var label: String {
        switch self {
        case .open: "Open"
        case .closed: "Closed"
        case .cancelled: "Cancelled"
        case .failed: "Failed"
        }
    }
}

extension TaskState {
    var tone: Tone {
        switch self {
        case .ready, .assigned: .idle
        case .started: .work
        case .held: .wait
        case .completed: .done
        case .withdrawn: .off
        case .failed: .fail
        }
    }

    /// How a step that the workflow has reached looks while its task is in this state: not like one that is to come.
    var toneOfStep: Tone {
        switch self {
        case .ready, .held: .wait
        case .assigned, .started: .work
        case .completed, .withdrawn, .failed: tone
        }
    }

    /// The state in the words of the pages.
    var label: String {
        switch self {
        case .ready: "With nobody"
        case .assigned: "New"
        case .started: "Started"
        case .held: "On hold"
        case .completed: "Done"
        case .withdrawn: "Not needed"
        case .failed: "Failed"
        }
    }
}

extension Elements {
    /// The drawn sign of a state.
    /// - Parameter hiddenWord: the state for those who listen; nil if its word stands beside the glyph.
    static func glyph(_ tone: Tone, _ hiddenWord: String? = nil) -> HTML {
        #"<i class="g \#(tone.rawValue)">\#(hiddenWord)</i>"#
    }

    /// A state as a pill with its glyph and word.
    static func tag(_ tone: Tone, _ word: String) -> HTML {
        #"<span class="tag \#(tone.rawValue)">\#(glyph(tone))\#(word)</span>"#
    }

    static func state(_ state: TaskState) -> HTML { tag(state.tone, state.label) }

    /// The priority in a word; nothing if it is the usual one.
    static func priority(_ priority: Priority) -> HTML {
        switch priority {
        case .normal: .empty
        case .low: "<span class=soft>Low</span>"
        case .high: "<b class=late>High</b>"
        case .urgent: "<b class=late>Urgent</b>"
        }
    }
}
