internal import Traces

extension FormChecker {
  /// The value of a mapping that is told by one of its keys: that key, and the whole mapping.
  mutating func checkSentence(
    _ node: SourceNode, noun: String, _ sentences: [Sentence], path: String
  ) -> CheckedValue? {
    let verbs = sentences.map(\.verb.key)
    guard case .mapping(let entries) = node.content else {
      return reject(
        node, path, "expected a mapping that tells one \(noun), not \(node.kindText)",
        allowed: verbs.joined(separator: ", "))
    }
    let told = entries.filter { verbs.contains($0.key) }
    guard let verb = told.first, let sentence = sentences.first(where: { $0.verb.key == verb.key })
    else {
      let known = verbs + sentences.flatMap(\.circumstances).map(\.key)
      let stranger = entries.first { !known.contains($0.key) }
      log.report(
        stranger?.place ?? node.place, path, "there is no \(noun) in this mapping",
        allowed: verbs.joined(separator: ", "),
        hint: stranger.flatMap { Suggestion.nearest(to: $0.key, among: verbs) })
      return nil
    }
    if told.count > 1 {
      log.report(
        told[1].place, path, "'\(verb.key)' and '\(told[1].key)' are two: write a mapping for each")
      return nil
    }
    return check(node, as: .record(sentence.settings, exclusive: sentence.exclusive), path: path)
      .flatMap { accept(node, .choice(verb.key, $0)) }
  }
}
