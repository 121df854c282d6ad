import HTTPTypes
import Testing

@testable import tf_web

@Suite struct LoggedPathTests {
    private static func table() async throws -> RouteTable {
        var table = RouteTable(try await WebFixture().site)
        let paths = ["/", "/invite/{token}", "/c/{company}/tickets/{number}", "/c/{company}/tickets/new"]
        for path in paths { table.page(path, .useSite, on: .account) { _, _ in .elsewhere("/") } }
        return table
    }

    @Test(arguments: [
        ("/", "/"), ("/invite/s3cret", "/invite/{token}"), ("/invite/s3cret/", "/invite/{token}"),
        ("//invite//s3cret", "/invite/{token}"), ("/invite/s3cret/more", "/invite/{token}/…"),
        ("/Invite/s3cret", "/…"), ("/invite%2Fs3cret", "/…"), ("/x/invite/s3cret", "/…"), ("/s3cret", "/…"),
        ("/c/acme/tickets/7", "/c/acme/tickets/7"), ("/c/acme/tickets/new", "/c/acme/tickets/new"),
        ("/c/acme/tickets/7/s3cret", "/c/acme/tickets/7/…"), ("/c/acme/invite/s3cret", "/c/acme/…"),
    ])
    func `a path is logged as far as it is ours, without its secrets`(_ path: String, _ logged: String) async throws {
        #expect(try await Self.table().loggedPath(path) == logged)
    }
}
