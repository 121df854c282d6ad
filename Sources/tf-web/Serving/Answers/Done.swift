import TFEngine
import TFStore

/// What came of a change, for both presentations: where a person goes on, and what a program is answered.
struct Done {
    /// Where a person goes on, and what they are told there once.
    let location: String
    let sentence: String?
    /// What a program is answered, in the change's transaction; nil: no operation makes this change.
    private(set) var reply: (() throws -> Reply)?
    /// The ticket whose workflow has something to do because of it: the answer to a person waits a moment for that.
    private(set) var moved: TicketID?

    /// - Parameter sentence: told once on the page that follows; nil: that page says it itself.
    static func seen(_ location: String, saying sentence: String? = nil) -> Done {
        Done(location: location, sentence: sentence)
    }

    /// Of a change that no page makes.
    static func answered(_ reply: @escaping () throws -> Reply) -> Done {
        Done(location: "", sentence: nil, reply: reply)
    }

    /// The engine goes on with this ticket.
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
