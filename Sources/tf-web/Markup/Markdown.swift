import CCmark
import Foundation

/// Renders Markdown from definitions: no HTML, and links to http, https and mailto only.
enum Markdown {
    /// Bytes; a longer text is shown as plain text.
    private static let maximumBytes = 16_384

    static func html(_ source: String) -> HTML {
        guard source.utf8.count <= maximumBytes,
            let document = cmark_parse_document(source, source.utf8.count, CMARK_OPT_DEFAULT)
        else { return "<pre>\(source)</pre>" }
        defer { cmark_node_free(document) }
        dropUnsafeLinks(document)
        guard let rendered = cmark_render_html(document, CMARK_OPT_DEFAULT, nil) else { return "<pre>\(source)</pre>" }
        defer { free(rendered) }
        return HTML(trusted: String(cString: rendered))
    }

    private static func dropUnsafeLinks(_ document: OpaquePointer) {
        guard let iterator = cmark_iter_new(document) else { return }
        defer { cmark_iter_free(iterator) }
        while cmark_iter_next(iterator) != CMARK_EVENT_DONE {
            guard let node = cmark_iter_get_node(iterator) else { continue }
            let type = cmark_node_get_type(node)
            if type == CMARK_NODE_IMAGE {
                cmark_node_set_url(node, "")
            } else if type == CMARK_NODE_LINK {
                let url = cmark_node_get_url(node).map { String(cString: $0).lowercased() } ?? ""
                if !["http://", "https://", "mailto:"].contains(where: url.hasPrefix) { cmark_node_set_url(node, "") }
            }
        }
    }
}
