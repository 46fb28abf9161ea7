/// A flow that has its links for itself: its end is known when it begins, and its process simply
/// waits until then.
///
/// Most transfers of a function are such. The times are those of a star with one flow.
extension Flow {
  /// Enters links that nobody is on; returns when it is through, unless the rate may change before.
  func beginAlone() -> Int64? {
    let now = first.simulation.now.nanoseconds
    forEachLink { $0.capacity = $0.settleBurst(isBusy: true) }
    let rate = min(cap, first.capacity, second?.capacity ?? .infinity)
    guard let end = Flow.finish(after: bytes / rate, from: now),
      end < min(first.burstEnd ?? .max, second?.burstEnd ?? .max)
    else {
      beginShared()
      return nil
    }
    (self.rate, start) = (rate, now)
    isActive = true
    forEachLink { link in
      link.append(self)
      link.role = .single(self)
    }
    return end
  }

  /// Bytes that have passed since it began.
  var passedAlone: Double {
    let elapsed = Double(first.simulation.now.nanoseconds - start) * 1e-9
    return min(bytes, rate * elapsed)
  }

  /// Leaves its links, when it is through or has to give up.
  func endAlone(remaining: Double = 0) {
    self.remaining = remaining
    isActive = false
    forEachLink { $0.remove(self) }
    forEachLink { $0.capacity = $0.settleBurst(isBusy: false) }
  }

  /// Takes its place on links that others have come to, or that carry more or less from now on.
  func meetOthers() {
    let passed = passedAlone
    token = first.simulation.prolong(token, for: first)
    forEachLink { link in
      link.flows.removeAll()
      link.role = .idle
    }
    place()
    hub.share.resume(self, after: passed)
    refillLinks()
  }
}
