import TFEngine
import TFStore

/// The outcome of a change: the page that a person goes to next, and the reply to a program.
struct Done {
    /// The address that a person is redirected to, and what is told there once.
    let location: String
    let flash: Flash?
    /// The address at which the form itself asks to go on; nil: `location`.
    private(set) var asked: String?
    /// Builds the API's reply, inside the change's transaction; nil if no operation makes this change.
    private(set) var reply: (() throws -> Reply)?
    /// The API's reply where much is read for it; nil: it is `reply`.
    private(set) var shown: Shown?
    /// The ticket whose workflow continues because of the change; the answer to a person waits a moment for its next
    /// step.
    private(set) var moved: TicketID?

    /// - Parameters:
    ///   - sentence: shown once on the next page; nil if that page needs none.
    ///   - link: what in the sentence is a link.
    static func seen(_ location: String, saying sentence: String? = nil, linking link: Link? = nil) -> Done {
        Done(location: location, flash: sentence.map { Flash($0, linking: link) })
    }

    /// The outcome of a change that only the API makes.
    static func answered(_ reply: @escaping () throws -> Reply) -> Done {
        Done(location: "", flash: nil, reply: reply)
    }

    /// A reply that is read after the change is made, so that other changes need not wait for it; in the change's
    /// transaction only if the reply is stored there.
    struct Shown: Sendable {
        let read: @Sendable (ReadSession) throws -> Reply
        /// What is answered if it cannot be read: the change is made by then, and an error would have it sent again.
        let otherwise: Reply
        /// Whether it tells what the engine's next step has made of the change.
        var isOfNextStep = false
    }

    /// The outcome of a change that only the API makes, and after which much is read for the reply.
    static func shown(
        or otherwise: Reply, _ read: @escaping @Sendable (ReadSession) throws -> Reply
    ) -> Done {
        Done(location: "", flash: nil, shown: Shown(read: read, otherwise: otherwise))
    }

    /// The same outcome, and the engine continues with this ticket.
    func moving(_ ticket: TicketID) -> Done {
        var done = self
        done.moved = ticket
        return done
    }

    /// The same outcome, and a person goes on where the form asks to.
    func goingOn(at next: String?) -> Done {
        var done = self
        done.asked = next.map { LocalPath.checked($0) }
        return done
    }

    /// The reply to a program after whose change the engine goes on: it is read once the engine's next step is taken, and
    /// so tells the state after it. A daemon that is away is not waited for long.
    /// - Parameter read: what else would be built by `answering`.
    func answering(afterStep read: @escaping @Sendable (ReadSession) throws -> Reply) throws -> Done {
        var done = self
        done.shown = Shown(read: read, otherwise: try reply?() ?? .noContent, isOfNextStep: true)
        return done
    }

    func answering(_ reply: @escaping () throws -> Reply) -> Done {
        var done = self
        done.reply = reply
        return done
    }
}
