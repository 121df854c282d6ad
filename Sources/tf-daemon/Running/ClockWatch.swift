import TFStore

/// Notices that the time of day was set, by comparing it with a clock that only runs forward.
struct ClockWatch {
    private var wall: Int64
    private var steady: ContinuousClock.Instant

    /// - Parameters:
    ///   - wall: the time of day, in milliseconds since 1970.
    ///   - steady: the same moment.
    init(wall: Int64, steady: ContinuousClock.Instant) {
        self.wall = wall
        self.steady = steady
    }

    /// - Returns: by how many milliseconds the clock was set since the last look, negative: back; nil: it was not.
    mutating func jump(wall now: Int64, steady: ContinuousClock.Instant) -> Int64? {
        let passed = self.steady.duration(to: steady) / .milliseconds(1)
        let jump = now - wall - Int64(passed)
        (wall, self.steady) = (now, steady)
        return abs(jump) > Store.clockTolerance ? jump : nil
    }
}
