/// The shortest edit script between two lists, by removing and adding elements: the greedy algorithm of Myers, "An
/// O(ND) Difference Algorithm and Its Variations", 1986. Time and memory grow with the square of the changes, whose
/// number is bounded.
enum FewestChanges {
    /// - Returns: the positions removed from `old` and added in `new`; nil if there are more than `most`.
    static func find(
        _ old: ArraySlice<Int>, _ new: ArraySlice<Int>, most: Int
    ) -> (removed: Set<Int>, added: Set<Int>)? {
        guard abs(old.count - new.count) <= most else { return nil }
        // The furthest position in `old` that a path reached on each diagonal (position in `old` minus position in
        // `new`).
        let middle = most + 1
        var reached = [Int32](repeating: 0, count: 2 * middle + 1)
        // A copy for each number of changes, to walk back: only the diagonals that such paths may come from.
        var steps: [[Int32]] = []
        for changes in 0...most {
            steps.append(Array(reached[(middle - changes)...(middle + changes)]))
            for diagonal in stride(from: -changes, through: changes, by: 2) {
                let (below, above) = (reached[middle + diagonal + 1], reached[middle + diagonal - 1])
                var left = Int(isAdded(diagonal, changes, below, above) ? below : above + 1)
                while left < old.count, left - diagonal < new.count,
                    old[old.startIndex + left] == new[new.startIndex + left - diagonal]
                {
                    left += 1
                }
                reached[middle + diagonal] = Int32(left)
                guard left == old.count, left - diagonal == new.count else { continue }
                let (removed, added) = walkBack(from: diagonal, steps)
                return (
                    Set(removed.map { old.startIndex + $0 }), Set(added.map { new.startIndex + $0 })
                )
            }
        }
        return nil
    }

    /// Whether the last change on the path to a diagonal is an addition.
    private static func isAdded(_ diagonal: Int, _ changes: Int, _ below: Int32, _ above: Int32) -> Bool {
        diagonal == -changes || (diagonal != changes && above < below)
    }

    private static func walkBack(from last: Int, _ steps: [[Int32]]) -> (removed: [Int], added: [Int]) {
        var (removed, added): ([Int], [Int]) = ([], [])
        var diagonal = last
        for changes in stride(from: steps.count - 1, to: 0, by: -1) {
            func reached(_ diagonal: Int) -> Int32 {
                let index = changes + diagonal
                return steps[changes].indices.contains(index) ? steps[changes][index] : 0
            }
            if isAdded(diagonal, changes, reached(diagonal + 1), reached(diagonal - 1)) {
                diagonal += 1
                added.append(Int(reached(diagonal)) - diagonal)
            } else {
                diagonal -= 1
                removed.append(Int(reached(diagonal)))
            }
        }
        return (removed, added)
    }
}
