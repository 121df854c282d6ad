import TFDefinition
import TFExpression

/// The differences between two texts by lines, with some unchanged lines around each.
struct LineDiff {
    enum Line: Equatable {
        case same(String)
        case removed(String)
        case added(String)
        /// A number of unchanged lines that are left out.
        case gap(Int)
    }

    private static let context = 3
    /// Lines; longer texts are not compared.
    private static let limitLines = 4_000
    /// Maximum number of removed and added lines: time and memory grow with its square.
    private static let limitChanges = 1_000

    /// nil if the texts are too long to compare.
    let lines: [Line]?

    init(from old: String, to new: String) {
        let old = old.sourceLines
        let new = new.sourceLines
        guard old.count <= Self.limitLines, new.count <= Self.limitLines else {
            lines = nil
            return
        }
        lines = Self.shortened(Self.all(old, new))
    }

    private static func all(_ old: [Substring], _ new: [Substring]) -> [Line] {
        let (removed, added) = changes(old, new)
        var lines: [Line] = []
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if left < old.count, removed.contains(left) {
                lines.append(.removed(String(old[left])))
                left += 1
            } else if right < new.count, added.contains(right) {
                lines.append(.added(String(new[right])))
                right += 1
            } else {
                lines.append(.same(String(new[right])))
                left += 1
                right += 1
            }
        }
        return lines
    }

    /// The positions of the lines removed from `old` and added in `new`. If there are too many, all lines between the
    /// common beginning and the common end.
    private static func changes(_ old: [Substring], _ new: [Substring]) -> (removed: Set<Int>, added: Set<Int>) {
        // By bytes: composed and decomposed characters are different.
        var numbers: [ExactString: Int] = [:]
        func number(_ line: Substring) -> Int {
            let line = ExactString(String(line))
            let number = numbers[line] ?? numbers.count
            numbers[line] = number
            return number
        }
        let (old, new) = (old.map(number), new.map(number))
        let start = zip(old, new).prefix { $0 == $1 }.count
        let rest = min(old.count, new.count) - start
        let end = zip(old.reversed(), new.reversed()).prefix(rest).prefix { $0 == $1 }.count
        let (left, right) = (old[start..<(old.count - end)], new[start..<(new.count - end)])
        return FewestChanges.find(left, right, most: limitChanges) ?? (Set(left.indices), Set(right.indices))
    }

    private static func shortened(_ lines: [Line]) -> [Line] {
        let changed = lines.indices.filter { if case .same = lines[$0] { false } else { true } }
        var isShown = [Bool](repeating: false, count: lines.count)
        for index in changed {
            for near in max(0, index - context)...min(lines.count - 1, index + context) { isShown[near] = true }
        }
        var result: [Line] = []
        for (index, line) in lines.enumerated() {
            if isShown[index] {
                result.append(line)
            } else if case .gap(let count)? = result.last {
                result[result.count - 1] = .gap(count + 1)
            } else {
                result.append(.gap(1))
            }
        }
        return result
    }

    /// As text with `+` and `-` in front, so that nothing is told by colour alone.
    var html: HTML {
        guard let lines else { return "<p>The texts are too long to compare here.</p>" }
        guard lines.contains(where: { if case .gap = $0 { false } else { true } }) else {
            return "<p>The texts are the same.</p>"
        }
        let rows = lines.map { line -> HTML in
            switch line {
            case .same(let text): "<span>  \(text)</span>"
            case .removed(let text): #"<span class="fail">- \#(text)</span>"#
            case .added(let text): #"<span class="done">+ \#(text)</span>"#
            case .gap(let count): #"<span class="soft">  … \#(count) \#(count == 1 ? "line" : "lines")</span>"#
            }
        }
        return #"<pre class="diff" tabindex="0" role="region" aria-label="Lines that change">\#(rows)</pre>"#
    }
}
