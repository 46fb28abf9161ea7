import Foundation

/// A model without layers: each sample touches only a few of its parameters.
protocol PointwiseModel: Sendable {
  /// The parameters, in the order they have in the flat buffer.
  var tensors: [ParameterTensor] { get }
  /// Adds a sample's gradient, times `scale`; returns its loss.
  func train(
    _ sample: Int, of dataset: Dataset, at parameters: UnsafePointer<Float>, scale: Float,
    gradient: Floats
  ) -> Double
  /// Counts what the model makes of a sample.
  func evaluate(
    _ sample: Int, of dataset: Dataset, at parameters: UnsafePointer<Float>,
    into counts: inout Counts)
}

/// Binary logistic regression on rows of which most entries are zero.
struct SparseLogisticRegression: PointwiseModel {
  let features: Int

  var tensors: [ParameterTensor] {
    [
      ParameterTensor(name: "weight", shape: [1, features], start: .constant(0)),
      ParameterTensor(name: "bias", shape: [1], start: .constant(0)),
    ]
  }

  func train(
    _ sample: Int, of dataset: Dataset, at parameters: UnsafePointer<Float>, scale: Float,
    gradient: Floats
  ) -> Double {
    guard case .sparse(let rows) = dataset.features else { return 0 }
    let score = score(rows, sample, parameters)
    let target: Float = dataset.labels[sample] == 1 ? 1 : 0
    let slope = (1 / (1 + exp(-score)) - target) * scale
    for entry in rows.range(of: sample) {
      gradient[Int(rows.indices[entry])] += slope * rows.values[entry]
    }
    gradient[features] += slope
    return loss(score, target)
  }

  func evaluate(
    _ sample: Int, of dataset: Dataset, at parameters: UnsafePointer<Float>,
    into counts: inout Counts
  ) {
    guard case .sparse(let rows) = dataset.features else { return }
    let score = score(rows, sample, parameters)
    let label = Int(dataset.labels[sample])
    counts.loss += loss(score, Float(label))
    counts.add(predicted: score > 0 ? 1 : 0, actual: label)
  }

  private func score(_ rows: SparseRows, _ sample: Int, _ w: UnsafePointer<Float>) -> Float {
    rows.range(of: sample).reduce(w[features]) {
      $0 + w[Int(rows.indices[$1])] * rows.values[$1]
    }
  }

  /// log(1 + exp(score)) - target * score, without overflow.
  private func loss(_ score: Float, _ target: Float) -> Double {
    Double(max(score, 0) - score * target + log1p(exp(-abs(score))))
  }
}

/// Ratings as product of a user's and an item's factors, with a bias each and the mean rating.
struct MatrixFactorization: PointwiseModel {
  let users: Int
  let items: Int
  let rank: Int
  let mean: Float

  var tensors: [ParameterTensor] {
    let start = ParameterTensor.Start.uniform(bound: 0.1)
    return [
      ParameterTensor(name: "user.weight", shape: [users, rank], start: start),
      ParameterTensor(name: "item.weight", shape: [items, rank], start: start),
      ParameterTensor(name: "user.bias", shape: [users], start: .constant(0)),
      ParameterTensor(name: "item.bias", shape: [items], start: .constant(0)),
    ]
  }

  func train(
    _ sample: Int, of dataset: Dataset, at parameters: UnsafePointer<Float>, scale: Float,
    gradient: Floats
  ) -> Double {
    guard case .ratings(let ratings) = dataset.features else { return 0 }
    let places = places(ratings, sample)
    let error = predict(places, parameters) - ratings.values[sample]
    let slope = 2 * error * scale
    for i in 0..<rank {
      gradient[places.user + i] += slope * parameters[places.item + i]
      gradient[places.item + i] += slope * parameters[places.user + i]
    }
    gradient[places.userBias] += slope
    gradient[places.itemBias] += slope
    return Double(error * error)
  }

  func evaluate(
    _ sample: Int, of dataset: Dataset, at parameters: UnsafePointer<Float>,
    into counts: inout Counts
  ) {
    guard case .ratings(let ratings) = dataset.features else { return }
    let error = predict(places(ratings, sample), parameters) - ratings.values[sample]
    counts.loss += Double(error * error)
    counts.add(isHit: abs(error) <= 0.5)
  }

  private typealias Places = (user: Int, item: Int, userBias: Int, itemBias: Int)

  private func places(_ ratings: Ratings, _ sample: Int) -> Places {
    let (user, item) = (Int(ratings.users[sample]), Int(ratings.items[sample]))
    let biases = (users + items) * rank
    return (user * rank, (users + item) * rank, biases + user, biases + users + item)
  }

  private func predict(_ places: Places, _ parameters: UnsafePointer<Float>) -> Float {
    var sum = mean + parameters[places.userBias] + parameters[places.itemBias]
    for i in 0..<rank { sum += parameters[places.user + i] * parameters[places.item + i] }
    return sum
  }
}
