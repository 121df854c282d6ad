/// A value that stays when the machine goes back to a choice: the state of a fold, or an array that is being made.
final class Cell {
    var value: JSON
    var trail: Trail?
    /// Elements collected, or paths to delete at the end.
    var list: [JSON] = []
    /// Whether the left side of `//` gave a value.
    var isFilled = false

    init(_ value: JSON = .null, trail: Trail? = nil) {
        self.value = value
        self.trail = trail
    }

    /// Takes the value out, leaving null, so that whoever changes it is its only owner and copies nothing.
    func take() -> JSON {
        let taken = value
        value = .null
        return taken
    }
}
