import TFDefinition
import TFEngine
import TFStore

/// Shapes that several requests and answers share.
extension Shape {
    static let problem = Shape.named(
        "Problem",
        .object([
            .required("type", .text), .required("title", .text), .required("status", .integer(400...599)),
            .required("detail", .text),
            .optional(
                "errors",
                .list(.either([fieldError, diagnostic]), most: nil), "What is wrong, field by field or line by line."),
        ]))
    private static let fieldError = Shape.named(
        "FieldError",
        .object([
            .required("field", .text, "The path in the body, such as `form.system`, or the query's parameter."),
            .required("message", .text),
        ]))
    static let diagnostic = Shape.named(
        "Diagnostic",
        .object([
            .required("file", .text), .required("line", .count), .required("column", .count),
            .required("severity", .words(Diagnostic.Severity.self)), .required("message", .text),
            .optional("suggestion", .orNull(.text)),
        ]))

    private static let condition = Shape.map(.any)
    /// The shape of `Form.jsonSchema`.
    static let formSchema = Shape.named(
        "FormSchema",
        .object([
            .required("$schema", .text), .required("type", .choice(["object"])),
            .required(
                "properties",
                .map(
                    .open(
                        [
                            .required("title", .text, "The question, as people read it."),
                            .optional("description", .text, "A hint under it; Markdown."),
                            .required("x-type", .words(ElementType.self)),
                            .optional("default", .any, "What stands in the field at first."),
                            .optional(
                                "x-default", .any,
                                "The same, where it is known only when the form is opened: today+3d, now, me, requester."
                            ),
                            .optional("oneOf", .list(option, most: nil), "The options, with their labels."),
                            .optional("x-other", .flag, "People may write something else."),
                            .optional("x-multiline", .flag, "The text may have several lines."),
                            .optional("x-unit", .text, "What is counted."),
                            .optional("x-placeholder", .text, "A faint example inside the empty field."),
                            .optional("x-visible-if", condition, "When it is asked for, as a definition has it."),
                            .optional("x-visible-if-words", .text, "The same for people."),
                        ], others: .any)), "The fields by their ids, each with the schema of its answer."),
            .required("required", .list(.text, most: nil)), .required("additionalProperties", .flag),
            .required(
                "x-elements",
                .list(
                    .object([
                        .optional("field", .text, "A field's id."),
                        .optional("type", .choice(["markdown", "section"]), "What stands between fields."),
                        .optional("markdown", .text), .optional("title", .text, "A section's heading."),
                        .optional("description", .text), .optional("x-visible-if", condition),
                        .optional("x-visible-if-words", .text),
                    ]), most: nil), "All that the form shows, in its order."),
        ]))
    private static let option = Shape.object([
        .required("const", .text), .required("title", .text), .optional("description", .text),
    ])
}
