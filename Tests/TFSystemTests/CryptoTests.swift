import TFSystem
import Testing

@Suite struct CryptoTests {
    /// Sources: FIPS 180-4's example "abc"; RFC 4231, test case 2.
    @Test func `digests are those of the standards`() {
        #expect(
            Digest.sha256("abc".utf8).hexadecimal
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            Digest.sha256([]).hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Digest.hmac("what do ya want for nothing?", key: Array("Jefe".utf8)).hexadecimal
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func `hexadecimal digits are two a byte, in lower case`() {
        #expect([0, 9, 10, 255].hexadecimal == "00090aff")
        #expect([UInt8]().hexadecimal == "")
    }

    @Test(arguments: [("", "", true), ("a", "a", true), ("a", "b", false), ("a", "aa", false), ("", "a", false)])
    func `only what is the same to the byte is the same`(left: String, right: String, isSame: Bool) {
        #expect(ConstantTime.areEqual(left, right) == isSame)
        #expect(ConstantTime.areEqual(Array(left.utf8), Array(right.utf8)) == isSame)
    }

    /// One that is composed and one that is not are equal to Swift, and no same secret.
    @Test func `secrets that only read the same are not the same`() {
        #expect("\u{E9}" == "e\u{301}")
        #expect(!ConstantTime.areEqual("\u{E9}", "e\u{301}"))
    }

    @Test func `random tokens and names have 128 bits in characters for addresses and files`() {
        let (tokens, names) = (Set((0..<100).map { _ in Random.token() }), Set((0..<100).map { _ in Random.name() }))
        #expect(tokens.count == 100 && names.count == 100)
        #expect(tokens.allSatisfy { Base64URL.decode($0)?.count == 16 })
        #expect(names.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
        #expect(Random.bytes(5).count == 5)
    }

    @Test func `base64url has one text for each value, and no other is read`() {
        for count in 0...4 {
            let bytes = [UInt8](repeating: 0xFB, count: count)
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        for text in ["-_-_=", "+/", "A", "AB", "A B", "ä"] { #expect(Base64URL.decode(text) == nil) }
    }
}
