import Testing

@testable import TFDefinition

@Suite struct AddressTests {
    private static let label63 = String(repeating: "a", count: 63)

    @Test(arguments: [
        "a@b.org", "a@b", "a.b+c@b-c.example", "!#$%&'*+/=?^_`{|}~-.@b.org", ".a.@b.org", "a..b@b.org",
        "a?bcc=x%40y.org@b.org", "1@1", "a@\(label63).org",
    ])
    func `an address that HTML takes is an e-mail address`(_ text: String) { #expect(EmailAddress.isValid(text)) }

    @Test(arguments: [
        "", "@", "a", "@b", "a@", "a@b@c", "a@b.", "a@.b", "a@b..c", "a@-b", "a@b-", "a@b_c", "a@b.org?bcc=x%40y.org",
        "a b@c", "a@b c", "a@b,c@d", "\"a b\"@c.org", "a@[127.0.0.1]", "ä@b.org", "a@bä.org", "a\u{301}@b.org",
        "a@b.org\u{301}", "a@\(label63)a.org", "a@b\n", "a@b.org\u{0}", "<a@b.org>", "a@b.org;c@d.org", "(a)@b.org",
    ])
    func `any other text is none`(_ text: String) { #expect(!EmailAddress.isValid(text)) }

    @Test(arguments: [
        "https://example.com", "http://example.com/", "HTTPS://EXAMPLE.COM/A?b=c#d", "https://a", "https://a.b.:8080/x",
        "https://example.org:/", "https://example.org:65535", "https://example.org:00080/",
        "https://user:pw@example.org/",
        "https://@example.org", "https://1.2.3.4", "https://0x7f.1", "https://[::1]:80/", "https://[2001:db8::1.2.3.4]",
        "https://bücher.example/ä?ö#ü", "https://例え。テスト/", "https://ex%61mple.com/", "https://a_b.example",
        "https://example.com/a|b{c}\"<d>^`", "https://example.com/%zz", "https://example.com?@:80", "https://a/:80@",
    ])
    func `an address that browsers open is a web address`(_ text: String) { #expect(WebAddress.isValid(text)) }

    @Test(arguments: [
        "", "https", "https:", "https:/", "https://", "https:///x", "https://:80", "https://user@", "https://user@:80",
        "https://?x", "https://#x", "https://.", "https://a..b", "https://.a", "https://a:b", "https://a:65536",
        "https://a:-1", "https://a:8 0", "https://a:99999999999999999999", "https://a b", "https://a/b c",
        "https://a\\b", "https:\\\\a", "https://a/\u{0}", "https://a/\n", " https://a", "https://[::1", "https://[]",
        "https://[::g]", "https://[::1]x", "https://::1", "https://256.1.1.1", "https://1.2.3.4.5", "https://09.1",
        "https://1.2.3.999", "https://%20", "https://a%2Fb", "https://a%", "https://a^b", "https://a|b", "https://a<b",
        "ftp://a", "javascript:alert(1)", "mailto:a@b", "//a", "a.example", "https://\u{AD}", "https://a\u{202E}b",
        "https://a/\u{202E}gpj.exe", "https://a/\u{A0}", "https://a/\u{2028}", "https:/\u{301}/a",
        "https://\(label63)a.org",
    ])
    func `any other text is no web address`(_ text: String) { #expect(!WebAddress.isValid(text)) }
}
