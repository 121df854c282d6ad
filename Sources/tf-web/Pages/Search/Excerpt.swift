import TFExpression
import TFStore

/// The part of a text around the first word that was searched for, with all of the words marked.
struct Excerpt {
    /// How many characters are shown before the first word, and in all.
    private static let (before, length) = (24, 96)

    private let characters: [Character]
    private let marked: [Range<Int>]
    private let shown: Range<Int>

    /// Whether one of the words is in the text.
    var hasMatch: Bool { !marked.isEmpty }

    /// - Parameter isWhole: whether nothing is cut off.
    init(_ text: String, _ words: SearchWords, isWhole: Bool = false) {
        characters = Array(text.split(separator: "\n").joined(separator: " · "))
        marked = Self.matches(in: characters, words.words)
        guard !isWhole, characters.count > Self.length else {
            shown = characters.indices
            return
        }
        let first = marked.first ?? 0..<0
        let start = max(0, min(first.lowerBound - Self.before, characters.count - Self.length))
        shown = Self.wholeWords(start..<start + Self.length, around: first, in: characters)
    }

    /// So many characters at most are left out for the sake of whole words: some languages have no spaces.
    private static let longestGap = 12

    /// A range of the text without the words that it would cut; what was found stays in it.
    private static func wholeWords(
        _ range: Range<Int>, around found: Range<Int>, in characters: [Character]
    ) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        if start > 0, !characters[start - 1].isWhitespace {
            let space = characters[start..<max(start, min(found.lowerBound, start + Self.longestGap))]
                .firstIndex(where: \.isWhitespace)
            start = space.map { $0 + 1 } ?? start
        }
        if end < characters.count, !characters[end].isWhitespace {
            end = max(end, found.upperBound)
            let space = characters[max(start, found.upperBound, end - Self.longestGap)..<end]
                .lastIndex(where: \.isWhitespace)
            end = space ?? end
        }
        return start..<end
    }

    /// The words of the text that begin with one of the searched ones, without case.
    private static func matches(in characters: [Character], _ words: [String]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var index = 0
        while index < characters.count {
            if SearchWords.emoji(characters[index]).contains(where: words.contains) {
                ranges.append(index..<index + 1)
            }
            guard characters[index].isLetter || characters[index].isNumber else {
                index += 1
                continue
            }
            if SearchWords.isSyllable(characters[index]) {
                if let found = syllables(at: index, in: characters, words) { Self.add(found, to: &ranges) }
                index += 1
                continue
            }
            let end =
                characters[index...].firstIndex {
                    !$0.isLetter && !$0.isNumber || SearchWords.isSyllable($0)
                } ?? characters.count
            let word = String(characters[index..<end]).folded.withoutAccents
            if words.contains(where: { word.hasPrefix($0) }) { ranges.append(index..<end) }
            index = end
        }
        return ranges
    }

    /// The pair, or the one character, that was searched for in a text that is written without spaces.
    private static func syllables(at index: Int, in characters: [Character], _ words: [String]) -> Range<Int>? {
        for count in [2, 1] where index + count <= characters.count {
            let word = String(characters[index..<index + count]).folded.withoutAccents
            if words.contains(word) { return index..<index + count }
        }
        return nil
    }

    /// Pairs that follow each other are one.
    private static func add(_ range: Range<Int>, to ranges: inout [Range<Int>]) {
        guard let last = ranges.last, last.upperBound >= range.lowerBound else { return ranges.append(range) }
        ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
    }

    var html: HTML {
        var html: HTML = when(shown.lowerBound > 0, "… ")
        var position = shown.lowerBound
        for range in marked where range.lowerBound >= position && range.upperBound <= shown.upperBound {
            html += "\(String(characters[position..<range.lowerBound]))<mark>\(String(characters[range]))</mark>"
            position = range.upperBound
        }
        html += "\(String(characters[position..<shown.upperBound]))\(when(shown.upperBound < characters.count, " …"))"
        return html
    }
}
