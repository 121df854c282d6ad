import TFConfiguration
import Testing

@Suite struct MetricRegistryTests {
    private static let taken = MetricRegistry.Family("x_taken_total", .counter, "Taken.")
    private static let took = MetricRegistry.Family("x_took_seconds", .histogram, "How long.")
    private static let now = MetricRegistry.Family("x_now", .gauge, "Now.")

    @Test func `families are sorted, labels escaped, and buckets count all below them`() {
        let registry = MetricRegistry()
        registry.add(to: Self.taken, ["company": "a\"b\\c\nd"])
        registry.add(2, to: Self.taken, ["company": "a\"b\\c\nd"])
        for seconds in [0.0005, 0.02, 0.02, 100_000] { registry.observe(seconds, in: Self.took) }
        let lines = registry.text(gauges: [(Self.now, [:], 1.5)]).split(separator: "\n").map(String.init)
        #expect(lines.contains(#"x_taken_total{company="a\"b\\c\nd"} 3"#))
        #expect(lines.contains("x_now 1.5"))
        #expect(lines.contains(#"x_took_seconds_bucket{le="0.001"} 1"#))
        #expect(lines.contains(#"x_took_seconds_bucket{le="0.01"} 1"#))
        #expect(lines.contains(#"x_took_seconds_bucket{le="0.025"} 3"#))
        #expect(lines.contains(#"x_took_seconds_bucket{le="86400"} 3"#))
        #expect(lines.contains(#"x_took_seconds_bucket{le="+Inf"} 4"#))
        #expect(lines.contains("x_took_seconds_count 4"))
        #expect(
            lines.filter { $0.hasPrefix("# TYPE") }
                == ["# TYPE x_now gauge", "# TYPE x_taken_total counter", "# TYPE x_took_seconds histogram"])
    }
}
