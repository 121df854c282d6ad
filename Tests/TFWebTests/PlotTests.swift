import Testing

@testable import tf_web

/// What plots say about themselves.
@Suite struct PlotTests {
    @Test func `plots say what their looks mean, and how much the largest is`() {
        func text(_ html: HTML) -> String { String(decoding: html.bytes, as: UTF8.self) }
        let flow = text(
            FlowPlot(stretches: [3, 7].map { .init(label: "d", opened: $0, closed: 1) }, label: "f").html)
        #expect(flow.contains(#"text-anchor="end" x="340" y="14">7</text>"#))
        let bars = text(BarPlot(bars: [.init(label: "a", count: 2, late: 1)], look: Plot.faint, label: "b").html)
        #expect(bars.contains(">Late</text>") && bars.contains(">Not late</text>"))
        #expect(!text(BarPlot(bars: [.init(label: "a", count: 2)], look: Plot.faint, label: "b").html).contains("Late"))
        var counts = Array(repeating: Array(repeating: 0, count: 12), count: 7)
        counts[2][4] = 9
        let hours = text(HourPlot(counts: counts, label: "h").html)
        #expect(hours.contains(">None in two hours</text>") && hours.contains(">9</text>"))
        let times = text(TimePlot(lines: [.init(label: "s", half: 60_000, nineInTen: 600_000)], label: "t").html)
        #expect(times.contains(">Half are done</text>") && times.contains(">Nine in ten are done</text>"))
        // The legend and the line have a dot and a diamond each.
        #expect(times.matches(of: /<circle/).count == 2 && times.matches(of: /rotate\(45\)/).count == 2)
    }
}
