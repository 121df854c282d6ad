import Foundation
import HTTPTypes
import HummingbirdTesting
import Synchronization
import TFConfiguration
import TFExpression
import TFSystem
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// The keys that sign tokens, and what is no token of theirs.
@Suite struct SigningKeyTests {
    @Test func `keys rotate and nobody is signed out; a revoked key verifies nothing at once`() async throws {
        let fixture = try await WebFixture()
        let keys = fixture.site.keys
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            let first = try #require(keys.active?.id)
            let next = try #require(keys.entries.first { $0.state == .next }?.key.id)
            try await keys.rotate(now: fixture.site.now)
            #expect(keys.active?.id == next)
            #expect(keys.key(first) != nil)
            #expect(try await browser.json("/api/v1/me", .get, token: token).status == .ok)
            let other = try await KeyRing(.files(data: fixture.site.settings.data), now: fixture.site.now)
            try await other.revoke(first, now: fixture.site.now)
            try await keys.reload()
            #expect(keys.key(first) == nil)
            #expect(try await browser.json("/api/v1/me", .get, token: token).status == .unauthorized)
            let shown = try JSON(parsing: try await browser.get("/.well-known/jwks.json").html)["keys"]
            #expect(shown.arrayValue?.contains { $0["kid"] == .string(first) } == false)
        }
    }

    @Test func `an id that begins with a hyphen is none of an option, and no new key has one`() throws {
        for _ in 0..<200 { #expect(try !SigningKey.generate().id.hasPrefix("-")) }
        let id = "-CWWhxs9rxuKdhBbwpAe7yG4BNyN3OzzxeCyJbM5FQY"
        let revoke = ["keys", "revoke"]
        #expect(
            KeysCommand.Revoke.readable(revoke + [id, "--data", "d"]) == revoke + ["--data", "d", "--", id])
        for arguments in [["--help"], ["-h"], ["--", id], ["abc"]] {
            #expect(KeysCommand.Revoke.readable(revoke + arguments) == revoke + arguments)
        }
        #expect(KeysCommand.Revoke.readable(["keys", "list", id]) == ["keys", "list", id])
    }

    @Test func `a key file that others can read, or that holds another curve, is refused`() async throws {
        let directory = TestFolder.path("keys")
        let home = KeyHome.files(data: directory)
        let keys = try await KeyRing(home, now: 1)
        let path = "\(directory)/keys/\(keys.active?.id ?? "").pem"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        await #expect(throws: FileFailure.self) { try await KeyRing(home, now: 1) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        await #expect(throws: Never.self) { try await KeyRing(home, now: 1) }
        try Data("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        await #expect(throws: KeyError.self) { try await KeyRing(home, now: 1) }
    }

    /// A site whose keys are gone, as after a restore of a backup without them, and the path of its secret.
    private static func loseKeys(of fixture: WebFixture) throws -> (KeyHome, String) {
        let data = fixture.site.settings.data
        try FileManager.default.removeItem(atPath: data + "/keys")
        return (.files(data: data), data + "/keys/secret")
    }

    @Test func `keys that somebody has signed in with are not made anew by themselves`() async throws {
        let fixture = try await WebFixture()
        let store = fixture.site.store
        let (unused, _) = try Self.loseKeys(of: fixture)
        // As after `user add` or `demo`, when tf-web has not run yet.
        let keys = try await KeyRing(unused, of: store, now: fixture.site.now)
        #expect(try PrivateFile.read(fixture.site.settings.data + "/keys/secret") == keys.secret)
        try await fixture.test { browser in try await browser.become("uma") }
        let (home, path) = try Self.loseKeys(of: fixture)
        let error = await #expect(throws: KeyError.self) { try await KeyRing(home, of: store, now: fixture.site.now) }
        #expect(
            error?.description
                == "the key \(path) is missing, and sessions and second factors depend on it; restore it from a backup, "
                + "or, if it is lost for good, run: tf-web keys renew --yes")
        #expect(!FileManager.default.fileExists(atPath: fixture.site.settings.data + "/keys"))
        #expect(try await KeyRing(reading: home) == nil, "who looks makes none")
        // Sessions end by themselves; then nobody loses anything.
        let late = fixture.site.now + Store.sessionLifetime
        await #expect(throws: Never.self) { try await KeyRing(home, of: store, now: late) }
    }

    @Test func `keys that are lost for good are renewed, and what depended on them ends`() async throws {
        let fixture = try await WebFixture()
        let (store, now) = (fixture.site.store, fixture.site.now)
        try await fixture.test { browser in try await browser.become("uma") }
        try await store.write { session in
            let uma = try #require(try session.account("uma"))
            try session.beginSecondFactor(of: uma.id, nonce: "n")
            try session.confirmSecondFactor(of: uma, step: 1, recoveryCodes: ["h"], now: now)
        }
        #expect(try await KeyRing.renew(.files(data: fixture.site.settings.data), of: store, now: now) == nil)
        #expect(try await store.read { try $0.dependsOnSecret(now: now) })
        // Of the keys that sign, only they are new.
        let (before, states) = (fixture.site.keys, fixture.site.settings.data + "/keys/states.json")
        try PrivateFile.write(Array("{".utf8), to: states)
        let home = KeyHome.files(data: fixture.site.settings.data)
        await #expect(throws: KeyError.self) { try await KeyRing(home, of: store, now: now) }
        #expect(try await KeyRing.renew(home, of: store, now: now) == false)
        let signing = try await KeyRing(home, of: store, now: now)
        #expect(signing.secret == before.secret && signing.active?.id != before.active?.id)
        #expect(try await store.read { try $0.dependsOnSecret(now: now) })

        _ = try Self.loseKeys(of: fixture)
        #expect(try await KeyRing.renew(home, of: store, now: now) == true)
        let renewed = try await KeyRing(home, of: store, now: now)
        #expect(renewed.secret != before.secret && renewed.active != nil)
        let uma = try #require(try await store.read { try $0.account("uma") })
        #expect(!uma.hasSecondFactor)
        #expect(try await store.read { try $0.sessions(of: uma.id, now: now) }.isEmpty)
        #expect(try await !store.read { try $0.dependsOnSecret(now: now) })
    }

    @Test(.onPostgres) func `webs with data directories of their own verify, rotate and revoke as one`() async throws {
        let (here, there) = (TestFolder.path("web"), TestFolder.path("web"))
        let url = try await TestEngine.url(here)
        try await DemoCommand.fill(try await TestEngine.store(here), now: WallClock.now())
        let (one, other) = (
            try await WebFixture(reopening: here, url: url), try await WebFixture(reopening: there, url: url)
        )
        let (ours, theirs) = (one.site.keys, other.site.keys)
        #expect(ours.secret == theirs.secret)
        let token = Mutex("")
        try await one.test { browser in
            let made = try await browser.token("uma")
            token.withLock { $0 = made }
        }
        let used = token.withLock { $0 }
        try await other.test { browser in
            #expect(try await browser.json("/api/v1/me", .get, token: used).status == .ok)
            let first = try #require(ours.active?.id)
            try await ours.rotate(now: one.site.now)
            _ = try await eventually("the other web signs with the next key") {
                try await theirs.reload()
                return theirs.active?.id == ours.active?.id && theirs.active?.id != first ? true : nil
            }
            #expect(try await browser.json("/api/v1/me", .get, token: used).status == .ok)
            try await ours.revoke(first, now: one.site.now)
            try await theirs.reload()
            #expect(try await browser.json("/api/v1/me", .get, token: used).status == .unauthorized)
        }
        let wrong = TestFolder.path("master", suffix: ".key")
        try PrivateFile.write(Random.bytes(32), to: wrong)
        await #expect(throws: MasterKeyError.self) {
            try await WebFixture(reopening: TestFolder.path("web"), url: url, masterKey: wrong)
        }
    }

    @Test func `a public key from a document verifies as the private one does, and no other kind is read`() throws {
        let key = try SigningKey.generate()
        let token = try JWS.sign(["a": 1], type: "x", with: key)
        let known = try #require(PublicKey(jwk: key.jwk))
        #expect(JWS(token) { $0 == key.id ? known : nil }?.payload == ["a": 1])
        #expect(JWS(token) { _ in nil } == nil)
        let other = try #require(PublicKey(jwk: try SigningKey.generate().jwk))
        #expect(JWS(token) { _ in other } == nil)
        var members = key.jwk.objectValue ?? [:]
        members["alg"] = "HS256"
        #expect(PublicKey(jwk: .object(members)) == nil)
        members["alg"] = nil
        members["y"] = members["x"]
        #expect(PublicKey(jwk: .object(members)) == nil)
    }

    @Test(arguments: [
        #"{"alg":"none","kid":"K","typ":"at+jwt"}"#, #"{"alg":"HS256","kid":"K","typ":"at+jwt"}"#,
        #"{"alg":"ES256","kid":"K","typ":"JWT"}"#, #"{"alg":"ES256","kid":"K","typ":"at+jwt","jwk":{}}"#,
        #"{"alg":"ES256","alg":"ES256","kid":"K","typ":"at+jwt"}"#, #"{"alg":"ES256","typ":"at+jwt"}"#,
        #"{"alg":"ES256","kid":"../../K","typ":"at+jwt"}"#, #"{"alg":"es256","kid":"K","typ":"at+jwt"}"#, "[]", "",
    ])
    func `a header that is not ours is refused though its signature holds`(_ header: String) async throws {
        let fixture = try await WebFixture()
        let key = try #require(fixture.site.keys.active)
        try await fixture.test { browser in
            let good = try await browser.token("uma").split(separator: ".")
            let input = Base64URL.encode(header.replacing("K", with: key.id).utf8) + "." + good[1]
            let forged = input + "." + Base64URL.encode(try key.sign(input))
            #expect(try await browser.json("/api/v1/me", .get, token: forged).status == .unauthorized)
            _ = try await browser.get("/login", headers: [.cookie: "tf_at=\(forged)"])
            let page = try await browser.get("/account", headers: [.cookie: "tf_at=\(forged)"])
            #expect(page.status == .seeOther)
        }
    }
}
