import ArgumentParser
import Cloud
import Foundation
import Learning
import Results
import Scenarios
import Serving
import SimulationKernel
import Traces
import Training

/// Why a command ends without its result: a message for people and an exit code for programs.
struct Fault: Error {
  /// The exit codes, as in BSD's sysexits.h where there is one.
  enum Code: Int32 {
    case unmetExpectation = 1
    case modelledFailure = 2
    case usage = 64
    case data = 65
    case noInput = 66
    case software = 70
    case output = 74
    case interrupted = 130
  }

  let code: Code
  let message: String
  /// Whether the message is told under the program's name.
  var isPrefixed = true

  /// What an error from below means to the caller of the program.
  init(_ error: any Error) {
    switch error {
    case let fault as Fault: self = fault
    // Without a prefix: editors jump to file:line:column at the beginning of a line.
    case let errors as ScenarioErrors: self.init(.data, errors.description, isPrefixed: false)
    case let error as DataError:
      self.init(error.isMissingFile ? .noInput : .data, error.description)
    case let error as TraceError: self.init(.data, error.description, isPrefixed: false)
    case let error as LearningError: self.init(.data, error.description)
    case let error as StoreError: self.init(.output, error.description)
    case let error as WhatIfServer.Failure: self.init(.output, error.description)
    case let error as RunReferenceError: self.init(.noInput, error.description)
    case let error as OptionConflict: self.init(.data, error.description)
    case let error as UnsupportedConfiguration: self.init(.data, error.description)
    case let error as ProviderError: self.init(.data, error.description)
    case let error as ReplayExhausted: self.init(.data, error.description)
    case let error as Deadlock: self.init(.software, error.description)
    case let error as CocoaError where error.code.rawValue >= 512 && error.code.rawValue < 768:
      self.init(.output, error.localizedDescription)
    default: self.init(.software, "\(error)")
    }
  }

  init(_ code: Code, _ message: String, isPrefixed: Bool = true) {
    self.code = code
    self.message = message
    self.isPrefixed = isPrefixed
  }

  /// Does the work of a command; a fault is told on standard error and becomes the exit code.
  static func reporting(_ work: () throws -> Void) throws {
    do {
      try work()
    } catch let exit as ExitCode {
      throw exit
    } catch let error as ValidationError {
      throw error
    } catch {
      let fault = Fault(error)
      if !fault.message.isEmpty {
        Terminal.writeError("\(fault.isPrefixed ? "nephoscope: " : "")\(fault.message)\n")
      }
      throw ExitCode(fault.code.rawValue)
    }
  }
}
