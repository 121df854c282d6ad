import TFDefinition

/// What the page after a change says once: a sentence, in which the name of a thing may be a link to it.
struct Flash: Sendable, Hashable {
    /// Unicode scalars, of up to four bytes each: browsers drop a cookie of more than 4,096 bytes.
    private static let limit = 650

    let sentence: String
    /// Its label is a part of the sentence.
    let link: Link?

    /// - Parameter link: left out unless its label is in the sentence.
    init(_ sentence: String, linking link: Link? = nil) {
        let isLong = sentence.unicodeScalars.count > Self.limit
        let shown = isLong ? sentence.prefix(scalars: Self.limit) + "…" : sentence
        self.sentence = shown
        self.link = link.flatMap { shown.contains($0.label) ? $0 : nil }
    }

    /// Reads what `text` writes.
    init(text: String) {
        let parts = text.split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4 else {
            self.init(text)
            return
        }
        self.init(parts[1] + parts[2] + parts[3], linking: Link(parts[0], parts[2]))
    }

    /// The sentence; with a link its address, and what stands before, in and behind it, a line each.
    var text: String {
        guard let (link, before, after) = split else { return sentence.replacing("\n", with: " ") }
        return [link.path, before, link.label, after].map { $0.replacing("\n", with: " ") }.joined(separator: "\n")
    }

    var html: HTML {
        guard let (link, before, after) = split else { return "\(sentence)" }
        return #"\#(before)<a href="\#(link.path)">\#(link.label)</a>\#(after)"#
    }

    private var split: (link: Link, before: String, after: String)? {
        guard let link, let range = sentence.firstRange(of: link.label) else { return nil }
        return (link, String(sentence[..<range.lowerBound]), String(sentence[range.upperBound...]))
    }
}
