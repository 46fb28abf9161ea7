import Foundation
import Learning
import Results
import Scenarios

/// The directory in which `--save-model` keeps final models: one safetensors file a run, named
/// after its framework and the digest that the report shows.
struct ModelFolder {
  private let path: String

  /// The directory at `path`, which is made with the first file.
  init(path: String) { self.path = path }

  /// Refuses runs that have no weights.
  func check(_ plans: [RunPlan]) throws {
    if plans.contains(where: { $0.scenario.training.gradients == .none }) {
      throw Fault(.usage, "--save-model: with 'gradients: none' there is no model to save")
    }
  }

  /// Whether the model of a stored run is there; a run that failed has none.
  func isComplete(for run: RunRecord) -> Bool {
    run.failure != nil
      || FileManager.default.fileExists(atPath: file(run.framework, run.digest))
  }

  /// Writes the model of a run that completed.
  func save(_ result: RunResult) throws {
    guard result.status == .completed, let model = result.model else { return }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try model.write(safetensors: file(result.framework, result.digest))
    } catch let error as DataError {
      throw Fault(.output, error.description)
    } catch {
      throw Fault(.output, "--save-model: \(path): \(error.localizedDescription)")
    }
  }

  private func file(_ framework: String, _ digest: String) -> String {
    "\(path)/\(framework)-\(digest.prefix(16)).safetensors"
  }
}
