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

    /// Drops unsafe links and pictures, and puts all headings below those of the page.
    private static func tame(_ document: OpaquePointer) {
        guard let iterator = cmark_iter_new(document) else { return }
        defer { cmark_iter_free(iterator) }
        while cmark_iter_next(iterator) != CMARK_EVENT_DONE {
            guard let node = cmark_iter_get_node(iterator) else { continue }
            let type = cmark_node_get_type(node)
            if type == CMARK_NODE_IMAGE {
                cmark_node_set_url(node, "")
            } else if type == CMARK_NODE_HEADING {
                cmark_node_set_heading_level(node, 3)
            } else if type == CMARK_NODE_LINK {
                let url = cmark_node_get_url(node).map { String(cString: $0).lowercased() } ?? ""
                if !["http://", "https://", "mailto:"].contains(where: url.hasPrefix) { cmark_node_set_url(node, "") }
            }
        }
    }
}
