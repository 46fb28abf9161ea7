/// A value that has been checked against its form, with its place.
struct CheckedValue: Sendable {
  struct Entry: Sendable, Equatable {
    let key: String
    var value: CheckedValue
  }

  indirect enum Content: Sendable, Equatable {
    case flag(Bool)
    case count(Int)
    case number(Double)
    case quantity(Quantity)
    case text(String)
    case comparison(Comparison, CheckedValue)
    case record([Entry])
    case list([CheckedValue])
    case choice(String, CheckedValue?)
    case member(String, Int?)
  }

  var content: Content
  let place: SourcePlace
  /// The value as it was written, on one line.
  let text: String

  /// The value at a dotted `path`; nil where an optional setting was not given.
  func at(_ path: String) -> CheckedValue? {
    var value = self
    for key in path.split(separator: ".") {
      switch value.content {
      case .record(let entries):
        guard let entry = entries.first(where: { $0.key == key }) else { return nil }
        value = entry.value
      case .choice(let name, let payload?):
        guard name == key else { return nil }
        value = payload
      default: return nil
      }
    }
    return value
  }

  /// The value with `new` at the path `keys`, or what stands against it.
  func replacing(_ keys: ArraySlice<String>, with new: CheckedValue) -> Result<CheckedValue, Clash>
  {
    guard let key = keys.first else { return .success(new) }
    var copy = self
    switch content {
    case .record(var entries):
      let index = entries.firstIndex { $0.key == key }
      let old = index.map { entries[$0].value } ?? CheckedValue.empty(at: new.place)
      return old.replacing(keys.dropFirst(), with: new).map { value in
        if let index {
          entries[index].value = value
        } else {
          entries.append(.init(key: key, value: value))
        }
        copy.content = .record(entries)
        return copy
      }
    case .choice(let name, let payload):
      guard name == key, let payload else { return .failure(Clash(chosen: name)) }
      return payload.replacing(keys.dropFirst(), with: new).map { value in
        copy.content = .choice(name, value)
        return copy
      }
    default: return .failure(Clash(chosen: text))
    }
  }

  /// A value that stands where a path wants to go on.
  struct Clash: Error { let chosen: String }

  private static func empty(at place: SourcePlace) -> CheckedValue {
    CheckedValue(content: .record([]), place: place, text: "{}")
  }
}

extension CheckedValue: Equatable {
  /// Whether both say the same, wherever and however they are written.
  static func == (a: CheckedValue, b: CheckedValue) -> Bool { a.content == b.content }
}

// The form has been checked: a value of another kind is a mistake in the form, not in the file.
extension CheckedValue {
  var flag: Bool {
    guard case .flag(let value) = content else { preconditionFailure("\(text) is not a flag") }
    return value
  }

  var count: Int {
    guard case .count(let value) = content else { preconditionFailure("\(text) is not a count") }
    return value
  }

  var number: Double {
    guard case .number(let value) = content else { preconditionFailure("\(text) is not a number") }
    return value
  }

  var amount: Int64 {
    guard case .quantity(let value) = content else {
      preconditionFailure("\(text) is not a quantity")
    }
    return value.amount
  }

  var duration: Duration { .nanoseconds(amount) }

  var string: String {
    guard case .text(let value) = content else { preconditionFailure("\(text) is not a text") }
    return value
  }

  var entries: [Entry] {
    guard case .record(let value) = content else { preconditionFailure("\(text) is not a record") }
    return value
  }

  var items: [CheckedValue] {
    guard case .list(let value) = content else { preconditionFailure("\(text) is not a list") }
    return value
  }

  var choice: (name: String, payload: CheckedValue?) {
    guard case .choice(let name, let payload) = content else {
      preconditionFailure("\(text) is not a choice")
    }
    return (name, payload)
  }

  /// Who, and which of them where there are several.
  var member: (kind: String, number: Int?) {
    guard case .member(let kind, let number) = content else {
      preconditionFailure("\(text) is not a member of a job")
    }
    return (kind, number)
  }

  /// The value of a setting that is required or has a default.
  subscript(path: String) -> CheckedValue {
    guard let value = at(path) else { preconditionFailure("\(path) has neither value nor default") }
    return value
  }
}
