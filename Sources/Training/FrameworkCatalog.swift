/// The frameworks that a scenario can name.
///
/// Adding one is a file of its own and a line here.
public enum FrameworkCatalog {
  /// Every framework, in the order in which reports show them.
  public static let all: [any TrainingFramework.Type] = [
    SPIRT.self,
    SPIRTLight.self,
    MLLess.self,
    ScatterReduce.self,
    AllReduce.self,
    TreeReduce.self,
    ParameterServer.self,
    RingAllReduce.self,
    OneMachine.self,
  ]

  /// What every framework declares.
  public static var declarations: [FrameworkDeclaration] { all.map { $0.declaration } }

  /// The framework of a name, where there is one.
  public static func named(_ name: String) -> (any TrainingFramework.Type)? {
    all.first { $0.declaration.name == name }
  }
}
