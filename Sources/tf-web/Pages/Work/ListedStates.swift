import TFEngine

/// The states of the tasks in a list: a word of its query.
enum ListedStates: Sendable, Hashable, RawRepresentable, CaseIterable {
    case open
    case all
    case one(TaskState)

    static let allCases = [open, all] + TaskState.allCases.map(one)

    init?(rawValue: String) {
        guard let states = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = states
    }

    var rawValue: String {
        switch self {
        case .open: "open"
        case .all: "all"
        case .one(let state): state.rawValue
        }
    }

    /// Whether all of them are open.
    var areOpen: Bool {
        switch self {
        case .open: true
        case .all: false
        case .one(let state): state.isOpen
        }
    }
}
