/// The known name that a misspelt one most likely meant, for "did you mean …?".
///
/// Distance is Damerau-Levenshtein's (a swap of neighbours counts one); a name is near within a third of its length,
/// at least 1 and at most 3; a name of one letter is near to nothing. Ties go to the first in `known`.
package func nearestName(to name: String, among known: some Sequence<String>) -> String? {
    guard (2...100).contains(name.count) else { return nil }
    let limit = min(3, max(1, name.count / 3))
    var best: (name: String, distance: Int)?
    for candidate in known where abs(candidate.count - name.count) <= limit {
        let distance = editDistance(Array(name.lowercased()), Array(candidate.lowercased()))
        if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
}

/// The nearest name, else the only name that begins with the misspelt one: `summ` means `summary`.
package func nearestStart(to name: String, among known: some Sequence<String>) -> String? {
    if let nearest = nearestName(to: name, among: known) { return nearest }
    guard name.count >= 3 else { return nil }
    let longer = known.filter { $0.hasPrefix(name) }
    return longer.count == 1 ? longer[0] : nil
}

private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for row in left.indices {
        var current = [row + 1]
        for column in right.indices {
            let substitution = previous[column] + (left[row] == right[column] ? 0 : 1)
            var cost = min(substitution, previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                cost = min(cost, beforePrevious[column - 1] + 1)
            }
            current.append(cost)
        }
        beforePrevious = previous
        previous = current
    }
    return previous[right.count]
}
