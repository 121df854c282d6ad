/// A time of the day, read and written as `12:30` or `12:30:45`.
package struct TimeOfDay: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    /// Seconds since midnight.
    package let seconds: Int

    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3 else { return nil }
        let numbers = parts.compactMap { part -> Int? in
            part.utf8.count == 2 && part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
        }
        guard numbers.count == parts.count, numbers[0] < 24, numbers.dropFirst().allSatisfy({ $0 < 60 }) else {
            return nil
        }
        seconds = numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
    }

    /// The time of the day at a moment, `offset` seconds east of UTC; without seconds, as it is typed.
    package init(secondsSince1970 seconds: Int64, offset: Int) {
        let day = Int64(86_400)
        let local = ((seconds % day + Int64(offset)) % day + day) % day
        self.seconds = Int(local - local % 60)
    }

    package var description: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = "\(two(seconds / 3600)):\(two(seconds / 60 % 60))"
        return seconds % 60 == 0 ? minutes : "\(minutes):\(two(seconds % 60))"
    }

    package static func < (left: TimeOfDay, right: TimeOfDay) -> Bool { left.seconds < right.seconds }
}
