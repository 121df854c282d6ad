import TFExpression

extension DemoTickets {
    /// What was broken in Acme's house; whoever is free claims it.
    static let house: [DemoTicket] = [
        broken(
            "uma", .workday(19, "08:40"), "The window in room 204 does not close", "Second floor",
            then: [(hours(2), .claim("dave")), (30, .work(25, "repaired"))]),
        broken(
            "tom", .workday(16, "16:50"), "The lamp in the stairwell flickers", "First floor",
            then: [(hours(16), .claim("erin")), (hours(2), .work(15, "replaced"))]),
        broken(
            "udo", .workday(12, "12:35"), "The dishwasher smells burnt", "Second floor",
            "I have pulled the plug and put a note on it.",
            then: [
                (15, .prioritize(by: "tom", .high)), (10, .claim("dave")), (5, .start()),
                (20, .say("dave", "Thank you for pulling the plug. The pump is gone; a new one comes tomorrow.")),
                (hours(24), .work(50, "replaced")),
            ]),
        broken(
            "bob", .workday(9, "07:50"), "The gate of the car park stays open at night", "Outside",
            then: [
                (hours(3), .claim("fay")), (20, .work(30, "nothing")),
                (5, .say("fay", "It is meant to: the cleaners come until ten.")),
            ]),
        broken(
            "udo", .workday(5, "13:25"), "A ceiling tile hangs loose above desk 12", "First floor",
            then: [(40, .say("udo", "The painters have fixed it, nothing to do any more.")), (10, .cancel(by: "tom"))]),
        broken(
            "bob", .workday(5, "15:10"), "The printer on the first floor prints every page twice", "First floor",
            then: [
                (hours(1), .claim("fay")), (30, .start()),
                (45, .release("I have no key for its cabinet")),
                (10, .note("tom", "The key lies at the reception.")),
            ]),
        broken(
            "tom", .ago(hours(46)), "The door of the archive opens only with a push", "Ground floor",
            then: [(hours(2), .say("bob", "The one downstairs too, since the cold days."))]),
        broken(
            "uma", .ago(hours(25)), "The heating in the meeting room knocks", "Ground floor",
            "Only in the morning, for an hour.", then: [(hours(1), .claim("erin")), (hours(1), .start())]),
        broken(
            "udo", .ago(hours(4)), "A chair in the canteen is broken", "Ground floor", then: []),
    ]

    /// New colleagues of Acme.
    static let people: [DemoTicket] = [
        colleague(
            "tom", .workday(16, "10:00"), "Mia Neumann", "Support", starts: -14,
            then: [
                (hours(2), .work(90, "done", account, on: "prepare-account")),
                (hours(2), .claim("fay", on: "prepare-desk")),
                (20, .work(30, "done", ["desk": "1.08"], on: "prepare-desk")),
                (hours(264), .work(120, "done")),
            ]),
        colleague(
            "bob", .workday(6, "14:30"), "Jonas Krug", "Development", starts: 3,
            then: [
                (hours(2), .work(60, "done", account, on: "prepare-account")),
                (hours(1), .claim("dave", on: "prepare-desk")),
                (15, .work(20, "done", ["desk": "2.14"], on: "prepare-desk")),
            ]),
        colleague(
            "tom", .workday(8, "09:15"), "Lea Brandt", "Sales", starts: -1,
            then: [
                (hours(3), .work(45, "done", account, on: "prepare-account")),
                (hours(1), .claim("carol", on: "prepare-desk")),
                (25, .work(10, "done", ["desk": "1.15"], on: "prepare-desk")),
            ]),
        colleague(
            "bob", .ago(hours(52)), "Nora Nagel", "Finance", starts: 6,
            then: [
                (hours(2), .start(on: "prepare-account")),
                (hours(2), .say("bob", "She would like the desk at the window.")),
            ]),
        // The workflow makes a login of two names and does not know what to do with one.
        colleague(
            "bob", .ago(hours(29)), "Zoe", "Development", starts: 12,
            then: [(hours(1), .say("bob", "She has only this one name. Can we go on nevertheless?"))]),
    ]

    private static let account: JSONObject = ["laptop": "L-1042", "steps": ["account", "groups"]]

    private static func broken(
        _ login: String, _ submitted: DemoMoment, _ what: String, _ place: String, _ more: String? = nil,
        then acts: [(minutes: Int, act: DemoAct)]
    ) -> DemoTicket {
        var answers: JSONObject = ["what": .string(what), "where": .string(place)]
        if let more { answers["more"] = .string(more) }
        return DemoTicket("acme", "facility", by: login, submitted, answers, then: acts)
    }

    private static func colleague(
        _ login: String, _ submitted: DemoMoment, _ name: String, _ team: String, starts days: Int,
        then acts: [(minutes: Int, act: DemoAct)]
    ) -> DemoTicket {
        DemoTicket(
            "acme", "onboarding", by: login, submitted,
            ["name": .string(name), "team": .string(team), "needs": ["laptop", "phone"]], then: acts
        ).with(\.dates, ["starts": days])
    }
}
