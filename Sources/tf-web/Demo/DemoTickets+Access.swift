import TFExpression

extension DemoTickets {
    /// Access requests of Acme.
    static let access: [DemoTicket] = settled + backAndForth + running

    private static func request(
        _ login: String, _ submitted: DemoMoment, _ role: String, _ system: String, _ reason: String,
        _ more: JSONObject = [:], then acts: [(minutes: Int, act: DemoAct)]
    ) -> DemoTicket {
        let answers: JSONObject = [
            "system": .string(system), "role": .string(role), "reason": .string(reason), "rules": ["policy"],
        ]
        return DemoTicket(
            "acme", "access-request", by: login, submitted, answers.merging(more) { $1 }, then: acts)
    }

    private static let settled: [DemoTicket] = [
        request(
            "uma", .workday(20, "09:12"), "reader", "CRM", "I answer the letters of our customers from now on.",
            then: [
                (25, .work(20, "approve")), (90, .work(35, "done", ["account": "uma.ulrich"])),
                (15, .say("uma", "It works, thank you!")),
            ]),
        request(
            "tom", .workday(17, "13:40"), "editor", "CRM",
            "The ticket desk has to correct addresses when customers call.", ["rules": ["policy", "remote"]],
            then: [(50, .work(10, "approve")), (hours(2), .work(45, "done", ["account": "tom.tischler"]))]),
        request(
            "bob", .workday(18, "10:05"), "owner", "Wiki", "To clear up the pages of the old project.",
            then: [
                (
                    70,
                    .work(
                        30, "reject",
                        ["comment": "One owner is enough. As an editor you can move pages to the archive."])
                )
            ]),
        request(
            "uma", .workday(13, "11:20"), "reader", "Payroll", "I check the hours of the temporary staff.",
            then: [
                (40, .say("carol", "Hello Uma, is it only the **temporary** staff, or the whole second floor?")),
                (55, .say("uma", "Only the temporary staff: four people until the end of January.")),
                (20, .note("carol", "Group `payroll-temps` is enough, please not the whole register.")),
                (10, .work(5, "approve")), (hours(3), .work(60, "done", ["account": "uma.ulrich"])),
            ]),
        request(
            "tom", .workday(11, "08:55"), "reader", "Wiki", "To link answers that we give again and again.",
            then: [(15, .work(5, "approve")), (30, .work(10, "done", ["account": "tom.tischler"]))]),
    ]

    private static let backAndForth: [DemoTicket] = [
        request(
            "udo", .workday(19, "10:40"), "editor", "Payroll", "Holiday cover.", ["deputy": "uma"],
            then: [
                (
                    35,
                    .work(
                        15, "rework",
                        ["comment": "Which cost centre pays for the licence, and until when do you need it?"])
                ),
                (
                    hours(2),
                    .work(
                        10, "resubmit",
                        ["cost_centre": "PA-2210", "reason": "Holiday cover for Ms. Winter, four weeks."])
                ),
                (hours(1), .work(10, "approve")), (hours(2), .work(50, "done", ["account": "udo.unger"])),
            ]),
        request(
            "uma", .workday(16, "14:10"), "editor", "Wiki",
            "I would like to improve the instructions for new colleagues.",
            then: [
                (30, .work(5, "rework", ["comment": "Everybody may suggest changes already. Is that not enough?"])),
                (45, .work(5, "withdraw")),
            ]),
        // Nobody decides within two days: it goes to a manager.
        request(
            "udo", .workday(14, "16:30"), "reader", "CRM", "To see which deliveries were promised.",
            then: [
                (hours(52), .work(15, "approve")), (hours(1), .work(20, "done", ["account": "udo.unger"])),
                (30, .note("tom", "Two days without an answer. We need a second approver on Fridays.")),
            ]),
        request(
            "tom", .workday(8, "09:30"), "owner", "Wiki", "Moving the desk's pages to a space of their own.",
            then: [
                (hours(1), .start()), (20, .say("tom", "Not needed any more: Carol moves the pages herself.")),
                (5, .cancel(by: "tom")),
            ]),
        request(
            "uma", .workday(6, "10:15"), "owner", "CRM", "I look after the customers' groups from December on.",
            then: [
                (hours(1), .start()),
                (10, .hold(hours: 20, "Waiting for the list of owners from Sales")),
                (hours(21), .work(10, "approve")), (hours(1), .work(30, "done", ["account": "uma.ulrich"])),
            ]),
        // Closed, and opened again since it was not right.
        request(
            "bob", .workday(7, "11:00"), "editor", "CRM", "Corrections of purchase prices.",
            then: [
                (40, .work(10, "approve")), (hours(2), .work(20, "done", ["account": "bob.berger"])),
                (hours(26), .say("bob", "I can sign in, but I see no invoices.")),
                (25, .reopen(by: "tom")), (15, .note("tom", "The group `crm-invoices` was forgotten.")),
                (20, .work(5, "approve")), (50, .start()),
                (10, .hold(hours: 240, "The supplier of the CRM has to switch the module on")),
            ]),
        request(
            "udo", .workday(4, "09:05"), "editor", "CRM", "I enter the visits of the field staff.",
            then: [(30, .work(10, "approve")), (hours(3), .work(25, "done", ["account": "udo.unger"]))]),
        request(
            "udo", .workday(4, "09:20"), "editor", "CRM", "To enter visits of the field staff.",
            then: [
                (60, .link(by: "tom", duplicateOf: "Access to CRM as editor")),
                (2, .say("tom", "You asked for this a quarter of an hour before; I close this one.")),
                (1, .cancel(by: "tom")),
            ]),
    ]

    private static let running: [DemoTicket] = [
        request(
            "uma", .ago(hours(31)), "editor", "Wiki", "The instructions for the new telephone system are mine now.",
            then: [(45, .work(15, "approve")), (30, .start()), (hours(2), .draft(["account": "uma.ulrich"]))]),
        request(
            "udo", .ago(hours(26)), "reader", "Payroll", "I am asked for figures of the night shift.",
            then: [
                (50, .start()), (20, .hold(hours: 44, "Finance is asked whether a monthly report would do")),
                (hours(3), .say("udo", "A report once a month would help me as well.")),
            ]),
        request(
            "bob", .ago(hours(22)), "reader", "Payroll", "Planning of the summer shifts.",
            then: [
                (
                    40,
                    .work(
                        10, "rework", ["comment": "Which of the three sites? Please name them, then I can approve it."])
                )
            ]),
        request(
            "tom", .ago(hours(9)), "owner", "CRM", "Sorting out the duplicate customers, with Uma.",
            then: [
                (30, .start()), (15, .draft(["comment": "Only until the duplicates are gone"])),
                (20, .note("carol", "Owner for a week, then editor again? Bob, what do you think?")),
            ]),
        request(
            "uma", .ago(hours(5)), "editor", "Payroll", "I take over the salaries from Ms. Winter on Monday.",
            ["deputy": "bob", "cost_centre": "PA-2210"],
            then: [
                (20, .prioritize(by: "tom", .high)), (5, .label(by: "tom", ["access", "payroll"])),
                (30, .start()),
                (15, .say("bob", "Has Ms. Winter shown you the correction run? Then I approve it today.")),
            ]),
        request(
            "udo", .ago(hours(3)), "reader", "Wiki", "I work in the warehouse on Fridays.", then: []),
        request(
            "uma", .ago(85), "reader", "CRM", "For the list of customers with a birthday.",
            then: [(30, .say("uma", "It is enough if I have it by Wednesday."))]),
        request("tom", .ago(22), "editor", "Wiki", "New page about passwords.", then: []),
    ]
}
