import Synchronization
import TFExpression

/// The figures of a process, in Prometheus' text format (version 0.0.4).
///
/// Counters and histograms are kept here; gauges are passed in when the text is made. Every family is told from the
/// start, so that who writes an alert sees its name before anything was counted.
package final class MetricRegistry: Sendable {
    /// A figure: its name, kind and help, for all values of its labels.
    package struct Family: Sendable, Hashable {
        package enum Kind: String, Sendable {
            case counter
            case gauge
            case histogram
        }

        package let name: String
        package let kind: Kind
        package let help: String

        package init(_ name: String, _ kind: Kind, _ help: String) {
            self.name = name
            self.kind = kind
            self.help = help
        }
    }

    package typealias Labels = [String: String]

    /// Upper bounds of the buckets in seconds, from a millisecond to days.
    package static let bounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 28_800,
        86_400,
    ]

    private struct Key: Hashable {
        let family: Family
        let labels: String
    }

    private struct Histogram {
        var counts = [Int](repeating: 0, count: MetricRegistry.bounds.count + 1)
        var sum = 0.0
    }

    private struct State {
        var counters: [Key: Double] = [:]
        var histograms: [Key: Histogram] = [:]
    }

    private let state = Mutex(State())

    private let families: [Family]

    /// - Parameter families: all that the process serves.
    package init(_ families: [Family] = []) { self.families = families }

    package func add(_ amount: Double = 1, to family: Family, _ labels: Labels = [:]) {
        let key = Key(family: family, labels: Self.text(labels))
        state.withLock { $0.counters[key, default: 0] += amount }
    }

    /// - Parameter seconds: how long something took.
    package func observe(_ seconds: Double, in family: Family, _ labels: Labels = [:]) {
        let key = Key(family: family, labels: Self.text(labels))
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.histograms[key, default: Histogram()].counts[bucket] += 1
            state.histograms[key, default: Histogram()].sum += seconds
        }
    }

    /// The text that Prometheus reads.
    /// - Parameter gauges: the present values of the gauges.
    package func text(gauges: [(family: Family, labels: Labels, value: Double)]) -> String {
        let (counters, histograms) = state.withLock { ($0.counters, $0.histograms) }
        var families = Dictionary(self.families.map { ($0, [String]()) }, uniquingKeysWith: { first, _ in first })
        for (key, value) in counters {
            families[key.family, default: []].append(
                "\(key.family.name)\(Self.braced(key.labels)) \(Self.number(value))")
        }
        for gauge in gauges {
            families[gauge.family, default: []].append(
                "\(gauge.family.name)\(Self.braced(Self.text(gauge.labels))) \(Self.number(gauge.value))")
        }
        for (key, histogram) in histograms {
            families[key.family, default: []].append(Self.lines(key, histogram))
        }
        return families.sorted { $0.key.name < $1.key.name }.map { family, lines in
            """
            # HELP \(family.name) \(family.help)
            # TYPE \(family.name) \(family.kind.rawValue)

            """ + lines.sorted().map { $0 + "\n" }.joined()
        }.joined()
    }

    private static func lines(_ key: Key, _ histogram: Histogram) -> String {
        let name = key.family.name
        let before = key.labels.isEmpty ? "" : key.labels + ","
        var total = 0
        var lines = zip(bounds, histogram.counts).map { bound, count in
            total += count
            return "\(name)_bucket{\(before)le=\"\(number(bound))\"} \(total)"
        }
        total += histogram.counts[bounds.count]
        lines.append("\(name)_bucket{\(before)le=\"+Inf\"} \(total)")
        lines.append("\(name)_sum\(braced(key.labels)) \(number(histogram.sum))")
        lines.append("\(name)_count\(braced(key.labels)) \(total)")
        return lines.joined(separator: "\n")
    }

    private static func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

    private static func text(_ labels: Labels) -> String {
        labels.sorted { $0.key < $1.key }.map { name, value in
            let escaped = value.escaped { byte in
                switch byte {
                case UInt8(ascii: "\\"): "\\\\"
                case UInt8(ascii: "\""): "\\\""
                case UInt8(ascii: "\n"): "\\n"
                default: nil
                }
            }
            return "\(name)=\"\(escaped)\""
        }.joined(separator: ",")
    }

    private static func number(_ value: Double) -> String {
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
