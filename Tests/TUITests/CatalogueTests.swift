import Core
import TUI
import Testing

@Suite struct CatalogueTests {
    /// Numbers in `{…}`.
    private func places(_ text: String) -> Set<String> {
        Set(
            text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap {
                $0.split(separator: "}").first.map(String.init)
            })
    }

    private func check<Keys: TextKey>(_: Keys.Type) {
        for key in Keys.allCases {
            let phrase = key.phrase
            #expect(!phrase.english.isEmpty && !phrase.simplifiedChinese.isEmpty, "\(key)")
            #expect(places(phrase.simplifiedChinese) == places(phrase.english), "\(key) has other arguments in Chinese")
        }
    }

    @Test func translationsTakeTheSameArguments() {
        check(ChromeText.self)
        check(PictureText.self)
        check(FormText.self)
        check(WizardText.self)
        check(ChangeText.self)
        check(DomainText.self)
        check(SearchMistake.self)
    }

    @Test func argumentsAreNotReadAsPlaceholders() {
        #expect(Language.english.text(ChromeText.tooSmall, "{1}", "7").contains("{1}×7"))
    }

    @Test(arguments: [
        (["LC_ALL": "zh_CN.UTF-8"], Language.simplifiedChinese), (["LANG": "en_GB.UTF-8"], .english),
        (["LC_ALL": "", "LANG": "zh_TW"], .simplifiedChinese), (["LANG": "de_DE"], .english), ([:], .english),
        (["LC_ALL": "C", "LANG": "zh_CN"], .english),
    ])
    func languageComesFromTheFirstVariableThatIsSet(_ environment: [String: String], _ language: Language) {
        #expect(Language(environment: environment) == language)
    }

    @Test func configurationWinsOverTheEnvironment() {
        #expect(Language(environment: ["LANG": "en_US"], configured: "zh-Hans") == .simplifiedChinese)
        #expect(Language(environment: ["LANG": "zh_CN"], configured: "auto") == .simplifiedChinese)
    }
}
