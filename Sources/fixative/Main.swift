import ArgumentParser

@main
struct Fixative: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "fixative")
}
