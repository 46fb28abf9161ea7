import ArgumentParser
import Scenarios

/// The command line.
@main
struct Nephoscope: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nephoscope",
    abstract: "What training on serverless functions will cost, take and achieve.",
    discussion: """
      Simulates frameworks for training on serverless functions: virtual time and bill come from \
      models of the cloud's services, accuracy from gradients that are really computed.

      Exit codes: 0 success; 1 an expectation of the scenario is not met; 2 a modelled failure \
      ended a run; 64 wrong usage; 65 wrong data; 66 no such file; 70 deadlock or fault of the \
      program; 74 the run store or an output cannot be used; 130 interrupted.
      """,
    version: Version.text,
    subcommands: [
      RunCommand.self, CompareCommand.self, CheckCommand.self, ListCommand.self,
      SchemaCommand.self, ReportCommand.self, ExportCommand.self, ReplayCommand.self,
      PricesCommand.self, CalibrateCommand.self, ValidateCommand.self, ServeCommand.self,
    ])
}
