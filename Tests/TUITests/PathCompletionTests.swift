import TUI
import Testing

@Suite struct PathCompletionTests {
    @Test(arguments: [
        ("/a/b.png", ["/a/b.png"]), ("'/a/my pic.png'", ["/a/my pic.png"]), ("/a/my\\ pic.png ", ["/a/my pic.png"]),
        ("\"/a/x.png\" '/b/y.jpg'", ["/a/x.png", "/b/y.jpg"]), ("file:///a/my%20pic.png", ["/a/my pic.png"]),
        ("file://evil.example/a.png", []), ("/a/1.png\n/a/2.png\n", ["/a/1.png", "/a/2.png"]), ("", []),
        ("file:///a/%E6%B0%B4.png", ["/a/水.png"]),
    ])
    func droppedPathsAreRead(_ pasted: String, _ paths: [String]) {
        #expect(PathCompletion.paths(inPaste: pasted) == paths)
    }
}
