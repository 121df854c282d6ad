/// Turns a local time into a moment, by the same rule for every zone and in every part of the site.
///
/// A time in a gap means the time later by the length of the gap (02:30 means 03:30 if the hour from 02:00 is missing).
/// A time that comes twice means the first one. Source: RFC 5545, chapter 3.3.5.
///
/// A zone is a function that gives the seconds east of UTC at a moment in seconds since 1970. It is called for a few
/// moments around the wanted one, so two changes must be more than six hours apart.
package enum LocalTime {
    /// The moment of a local time, both in seconds since 1970.
    package static func moment(_ local: Int64, offset: (Int64) -> Int) -> Int64 {
        let local = bounded(local)
        let (before, after) = (Int64(offset(local - day)), Int64(offset(local + day)))
        if before == after, Int64(offset(local - before)) == before { return local - before }
        let window = window(around: local, offset)
        return moments(local, window, offset).first ?? local - gapStart(local, window).offset
    }

    /// All moments of a local time, in order: usually one, none in a gap, two when the clock is put back.
    package static func moments(_ local: Int64, offset: (Int64) -> Int) -> [Int64] {
        let local = bounded(local)
        return moments(local, window(around: local, offset), offset)
    }

    /// The first moment after the gap in which a local time lies.
    package static func endOfGap(_ local: Int64, offset: (Int64) -> Int) -> Int64 {
        let local = bounded(local)
        let last = gapStart(local, window(around: local, offset))
        var (inside, behind) = (last.moment, local - last.offset)
        while behind - inside > 1 {
            let middle = inside + (behind - inside) / 2
            if Int64(offset(middle)) == last.offset { inside = middle } else { behind = middle }
        }
        return behind
    }

    private static let day: Int64 = 86_400

    /// The zone's offsets at moments around a local time; no zone is a whole day from UTC.
    private typealias Window = [(moment: Int64, offset: Int64)]

    private static func window(around local: Int64, _ offset: (Int64) -> Int) -> Window {
        stride(from: local - day, through: local + day, by: 21_600).map { ($0, Int64(offset($0))) }
    }

    private static func moments(_ local: Int64, _ window: Window, _ offset: (Int64) -> Int) -> [Int64] {
        Set(window.map { local - $0.offset }).sorted().filter { $0 + Int64(offset($0)) == local }
    }

    /// The last moment in the window before the gap.
    private static func gapStart(_ local: Int64, _ window: Window) -> (moment: Int64, offset: Int64) {
        window.last { $0.moment + $0.offset < local } ?? (local - day, 0)
    }

    /// Limits far beyond any date that is read, and far from those of the type.
    private static func bounded(_ local: Int64) -> Int64 { min(max(local, -1 << 52), 1 << 52) }
}
