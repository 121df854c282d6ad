import Testing

@testable import tf_daemon

@Suite struct DigestAnswerTests {
    /// The example of RFC 7616, 3.9.1.
    @Test(arguments: [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ])
    func `the answer is that of the RFC`(_ algorithm: String, _ response: String) throws {
        let challenge = """
            Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=\(algorithm), \
            nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
            """
        let answer = try #require(
            DigestAnswer(
                challenge: challenge, username: "Mufasa", password: "Circle of Life", method: "GET",
                url: "http://www.example.org/dir/index.html",
                clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"))
        #expect(answer.text.contains("response=\"\(response)\""))
        #expect(answer.text.contains("uri=\"/dir/index.html\""))
        #expect(answer.text.contains("qop=auth, nc=00000001"))
        #expect(answer.text.contains("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""))
    }

    @Test(arguments: [
        nil, "Basic realm=\"x\"", "Digest realm=\"x\"", "Digest realm=\"x\", nonce=\"1\", algorithm=SHA-3",
    ])
    func `a challenge that cannot be met has no answer`(_ challenge: String?) {
        #expect(
            DigestAnswer(challenge: challenge, username: "u", password: "p", method: "GET", url: "http://h/") == nil)
    }
}
