/// The fewest elements that make one list of another, removed and added: the greedy algorithm of Myers, "An O(ND)
/// Difference Algorithm and Its Variations", 1986. Time and memory go with the square of the changes, which are bounded.
enum FewestChanges {
    /// - Returns: the places of what is removed from `old` and added in `new`; nil: they are more than `most`.
    static func find(
        _ old: ArraySlice<Int>, _ new: ArraySlice<Int>, most: Int
    ) -> (removed: Set<Int>, added: Set<Int>)? {
        guard abs(old.count - new.count) <= most else { return nil }
        // How far into `old` a path came on each diagonal, that is, for each difference of the places in both.
        let middle = most + 1
        var reached = [Int32](repeating: 0, count: 2 * middle + 1)
        // Of that, what the paths with so many changes may come from: one diagonal more on each side than they had.
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

    /// Whether the last change on the way to a diagonal is an addition.
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
