import Testing

@testable import TFStore
@testable import tf_web

/// Moments as people say them, with the exact one beside.
@Suite struct TimesTests {
    /// Thursday, 26 November 2026, 12:00 UTC.
    private static let now: Int64 = 1_795_694_400_000
    private static let minute: Int64 = 60_000
    private static let hour: Int64 = 3_600_000
    private static let day: Int64 = 86_400_000

    private let times = Times(nil, now: now)

    private func text(_ html: HTML) -> String {
        let markup = String(decoding: html.bytes, as: UTF8.self)
        return markup.split(separator: ">").dropFirst().first?.split(separator: "<").first.map(String.init) ?? markup
    }

    @Test(arguments: [
        (30_000, "now"), (5 * minute, "in 5 min"), (90 * minute, "in 1 h"), (20 * hour, "in 20 h"),
        (30 * hour, "tomorrow"), (4 * day, "Mon"), (8 * day, "4 Dec"), (60 * day, "25 Jan 2027"),
        (-30_000, "just now"), (-59 * minute, "59 min ago"), (-3 * hour, "09:00"), (-20 * hour, "yesterday"),
        (-4 * day, "Sun"), (-30 * day, "27 Oct"), (-400 * day, "22 Oct 2025"),
    ])
    func `what is near is said in relation to now`(distance: Int64, said: String) {
        #expect(text(times.near(Self.now + distance)) == said)
    }

    @Test(arguments: [
        (0, "just now", "less than 1 min"), (-59_000, "just now", "less than 1 min"),
        (-119_000, "1 min ago", "1 min"), (-59 * minute, "59 min ago", "59 min"), (-150 * minute, "09:30", "2 h"),
    ])
    func `a moment and how long ago it was are rounded alike`(distance: Int64, said: String, length: String) {
        #expect(text(times.near(Self.now + distance)) == said)
        #expect(times.lasting(since: Self.now + distance) == length)
        #expect(times.lasting(since: Self.now + 5) == "less than 1 min", "the clock of who wrote it is ahead")
    }

    @Test func `a short length of time is told in seconds where seconds matter`() {
        #expect([200, 2_900, 59_999, 60_000, 7_200_000].map(Times.brief) == ["1 s", "2 s", "59 s", "1 min", "2 h"])
    }

    @Test(arguments: [(-20 * minute, "20 min late"), (-30 * hour, "30 h late"), (-3 * day, "3 days late")])
    func `what is due and past is late, by its largest unit`(distance: Int64, said: String) {
        let html = times.due(Self.now + distance)
        #expect(text(html) == said)
        #expect(String(decoding: html.bytes, as: UTF8.self).contains("class=late"))
    }

    @Test(arguments: [
        (-2 * hour, "late 2 h late"), (-30 * hour, "late 30 h late"),
        (-30 * day, "late 30 days late"), (3 * hour, "15:00"), (20 * hour, "tomorrow 08:00"),
        (4 * day, "Mon 12:00"),
        (8 * day, "4 Dec, 12:00"),
    ])
    func `a due date in a list is exact without an attribute until it has passed, and then says how late it is`(
        distance: Int64, said: String
    ) {
        switch times.dueInList(Self.now + distance) {
        case .late(let words): #expect("late \(words)" == said)
        case .text(let html): #expect(String(decoding: html.bytes, as: UTF8.self) == said)
        case .link, .whole, .state, .named, .tick: Issue.record("no cell of a date")
        }
    }

    @Test func `a due date in a row of facts is no "due late"`() {
        #expect(
            String(decoding: times.dueInSentence(Self.now + 2 * Self.hour).bytes, as: UTF8.self).hasPrefix("Due <time"))
        #expect(text(times.dueInSentence(Self.now - 2 * Self.hour)) == "2 h late")
        #expect(times.lateness(Self.now) == nil)
    }

    @Test(arguments: [
        (-2 * hour, "10:00"), (-20 * hour, "yesterday 16:00"), (-3 * day, "Mon 12:00"), (-8 * day, "18 Nov, 12:00"),
    ])
    func `the entries of a story have their times of the day`(distance: Int64, said: String) {
        #expect(text(times.told(Self.now + distance)) == said)
    }

    @Test(arguments: [
        (2 * hour, "14:00"), (24 * hour, "tomorrow 12:00"), (4 * day, "Mon 12:00"), (8 * day, "4 Dec, 12:00"),
    ])
    func `an end is said with its time of the day`(distance: Int64, said: String) {
        #expect(text(times.until(Self.now + distance)) == said)
        #expect(times.untilInList(Self.now + distance) == said)
    }

    @Test func `the exact moment is in the company's time zone`() {
        let berlin = Times(
            Company(
                id: .init(rawValue: 1), slug: "acme", name: "Acme", timezone: "Europe/Berlin",
                version: 1), now: Self.now)
        let html = String(decoding: berlin.near(Self.now + 5 * Self.minute).bytes, as: UTF8.self)
        #expect(html == "<time datetime=\"2026-11-26 13:05\">in 5 min</time>")
    }

    @Test(arguments: [
        (20_000, "less than 1 min"), (5 * minute, "5 min"), (2 * hour, "2 h"), (148 * minute, "2 h 28 min"),
        (day, "1 day"), (3 * day + 4 * hour, "3 days 4 h"),
    ])
    func `a length of time has its two largest units`(length: Int64, said: String) {
        #expect(Times.length(length) == said)
    }
}
