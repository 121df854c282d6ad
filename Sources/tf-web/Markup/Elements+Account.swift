import TFDefinition

/// The fields with which people sign in, confirm who they are, and choose a password.
extension Elements {
    static func presentPassword(label: String, errors: [FieldError]) -> HTML {
        field("password", label: label, errors: errors) { attributes in
            #"<input type="password" name="password" autocomplete="current-password"\#(attributes)>"#
        }
    }

    static func newPassword(errors: [FieldError]) -> HTML {
        field("new", label: "New password", hint: "\(Passwords.minimumLength) characters or more.", errors: errors) {
            attributes in #"<input type="password" name="new" autocomplete="new-password"\#(attributes)>"#
        }
    }

    static func code(hint: HTML, errors: [FieldError]) -> HTML {
        field("otp", label: "Code", hint: hint, errors: errors) { attributes in
            #"<input type="text" name="otp" inputmode="numeric" autocomplete="one-time-code"\#(attributes)>"#
        }
    }

    /// A hidden field that tells a password manager which account the password belongs to.
    static func userName(_ login: String) -> HTML {
        #"<input type="text" value="\#(login)" autocomplete="username" aria-label="User name" hidden>"#
    }
}
