internal import Cloud
internal import Traces

/// Makes a `Provider` of the tree of a provider file; every mistake goes to the log.
///
/// A file is a nested mapping. A leaf is a mapping with `value`, or a list of such with `since`;
/// everything else is a group. The dotted path of a leaf is the key the model asks for.
struct ProviderDecoder {
  /// The keys at the top of a file that are about the file itself.
  private static let header = ["provider", "region", "as-of", "sources", "extends"]

  let library: TraceLibrary
  /// The provider that the file extends, whose values hold where the file says nothing.
  let base: Provider?
  var log = IssueLog()
  private var sources: [String] = []
  /// The traces read so far: one table gives many values.
  private var traces: [String: TraceFile] = [:]
  private var entries: [ProviderEntry] = []

  init(library: TraceLibrary, base: Provider?) {
    self.library = library
    self.base = base
  }

  /// The provider that `root` describes; nil after a mistake in its header.
  mutating func decode(_ root: SourceNode) -> Provider? {
    guard case .mapping(let groups) = root.content else {
      log.report(root.place, "", "expected a mapping, not \(root.kindText)")
      return nil
    }
    readSources(root["sources"])
    for group in groups where !ProviderDecoder.header.contains(group.key) {
      walk(group.value, path: group.key)
    }
    if var provider = base {
      for key in ["provider", "region", "as-of"] {
        guard let node = root[key] else { continue }
        log.report(node.place, key, "comes from the provider that is extended")
      }
      for entry in entries { provider.override(entry) }
      return provider
    }
    let name = headerText("provider", of: root)
    let region = headerText("region", of: root)
    let day = headerText("as-of", of: root)
    guard let name, let region, let day else { return nil }
    guard let asOf = CalendarDate(day) else {
      log.report(root["as-of"]?.place ?? root.place, "as-of", "'\(day)' is not a day")
      return nil
    }
    return Provider(name: name, region: region, asOf: asOf, entries: entries)
  }

  private mutating func headerText(_ key: String, of root: SourceNode) -> String? {
    guard let text = root[key]?.scalar else {
      log.report(root[key]?.place ?? root.place, key, "is missing")
      return nil
    }
    return text
  }

  private mutating func readSources(_ node: SourceNode?) {
    guard let node else { return }
    guard case .mapping(let entries) = node.content else {
      log.report(node.place, "sources", "expected a mapping, not \(node.kindText)")
      return
    }
    sources = entries.map(\.key)
    for entry in entries where entry.value.scalar == nil {
      log.report(
        entry.value.place, "sources.\(entry.key)", "expected the source in words, as one text")
    }
  }

  // MARK: Groups and leaves

  private mutating func walk(_ node: SourceNode, path: String) {
    switch node.content {
    case .scalar:
      log.report(
        node.place, path,
        "\(node.kindText) has no source: write { value: …, source: …, date: … }")
    case .list(let items): readLeaf(items, path: path, at: node.place)
    case .mapping(let entries):
      if node["value"] != nil || node["source"] != nil {
        readLeaf([node], path: path, at: node.place)
      } else {
        for entry in entries { walk(entry.value, path: path + "." + entry.key) }
      }
    }
  }

  private mutating func readLeaf(_ items: [SourceNode], path: String, at place: SourcePlace) {
    if let base, base[path] == nil {
      let near = Suggestion.nearest(to: path, among: base.entries.map(\.key))
      let isNewPrice = path.hasPrefix("prices.") && near == nil
      if !isNewPrice {
        log.report(
          place, path, "\(base.name)/\(base.region) has no value of this name", hint: near)
        return
      }
    }
    var versions: [ProviderEntry.Version] = []
    for (index, item) in items.enumerated() {
      guard let version = readVersion(item, path: path) else { continue }
      if let since = version.since, let last = versions.last?.since, since <= last {
        log.report(item.place, path, "values are listed from the oldest to the newest")
      }
      if version.since == nil, index > 0 {
        log.report(item.place, path, "needs 'since': only the first value may hold from the start")
      }
      if let first = versions.first, first.value.dimension != version.value.dimension {
        log.report(
          item.place, path,
          "is a \(version.value.dimension), but was a \(first.value.dimension) before")
      }
      versions.append(version)
    }
    if let first = versions.first { checkDimension(of: first, path: path, at: place) }
    if items.isEmpty { log.report(place, path, "the list is empty") }
    if !versions.isEmpty { entries.append(ProviderEntry(key: path, versions: versions)) }
  }

  /// Reports a value of another kind than the one it replaces; a duration may be a latency.
  private mutating func checkDimension(
    of version: ProviderEntry.Version, path: String, at place: SourcePlace
  ) {
    guard let base, let old = base[path]?.dimension, old != version.value.dimension else { return }
    let times = ["duration", "latency"]
    if times.contains(old), times.contains(version.value.dimension) { return }
    log.report(
      place, path,
      "is a \(version.value.dimension), but \(base.name)/\(base.region) has a \(old) there")
  }

  private mutating func readVersion(
    _ node: SourceNode, path: String
  ) -> ProviderEntry.Version? {
    guard let leaf = check(node, as: ProviderForms.leaf, path: path) else { return nil }
    let source = leaf["source"]
    if !sources.contains(source.string) {
      log.report(
        source.place, path, "there is no source '\(source.string)' in 'sources'",
        hint: Suggestion.nearest(to: source.string, among: sources))
    }
    guard let valueNode = node["value"], let value = value(of: valueNode, leaf, path: path)
    else { return nil }
    return ProviderEntry.Version(
      value, since: leaf.at("since").flatMap { CalendarDate($0.string) }, source: source.string,
      date: leaf["date"].string, isAssumed: leaf["assumed"].flag,
      note: leaf.at("note")?.string ?? "")
  }

  // MARK: Values

  private mutating func value(
    of node: SourceNode, _ leaf: CheckedValue, path: String
  ) -> ProviderValue? {
    if path.hasPrefix("prices.") { return price(node, leaf, path: path) }
    for key in ["per", "free"] {
      guard let stray = leaf.at(key) else { continue }
      log.report(stray.place, path, "'\(key)' belongs to prices only")
    }
    if case .mapping = node.content {
      return distribution(node, path: path).map(ProviderValue.latency)
    }
    guard let text = node.scalar else {
      log.report(node.place, path, "expected a value, not \(node.kindText)")
      return nil
    }
    do {
      return try ProviderScalar.parse(text)
    } catch {
      log.report(node.place, path, error.message, hint: error.hint)
      return nil
    }
  }

  private mutating func check(_ node: SourceNode, as form: Form, path: String) -> CheckedValue? {
    var checker = FormChecker(root: form, directory: ".")
    let checked = checker.check(node, as: form, path: path)
    for issue in checker.log.issues { log.report(issue) }
    return checked
  }

  private mutating func price(
    _ node: SourceNode, _ leaf: CheckedValue, path: String
  ) -> ProviderValue? {
    guard let per = leaf.at("per") else {
      log.report(node.place, path, "a price needs 'per', as in per: GB-second")
      return nil
    }
    guard let unit = BillingUnit(per.string) else {
      log.report(per.place, path, "'\(per.string)' is not a billing unit")
      return nil
    }
    let old: BillingUnit? = if case .price(let price)? = base?[path] { price.unit } else { nil }
    let item = path.split(separator: ".", maxSplits: 2).map(String.init)
    let wanted =
      old?.kind ?? (item.count == 3 ? BillingUnit.kind(of: item[2], of: item[1]) : nil)
    if let wanted, wanted != unit.kind {
      log.report(
        per.place, path, "is metered as \(wanted), but '\(per.string)' is for \(unit.kind)",
        allowed: old.map { "as in per: \($0.name)" })
      return nil
    }
    let free = Int64(leaf.at("free")?.count ?? 0)
    guard case .mapping = node.content else {
      return check(node, as: ProviderForms.money, path: path).map {
        .price(Price(Money(picoUSD: $0.amount), per: unit, freeUnits: free))
      }
    }
    guard let checked = check(node, as: ProviderForms.tiers, path: path) else { return nil }
    let tiers = checked["tiers"].items.map {
      Price.Tier(
        upTo: $0.at("up-to").map { Int64($0.count) }, perUnit: Money(picoUSD: $0["price"].amount))
    }
    let ends = tiers.dropLast().map { $0.upTo ?? 0 }
    guard tiers.last?.upTo == nil, zip([0] + ends, ends).allSatisfy({ $0 < $1 }) else {
      log.report(
        node.place, path, "each tier but the last needs an 'up-to' above the one before it")
      return nil
    }
    return .price(Price(per: unit, tiers: tiers, freeUnits: free))
  }

  private mutating func distribution(_ node: SourceNode, path: String) -> LatencyModel? {
    guard let checked = check(node, as: ProviderForms.distribution, path: path) else { return nil }
    let (name, payload) = checked.choice
    guard let payload else { preconditionFailure("a distribution has parameters") }
    switch name {
    case "constant": return .constant(payload.duration)
    case "lognormal":
      return .lognormal(
        median: payload["median"].duration, sigma: payload["sigma"].number,
        shift: payload["shift"].duration)
    case "quantiles": return quantiles(payload, path: path)
    default: return samples(payload, path: path)
    }
  }

  private mutating func quantiles(_ tree: CheckedValue, path: String) -> LatencyModel? {
    do {
      guard let file = try trace(tree, path: path) else { return nil }
      let points = try file.quantiles(
        column: tree["column"].string, unit: tree.at("unit").flatMap(TraceUnit.init(setting:)))
      return QuantileTable(
        probabilities: points.map(\.probability),
        values: points.map { .nanoseconds($0.nanoseconds) }
      ).map(LatencyModel.quantiles)
    } catch {
      log.report(tree.place, path, "\(error)")
      return nil
    }
  }

  private mutating func samples(_ tree: CheckedValue, path: String) -> LatencyModel? {
    do {
      guard let file = try trace(tree, path: path) else { return nil }
      let samples = try file.samples(
        column: tree["column"].string, unit: tree.at("unit").flatMap(TraceUnit.init(setting:)),
        where: tree.at("where")?.entries.map {
          TraceFile.Filter(column: $0.key, value: $0.value.string)
        } ?? [])
      return .samples(samples.durations)
    } catch {
      log.report(tree.place, path, "\(error)")
      return nil
    }
  }

  private mutating func trace(
    _ tree: CheckedValue, path: String
  ) throws(TraceError) -> TraceFile? {
    let name = tree["trace"]
    if let file = traces[name.string] { return file }
    guard let file = library.trace(name.string) else {
      log.report(
        name.place, path,
        "there is no trace '\(name.string)' in \(library.directories.joined(separator: ", "))")
      return nil
    }
    let loaded = try file.loaded()
    traces[name.string] = loaded
    return loaded
  }
}

extension TraceUnit {
  /// The unit that a checked setting names.
  fileprivate init?(setting: CheckedValue) { self.init(rawValue: setting.string) }
}
