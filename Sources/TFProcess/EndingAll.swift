import Subprocess

extension PlatformOptions {
    /// Has a process that is cancelled end with all that it has started: what is left of it would keep its output open.
    package static var endingAll: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(100))
        ]
        return options
    }
}
