/// How large the benchmark's site is: as in the table of costs, or a part of it.
struct SiteShape: Sendable {
    /// 1: 20 companies of 50 workers each, with 20,000 closed and 25,000 open tickets in all.
    let scale: Double
    /// Closed tickets in all; nil: as many as the scale says.
    let closed: Int?

    var companies: Int { max(1, Int(20 * scale)) }
    /// In each company.
    var workers = 50
    /// Closed tickets of each company.
    var closedOfCompany: Int { (closed ?? Int(20_000 * scale)) / companies }
    /// Open tickets of each company, so that every worker has as many tasks.
    var openOfCompany: Int { 25 * workers }

    func slug(_ company: Int) -> String { "c\(company)" }
    func worker(_ number: Int, of company: Int) -> String { "\(slug(company))-w\(number)" }
    func requester(of company: Int) -> String { "\(slug(company))-uma" }
    func admin(of company: Int) -> String { "\(slug(company))-tom" }

    /// The tasks of a closed ticket, one after the other.
    static let tasksOfClosed = 4

    /// The files of a company: a ticket whose workflow gives a task to whoever has the shortest list, and one whose four
    /// tasks go to a named worker, of which the closed tickets are.
    static let files = [
        "thing.ticket.yaml": """
        ticket: thing
        name: Thing
        description: Something to do.
        workflow: thing
        title: "${ .form.what }"
        body:
          - { type: input, id: what, attributes: { label: What }, validations: { required: true } }
          - { type: textarea, id: why, attributes: { label: Why } }
          - { type: dropdown, id: where, attributes: { label: Where, options: [Here, There, Elsewhere] } }
        """,
        "thing.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: NAMESPACE, name: thing, version: '1.0.0' }
        do:
          - look: { call: look, metadata: { ticketStatus: being looked at } }
          - decide: { switch: [ { good: { when: .outcome == "yes", then: repair } }, { bad: { then: refused } } ] }
          - repair: { call: repair, with: { note: '${ "again: " + $ticket.form.what }' } }
          - done: { set: { status: done }, then: end }
          - refused: { set: { status: refused } }
        """,
        "look.task.yaml": "task: look\noutcomes: [yes, no]\n",
        "repair.task.yaml": "task: repair\noutcomes: [yes, no]\n",
        "past.ticket.yaml": """
        ticket: past
        name: Past thing
        description: Something that was done.
        workflow: past
        title: "${ .form.what }"
        body:
          - { type: input, id: what, attributes: { label: What }, validations: { required: true } }
          - { type: input, id: who, attributes: { label: Who }, validations: { required: true } }
        """,
        "past.workflow.yaml": """
        document: { dsl: '1.0.3', namespace: NAMESPACE, name: past, version: '1.0.0' }
        do:
          - first: { call: named }
          - second: { call: named }
          - third: { call: named }
          - fourth: { call: named }
        """,
        "named.task.yaml": """
        task: named
        outcomes: [yes]
        assign: { strategy: person, person: "${ $ticket.form.who }" }
        """,
    ]
}
