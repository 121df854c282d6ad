import TFExpression

/// Forms in a dry run, where there are no people and no files.
extension Form {
    /// A context in which all people and files that the answers name exist, and the people hold every role.
    /// - Parameter moment: when the form is sent, in milliseconds since 1970.
    package func contextTakingAsGiven(
        _ answers: JSONObject, at moment: Int64, on clock: SimulationClock
    ) -> FormContext {
        var context = FormContext(today: clock.day(at: moment), offset: clock.zone)
        let roles = fields.compactMap { field in if case .user(let user) = field.element.kind { user.role } else { nil }
        }
        for login in people(in: answers) {
            context.people[login] = [FormPerson(login: login, name: login, roles: Set(roles))]
        }
        for upload in uploads {
            let value = answers[upload.id] ?? .null
            for name in (value.arrayValue ?? [value]).compactMap(\.stringValue) {
                context.uploads[AttachmentID(name)] = upload.field.file(named: name)
            }
        }
        return context
    }
}

extension UploadField {
    private static let mediaTypes = [
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
        "svg": "image/svg+xml", "pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv",
    ]

    /// A small file of this name; a name without an ending gets the first type that the field accepts.
    fileprivate func file(named name: String) -> FormUpload {
        let ending = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last.map {
            $0.lowercased()
        }
        var (shown, type) = (name, ending.flatMap { Self.mediaTypes[$0] } ?? "application/octet-stream")
        if ending == nil, let kind = accept.first {
            if kind.hasPrefix(".") { shown += kind } else { type = kind.replacing("*", with: "png") }
        }
        return FormUpload(id: AttachmentID(name), name: shown, mediaType: type, size: 1)
    }
}
