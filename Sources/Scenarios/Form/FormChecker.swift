internal import Traces

/// Checks a tree against a form: every mistake goes to the log, what is right comes back typed.
struct FormChecker {
  /// The form of the whole file, in which a sweep looks up the settings it names.
  let root: Form
  /// The directory that relative paths start from.
  let directory: String
  /// The files that may be named; nil for all.
  var fence: FileFence?
  var log = IssueLog()

  /// The value of `node` as the setting at the dotted `path` of the root.
  mutating func check(_ node: SourceNode, at path: String) -> CheckedValue? {
    switch root.setting(at: path) {
    case .success(let form): return check(node, as: form, path: path)
    case .failure(let unknown):
      log.report(node.place, "", unknown.message(for: path), hint: unknown.hint)
      return nil
    }
  }

  /// The value of `node` as `form`; nil after a mistake, which is in the log.
  mutating func check(_ node: SourceNode, as form: Form, path: String = "") -> CheckedValue? {
    if case .nothing = form {
      return reject(node, path, "takes no value, but \(node.kindText) is given")
    }
    if case .scalar(_, isNull: true) = node.content {
      // A record whose keys are all commented out is an empty record.
      guard case .record = form else { return reject(node, path, "has no value") }
      return check(
        SourceNode(content: .mapping([]), place: node.place), as: form, path: path)
    }
    switch form {
    case .record(let settings, let exclusive):
      return checkRecord(node, settings, exclusive: exclusive, path: path)
    case .keyed(let noun, let keys, let form):
      return checkKeyed(node, noun: noun, keys: keys, form, path: path)
    case .nameOrRecord(let noun, let names, let settings):
      if let text = node.scalar {
        return checkScalar(node, text, as: .name(noun: noun, of: names), path: path)
      }
      return checkRecord(node, settings, exclusive: [], path: path)
    case .list(let form): return checkList(node, of: form, path: path)
    case .oneOf(let noun, let cases): return checkChoice(node, noun: noun, cases, path: path)
    case .sentence(let noun, let sentences):
      return checkSentence(node, noun: noun, sentences, path: path)
    case .sweep(let refused): return checkSweep(node, refusing: refused, path: path)
    case .anything: return accept(node, .text(node.flowText))
    default:
      guard let text = node.scalar else {
        return reject(node, path, "expected \(form.noun), not \(node.kindText)")
      }
      return checkScalar(node, text, as: form, path: path)
    }
  }

  // MARK: Collections

  private mutating func checkRecord(
    _ node: SourceNode, _ settings: [Setting], exclusive: [[String]], path: String
  ) -> CheckedValue? {
    guard case .mapping(let entries) = node.content else {
      return reject(node, path, "expected a mapping, not \(node.kindText)")
    }
    var isRight = true
    let keys = settings.map(\.key)
    for entry in entries where !keys.contains(entry.key) {
      log.report(
        entry.place, path, "there is no setting '\(entry.key)'",
        allowed: keys.isEmpty ? "nothing" : keys.joined(separator: ", "),
        hint: Suggestion.nearest(to: entry.key, among: keys))
      isRight = false
    }
    for group in exclusive {
      let given = entries.filter { group.contains($0.key) }
      if given.count > 1 {
        let names = given.map { "'\($0.key)'" }.joined(separator: " and ")
        log.report(given[1].place, path, "\(names) exclude each other: give one of them")
        isRight = false
      }
    }
    var checked: [CheckedValue.Entry] = []
    for setting in settings {
      let inner = path.isEmpty ? setting.key : path + "." + setting.key
      guard let given = entries.first(where: { $0.key == setting.key })?.value else {
        let excluded = exclusive.contains { group in
          group.contains(setting.key) && entries.contains { group.contains($0.key) }
        }
        if excluded { continue }
        isRight = fill(setting, into: &checked, path: inner, at: node.place) && isRight
        continue
      }
      if let value = check(given, as: setting.form, path: inner) {
        checked.append(.init(key: setting.key, value: value))
      } else {
        isRight = false
      }
    }
    return isRight ? accept(node, .record(checked)) : nil
  }

  /// Adds what an absent `setting` means; false if it must not be absent.
  private mutating func fill(
    _ setting: Setting, into entries: inout [CheckedValue.Entry], path: String,
    at place: SourcePlace
  ) -> Bool {
    let node: SourceNode
    switch setting.presence {
    case .optional: return true
    case .required:
      log.report(place, path, "is missing: \(setting.summary)")
      return false
    case .defaults(let text): node = SourceNode(content: .scalar(text, isNull: false), place: place)
    case .filled: node = SourceNode(content: .mapping([]), place: place)
    }
    guard let value = check(node, as: setting.form, path: path) else { return false }
    entries.append(.init(key: setting.key, value: value))
    return true
  }

  private mutating func checkKeyed(
    _ node: SourceNode, noun: String, keys: [String]?, _ form: Form, path: String
  ) -> CheckedValue? {
    guard case .mapping(let entries) = node.content else {
      return reject(node, path, "expected a mapping, not \(node.kindText)")
    }
    var checked: [CheckedValue.Entry] = []
    for entry in entries {
      if let keys, !keys.contains(entry.key) {
        log.report(
          entry.place, path, "there is no \(noun) '\(entry.key)'",
          allowed: keys.joined(separator: ", "),
          hint: Suggestion.nearest(to: entry.key, among: keys))
      } else if let value = check(entry.value, as: form, path: path + "." + entry.key) {
        checked.append(.init(key: entry.key, value: value))
      }
    }
    return checked.count == entries.count ? accept(node, .record(checked)) : nil
  }

  private mutating func checkList(
    _ node: SourceNode, of form: Form, path: String
  ) -> CheckedValue? {
    guard case .list(let items) = node.content else {
      return reject(node, path, "expected a list, not \(node.kindText)")
    }
    guard !items.isEmpty else { return reject(node, path, "the list is empty") }
    var checked: [CheckedValue] = []
    for (index, item) in items.enumerated() {
      if let value = check(item, as: form, path: "\(path)[\(index)]") { checked.append(value) }
    }
    return checked.count == items.count ? accept(node, .list(checked)) : nil
  }

  private mutating func checkChoice(
    _ node: SourceNode, noun: String, _ cases: [Setting], path: String
  ) -> CheckedValue? {
    var (name, place, payload) = ("", node.place, SourceNode?.none)
    switch node.content {
    case .scalar(let text, _): name = text
    case .mapping(let entries) where entries.count == 1:
      (name, place, payload) = (entries[0].key, entries[0].place, entries[0].value)
    default:
      return reject(
        node, path, "expected one \(noun), not \(node.kindText)",
        allowed: cases.map(\.key).joined(separator: ", "))
    }
    guard let chosen = cases.first(where: { $0.key == name }) else {
      log.report(
        place, path, "there is no \(noun) '\(name)'",
        allowed: cases.map(\.key).joined(separator: ", "),
        hint: Suggestion.nearest(to: name, among: cases.map(\.key)))
      return nil
    }
    if case .nothing = chosen.form, payload == nil { return accept(node, .choice(name, nil)) }
    let inner = path + "." + name
    if payload == nil, case .record = chosen.form {
      payload = SourceNode(content: .mapping([]), place: node.place)
    }
    guard let payload else {
      return reject(node, path, "'\(name)' needs a value: write { \(name): … }")
    }
    return check(payload, as: chosen.form, path: inner).flatMap {
      accept(node, .choice(name, $0))
    }
  }

  private mutating func checkSweep(
    _ node: SourceNode, refusing refused: [String: String], path: String
  ) -> CheckedValue? {
    guard case .mapping(let entries) = node.content else {
      return reject(node, path, "expected a mapping of settings to lists, not \(node.kindText)")
    }
    var checked: [CheckedValue.Entry] = []
    for entry in entries {
      let inner = path + "." + entry.key
      switch root.sweptSetting(at: entry.key, refusing: refused) {
      case .success(let form):
        if let values = check(entry.value, as: .list(form), path: inner) {
          checked.append(.init(key: entry.key, value: values))
        }
      case .failure(let unknown):
        log.report(entry.place, path, unknown.message(for: entry.key), hint: unknown.hint)
      }
    }
    return checked.count == entries.count ? accept(node, .record(checked)) : nil
  }

  // MARK: Verdicts

  func accept(_ node: SourceNode, _ content: CheckedValue.Content) -> CheckedValue? {
    CheckedValue(content: content, place: node.place, text: node.flowText)
  }

  mutating func reject(
    _ node: SourceNode, _ path: String, _ message: String, allowed: String? = nil,
    hint: String? = nil
  ) -> CheckedValue? {
    log.report(node.place, path, message, allowed: allowed, hint: hint)
    return nil
  }
}
