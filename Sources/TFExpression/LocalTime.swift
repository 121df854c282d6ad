/// The one rule from the clock on the wall to the moment that is meant, for every zone and every part of the site.
///
/// A time that the clock leaves out stands for the one that is later by the length of the gap (02:30 is 03:30 where
/// the hour from 02:00 is missing); of a time that comes twice, the first is meant. Source: RFC 5545, chapter 3.3.5.
///
/// A zone is a function: the seconds that it is east of UTC, at a moment in seconds since 1970. It is asked at a few
/// moments around the wanted one, so two changes must lie more than six hours apart.
package enum LocalTime {
    /// The moment of a local time, both in seconds since 1970.
    package static func moment(_ local: Int64, offset: (Int64) -> Int) -> Int64 {
        let local = bounded(local)
        let (before, after) = (Int64(offset(local - day)), Int64(offset(local + day)))
        if before == after, Int64(offset(local - before)) == before { return local - before }
        let window = window(around: local, offset)
        return moments(local, window, offset).first ?? local - gapStart(local, window).offset
    }

    /// All moments of a local time, in order: one on most days, none in a gap, two where the clock is put back.
    package static func moments(_ local: Int64, offset: (Int64) -> Int) -> [Int64] {
        let local = bounded(local)
        return moments(local, window(around: local, offset), offset)
    }

    /// The first moment behind the gap that holds a local time of which there is no moment.
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

    /// What a zone says at moments around a local time: no zone is a whole day from UTC.
    private typealias Window = [(moment: Int64, offset: Int64)]

    private static func window(around local: Int64, _ offset: (Int64) -> Int) -> Window {
        stride(from: local - day, through: local + day, by: 21_600).map { ($0, Int64(offset($0))) }
    }

    private static func moments(_ local: Int64, _ window: Window, _ offset: (Int64) -> Int) -> [Int64] {
        Set(window.map { local - $0.offset }).sorted().filter { $0 + Int64(offset($0)) == local }
    }

    /// The last moment of the window at which the clock has not come to the local time: it is before the gap.
    private static func gapStart(_ local: Int64, _ window: Window) -> (moment: Int64, offset: Int64) {
        window.last { $0.moment + $0.offset < local } ?? (local - day, 0)
    }

    /// Far beyond any date that is read, and far from the ends of the type.
    private static func bounded(_ local: Int64) -> Int64 { min(max(local, -1 << 52), 1 << 52) }
}
