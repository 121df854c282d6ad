import TFEngine
import TFStore

/// The outcome of a change: the page that a person goes to next, and the reply to a program.
struct Done {
    /// The address that a person is redirected to, and what is told there once.
    let location: String
    let flash: Flash?
    /// Builds the API's reply, inside the change's transaction; nil if no operation makes this change.
    private(set) var reply: (() throws -> Reply)?
    /// Builds the API's reply instead from any snapshot that has the change: behind the transaction, in which others
    /// wait, unless the reply is stored there.
    private(set) var shown: (@Sendable (ReadSession) throws -> Reply)?
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

    /// The outcome of a change that only the API makes, and after which much is read for the reply.
    static func shown(_ reply: @escaping @Sendable (ReadSession) throws -> Reply) -> Done {
        Done(location: "", flash: nil, shown: reply)
    }

    /// The same outcome, and the engine continues with this ticket.
    func moving(_ ticket: TicketID) -> Done {
        var done = self
        done.moved = ticket
        return done
    }

    func answering(_ reply: @escaping () throws -> Reply) -> Done {
        var done = self
        done.reply = reply
        return done
    }
}
