/// What survives going back to a choice: the state of a fold, the elements of an array in the making.
final class Cell {
    var value: JSON
    var trail: Trail?
    /// Elements collected, or paths to delete at the end.
    var list: [JSON] = []
    /// Whether the left side of `//` gave anything.
    var isFilled = false

    init(_ value: JSON = .null, trail: Trail? = nil) {
        self.value = value
        self.trail = trail
    }

    /// The value, leaving null: what then changes it is its only owner and need not copy.
    func take() -> JSON {
        let taken = value
        value = .null
        return taken
    }
}
