import ArgumentParser
import Foundation
import TFConfiguration
import TFExpression
import TFStore
import TFSystem

/// Checks a token as this site or another server would.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Access tokens.", subcommands: [Verify.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the access token on standard input.",
            discussion: """
                Prints the claims as JSON. Whether the token's session still lives is not checked: \
                POST /api/v1/auth/introspect tells that.

                Exit status: 0 the token is valid, 1 it is not, 2 the check could not be made.
                """)

        @Option(help: "A file with the keys, as /.well-known/jwks.json gives them; else the site's own.")
        var jwks: String?
        @Flag(help: "Check the form and the signature alone, not issuer, audience, type, claims and time.")
        var raw = false
        @OptionGroup var options: SettingOptions

        func run() async throws {
            let settings = try Settings.read(options)
            let key = try await keys(settings)
            guard let input = RawBytes.read(STDIN_FILENO) else {
                throw ValidationError("standard input cannot be read")
            }
            let token = String(decoding: input, as: UTF8.self).trimmingCharacters(in: .newlines)
            let claims: JSON?
            if raw {
                claims = JWS(token, key: key)?.payload
            } else {
                let audiences = Set(settings.audiences + [settings.baseURL])
                let verified = AccessToken(token, use: nil, issuer: settings.baseURL, audiences: audiences, key: key)
                claims = verified?.isLive(at: WallClock.now()) == true ? verified?.claims : nil
            }
            guard let claims else {
                StandardError.write("the token is not valid\n")
                throw ExitCode(1)
            }
            print(claims.text.jsonForTerminals)
        }

        private func keys(_ settings: Settings) async throws -> (String) -> VerifyingKey? {
            guard let jwks else {
                let home: KeyHome?
                switch StoreLocation(settings.storeURL) {
                case .file: home = .files(data: settings.data)
                case .server(let url):
                    let store = try Store(reading: settings.data, at: .server(url: url), baseURL: settings.baseURL)
                    home = try await KeyHome.existing(of: store, settings)
                }
                guard let home, let ring = try await KeyRing(reading: home) else {
                    StandardError.write(
                        "there are no keys in \(settings.data); name the data directory of a site in which tf-web has run\n"
                    )
                    throw ExitCode(2)
                }
                return { ring.key($0) }
            }
            let bytes: [UInt8]
            do throws(FileFailure) { bytes = try RawBytes.file(jwks) } catch { throw ValidationError("\(error)") }
            let json: JSON
            do { json = try JSON(parsing: bytes) } catch { throw ValidationError("\(jwks) is \(error)") }
            guard let set = json["keys"].arrayValue else {
                throw ValidationError("\(jwks) is no set of keys, as /.well-known/jwks.json gives it")
            }
            var keys: [String: PublicKey] = [:]
            // The set may contain keys of other kinds too.
            for jwk in set {
                if let id = jwk["kid"].stringValue, let key = PublicKey(jwk: jwk) { keys[id] = key }
            }
            let known = keys
            return { known[$0] }
        }
    }
}
