import TFDefinition
import TFExpression

/// The servers of a dry run.
struct SimulatedHTTP {
    private static let limitRedirects = 5

    private let answers: [SimulationScript.HTTPAnswer]
    private var used: [Int]

    init(answers: [SimulationScript.HTTPAnswer]) {
        self.answers = answers
        used = answers.map { _ in 0 }
    }

    mutating func answer(_ request: HTTPRequest) -> HTTPOutcome {
        var url = request.head.url
        var method = request.head.method
        for _ in 0...Self.limitRedirects {
            guard let answer = next(method, url) else {
                return .failed(
                    WorkflowError(
                        .communication, status: 503, title: "Nobody answers",
                        detail: "the script has no answer to \(method) \(url)", at: ""))
            }
            let response = response(to: request, answer, method, url)
            guard request.followsRedirects, (300..<400).contains(answer.status),
                let location = response.header("location")
            else { return .response(response) }
            url = location
            if answer.status == 303 { method = "GET" }
        }
        return .failed(
            WorkflowError(.communication, status: 508, title: "Too many redirects", detail: request.head.url, at: ""))
    }

    private mutating func next(_ method: String, _ url: String) -> SimulationScript.HTTPAnswer? {
        let index = answers.indices.first { index in
            answers[index].matches(method, url) && answers[index].times.map { used[index] < $0 } ?? true
        }
        guard let index else { return nil }
        used[index] += 1
        return answers[index]
    }

    private func response(
        to request: HTTPRequest, _ answer: SimulationScript.HTTPAnswer, _ method: String, _ url: String
    ) -> HTTPOutcome.Response {
        var headers = answer.headers.map { HTTPRequest.Header(name: $0.key, value: $0.value.displayText) }
        let body: [UInt8]
        switch answer.body {
        case .null: body = []
        case .string(let text): body = Array(text.utf8)
        case .bool, .number, .array, .object:
            body = answer.body.bytes
            if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
                headers.append(.init(name: "content-type", value: "application/json"))
            }
        }
        return HTTPOutcome.Response(
            status: answer.status, headers: headers, body: body,
            to: .init(method: method, url: url, headers: request.head.headers))
    }
}

extension Simulation {
    /// Answers a request by the script.
    mutating func send(_ intent: HTTPIntent, _ index: Int) {
        guard let state = instances[index].state else { return }
        var outcome: HTTPOutcome
        do {
            let request = try Engine.request(
                instances[index].program, state, reference: intent.reference, visit: intent.visit, surroundings(index))
            guard let request else { return }
            outcome = http.answer(request)
        } catch {
            outcome = .failed(error)
        }
        deliver(
            to: index,
            .httpFinished(reference: intent.reference, visit: intent.visit, stage: intent.stage, outcome))
    }
}
