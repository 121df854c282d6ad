/// An error of the database.
package struct DatabaseFailure: Error, Sendable, CustomStringConvertible {
    /// What the caller can do about it.
    package enum Kind: Sendable {
        /// A lock, the disk or the server refused the statement. It may work later, and nothing is broken.
        case unavailable
        /// A constraint of the schema refused it.
        case constraint
        case other
    }

    /// What a person can do about a store that does not open.
    package enum Refusal: Sendable {
        /// Another process holds the lock.
        case locked
        /// There is no room on the disk.
        case full
        /// The file, or its file system, cannot be written to.
        case readOnly
        /// The server is gone, or takes no changes, and was waited for.
        case away
        /// The file is no database, or is damaged.
        case damaged
        /// A newer version has brought the store up to date while this program ran.
        case upgraded
        /// `tf-daemon move` has copied the record to another place while this program ran.
        case moved

        /// Whether this program has to end: it cannot use the store any more.
        package var endsProgram: Bool {
            switch self {
            case .upgraded, .moved: true
            case .locked, .full, .readOnly, .away, .damaged: false
            }
        }

        /// What it is, and what to do about it.
        /// - Parameter directory: of a store that does not open; nil: it is open, and refused a change.
        func sentence(in directory: String? = nil) -> String {
            let store = directory.map { "the store in \($0)" } ?? "the store"
            return switch (self, directory) {
            case (.locked, let directory?):
                "\(store) is locked by another process for half a minute already; find it with "
                    + "`fuser \(directory)/store.db` and end it"
            case (.locked, nil): "\(store) is locked by another process; try again, or see `tf-daemon doctor`"
            case (.full, let directory?): "the disk of \(directory) is full; make room there, and start again"
            case (.full, nil): "\(store)'s disk is full; make room there"
            case (.readOnly, _): "\(store) cannot be written to; its disk may be full or mounted read-only"
            case (.away, _): "\(store)'s PostgreSQL does not answer, or takes no changes; start it, and see store.url"
            case (.damaged, _?):
                "\(store) is damaged; keep a copy of the directory, and restore a backup into an empty one "
                    + "with `tf-daemon restore`"
            case (.damaged, nil): "\(store) is damaged; see `tf-daemon doctor`"
            case (.upgraded, _):
                "\(store) was brought up to date by a newer version while this program ran; start the newer one"
            case (.moved, _): "\(store) was moved away by `tf-daemon move` while this program ran; see store.url"
            }
        }
    }

    package let kind: Kind
    /// nil: something else.
    package let refusal: Refusal?
    /// The engine's own message, after what a person can do about it.
    package let description: String

    package init(kind: Kind, refusal: Refusal? = nil, description: String) {
        self.kind = kind
        self.refusal = refusal
        self.description = refusal.map { "\($0.sentence()) (\(description))" } ?? description
    }
}

/// The transaction was rolled back, or a savepoint in it could not be: nothing of it may be committed, and nothing more
/// written.
///
/// A caller that continues after an error in a savepoint must rethrow this one, like every temporary error
/// (`StoreError.isTemporary`).
struct TransactionLost: Error, CustomStringConvertible {
    /// The error that came first; nil: not known here.
    let cause: (any Error)?

    var description: String {
        let reason = cause.map { ": \($0)" } ?? ""
        return "the transaction was lost, and nothing of it was saved\(reason)"
    }
}
