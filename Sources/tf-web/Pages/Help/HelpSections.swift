/// What is told to those who may do it.
extension HelpPage {
    static let signingIn = Section(
        title: "Your account",
        entries: [
            (
                "How do I get an account, or a new password?",
                "Whoever runs TicketFlower in your company sends you a link, at which you choose a password yourself."
            ),
            (
                "How do I protect it?",
                """
                Switch on the second factor under your initials, “Account, theme”: then a code of your telephone is asked \
                for as well. Keep the recovery codes; each opens your account once, without the telephone.
                """
            ),
            (
                "What happens when I am signed out while I type?",
                "What you typed is kept. Sign in again as the same person, and you go on with it."
            ),
        ])

    static let asking = Section(
        title: "Ask for something",
        entries: [
            (
                "How do I ask for something?",
                "Choose “New ticket”, then what you need, and fill in its form. Everything is checked before it is sent."
            ),
            (
                "Where does my ticket stand?",
                """
                Open it under “My tickets”: the line on top says who has it, the steps show what was done and what comes. \
                You are told when something is asked of you, and when it closes.
                """
            ),
            (
                "How do I add or change something?",
                "Write it as a reply, with files if you like; whoever works on the ticket reads it. You can cancel it too."
            ),
        ])

    static let working = Section(
        title: "Do tasks",
        entries: [
            (
                "Which task comes next?",
                "The first one under “My tasks”: late ones, then urgent ones, then those that are due soonest."
            ),
            (
                "Why do I have a task?",
                """
                It goes to whoever may do it, is available and has the shortest list. Its page says why it is yours. Under \
                “To claim” are tasks that you may take yourself.
                """
            ),
            (
                "What if I cannot do it now?",
                """
                Put it on hold until a date, hand it over, or give it back. A draft keeps what you have filled in. When you \
                are away, the switch beside your initials says what becomes of your tasks.
                """
            ),
        ])

    static let managing = Section(
        title: "Look after tickets",
        entries: [
            (
                "How do I find those that need me?",
                "The tabs “Late”, “With nobody” and “Failed” of “Tickets”. Add filters, and keep them as a view, also for others."
            ),
            (
                "How do I change many at once?",
                "Tick them, or choose all that match, then an action below the list. It says first what would be done."
            ),
            (
                "What is a failed ticket?",
                "An error stopped its workflow. Its page says at which step: try that again, or skip it with a result."
            ),
        ])

    private static let programs: (String, HTML) = (
        "What can a program do?",
        """
        All that a person can. An admin makes a user for it, and a key on that user’s page. What it may ask for is in the \
        <a href="\(OpenAPI.path)">API document</a>.
        """
    )

    static let creating = Section(
        title: "Write workflows",
        entries: [
            (
                "How do I begin?",
                """
                Under “Workflows”, begin with a template: a form, the tasks and the steps between them. The text is checked \
                while you type, with the line of each mistake.
                """
            ),
            (
                "How do I try it?",
                """
                A dry run goes through it with its real forms: you answer for everybody, hours go by in no time, and \
                nothing is saved. Keep the run as a test.
                """
            ),
            (
                "What becomes of running tickets?",
                "They stay with the text with which they began. New ones take the one that you publish."
            ),
            programs,
        ])

    static let running = Section(
        title: "Run the site",
        entries: [
            (
                "How does somebody get a right?",
                """
                By two things: a system role, such as task worker, and membership of a company. A company may narrow it by \
                roles of its own. “Who may what” says why somebody may or may not do something.
                """
            ),
            (
                "Is everything well?",
                "“System” tells what to look at, and what to do about each; “Queues” shows the lists that do not move."
            ),
            (
                "Who changed what?",
                "The audit log has every change of accounts, roles, keys and definitions, with who made it."
            ),
            programs,
        ])

    static let writing = Section(
        title: "Writing and finding",
        entries: [
            (
                "How do I format a text?",
                """
                A line that begins with - is an item of a list, **two stars** make words bold, and an address becomes a \
                link. @ and a user name tells that person, if they may see the ticket.
                """
            ),
            (
                "How do I find something?",
                """
                The field above searches in all that you may see. The beginnings of words are enough; a word with - before it, \
                as -printer, leaves out the tickets that have it; a number such as #24 goes straight there.
                """
            ),
            (
                "Are there keys?",
                """
                Ctrl and Enter send what you type. Under “Account, theme” you can switch on single keys: / searches, j and \
                k go through a list, ? shows them all.
                """
            ),
        ])
}
