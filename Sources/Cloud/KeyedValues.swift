/// Values under string keys, which can be listed in the order of the keys.
struct KeyedValues<Value> {
  private var values: [String: Value] = [:]
  /// Kept from the first listing on: of many stores nobody ever asks for one.
  private var sorted: SortedKeys?

  /// How many keys there are.
  var count: Int { values.count }

  /// The value under a key.
  subscript(key: String) -> Value? { values[key] }

  /// Puts a value under a key; returns the one that it replaces.
  @discardableResult
  mutating func update(_ value: Value, at key: String) -> Value? {
    let old = values.updateValue(value, forKey: key)
    if old == nil { sorted?.insert(key) }
    return old
  }

  /// Changes what lies under a key in place; where nothing does, `initial` is put there first.
  mutating func change(
    _ key: String, from initial: @autoclosure () -> Value, _ change: (inout Value) -> Void
  ) {
    if values[key] == nil { update(initial(), at: key) }
    change(&values[key, default: initial()])
  }

  /// Takes out what lies under a key, and returns it.
  @discardableResult
  mutating func remove(_ key: String) -> Value? {
    let old = values.removeValue(forKey: key)
    if old != nil { sorted?.remove(key) }
    return old
  }

  /// The first `limit` keys that begin with `prefix` and come after `last`, in their order.
  ///
  /// - Complexity: O(log n) and what is found; the first time O(n log n).
  mutating func keys(
    prefix: String, after last: String? = nil, limit: Int = .max
  ) -> [String] {
    if let page = sorted?.page(prefix: prefix, after: last, limit: limit) { return page }
    var keys = SortedKeys()
    for key in values.keys.sorted() { keys.insert(key) }
    sorted = keys
    return keys.page(prefix: prefix, after: last, limit: limit)
  }
}
