import Glibc

/// The signal that a closed terminal sends to what was started there.
package enum HangUp {
    /// Whether this process was started to outlive its terminal, as by nohup(1): it is to go on then.
    package static var isIgnored: Bool {
        var action = sigaction()
        guard sigaction(SIGHUP, nil, &action) == 0 else { return false }
        // SIG_IGN: the number 1 in place of a function's address.
        return unsafeBitCast(action.__sigaction_handler, to: Int.self) == 1
    }
}
