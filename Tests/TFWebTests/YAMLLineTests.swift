import Testing

@testable import tf_web

/// The colours of a definition's source.
@Suite struct YAMLLineTests {
    @Test(arguments: [
        ("task: look", "<b>task</b>: look"), ("  - first: { call: a }", "  - <b>first</b>: { call: a }"),
        ("# all <of> it", "<i># all &lt;of&gt; it</i>"), ("a: b # why", "<b>a</b>: b <i># why</i>"),
        ("a: 'b # c'", "<b>a</b>: &#39;b # c&#39;"), ("url: http://x/#y", "<b>url</b>: http://x/#y"),
        ("it's # so", "it&#39;s <i># so</i>"), ("    plain words", "    plain words"), ("http://x", "http://x"),
    ])
    func `a line's key and its comment stand out, and nothing else`(_ line: String, _ html: String) {
        #expect(String(decoding: YAMLLine(line[...]).html.bytes, as: UTF8.self) == html)
    }
}
