import Foundation
import TFDefinition

/// One part of a `multipart/form-data` body, described by its headers.
struct MultipartPart: Sendable, Equatable {
    /// The form field's name.
    let name: String
    /// The file's name without a path; nil for a text field, empty for a file field in which nothing was chosen.
    let fileName: String?
    /// The media type that the sender gave, else `application/octet-stream`.
    let mediaType: String
}

extension MultipartPart {
    /// - Parameter bytes: the part's header lines, with the line break before the first.
    init(headers bytes: ArraySlice<UInt8>) throws(MultipartError) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .badHeaders("they are not UTF-8") }
        var name: String?
        var fileName: String?
        var mediaType = "application/octet-stream"
        for line in text.split(separator: "\r\n") {
            guard let colon = line.unicodeScalars.firstIndex(of: ":") else {
                throw .badHeaders("a line without a colon")
            }
            let value = line[line.unicodeScalars.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            switch line[..<colon].lowercased() {
            case "content-disposition":
                guard value.lowercased().utf8.starts(with: "form-data".utf8) else {
                    throw .badHeaders("no form-data")
                }
                let parameters = HeaderParameters.read(value)
                name = parameters["name"]
                fileName = parameters["filename"]
            case "content-type": mediaType = TextLimit.mediaType.cut(value)
            default: break
            }
        }
        guard let name else { throw .badHeaders("a part without a name") }
        guard !name.hasNUL, fileName?.hasNUL != true, !mediaType.hasNUL else { throw .nul(field: name.withoutNUL) }
        self.init(
            name: name, fileName: fileName.map { $0.isEmpty ? "" : FileName.shown($0) }, mediaType: mediaType)
    }
}
