import FlyingFox
import Foundation
import Results
import Scenarios

/// Answers the requests of the page.
struct WhatIfHandler: HTTPHandler {
  let session: WhatIfSession
  /// The port that is listened on; known once listening has begun.
  let port: @Sendable () -> UInt16

  private var desk: ScenarioDesk { session.desk }

  @concurrent func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    if let refusal = Gate(port: port()).refusal(of: request) { return refusal }
    let path = request.path.split(separator: "/").map(String.init)
    switch (request.method, path.first, path.dropFirst().first, path.dropFirst(2).first) {
    case (.GET, nil, _, _): return .text(page, type: "text/html")
    case (.GET, "page.css", nil, _):
      return .text(HTMLReport.css + "\n" + text(of: PackageResources.page_css), type: "text/css")
    case (.GET, "page.js", nil, _):
      return .text(text(of: PackageResources.page_js), type: "text/javascript")
    case (.POST, "check", nil, _): return try check(try await body(request))
    case (.POST, "what-ifs", nil, _): return try ask(try await body(request))
    case (.GET, "what-ifs", nil, _): return try .json(views)
    case (.POST, "what-ifs", let id?, "cancel"): return try cancel(id)
    case (.GET, "what-ifs", let id?, "scenario.yaml"): return scenario(id)
    case (.GET, "report", nil, _): return report(request.query.map(\.value))
    default: return .text("there is no \(request.path)", .notFound)
    }
  }

  // MARK: Texts

  /// A text from the page, and the change that its form asks for.
  private struct Question: Decodable {
    let text: String
    let change: FormChange?
  }

  /// A text that can be run.
  private struct Reading: Encodable {
    let text: String
    let summary: String
    let form: FormState
  }

  /// What is wrong with a text.
  private struct Mistakes: Encodable {
    struct Issue: Encodable {
      let line: Int
      let column: Int
      let message: String
    }

    let text: String
    let issues: [Issue]

    init(_ errors: ScenarioErrors, in text: String) {
      self.text = text
      issues = errors.issues.map {
        Issue(line: $0.line, column: $0.column, message: $0.description)
      }
    }
  }

  private func check(_ question: Question?) throws -> HTTPResponse {
    guard let question else { return .text("this is not a question", .badRequest) }
    var text = ScenarioText(question.text)
    let scenario: Scenario
    do {
      try question.change?.apply(to: &text)
      scenario = try desk.read(text.text)
    } catch {
      return try .json(Mistakes(error, in: text.text), .unprocessableContent)
    }
    return try .json(
      Reading(text: text.text, summary: scenario.summary, form: FormState(scenario)))
  }

  // MARK: What-ifs

  private struct Asked: Encodable { let id: Int }

  private func ask(_ question: Question?) throws -> HTTPResponse {
    guard let question else { return .text("this is not a question", .badRequest) }
    do {
      return try .json(Asked(id: try session.ask(question.text)), .accepted)
    } catch let errors as ScenarioErrors {
      return try .json(Mistakes(errors, in: question.text), .unprocessableContent)
    } catch is WhatIfSession.Busy {
      return .text("another what-if is being made: wait for it, or cancel it", .conflict)
    }
  }

  private var views: [WhatIfView] {
    let whatIfs = session.whatIfs
    let first = whatIfs.first { $0.state == .finished }
    return whatIfs.map { WhatIfView($0, comparedWith: first) }
  }

  private func cancel(_ id: String) throws -> HTTPResponse {
    guard let whatIf = whatIf(id) else { return .text("there is no what-if \(id)", .notFound) }
    session.cancel(whatIf.id)
    return try .json(Asked(id: whatIf.id), .accepted)
  }

  private func scenario(_ id: String) -> HTTPResponse {
    guard let whatIf = whatIf(id) else { return .text("there is no what-if \(id)", .notFound) }
    var response = HTTPResponse.text(whatIf.text, type: "application/yaml")
    response.headers[.contentDisposition] = "attachment"
    return response
  }

  private func whatIf(_ id: String) -> WhatIf? {
    session.whatIfs.first { String($0.id) == id }
  }

  /// The runs of several what-ifs side by side.
  private func report(_ ids: [String]) -> HTTPResponse {
    let chosen = ids.compactMap(whatIf).filter { !$0.runs.isEmpty }
    let runs = chosen.count == 1 ? chosen[0].runs : chosen.flatMap(\.labelledRuns)
    return .text(runs.isEmpty ? "" : HTMLReport(runs).content, type: "text/html")
  }

  // MARK: Parts

  private func body(_ request: HTTPRequest) async throws -> Question? {
    let data = try await request.bodyData
    do { return try JSONDecoder().decode(Question.self, from: data) } catch { return nil }
  }

  private func text(of bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// The page, which begins with the text of the file.
  private var page: String {
    text(of: PackageResources.page_html)
      .replacing("{{file}}", with: desk.file.escaped)
      .replacing("{{text}}", with: desk.original.text.escaped)
  }
}
