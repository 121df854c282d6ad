import TFDefinition

/// What changed between two texts, line by line, with some lines around each change.
struct LineDiff {
    enum Line: Equatable {
        case same(String)
        case removed(String)
        case added(String)
        /// Lines that are the same, left out.
        case gap(Int)
    }

    private static let context = 3
    /// Longer texts are not compared: the time goes with the product of their changes.
    private static let mostLines = 4_000

    /// nil: too long to compare.
    let lines: [Line]?

    init(from old: String, to new: String) {
        let old = old.sourceLines
        let new = new.sourceLines
        guard old.count <= Self.mostLines, new.count <= Self.mostLines else {
            lines = nil
            return
        }
        lines = Self.shortened(Self.all(old, new))
    }

    private static func all(_ old: [Substring], _ new: [Substring]) -> [Line] {
        var removed: Set<Int> = []
        var added: Set<Int> = []
        // By bytes: composed and decomposed writing are two texts.
        for change in new.difference(from: old, by: { $0.utf8.elementsEqual($1.utf8) }) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
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

    /// As text with `+` and `-` in front, so that colour carries nothing alone.
    var html: HTML {
        guard let lines else { return "<p>The texts are too long to compare here.</p>" }
        guard lines.contains(where: { if case .gap = $0 { false } else { true } }) else {
            return "<p>The texts are the same.</p>"
        }
        let rows = lines.map { line -> HTML in
            switch line {
            case .same(let text): "  \(text)\n"
            case .removed(let text): "<del>- \(text)</del>\n"
            case .added(let text): "<ins>+ \(text)</ins>\n"
            case .gap(let count): "<span class=\"gap\">  … \(count) \(count == 1 ? "line" : "lines")</span>\n"
            }
        }
        return #"<pre class="diff" tabindex="0">\#(rows)</pre>"#
    }
}
