import TFDefinition
import TFExpression
import Testing

/// The clock of a dry run, and the days and times that follow from it.
@Suite struct SimulationClockTests {
    @Test(arguments: [
        ("2026-01-05T09:00:00Z", 0, "2026-01-05"), ("2026-11-30T23:30:00Z", 0, "2026-11-30"),
        ("2026-12-01T12:30:00+13:00", 46_800, "2026-12-01"), ("2026-11-30T20:00:00-03:30", -12_600, "2026-11-30"),
        ("2026-11-30T00:15:00+05:45", 20_700, "2026-11-30"),
    ])
    func `it is read with its zone, whose day it is, and written as it was read`(
        _ text: String, _ offset: Int, _ day: String
    ) throws {
        let clock = try #require(SimulationClock(text))
        #expect(clock.offset == offset)
        #expect(clock.day(at: clock.start).description == day)
        #expect(clock.text == text)
    }

    @Test(arguments: ["", "today", "2026-13-01T00:00:00Z", "09:00"])
    func `what is no moment is none`(_ text: String) {
        #expect(SimulationClock(text) == nil)
    }

    @Test func `a script without a clock begins on a Monday morning`() {
        let (script, problems) = SimulationScript.parse(Array("tasks: {}\n".utf8), file: "s.yaml")
        #expect(problems.isEmpty)
        #expect(script.clock == SimulationClock("2026-01-05T09:00:00Z"))
    }

    @Test func `a clock without a time is told`() {
        let (_, problems) = SimulationScript.parse(Array("now: soon\n".utf8), file: "s.yaml")
        #expect(
            problems.map(\.message) == [
                "\"now\" must be a date with a time, such as 2026-01-05T09:00:00Z, not \"soon\""
            ])
    }
}
