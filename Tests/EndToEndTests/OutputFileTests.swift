import Foundation
import Testing

@Suite("The file that -o names") struct OutputFileTests {
  /// Writes a short result to `path`.
  private func write(_ tool: Tool, to path: String) throws -> Tool.Output {
    try tool.run("export", "workflow", "--minibatches", "1", "-o", path)
  }

  private func type(of path: String) throws -> FileAttributeType? {
    try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
  }

  @Test("is written to where it is a pipe")
  func pipe() throws {
    try Tool.inDirectory { tool in
      let expected = try tool.run("export", "workflow", "--minibatches", "1").out
      let path = tool.path("pipe")
      #expect(mkfifo(path, 0o600) == 0)
      let descriptor = open(path, O_RDONLY | O_NONBLOCK)
      let reader = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      #expect(try write(tool, to: "pipe").status == 0)
      let read = try reader.readToEnd() ?? Data()
      #expect(String(decoding: read, as: UTF8.self) == expected)
      var status = stat()
      #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    }
  }

  @Test("keeps its permissions, and links to it stay links")
  func links() throws {
    try Tool.inDirectory { tool in
      let files = FileManager.default
      try tool.write("old", to: "file")
      try files.setAttributes([.posixPermissions: 0o640], ofItemAtPath: tool.path("file"))
      try files.createSymbolicLink(atPath: tool.path("link"), withDestinationPath: "file")
      try files.createSymbolicLink(atPath: tool.path("ahead"), withDestinationPath: "made")
      for name in ["link", "ahead"] {
        let output = try write(tool, to: name)
        #expect(output.status == 0, "\(output.error)")
        #expect(try type(of: tool.path(name)) == .typeSymbolicLink)
      }
      for name in ["file", "made"] {
        #expect(try type(of: tool.path(name)) == .typeRegular)
        let text = try String(contentsOfFile: tool.path(name), encoding: .utf8)
        #expect(text.contains("StartAt"))
      }
      let mode = try files.attributesOfItem(atPath: tool.path("file"))[.posixPermissions]
      #expect(mode as? Int == 0o640)
      let all = try files.contentsOfDirectory(atPath: tool.directory)
      #expect(!all.contains { $0.contains("nephoscope") })
    }
  }

  @Test("is named with the reason where it cannot be written")
  func refused() throws {
    try Tool.inDirectory { tool in
      let output = try write(tool, to: ".")
      #expect(output.status == 74)
      #expect(output.error == "nephoscope: . cannot be written: Is a directory\n")
    }
  }
}
