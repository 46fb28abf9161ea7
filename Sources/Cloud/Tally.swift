/// Counts by name, in the order of first use; a name is looked up once and then counted in place.
struct Tally<Name: Hashable> {
  /// Where something is counted.
  struct Place {
    fileprivate let index: Int
  }

  private struct Entry {
    let name: Name
    var count: Int64 = 0
    var isUsed = false
  }

  private var entries: [Entry] = []
  private var indices: [Name: Int] = [:]
  private var order: [Int] = []

  /// Where a name is counted; it is counted only once something is added there.
  mutating func place(of name: Name) -> Place {
    if let index = indices[name] { return Place(index: index) }
    indices[name] = entries.count
    entries.append(Entry(name: name))
    return Place(index: entries.count - 1)
  }

  mutating func add(_ count: Int64, at place: Place) {
    entries[place.index].count += count
    if !entries[place.index].isUsed {
      entries[place.index].isUsed = true
      order.append(place.index)
    }
  }

  /// The count of one name.
  subscript(name: Name) -> Int64 { indices[name].map { entries[$0].count } ?? 0 }

  /// What was counted, in the order of first use.
  var elements: [(name: Name, count: Int64)] {
    order.map { (entries[$0].name, entries[$0].count) }
  }
}
