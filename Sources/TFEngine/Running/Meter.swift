/// What the expressions of one transition have used up. A class, since evaluating changes nothing else of a run.
final class Meter {
    private(set) var usedInTurn = 0
    private var left = Engine.Caps.fuelPerStep

    /// The next step has fuel of its own.
    func beginStep() { left = Engine.Caps.fuelPerStep }

    /// Evaluates on the step's fuel.
    func measure<Value, Failure: Error>(_ body: (inout Int) throws(Failure) -> Value) throws(Failure) -> Value {
        let before = left
        defer { usedInTurn += before - left }
        return try body(&left)
    }
}
