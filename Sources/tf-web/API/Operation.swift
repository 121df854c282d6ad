import TFExpression

/// The request and answer of an API operation: the server checks requests against it, and `/api/openapi.json` is
/// generated from it.
struct Operation: Sendable {
    /// A query parameter.
    struct Parameter: Sendable {
        let name: String
        let shape: Shape
        let help: String
        var isRequired = false
    }

    enum Body: Sendable {
        case json(Shape)
        /// A JSON body that may be missing or empty.
        case optional(Shape)
        /// An `application/x-www-form-urlencoded` body.
        case form(Shape)
        /// A multipart body with one file in the part `file`.
        case file
        case yaml
        /// CloudEvents: one, a list of at most `limit`, or one in the headers.
        case events(Shape, limit: Int)
    }

    enum Content: Sendable {
        case none
        case json(Shape)
        /// A page of a list, which is CSV instead if the query says `format=csv`.
        case table(Shape)
        case yaml
        case file

        static func object<Value>(_ type: AnswerType<Value>) -> Content { .json(type.shape) }

        static func page<Item>(of item: AnswerType<Item>) -> Content { .json(.page(of: item.shape)) }

        static func table<Item>(of item: AnswerType<Item>) -> Content { .table(item.shape) }
    }

    /// The operation's id in the document, which client generators use as a name.
    let id: String
    let summary: String
    var query: [Parameter] = []
    var body: Body?
    var status = 200
    /// A second success status, for a definition that existed before.
    var otherStatus: Int?
    let answer: Content
    /// What else is to be said of a success.
    var note: String?
    /// What headers of a success say, by their names.
    var headers: [String: String] = [:]
    /// Error statuses besides those that follow from the operation's kind.
    var failures: [Int] = []

    init(
        _ id: String, _ summary: String, body: Body? = nil, status: Int = 200, otherStatus: Int? = nil,
        answer: Content, note: String? = nil, headers: [String: String] = [:], failures: [Int] = []
    ) {
        self.id = id
        self.summary = summary
        self.body = body
        self.status = status
        self.otherStatus = otherStatus
        self.answer = answer
        self.note = note
        self.headers = headers
        self.failures = failures
    }
}
