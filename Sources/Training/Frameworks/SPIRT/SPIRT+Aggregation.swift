internal import Learning

/// How the averages of all peers become one.
extension SPIRT {
  /// Aggregates averages by the rule of the scenario.
  ///
  /// Zeno judges them by samples, for which it needs a minibatch. A rule that fewer peers than are
  /// left cannot follow gives way to the median, which holds out as long as most are honest.
  func combine(
    _ averages: [[Float]], of ranks: [Int], in round: Round, by function: Worker
  ) async throws -> [Float] {
    let options = job.configuration.options
    var aggregator = Self.aggregation.aggregator(options, workers: ranks.count)
    if let refusal = aggregator.rule?.refusal(workers: ranks.count) {
      job.note("round \(round.number) was aggregated by the median: \(refusal)")
      aggregator = Aggregator(.median)
    }
    let needsScores = aggregator.rule?.needsScores ?? false
    let minibatch =
      needsScores
      ? try await function.fetchMinibatch(of: round.steps[0])
      : Minibatch(step: round.steps[0], count: 0, samples: [])
    let aggregate = try await aggregator.aggregate(
      averages, bytes: job.gradientBytes, on: minibatch, as: function,
      known: needsScores ? nil : memo.aggregate(of: ranks, in: round))
    if memo.remember(aggregate, of: ranks, in: round) {
      job.note("in round \(round.number) peers aggregated different averages: models differ")
    }
    return aggregate
  }
}
