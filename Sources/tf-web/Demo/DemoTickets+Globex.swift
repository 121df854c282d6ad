import TFExpression

extension DemoTickets {
    /// Incidents and bug reports of Globex.
    static let incidents: [DemoTicket] = repaired + bugs + burning

    private static func incident(
        _ login: String, _ submitted: DemoMoment, _ severity: String, _ what: String, seen: String? = nil,
        then acts: [(minutes: Int, act: DemoAct)]
    ) -> DemoTicket {
        var answers: JSONObject = ["what": .string(what), "severity": .string(severity)]
        if severity == "1" { answers["phone"] = "+49 30 5550 114" }
        if let seen { answers["seen"] = .string(seen) }
        return DemoTicket("globex", "incident", by: login, submitted, answers, then: acts)
    }

    private static let repaired: [DemoTicket] = [
        incident(
            "gus", .workday(20, "10:02"), "1", "The web shop shows an empty basket", seen: "Error 502 every other time",
            then: [
                (6, .start()),
                (10, .say("otto", "We are on it. Web 2 does not answer, web 1 takes everything for now.")),
                (
                    65,
                    .work(
                        20, "repaired", ["done": ["Restarted it", "Replaced a part"], "part": "Network card of web 2"])
                ),
                (20, .say("gus", "All is well again, thank you.")),
                (
                    hours(44),
                    .work(
                        80, "done",
                        [
                            "cause": "A network card lost packets under load.",
                            "actions": "Watch the cards' counters of errors, and keep one in the store.",
                        ])
                ),
            ]),
        incident(
            "udo", .workday(17, "11:30"), "3", "The scanner in the warehouse loses its connection",
            then: [(30, .work(25, "no-fault")), (5, .say("udo", "It was the battery. I am sorry!"))]),
        // It takes five hours, so that it becomes urgent by itself.
        incident(
            "gus", .workday(14, "08:20"), "2", "Mails to customers arrive hours late", seen: "Since Sunday evening",
            then: [
                (20, .start()), (50, .note("otto", "The queue of the mail server is full of bounces.")),
                (hours(5), .work(10, "repaired", ["done": ["Changed its settings"]])),
            ]),
        incident(
            "gus", .workday(10, "09:10"), "2", "The price list shows the prices of last year",
            then: [(15, .work(40, "repaired", ["done": ["Restarted it"]]))]),
        incident(
            "udo", .workday(6, "13:45"), "2", "The VPN drops every hour",
            then: [
                (25, .start()), (30, .say("olga", "Is it exactly an hour? Then it is the renewal of the session.")),
                (20, .say("udo", "Yes, to the minute.")),
                (20, .work(15, "repaired", ["done": ["Changed its settings"]])),
            ]),
    ]

    private static let bugs: [DemoTicket] = [
        bug(
            "gus", .workday(15, "14:40"), "Export stops at 10,000 rows", "4.1.0",
            "The file ends in the middle of a line. I expected all 23,000 orders.",
            then: [
                (hours(20), .work(120, "done")),
                (10, .say("olga", "Fixed in 4.1.1; the export is written in pieces now.")),
            ]),
        bug(
            "udo", .workday(9, "10:25"), "Wrong total when a voucher is used twice", "4.1.1",
            "The second voucher is subtracted from the price before tax.",
            then: [
                (hours(2), .start()), (30, .hold(hours: 48, "The tax office has to say which price counts")),
                (hours(50), .work(90, "done")),
            ]),
        bug(
            "gus", .workday(3, "09:35"), "Search finds nothing with an umlaut", "4.1.1",
            "`Mueller` finds Mueller, `Müller` finds nobody.\n\n1. Open the customers\n2. Type `Müller`\n3. Nothing",
            then: [(hours(2), .start()), (hours(1), .label(by: "gina", ["bug", "search"]))]),
        bug(
            "gus", .ago(hours(12)), "The second page of the orders is empty", "4.1.1", "Only in Safari.", then: []),
    ]

    private static let burning: [DemoTicket] = [
        incident(
            "gus", .workday(2, "15:05"), "1", "Payments by card are refused", seen: "\"Issuer not available\"",
            then: [
                (4, .start()), (16, .note("olga", "The certificate of the payment gateway has expired.")),
                (50, .work(5, "repaired", ["done": ["Changed its settings"]])), (90, .start()),
                (20, .draft(["cause": "Nobody was told that the certificate ends."])),
            ]),
        incident(
            "gus", .ago(hours(7)), "2", "The stock figures have stood still since midnight",
            seen: "Sales of today are not subtracted.",
            then: [
                (15, .start()), (40, .say("otto", "The nightly run hangs on one article. I let it finish first.")),
                (hours(4), .say("gus", "We sell what we do not have. How much longer?")),
                (20, .note("gina", "Otto, please call me at two, whatever it is by then.")),
            ]),
        incident(
            "udo", .ago(52), "3", "One till prints no receipts",
            then: [(20, .say("udo", "Till 4, beside the entrance."))]),
    ]

    private static func bug(
        _ login: String, _ submitted: DemoMoment, _ title: String, _ version: String, _ happened: String,
        then acts: [(minutes: Int, act: DemoAct)]
    ) -> DemoTicket {
        DemoTicket(
            "globex", "bug-report", by: login, submitted,
            [
                "version": .string(version), "what-happened": .string(happened), "browsers": ["Firefox", "Chrome"],
                "terms": ["I searched the open reports"],
            ], then: acts
        ).with(\.title, "[Bug]: \(title)")
    }

    /// Changes to Globex's systems.
    static let changes: [DemoTicket] = [
        change(
            "gus", .workday(12, "10:50"), "low", "Raise the time-out of the payment service",
            "One line of the configuration.",
            then: [(hours(1), .work(15, "done"))]),
        change(
            "gus", .workday(9, "13:00"), "medium", "Move the shop to the new database server",
            "Copy at night, switch at six, check with ten orders.",
            then: [
                (40, .work(20, "agree", by: "otto")),
                (30, .work(15, "agree", ["comment": "I stay until eight."], by: "olga")),
                (hours(16), .work(110, "done", ["notes": "Two minutes of interruption."])),
            ]),
        change(
            "udo", .workday(5, "09:55"), "medium", "Switch off the old newsletter server", "Redirect, then shut down.",
            then: [
                (hours(1), .work(5, "agree", by: "otto")),
                (30, .work(10, "object", ["comment": "The press still uses it. Ask them first."], by: "olga")),
            ]),
        change(
            "gus", .workday(4, "11:10"), "low", "Update the search index to version 9", "One node after the other.",
            then: [
                (hours(2), .work(75, "back", ["notes": "Umlauts are lost, see the bug report. Back on version 8."]))
            ]),
        // Nobody is a security officer yet.
        change(
            "gus", .ago(hours(30)), "high", "Open the partners' interface to the internet",
            "Behind the gateway, with a certificate for each partner.",
            then: [(hours(5), .note("gina", "We have no security officer since October. Who decides?"))]),
        change(
            "gus", .ago(hours(18)), "medium", "New certificate for the shop", "Change it at six in the morning.",
            then: [(hours(2), .work(10, "agree", by: "otto"))]),
    ]

    private static func change(
        _ login: String, _ submitted: DemoMoment, _ risk: String, _ what: String, _ plan: String,
        then acts: [(minutes: Int, act: DemoAct)]
    ) -> DemoTicket {
        var answers: JSONObject = ["what": .string(what), "risk": .string(risk), "plan": .string(plan)]
        if risk != "low" { answers["back"] = "Switch back to what was there before; it stays for a week." }
        return DemoTicket("globex", "change", by: login, submitted, answers, then: acts)
    }
}
