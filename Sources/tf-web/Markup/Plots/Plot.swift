/// The pieces of plots: SVG that is sized by attributes and coloured by classes of the style sheet.
enum Plot {
    /// The width of every plot's view box, so that its text has the same size on every card.
    static let width = 340.0

    /// A number as SVG writes it: with one digit, without a needless zero.
    static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0
            ? String(tenths / 10) : "\(tenths < 0 && tenths > -10 ? "-" : "")\(tenths / 10).\(abs(tenths % 10))"
    }

    /// A round number from `most` on, at which a scale ends.
    static func end(_ most: Int) -> Int {
        var step = 1
        while true {
            for end in [4, 8, 12, 16, 20, 30] where end * step >= most { return end * step }
            step *= 10
        }
    }

    /// The plot itself.
    /// - Parameter label: what it shows, for whoever does not see it.
    static func svg(height: Double, label: String, _ content: HTML) -> HTML {
        """
        <svg viewBox="0 0 \(number(width)) \(number(height))" role="img" aria-label="\(label)">\(content)</svg>
        """
    }

    static func rect(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ look: HTML = .empty) -> HTML {
        """
        <rect\(look) rx=2 x=\(number(x)) y=\(number(y)) width=\(number(width)) height=\(number(height)) />
        """
    }

    /// - Parameter look: attributes, such as a class.
    static func text(_ x: Double, _ y: Double, _ text: String, _ look: HTML = .empty) -> HTML {
        #"<text\#(look) x="\#(number(x))" y="\#(number(y))">\#(text)</text>"#
    }

    /// The samples that explain the looks of a plot, in one line that ends at its right edge.
    /// - Parameter parts: the name of each look, and its sample in a box of ten by ten at this place.
    static func legend(_ parts: [(name: String, sample: (Double, Double) -> HTML)]) -> HTML {
        func room(for name: String) -> Double { Double(name.count) * 6.2 + 26 }
        var x = width - parts.reduce(0) { $0 + room(for: $1.name) }
        let samples = parts.map { name, sample -> HTML in
            defer { x += room(for: name) }
            return "\(sample(x, 2))\(text(x + 14, 11, name))"
        }
        return "\(samples)"
    }

    /// The sample of a bar's look.
    static func box(_ look: HTML) -> (Double, Double) -> HTML { { rect($0, $1, 10, 10, look) } }

    /// A label that fits into so many characters.
    static func short(_ text: String, _ limit: Int) -> String {
        text.count > limit ? text.prefix(limit - 1) + "…" : text
    }

    static let faint: HTML = #" opacity=".65""#
    static let bold: HTML = #" class="b""#
    static let middle: HTML = #" text-anchor="middle""#
    static let atEnd: HTML = #" text-anchor="end""#

    static func tone(_ tone: Tone) -> HTML { #" class="\#(tone.rawValue)""# }
}
