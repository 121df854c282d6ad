import Foundation

/// Lengths of time on a scale on which each step is many times the one before: half are done by the dot, nine in ten by
/// the diamond.
struct TimePlot {
    struct Line {
        let label: String
        /// In milliseconds.
        let half: Int64
        let nineInTen: Int64
    }

    /// Where the scale begins and ends; behind it both lengths stand in words.
    private static let (left, right) = (122.0, 248.0)
    private static let step = 26.0
    /// The room of the legend.
    private static let top = 20.0
    /// The marks of the axis: a length of time in milliseconds, and its name.
    private static let marks: [(Int64, String)] = [
        (60_000, "1 min"), (120_000, "2 min"), (300_000, "5 min"), (600_000, "10 min"), (1_800_000, "30 min"),
        (3_600_000, "1 h"), (7_200_000, "2 h"), (14_400_000, "4 h"), (28_800_000, "8 h"), (57_600_000, "16 h"),
        (86_400_000, "1 d"), (172_800_000, "2 d"), (345_600_000, "4 d"), (604_800_000, "7 d"),
        (1_209_600_000, "14 d"), (2_592_000_000, "30 d"), (5_184_000_000, "60 d"), (15_552_000_000, "180 d"),
    ]

    let lines: [Line]
    let label: String

    var html: HTML {
        let lengths = lines.flatMap { [$0.half, $0.nineInTen] }.map { max($0, 1_000) }
        let low = log(Double(lengths.min() ?? 1_000) * 0.8)
        let high = max(log(Double(lengths.max() ?? 1_000) * 1.25), low + 1)
        func x(_ length: Int64) -> Double {
            Self.left + (Self.right - Self.left) * (log(Double(max(length, 1_000))) - low) / (high - low)
        }
        let bottom = Self.top + Double(lines.count) * Self.step + 2
        return Plot.svg(
            height: max(150, bottom + 18), label: label,
            "\(Self.legend)\(axis(to: bottom, x))\(lines.enumerated().map { row($1, at: Self.top + Double($0) * Self.step + 13, x) })"
        )
    }

    private static var legend: HTML {
        Plot.legend([
            ("Half are done", { dot($0 + 5, $1 + 5) }), ("Nine in ten are done", { diamond($0 + 5, $1 + 5) }),
        ])
    }

    private static func dot(_ x: Double, _ y: Double) -> HTML {
        #"<circle cx="\#(Plot.number(x))" cy="\#(Plot.number(y))" r="5"/>"#
    }

    /// Another shape than the dot's, for those to whom the colours look alike.
    private static func diamond(_ x: Double, _ y: Double) -> HTML {
        let place = "\(Plot.number(x)) \(Plot.number(y))"
        return #"<g transform="translate(\#(place)) rotate(45)">\#(Plot.rect(-4.5, -4.5, 9, 9, Plot.tone(.wait)))</g>"#
    }

    /// Marks that are too near to the one before are left out.
    private func axis(to bottom: Double, _ x: (Int64) -> Double) -> [HTML] {
        var last = Self.left - 60
        return Self.marks.compactMap { length, name in
            let place = x(length)
            guard place >= Self.left, place <= Self.right, place - last > 34 else { return nil }
            last = place
            return """
                <path class="e off" d="M\(Plot.number(place)) \(Plot.number(Self.top))V\(Plot.number(bottom))"/>\
                \(Plot.text(place, bottom + 14, name, Plot.middle))
                """
        }
    }

    private func row(_ line: Line, at y: Double, _ x: (Int64) -> Double) -> HTML {
        let (half, most) = (x(line.half), x(line.nineInTen))
        return """
            \(Plot.text(0, y + 4, Plot.short(line.label, 20)))\
            <path class="e" d="M\(Plot.number(half)) \(Plot.number(y))H\(Plot.number(most))"/>\
            \(Self.diamond(most, y))\(Self.dot(half, y))\
            \(Plot.text(Plot.width, y + 4, Self.words(line), Plot.atEnd))
            """
    }

    /// «2 h – 5 h», or one length if both are told alike.
    private static func words(_ line: Line) -> String {
        let (half, most) = (Times.roughly(line.half), Times.roughly(line.nineInTen))
        return half == most ? half : "\(half) – \(most)"
    }
}
