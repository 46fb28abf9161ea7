/// Who computes the layers.
public enum Backend: String, Sendable, Hashable, CaseIterable {
  /// The library oneDNN, on one core a gradient.
  case oneDNN = "onednn"
  /// Plain Swift, slow: the oracle of the tests.
  case reference
}

/// The gradient of the mean loss over one batch.
public struct Gradient: Sendable {
  /// One number a parameter.
  public let values: [Float]
  /// The mean loss of the batch, before any step.
  public let loss: Double
  /// Means and variances of batch normalisation in this batch; empty without it.
  public let batchStatistics: [Float]

  /// A gradient of known values.
  public init(values: [Float], loss: Double, batchStatistics: [Float]) {
    self.values = values
    self.loss = loss
    self.batchStatistics = batchStatistics
  }

  /// The gradient of a run in which nothing is computed.
  public static let none = Gradient(values: [], loss: .nan, batchStatistics: [])
}

/// How good a model is on a test set.
public struct Evaluation: Sendable, Hashable {
  /// The mean loss.
  public let loss: Double
  /// The share of samples put in their class; of ratings, those met within half a step.
  public let accuracy: Double
  /// The mean over classes of the harmonic mean of precision and recall; without classes, the
  /// accuracy.
  public let f1: Double
}

/// What an evaluation counts, part by part.
struct Counts: Sendable {
  var loss = 0.0
  private(set) var samples = 0
  private var hits = 0
  private var correct: [Int]
  private var predicted: [Int]
  private var actual: [Int]

  init(classes: Int) {
    correct = [Int](repeating: 0, count: classes)
    predicted = correct
    actual = correct
  }

  mutating func add(predicted guess: Int, actual truth: Int) {
    samples += 1
    predicted[guess] += 1
    actual[truth] += 1
    if guess == truth {
      correct[truth] += 1
      hits += 1
    }
  }

  /// Counts a sample of a model whose target is a number.
  mutating func add(isHit: Bool) {
    samples += 1
    if isHit { hits += 1 }
  }

  mutating func add(_ other: Counts) {
    loss += other.loss
    samples += other.samples
    hits += other.hits
    for i in 0..<correct.count {
      correct[i] += other.correct[i]
      predicted[i] += other.predicted[i]
      actual[i] += other.actual[i]
    }
  }

  var evaluation: Evaluation {
    let count = Double(max(samples, 1))
    // A class that is neither there nor guessed says nothing about the model.
    let present = correct.indices.filter { predicted[$0] + actual[$0] > 0 }
    let scores = present.map { 2 * Double(correct[$0]) / Double(predicted[$0] + actual[$0]) }
    let accuracy = Double(hits) / count
    return Evaluation(
      loss: loss / count, accuracy: accuracy,
      f1: scores.isEmpty ? accuracy : scores.reduce(0, +) / Double(scores.count))
  }
}
