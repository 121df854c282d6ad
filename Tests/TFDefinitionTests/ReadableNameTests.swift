import TFDefinition
import Testing

@Suite struct ReadableNameTests {
    @Test(arguments: [
        ("grant-access", "Grant access"), ("grantAccess", "Grant access"), ("bug_report", "Bug report"),
        ("it-staff", "IT staff"), ("do-it", "Do it"), ("hr", "HR"), ("go-live", "Go live"), ("id-card", "ID card"),
        ("access granted", "Access granted"), ("VPN", "VPN"), ("handle", "Look after it"), ("", ""),
    ])
    func `a name is said as people say it`(name: String, said: String) {
        #expect(ReadableName.title(name) == said)
    }

    @Test func `inside a sentence it begins small, but for an abbreviation`() {
        #expect(ReadableName.words("access-approver") == "access approver")
        #expect(ReadableName.words("it-staff") == "IT staff")
    }
}
