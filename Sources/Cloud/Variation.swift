internal import RealModule
internal import SimulationKernel

/// Random factors around one.
enum Variation {
  /// A factor whose logarithm is normal with `sigma` and whose mean is one.
  static func factor(sigma: Double, _ random: inout RandomStream) -> Double {
    sigma == 0 ? 1 : Double.exp(sigma * random.normal() - sigma * sigma / 2)
  }
}
