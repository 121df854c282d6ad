import TFDefinition

/// The tag around a definition's form.
struct FormTag {
    let fields: FormFields?
    /// Where it is sent.
    let action: String
    /// Where the script asks; nil: there is nothing to ask.
    let validation: String?

    func html(_ content: HTML) -> HTML {
        let encoding: HTML? = fields?.takesFiles == true ? #" enctype="multipart/form-data""# : nil
        let data: HTML? = validation.map { v -> HTML in #" data-validation="\#(v)""# }
        return """
            <form method="post" action="\(action)"\(encoding)\(data) novalidate>\(content)</form>
            """
    }
}
