/// Somewhere that code works: the execution environment of a function, or a virtual machine.
public protocol Workplace: NetworkHost {
  /// Waits while it works, `slowdown` times as long as it would.
  func compute(_ work: Work, slowdown: Double) async throws

  /// Takes memory.
  ///
  /// - Throws: `OutOfMemory` when there is not enough left.
  func allocate(bytes: Int) throws(OutOfMemory)

  /// Gives memory back.
  func free(bytes: Int)
}

extension ExecutionEnvironment: Workplace {}
extension VirtualMachine: Workplace {}
