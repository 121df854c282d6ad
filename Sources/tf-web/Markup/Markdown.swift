import CCmark
import Foundation

/// Renders Markdown from definitions and comments: no HTML, and links to http, https and mailto only.
enum Markdown {
    /// Bytes; a longer text is shown as plain text.
    private static let maximumBytes = 16_384

    /// A text of a definition.
    static func html(_ source: String) -> HTML { render(source, CMARK_OPT_DEFAULT) }

    /// What somebody said: each of its lines stays one.
    static func said(_ source: String) -> HTML { render(source, CMARK_OPT_HARDBREAKS) }

    private static func render(_ source: String, _ options: Int32) -> HTML {
        guard source.utf8.count <= maximumBytes,
            let document = cmark_parse_document(source, source.utf8.count, options)
        else { return "<pre>\(source)</pre>" }
        defer { cmark_node_free(document) }
        tame(document)
        guard let rendered = cmark_render_html(document, options, nil) else { return "<pre>\(source)</pre>" }
        defer { free(rendered) }
        return HTML(trusted: String(cString: rendered))
    }

    /// The beginning of what somebody said, without its marks, for a line that quotes it.
    static func plain(_ source: String) -> String {
        guard source.utf8.count <= maximumBytes,
            let document = cmark_parse_document(source, source.utf8.count, CMARK_OPT_DEFAULT)
        else { return source }
        defer { cmark_node_free(document) }
        tame(document)
        guard let rendered = cmark_render_plaintext(document, CMARK_OPT_DEFAULT, 0) else { return source }
        defer { free(rendered) }
        return String(cString: rendered)
    }

    /// Shows HTML as it was typed, keeps of pictures and unsafe links the words alone, makes links of addresses, and puts
    /// all headings below those of the page.
    private static func tame(_ document: OpaquePointer) {
        // The parser cuts a text at each letter that might have been a mark.
        cmark_consolidate_text_nodes(document)
        for node in nodes(of: document) {
            let type = cmark_node_get_type(node)
            if type == CMARK_NODE_HEADING {
                cmark_node_set_heading_level(node, 3)
            } else if type == CMARK_NODE_IMAGE || type == CMARK_NODE_LINK && !isSafe(node) {
                unwrap(node)
            } else if type == CMARK_NODE_TEXT {
                linkAddresses(in: node)
            } else if type == CMARK_NODE_HTML_INLINE || type == CMARK_NODE_HTML_BLOCK {
                showAsTyped(node, isBlock: type == CMARK_NODE_HTML_BLOCK)
            }
        }
    }

    /// All nodes, listed before any of them is changed.
    private static func nodes(of document: OpaquePointer) -> [OpaquePointer] {
        guard let iterator = cmark_iter_new(document) else { return [] }
        defer { cmark_iter_free(iterator) }
        var nodes: [OpaquePointer] = []
        while true {
            let event = cmark_iter_next(iterator)
            if event == CMARK_EVENT_DONE { return nodes }
            if event == CMARK_EVENT_ENTER, let node = cmark_iter_get_node(iterator) { nodes.append(node) }
        }
    }

    private static func isSafe(_ link: OpaquePointer) -> Bool {
        let url = cmark_node_get_url(link).map { String(cString: $0).lowercased() } ?? ""
        return ["http://", "https://", "mailto:"].contains(where: url.hasPrefix)
    }

    /// Puts a node's content in its place.
    private static func unwrap(_ node: OpaquePointer) {
        while let child = cmark_node_first_child(node) {
            guard cmark_node_insert_before(node, child) == 1 else { return }
        }
        cmark_node_free(node)
    }

    private static func showAsTyped(_ node: OpaquePointer, isBlock: Bool) {
        guard let text = cmark_node_new(CMARK_NODE_TEXT) else { return }
        cmark_node_set_literal(text, cmark_node_get_literal(node))
        guard isBlock else {
            cmark_node_replace(node, text)
            cmark_node_free(node)
            return
        }
        guard let paragraph = cmark_node_new(CMARK_NODE_PARAGRAPH) else { return cmark_node_free(text) }
        cmark_node_append_child(paragraph, text)
        cmark_node_replace(node, paragraph)
        cmark_node_free(node)
    }
}
