import HTTPTypes
import Testing

@testable import tf_web

@Suite struct LoggedPathTests {
    private static let table: RouteTable = {
        var table = RouteTable()
        table.page(.get, "/", .useSite, on: .none) { _, _ in .page("") }
        table.page(.get, "/invite/{token}", .signIn, on: .none) { _, _ in .page("") }
        table.page(.get, "/c/{company}/tickets/{number}", .useSite, on: .ticket) { _, _ in .page("") }
        table.page(.get, "/c/{company}/tickets/new", .useSite, on: .company) { _, _ in .page("") }
        return table
    }()

    @Test(arguments: [
        ("/", "/"), ("/invite/s3cret", "/invite/{token}"), ("/invite/s3cret/", "/invite/{token}"),
        ("//invite//s3cret", "/invite/{token}"), ("/invite/s3cret/more", "/invite/{token}/…"),
        ("/Invite/s3cret", "/…"), ("/invite%2Fs3cret", "/…"), ("/x/invite/s3cret", "/…"), ("/s3cret", "/…"),
        ("/c/acme/tickets/7", "/c/acme/tickets/7"), ("/c/acme/tickets/new", "/c/acme/tickets/new"),
        ("/c/acme/tickets/7/s3cret", "/c/acme/tickets/7/…"), ("/c/acme/invite/s3cret", "/c/acme/…"),
    ])
    func `a path is logged as far as it is ours, without its secrets`(_ path: String, _ logged: String) {
        #expect(Self.table.loggedPath(path) == logged)
    }
}
