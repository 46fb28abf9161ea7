/// The flows on a link, each in a place that stays its own.
///
/// To add or remove a flow touches no other: of thousands most lie far from the caches.
struct FlowList: Sequence {
  /// Goes through the flows in the order of their places.
  struct Iterator: IteratorProtocol {
    fileprivate var places: IndexingIterator<[Flow?]>

    mutating func next() -> Flow? {
      while let place = places.next() { if let place { return place } }
      return nil
    }
  }

  private var places: [Flow?] = []
  private var vacant: [Int] = []

  /// How many flows there are.
  var count: Int { places.count - vacant.count }
  var isEmpty: Bool { places.isEmpty }

  /// One of them.
  var first: Flow? {
    var flows = makeIterator()
    return flows.next()
  }

  func makeIterator() -> Iterator { Iterator(places: places.makeIterator()) }

  /// Adds a flow and returns its place, in O(1) amortised.
  mutating func add(_ flow: Flow) -> Int {
    if let place = vacant.popLast() {
      places[place] = flow
      return place
    }
    places.append(flow)
    return places.count - 1
  }

  /// Forgets all flows; the memory stays for the next.
  mutating func removeAll() {
    places.removeAll(keepingCapacity: true)
    vacant.removeAll(keepingCapacity: true)
  }

  /// Removes the flow of a place, in O(1).
  mutating func remove(at place: Int) {
    if place == places.count - 1 {
      places.removeLast()
    } else {
      places[place] = nil
      vacant.append(place)
    }
    if !vacant.isEmpty, vacant.count == places.count { removeAll() }
  }
}
