internal import Traces

extension Form {
  /// A dotted path that leads to no setting.
  struct UnknownSetting: Error {
    let hint: String?
    let isFixed: Bool
    var reason: String?

    func message(for path: String) -> String {
      isFixed
        ? "'\(path)' cannot be varied" + (reason.map { ": \($0)" } ?? "")
        : "there is no setting '\(path)'"
    }
  }

  /// The form of the setting at a dotted `path`, if a sweep that refuses some may vary it.
  func sweptSetting(
    at path: String, refusing refused: [String: String]
  ) -> Result<Form, UnknownSetting> {
    var part = Substring(path)
    while true {
      if let reason = refused[String(part)] {
        return .failure(UnknownSetting(hint: nil, isFixed: true, reason: reason))
      }
      guard let dot = part.lastIndex(of: ".") else { return setting(at: path) }
      part = part[..<dot]
    }
  }

  /// The form of the setting at a dotted `path`, as in `function.memory`.
  func setting(at path: String) -> Result<Form, UnknownSetting> {
    var form = self
    var walked: [String] = []
    for key in path.split(separator: ".", omittingEmptySubsequences: false).map(String.init) {
      let settings: [Setting]
      switch form {
      case .record(let inner, _), .nameOrRecord(_, _, let inner): settings = inner
      case .oneOf(_, let cases): settings = cases
      default: return .failure(UnknownSetting(hint: nil, isFixed: !walked.isEmpty))
      }
      guard let next = settings.first(where: { $0.key == key }) else {
        let near = Suggestion.nearest(to: key, among: settings.map(\.key))
        let hint = near.map { (walked + [$0]).joined(separator: ".") }
        return .failure(UnknownSetting(hint: hint, isFixed: false))
      }
      form = next.form
      walked.append(key)
    }
    switch form {
    case .nothing, .keyed, .sweep:
      return .failure(UnknownSetting(hint: nil, isFixed: true))
    default: return .success(form)
    }
  }

  /// What is expected, in words, as in "a duration".
  var noun: String {
    switch self {
    case .flag: "true or false"
    case .count: "a whole number"
    case .number: "a number"
    case .quantity(let dimension, _): "\(dimension.noun) (\(dimension.unitList))"
    case .text, .nothing, .anything: "text"
    case .date, .period: "a date"
    case .existingPath: "a path"
    case .name(let noun, _, _), .nameOrPath(let noun, _, _), .nameOrRecord(let noun, _, _),
      .oneOf(let noun, _):
      "one \(noun)"
    case .member(let numbered, let single):
      (numbered.map { "'\($0) 0'" } + single.map { "'\($0)'" }).joined(separator: " or ")
    case .comparison(let bound): "a comparison with \(bound.noun)"
    case .record, .keyed, .sweep, .sentence: "a mapping"
    case .list: "a list"
    }
  }
}

extension ClosedRange<Int> {
  /// The range as an error says it.
  var inWords: String {
    upperBound == Int.max ? "at least \(lowerBound)" : "\(lowerBound) to \(upperBound)"
  }
}

extension Dimension {
  /// A range of amounts as an error says it, as in "1 s to 15 min".
  func words(for range: ClosedRange<Int64>) -> String {
    let lowest = Quantity(range.lowerBound, self).text
    return range.upperBound == Int64.max
      ? "at least \(lowest)" : "\(lowest) to \(Quantity(range.upperBound, self).text)"
  }
}
