import TFDefinition
import TFStore

/// The form below the timeline with which somebody answers, adds a note for the staff, and adds files.
struct ReplyForm {
    let on: OnTicket
    let typed: TypedInput
    /// Files that came with a reply which could not be kept; they need not be chosen again.
    let kept: [FormUpload]
    let tags: FormTags

    static let files = UploadField(accept: [], maximumFiles: 10, maximumBytes: UploadField.largestBytes)

    private var isOurs: Bool { typed.errors.contains { ["text", "file", "internal"].contains($0.field) } }

    var html: HTML {
        """
        <form id=reply action="\(on.path)/comments" method=post enctype=multipart/form-data class=card \
        novalidate>\(tags.hidden(isSameSubmission: isOurs))<div class=stack>\
        \(Elements.field("text", label: "Reply", hint: hint, errors: typed.errors) { attributes in
            "<textarea name=\"text\" rows=4\(attributes)>\n\(typed.form["text"] ?? "")</textarea>"
        })\(kept.map(keep))\(fileError)\
        <div class=row><button class=primary>Send reply</button>\(note)\
        <label class="sm end">Add files <input type=file name="file" id=f-file multiple></label></div></div></form>
        """
    }

    private var hint: HTML {
        let name = on.account.id == on.ticket.requesterID ? "Everybody" : "\(on.ticket.requesterName) and everybody"
        let who: HTML =
            on.ticket.isCancellable
            ? "\(name) working on this ticket will see it."
            : "This ticket has ended, and nobody works on it any more. \(name) who worked on it can read what you write."
        return
            "\(who) <b>**bold**</b>, lists and links work; @ and a name tells that person."
    }

    private var note: HTML {
        guard on.may(.readInternalNotes) else { return .empty }
        return """
            <label class="pick sm"><input type=checkbox id=internal name="internal" value="true"\
            \(when(typed.form["internal"] == "true", " checked"))> Internal note: only staff can see it</label>
            """
    }

    private func keep(_ file: FormUpload) -> HTML {
        """
        <label class="pick sm"><input type="checkbox" name="file" value="\(file.id)" checked> Keep \(file.name) \
        <span class=soft>(\(ByteSize.text(file.size)))</span></label>
        """
    }

    private var fileError: HTML {
        guard let error = typed.errors.first(where: { $0.field == "file" }) else { return .empty }
        return "<p class=\"error fail\"><span class=vh>Error: </span>\(error.message)</p>"
    }
}
