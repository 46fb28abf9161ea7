internal import SimulationKernel
public import Training

extension FrameworkOption.Value {
  /// The value as a scenario file would say it.
  public var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .duration(let value): Quantity(value.wholeNanoseconds, .duration).text
    case .choice(let value): value
    case .flag(let value): "\(value)"
    }
  }
}
