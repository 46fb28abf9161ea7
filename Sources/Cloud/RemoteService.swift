internal import SimulationKernel

/// A program on a virtual machine that answers calls over the network, such as a gRPC server.
///
/// A call costs nothing beside the machine. It takes its latency, the way of its bytes over the
/// caller's network and the machine's, and whatever the program does before it answers.
public final class RemoteService {
  /// The program's name.
  public let name: String
  /// Where it runs.
  public let machine: VirtualMachine

  private let endpoint: ServiceEndpoint
  private let callOperation: ServiceEndpoint.Operation

  init(_ region: Region, name: String, on machine: VirtualMachine) throws(ProviderError) {
    self.name = name
    self.machine = machine
    endpoint = try ServiceEndpoint(
      region, service: "remote-service", instance: name, serverNetwork: machine.network)
    callOperation = try endpoint.operation("call")
  }

  /// Calls the program: the request travels, `answer` is what the program does, the reply travels.
  ///
  /// - Parameters:
  ///   - sending: bytes of the request.
  ///   - receiving: bytes of the reply.
  /// - Throws: what `answer` throws; `ServiceUnavailable` where the machine no longer runs.
  public func call<Value>(
    _ method: String, sending: Int = 0, receiving: Int = 0,
    _ answer: () async throws -> Value
  ) async throws -> Value {
    try await endpoint.perform(
      callOperation, on: method, sending: sending, admit: { try requireRunning() }
    ) {
      let value = try await answer()
      try requireRunning()
      return .init(value, byteCount: receiving)
    }
  }

  private func requireRunning() throws {
    if !machine.isRunning { throw ServiceUnavailable(operation: callOperation.name) }
  }
}
