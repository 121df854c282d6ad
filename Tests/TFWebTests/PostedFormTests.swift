import Testing

@testable import tf_web

@Suite struct PostedFormTests {
    @Test(arguments: [
        ("a=1%0D%0A2", "1\n2"), ("a=1%0D2", "1\n2"), ("a=1%0A%0D%0A2", "1\n\n2"), ("a=%0D%0A%CC%81", "\n\u{301}"),
        ("a=x+y%2Bz", "x y+z"), ("a=%+5%zz%4", "% 5%zz%4"), ("a=%e2%80%a8", "\u{2028}"), ("a", ""), ("a==", "="),
    ])
    func `a value is decoded, and every line end in it is LF`(_ body: String, _ value: String) throws {
        let posted = try #require(try PostedForm(Array(body.utf8))["a"])
        #expect(Array(posted.utf8) == Array(value.utf8))
    }

    @Test func `the text of a file stays as it is`() {
        var form = PostedForm()
        form.append("source", "a\r\nb")
        form.append("file", file: "a\r\nb")
        #expect(form.fields.map(\.value) == ["a\nb", "a\r\nb"])
    }
}
