import TFDefinition
import TFExpression

/// A ticket of the demo's past: who asked for what, and what became of it.
struct DemoTicket: Sendable {
    /// The company's slug.
    let company: String
    let type: String
    /// A login, as are all people here.
    let requester: String
    let submitted: DemoMoment
    /// nil: the type computes it.
    var title: String?
    let answers: JSONObject
    /// Answers that are dates, by field, in days from today.
    var dates: [String: Int] = [:]
    /// Answers that are files, by field, with the file's name.
    var files: [String: String] = [:]
    /// The HTTP status with which the supplier's server answers its order.
    var supplierStatus = 201
    /// What happened afterwards, each so many minutes after the one before.
    let then: [(minutes: Int, act: DemoAct)]

    init(
        _ company: String, _ type: String, by requester: String, _ submitted: DemoMoment, _ answers: JSONObject,
        then acts: [(minutes: Int, act: DemoAct)] = []
    ) {
        self.company = company
        self.type = type
        self.requester = requester
        self.submitted = submitted
        self.answers = answers
        then = acts
    }

    /// For messages.
    var name: String { title ?? "\(type) of \(requester), \(submitted)" }

    /// A copy with a part of it changed.
    func with<Value>(_ part: WritableKeyPath<DemoTicket, Value>, _ value: Value) -> DemoTicket {
        var copy = self
        copy[keyPath: part] = value
        return copy
    }
}

/// When a ticket was submitted, seen from the moment when the demo is filled in.
enum DemoMoment: Sendable {
    /// So many working days before today, at a time such as `09:12`.
    case workday(Int, String)
    /// So many minutes ago: for what is still going on, whatever the time of the day.
    case ago(Int)
}

/// Something that a person does about a ticket. Tasks are done by whoever has them.
enum DemoAct: Sendable {
    /// - on: the name of the task, where several are open.
    /// - by: whose task, where several people are asked.
    case start(on: String? = nil, by: String? = nil)
    /// Starts the task, and completes it so many minutes later.
    case work(Int, String, JSONObject = [:], on: String? = nil, by: String? = nil)
    case draft(JSONObject)
    case hold(hours: Int, String)
    case claim(String, on: String? = nil)
    /// Gives the task back, with the reason.
    case release(String)
    case give(to: String, by: String, String)
    case say(String, String)
    /// An internal comment.
    case note(String, String)
    case attach(String, file: String)
    case label(by: String, [String])
    case prioritize(by: String, Priority)
    /// Links it to the ticket with this title.
    case link(by: String, duplicateOf: String)
    case cancel(by: String)
    case reopen(by: String)
}

/// A span in minutes.
func hours(_ number: Int) -> Int { 60 * number }
