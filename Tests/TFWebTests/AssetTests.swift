import Foundation
import HTTPTypes
import HummingbirdTesting
import Subprocess
import TFProcess
import Testing

@testable import tf_web

/// The style sheet, the script and the icon, as browsers are given them.
@Suite struct AssetTests {
    @Test(arguments: Asset.all.indices)
    func `an asset is kept for good and unpacks to its file`(index: Int) async throws {
        let path = Asset.all[index].path
        try await WebFixture().test { browser in
            let plain = try await browser.get(path)
            #expect(plain.status == .ok)
            #expect(plain.headers[.contentEncoding] == nil)
            #expect(plain.headers[.cacheControl] == "public, max-age=31536000, immutable")
            #expect(plain.headers[.vary] == "Accept-Encoding")
            let packed = try await browser.get(path, headers: [.acceptEncoding: "br, gzip;q=0.8"])
            #expect(packed.headers[.contentEncoding] == "gzip")
            #expect(packed.headers[.contentType] == plain.headers[.contentType])
            #expect(packed.headers[.eTag] != plain.headers[.eTag])
            #expect(packed.body.readableBytes < plain.body.readableBytes)
            if packed.headers[.contentType]?.hasPrefix("image") == false {
                #expect(packed.body.readableBytes <= 5_000, "\(path): \(packed.body.readableBytes) bytes as it is sent")
            }
            let packedBytes = Array(packed.body.readableBytesView)
            let unpacked = try await run(
                Configuration(executable: .name("gzip"), arguments: ["-dc"]), feeding: packedBytes,
                output: .bytes(limit: 1 << 20), error: .discarded)
            #expect(unpacked.standardOutput == Array(plain.body.readableBytesView))
        }
    }

    @Test func `whoever has an asset already is sent nothing, in the coding that they take`() async throws {
        try await WebFixture().test { browser in
            let path = Asset.styleSheet.path
            let plainTag = try #require(try await browser.get(path).headers[.eTag])
            let known = try await browser.get(path, headers: [.ifNoneMatch: plainTag])
            #expect(known.status == .notModified)
            #expect(known.body.readableBytes == 0)
            let other = try await browser.get(path, headers: [.ifNoneMatch: plainTag, .acceptEncoding: "gzip"])
            #expect(other.status == .ok)
        }
    }

    @Test(arguments: [
        (nil, false), ("", false), ("gzip", true), ("br , GZIP", true), ("gzip;q=0", false), ("gzip; q=0.000", false),
        ("gzip; q=0.1", true), ("identity", false), ("xgzip", false),
    ])
    func `gzip goes to those who ask for it`(header: String?, isAccepted: Bool) {
        #expect(Asset.acceptsGzip(header) == isAccepted)
    }

    @Test func `a page names one style sheet and one script, and holds neither itself`() async throws {
        try await WebFixture().test { browser in
            var pages = [try await browser.get("/login").html]
            try await browser.become("uma")
            for path in ["/account", "/c/acme/my/tickets", "/c/acme/tickets/new/thing"] {
                pages.append(try await browser.get(path).html)
            }
            for page in pages {
                #expect(page.ranges(of: Asset.styleSheet.path).count == 1)
                #expect(page.ranges(of: Asset.script.path).count == 1)
                for inline in ["<style", " style=", "<script>", " onclick="] { #expect(!page.contains(inline)) }
            }
        }
    }
}
