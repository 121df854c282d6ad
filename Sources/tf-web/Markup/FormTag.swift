import TFDefinition

/// The `form` element around a definition's form.
struct FormTag {
    let fields: FormFields?
    /// The address to which it is sent.
    let action: String
    /// The address at which the script validates; nil if there is nothing to validate.
    let validation: String?

    func html(_ content: HTML) -> HTML {
        let encoding: HTML? = fields?.takesFiles == true ? #" enctype="multipart/form-data""# : nil
        let data: HTML? = validation.map { v -> HTML in #" data-validation="\#(v)""# }
        return """
            <form class="card" method="post" action="\(action)"\(encoding)\(data) novalidate>\(content)</form>
            """
    }
}
