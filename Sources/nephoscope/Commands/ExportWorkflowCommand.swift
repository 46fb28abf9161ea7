import ArgumentParser
import Training

/// `nephoscope export workflow`: the state machine of a framework, as Step Functions takes it.
struct ExportWorkflowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workflow",
    abstract: "Write the workflow of one round in the Amazon States Language, as plain JSON.",
    discussion: """
      Each minibatch of the round is a branch of its own, because an inline Map stops at 40. \
      The functions are named as on AWS, with an account that does not exist.
      """)

  /// The frameworks that are driven by a workflow.
  enum Framework: String, ExpressibleByArgument, CaseIterable { case spirt }

  /// Whose state machine.
  enum Variant: String, ExpressibleByArgument, CaseIterable { case published, released }

  @Option(name: .long, help: "The framework: spirt is the one that a workflow drives.")
  var framework = Framework.spirt

  @Option(name: .long, help: "The minibatches of the round.")
  var minibatches = 4

  @Option(name: .long, help: "The paper's states, or those of the public code.")
  var variant = Variant.published

  @Option(name: .shortAndLong, help: "The file to write (default: standard output).")
  var output: String?

  func validate() throws {
    guard (1...1000).contains(minibatches) else {
      throw ValidationError("--minibatches must be between 1 and 1000")
    }
  }

  func run() throws {
    try Fault.reporting {
      let text =
        switch framework {
        case .spirt:
          SPIRT.workflowJSON(
            minibatches: minibatches, options: FrameworkOptions(variant: variant.rawValue))
        }
      try Terminal.write(text, to: output)
    }
  }
}
