import ArgumentParser
import Foundation
import Scenarios

/// `nephoscope check FILE...`: reads scenarios and says everything that is wrong with them.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check scenario files without running them.")

  @Argument(help: ArgumentHelp("The scenario files.", valueName: "file"))
  var files: [String]

  func run() throws {
    try Fault.reporting {
      var worst: Fault?
      for file in files {
        do {
          guard FileManager.default.fileExists(atPath: file) else {
            throw Fault(.noInput, "\(file): there is no such file")
          }
          let scenario = try ScenarioReader.standard.read(file: file)
          try ScenarioReferences.check(scenario, library: TraceLibrary(beside: file))
          try Terminal.write("\(file): \(scenario.summary)\n")
        } catch {
          let fault = Fault(error)
          Terminal.writeError(fault.message + "\n")
          worst = worst.map { $0.code == .data ? $0 : fault } ?? fault
        }
      }
      if let worst { throw Fault(worst.code, "") }
    }
  }
}
