/// The provider files that come with the program, and the traces they refer to.
enum EmbeddedFiles {
  /// The providers by name, in the order in which they are listed.
  static let providers: [(name: String, bytes: [UInt8])] = [
    ("aws/us-east-1", PackageResources.aws_us_east_1_yaml),
    ("gcp/us-central1", PackageResources.gcp_us_central1_yaml),
    ("azure/eastus", PackageResources.azure_eastus_yaml),
    ("knative/us-east-1", PackageResources.knative_us_east_1_yaml),
  ]

  /// The bytes of a trace that comes with the program.
  static func trace(_ name: String) -> [UInt8]? {
    switch name {
    case "storage-latency/quantiles.csv": PackageResources.storage_latency_quantiles_csv
    case "lambda-init/quantiles.csv": PackageResources.lambda_init_quantiles_csv
    default: nil
    }
  }
}
