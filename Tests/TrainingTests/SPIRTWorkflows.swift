import Cloud
import Foundation
import Testing
import Training

/// The workflow that is shipped is the one that runs.
@Suite struct SPIRTWorkflows {
  @Test(
    "The shipped file is the workflow of four minibatches",
    arguments: [("spirt", "published"), ("spirt-released", "released")])
  func shipped(name: String, variant: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let file = folder.appending(path: "../../scenarios/workflows/\(name).asl.json")
    let json = SPIRT.workflowJSON(minibatches: 4, options: FrameworkOptions(variant: variant))
    if ProcessInfo.processInfo.environment["RECORD"] != nil {
      try json.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == json)
  }

  @Test("It is valid, with a branch for each minibatch", arguments: [1, 4, 41])
  func branches(minibatches: Int) throws {
    let machine = try StateMachine(parsing: SPIRT.workflowJSON(minibatches: minibatches))
    let state = try #require(machine.states["ComputeGradients"])
    guard case .parallel(let branches) = state.kind else {
      Issue.record("gradients are computed at the same time")
      return
    }
    #expect(branches.count == minibatches)
  }
}
