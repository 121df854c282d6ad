import Foundation
import Testing

@testable import TFStore
@testable import tf_web

@Suite struct PasswordTests {
    /// Long ones that stand high in published lists of passwords that were stolen.
    private static let frequent = """
        1q2w3e4r5t6y 123qweasdzxc 123456789012 1234567891011 123456123456 123123123123 111111111111
        112233445566 1qaz2wsx3edc qwertyuiop12 qwertyuiop[] qwertyuiopasdfghjkl qazwsxedcrfv qazwsxedc123
        zaq12wsxcde3 zaq1zaq1zaq1 zaq1xsw2cde3 qweasdzxc123 1234qwerasdf asdfghjkl123 zxcvbnm12345
        abcdefghijkl abcd12345678 abc123abc123 a1b2c3d4e5f6 iloveyou1234 iloveyousomuch iloveyouforever
        password1234 password123456 passwordpassword mypassword123 Password123! P@ssw0rd1234 administrator
        administrator1 letmeinletmein welcome12345 Welcome2020! sunshine1234 princess1234 basketball23
        football1234 superman1234 spiderman123 christopher1 chocolate123 butterfly123 strawberry12
        unbelievable motherfucker jesuschrist1 manchesterunited realmadrid12 barcelona123 alexander123
        elizabeth123 michaeljackson michaeljordan23 harrypotter1 pokemon12345 dragonballz1 starwars1234
        callofduty12 playstation3 counterstrike linkinpark12 metallica123 skateboarding cheerleader1
        spongebob123 lovelovelove qwerty123456 qwertyqwerty q1w2e3r4t5y6 123qwe123qwe qwaszxqwaszx
        1234567890qwe !QAZ2wsx#EDC 147258369147 159753159753 woaini1314520 tequieromucho galatasaray1905
        bayernmuenchen November2020 Qwerty@12345 12345qwerty12 contraseña123 motdepasse123 passwort1234
        PASSWORD123456
        """.split(whereSeparator: \.isWhitespace).map(String.init)

    @Test(arguments: frequent)
    func `a frequent password is refused, however it is written`(_ password: String) {
        #expect(password.count >= 12)
        for form in [
            password, password.uppercased(), password.decomposedStringWithCanonicalMapping, password + "!",
            "\u{200B}" + password,
        ] {
            #expect(
                Passwords.problem(form, owner: PasswordOwner(login: "uma"))?.contains("soon guessed") == true
                    || Passwords.problem(form, owner: PasswordOwner(login: "uma"))?.contains("different") == true)
        }
    }

    @Test(arguments: [
        "seven purple llamas dance", "wind over quiet harbour", "blue-teapot-orbit-lantern", "Zw1schen den Zeilen",
        "kX9vQ2mLr7Tz", "9f3a7c51e0b2", "olive tractor mends", "purplemonkeydishwasher", "тихий самовар поёт",
        "wobbly-granite-sofa", "red lamps hum at noon", "83920174652093", "水面に映る静かな山々の影", "Grüße vom dritten Mond",
    ])
    func `a password that has nothing of these is taken`(_ password: String) {
        #expect(Passwords.problem(password, owner: PasswordOwner(login: "uma")) == nil)
    }

    @Test(arguments: [
        "umbertolini-x9-kwerz", "UMBERTOLINI over quiet harbour", "umbertolini\u{301} by quiet harbour",
        "Bertoldine 1987!",
        "Umbertine-Weissgerber1", "Acme-Widgets-2026!", "ticketflower2026", "TicketFlower12!!",
        "b.weissgerber over harbour",
    ])
    func `names of the person, the company and the site make no password`(_ password: String) {
        let owner = PasswordOwner(
            login: "umbertolini", name: "Umbertine Bertoldine Weissgerber", email: "b.weissgerber@example.org",
            companies: [Company(id: 1, slug: "acme", name: "Acme Widgets", timezone: "UTC", version: 1)])
        #expect(Passwords.problem(password, owner: owner) != nil)
    }

    @Test func `the message says what is wrong and what would be right`() {
        #expect(
            Passwords.problem("Password2024", owner: PasswordOwner(login: "uma"))
                == "This password is soon guessed: it is made of common words and years. Take four or more words that have nothing to do with each other, or let a program make one"
        )
        #expect(Passwords.problem("kX9vQ2m\u{0}Lr7Tz", owner: PasswordOwner(login: "uma"))?.contains("U+0000") == true)
    }
}
