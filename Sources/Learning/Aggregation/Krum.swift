internal import CVectors

/// Krum's scores of gradients: the sum of squared distances to the nearest others.
struct Krum {
  /// One a gradient, the lower the better; what is not a number counts as infinite.
  let scores: [Double]

  init(_ gradients: [[Float]], faulty: Int) {
    let workers = gradients.count
    let distances = Krum.squaredDistances(gradients)
    let neighbours = workers - faulty - 2
    scores = (0..<workers).map { own in
      let others = (0..<workers).filter { $0 != own }.map { distances[own * workers + $0] }
      return others.sorted()[..<neighbours].reduce(0, +)
    }
  }

  /// The places of the `count` best gradients in ascending order; of equals, those of lower rank.
  func best(_ count: Int) -> [Int] {
    let ranked = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
    return ranked[..<count].sorted()
  }

  /// The squared distance of each pair, as a full square.
  static func squaredDistances(_ vectors: [[Float]]) -> [Double] {
    let (count, workers) = (Vectors.checkedCount(vectors), vectors.count)
    var distances = [Double](repeating: 0, count: workers * workers)
    Vectors.withPointers(vectors) { rows in
      vectors_squared_distances(rows, workers, count, &distances)
    }
    return distances.map { $0.isNaN ? .infinity : $0 }
  }
}
