/// What was asked for at the demo's two companies in the last four weeks.
enum DemoTickets {
    static var all: [DemoTicket] { access + purchases + house + people + incidents + changes }
}
