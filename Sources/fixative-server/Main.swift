import ArgumentParser

@main
struct FixativeServer: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "fixative-server")
}
