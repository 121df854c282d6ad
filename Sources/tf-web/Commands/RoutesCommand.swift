import ArgumentParser
import Foundation
import TFConfiguration
import TFExpression
import TFSystem

/// Lists every route of the server.
struct RoutesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes", abstract: "List every route of the site.",
        discussion: """
            One route a line, with tabs between: method, path, who is let in, and the action and resource by which the policy \
            decides.
            """)

    @Flag(help: "Print one JSON list.") var json = false

    func run() async throws {
        let routes = try await withScratchSite { buildRoutes($0).routes }
        if json { return print(JSON.array(routes.map(\.json)).text) }
        for route in routes {
            print(
                [
                    route.method.rawValue, route.path, route.access.rawValue, route.action.rawValue,
                    route.resource.rawValue,
                ].joined(separator: "\t"))
        }
    }
}

struct OpenAPICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi", abstract: "Print the OpenAPI 3.1 document of the REST API.")

    @OptionGroup var options: SettingOptions

    func run() async throws {
        let baseURL = try Settings.read(options).baseURL
        print(try await withScratchSite { OpenAPI(buildRoutes($0), baseURL: baseURL).document.text })
    }
}

/// Runs the body with a site in a temporary directory. The table of routes needs a site, and the real store must not be
/// touched.
private func withScratchSite<Result>(_ work: (Site) throws -> Result) async throws -> Result {
    let directory = NSTemporaryDirectory() + "tf-routes-\(Random.token())"
    defer { try? FileManager.default.removeItem(atPath: directory) }  // if it fails, a small temporary directory stays
    let options = try SettingOptions.parse(["--data", directory, "--log-level", "critical"])
    let settings = try Settings.read(options, environment: [:])
    return try work(try await Site(settings: settings, logger: settings.logger("tf-web")))
}
