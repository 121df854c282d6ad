import TFExpression

extension DemoTickets {
    /// Purchases of Acme.
    static let purchases: [DemoTicket] = bought + inWork

    private static func purchase(
        _ login: String, _ submitted: DemoMoment, _ item: String, _ amount: JSON, _ why: String,
        then acts: [(minutes: Int, act: DemoAct)]
    ) -> DemoTicket {
        let ticket = DemoTicket(
            "acme", "purchase", by: login, submitted,
            ["item": .string(item), "amount": amount, "why": .string(why)], then: acts)
        // Above 1,000 EUR there has to be an offer.
        return amount.doubleValue ?? 0 > 1_000
            ? ticket.with(\.files, ["offer": "Offer \(item).pdf"]) : ticket
    }

    private static let bought: [DemoTicket] = [
        purchase(
            "udo", .workday(20, "11:15"), "Standing desk", 540, "My back. The company doctor recommends it.",
            then: [(hours(2), .work(10, "approve"))]),
        purchase(
            "uma", .workday(18, "15:20"), "Second screen, 27 inch", .double(289.5), "Two lists side by side.",
            then: [
                (hours(1), .work(5, "approve")), (hours(1), .say("uma", "Will it come to the office or to the store?")),
            ]),
        purchase(
            "tom", .workday(17, "09:45"), "Label printer", .double(119.9), "Labels for the shelves.",
            then: [
                (
                    50,
                    .work(10, "reject", ["comment": "There is one in the storeroom that nobody uses. Ask Fay for it."])
                )
            ]),
        purchase(
            "udo", .workday(15, "10:30"), "Licences for the drawing program", 2_400, "Six people draw plans now.",
            then: [
                (hours(3), .work(20, "approve", ["comment": "Six is right, I counted."])),
                (hours(1), .work(30, "approve")),
                (hours(20), .work(60, "bought", ["order": "B-10233", "paid": 2_376])),
            ]
        ).with(\.supplierStatus, 503),
        purchase(
            "bob", .workday(12, "13:10"), "Projector for the large room", 1_380, "The old one is too dark in summer.",
            then: [
                (hours(2), .work(15, "approve")),
                (
                    hours(3),
                    .work(
                        25, "reject",
                        ["comment": "Not this year. The budget for furniture is spent; ask again in January."])
                ),
            ]),
        purchase(
            "uma", .workday(11, "10:00"), "Ergonomic chair", 410, "As agreed with the company doctor.",
            then: [
                (30, .work(5, "approve")),
                (hours(4), .work(45, "bought", ["order": "B-10240", "paid": .double(398.9)])),
            ]
        ).with(\.supplierStatus, 503),
        purchase(
            "tom", .workday(8, "14:00"), "Whiteboard on wheels", 230, "For the morning round.",
            then: [(hours(1), .work(5, "approve"))]),
        purchase(
            "uma", .workday(2, "09:50"), "Moderation cards", .double(36.5), "Workshop on Thursday.",
            then: [(40, .work(5, "approve"))]),
    ]

    private static let inWork: [DemoTicket] = [
        purchase(
            "udo", .workday(7, "09:40"), "Coffee machine for the second floor", 899, "The queue is too long.",
            then: [
                (hours(1), .work(10, "approve", ["comment": "One with a water connection, please."])),
                (hours(3), .start()), (20, .note("tom", "The plumber comes first, the machine after.")),
                (hours(26), .say("udo", "Is there a date already? People ask me every day.")),
            ]
        ).with(\.supplierStatus, 503),
        purchase(
            "uma", .workday(3, "10:20"), "Headset", 119, "Three hours of calls a day.",
            then: [
                (35, .work(5, "approve")), (hours(2), .start()),
                (15, .hold(hours: 240, "Out of stock; the shop writes when it is there")),
            ]
        ).with(\.supplierStatus, 503),
        purchase(
            "bob", .workday(2, "11:30"), "Three telephones for tests", 1_650, "Customers use what we do not have.",
            then: [
                (hours(2), .work(20, "approve")), (25, .start()),
                (10, .draft(["comment": "Cheaper without contracts?"])),
                (30, .attach("bob", file: "Comparison of three shops.pdf")),
                (5, .say("bob", "I have added what the three shops ask for.")),
            ]),
        purchase(
            "tom", .ago(hours(50)), "Noise screens for four desks", 760, "Calls beside people who write.",
            then: [(hours(4), .note("bob", "Does the fire officer agree? I will ask."))]),
        purchase(
            "udo", .ago(hours(28)), "Server for the backups", 12_400,
            "The disks are five years old, and last week one has failed.",
            then: [
                (hours(2), .work(30, "approve", ["comment": "Needed before the end of the year."])),
                (20, .label(by: "tom", ["purchase", "backup"])),
                (hours(3), .say("udo", "The offer holds until the 15th.")),
            ]),
        purchase(
            "uma", .ago(hours(6)), "Books about accessible documents", 96, "For the shelf of the whole team.",
            then: [(40, .start())]),
        purchase("tom", .ago(hours(2)), "Batteries for the telephones", .double(64.8), "They last an hour.", then: []),
    ]
}
