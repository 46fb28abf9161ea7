import Foundation
import Learning
import SimulationKernel
import Testing
import Training

/// The framework of the tutorial does what the tutorial says, and is what the tutorial shows.
@Suite struct TreeReductions {
  @Test(
    "Ends like AllReduce up to the order of addition, with one group to the bit",
    arguments: [1, 2, 3, 5, 8], [2, 3, 8])
  func agreesWithAllReduce(workers: Int, fanIn: Int) throws {
    let options = FrameworkOptions(["fan-in": .integer(fanIn)])
    func parameters(_ type: any TrainingFramework.Type) throws -> [[Float]] {
      try Trial(type, workers: workers, model: "mlp", steps: 5, options: options)
        .run().replicas.map(\.parameters)
    }
    let (tree, star) = (try parameters(TreeReduce.self), try parameters(AllReduce.self))
    #expect(tree.allSatisfy { $0 == tree[0] })
    #expect(largestDifference(tree[0], star[0]) < 1e-5)
    if fanIn >= workers { #expect(tree == star) }
  }

  @Test(
    "W puts, 2 (W - 1) gets, W deletes and no listing a step, whatever the fan-in",
    arguments: [1, 2, 4, 8, 16, 33], [2, 4])
  func requests(w: Int, fanIn: Int) throws {
    let counts = try RequestCounts().count(
      TreeReduce.self, workers: w, options: FrameworkOptions(["fan-in": .integer(fanIn)]))
    let s = RequestCounts.steps
    #expect(counts["object-store/put"] == s * w)
    #expect(counts["object-store/get"] == s * w + s * 2 * (w - 1))
    #expect(counts["object-store/delete", default: 0] == s * (w - 1) + (s - 1))
    #expect(counts["object-store/list"] == nil)
  }

  @Test("The root waits for log W levels of fan-in - 1 sums, not for W - 1 gradients")
  func rootReadsLittle() throws {
    func downloads(_ type: any TrainingFramework.Type, _ workers: Int) throws -> Int {
      var count = 0
      let outcome = try Trial(type, workers: workers, steps: 1).run { span, log in
        guard log.text(span.operation) == "object-store/get", span.bytes > 0 else { return }
        if log.text(span.actor) == "worker 0" { count += 1 }
      }
      #expect(outcome.failure == nil)
      return count - 1  // all but the minibatch
    }
    #expect(try downloads(TreeReduce.self, 16) == 4)
    #expect(try downloads(TreeReduce.self, 33) == 6)
    #expect(try downloads(AllReduce.self, 16) == 16)
  }

  @Test("Every piece of code in the tutorial stands in the framework, all of it in order")
  func tutorialShowsTheFramework() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    func text(_ path: String) throws -> String {
      try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
    func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }
    let fence = "```"
    let pieces = try text("docs/adding-a-framework.md").components(separatedBy: fence)
      .filter { $0.hasPrefix("swift\n") }.map { lines($0).dropFirst() }
    #expect(pieces.count > 5)
    #expect(
      pieces.flatMap { $0 } == lines(try text("Sources/Training/Frameworks/TreeReduce.swift")))
  }
}
