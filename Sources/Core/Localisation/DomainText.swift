/// The words for the values that screens and commands share.
public enum DomainText: TextKey {
    case stateDraft, stateProtecting, stateProtected, stateUploading, stateUploaded, statePublishing, statePublished
    case stateNeedsAttention, stateConflict, stateCancelled
    case visibilityPublic, visibilityUnlisted, visibilityPrivate, visibilityDirect
    case methodCloak, methodNoise, methodWatermark, methodRights
    case recipeMark, recipeSubtle, recipeStandard, recipeStrong
    case limitsNothing, limitsRights, limitsMark, limitsNoise, limitsCloak
    case allRightsReserved

    public var phrase: Phrase {
        switch self {
        case .stateDraft: Phrase("draft", "草稿")
        case .stateProtecting: Phrase("protecting", "正在保护")
        case .stateProtected: Phrase("protected", "已保护")
        case .stateUploading: Phrase("uploading", "正在上传")
        case .stateUploaded: Phrase("uploaded", "已上传")
        case .statePublishing: Phrase("publishing", "正在发布")
        case .statePublished: Phrase("published", "已发布")
        case .stateNeedsAttention: Phrase("needs attention", "需要处理")
        case .stateConflict: Phrase("conflict", "有冲突")
        case .stateCancelled: Phrase("cancelled", "已取消")
        case .visibilityPublic: Phrase("public", "公开")
        case .visibilityUnlisted: Phrase("unlisted", "不列出")
        case .visibilityPrivate: Phrase("followers only", "仅关注者")
        case .visibilityDirect: Phrase("mentioned only", "仅提及者")
        case .methodCloak: Phrase("cloak", "隐形扰动")
        case .methodNoise: Phrase("noise", "噪声")
        case .methodWatermark: Phrase("watermark", "水印")
        case .methodRights: Phrase("rights", "权利声明")
        case .recipeMark: Phrase("an invisible mark and your rights", "隐形标记和权利声明")
        case .recipeSubtle: Phrase("hard to see, for finished work", "难以察觉，适合成品")
        case .recipeStandard: Phrase("visible to a trained eye", "内行能看出")
        case .recipeStrong: Phrase("clearly visible, strongest", "明显可见，最强")
        case .limitsNothing:
            Phrase("Stops nothing: only metadata is removed.", "什么也不阻止：只移除元数据。")
        case .limitsRights:
            Phrase(
                "States your wishes; stops nobody who ignores them.", "只表明你的意愿；不理会的人照样能用。")
        case .limitsMark:
            Phrase(
                "Does not stop copying, training or imitation; it helps to show later that the picture is yours.",
                "不能阻止复制、训练或模仿；它帮助你日后证明作品属于你。")
        case .limitsNoise:
            Phrase(
                "A denoiser removes much of it; does not stop training or imitation.",
                "降噪能去掉大部分；不能阻止训练或模仿。")
        case .limitsCloak:
            Phrase(
                "Disturbs some models, not all; newer ones and purification may undo it.",
                "只干扰部分模型；新模型和净化处理可能使它失效。")
        case .allRightsReserved: Phrase("all rights reserved", "保留所有权利")
        }
    }
}

extension OutboxState {
    public var text: DomainText {
        switch self {
        case .draft: .stateDraft
        case .protecting: .stateProtecting
        case .protected: .stateProtected
        case .uploading: .stateUploading
        case .uploaded: .stateUploaded
        case .publishing: .statePublishing
        case .published: .statePublished
        case .needsAttention: .stateNeedsAttention
        case .conflict: .stateConflict
        case .cancelled: .stateCancelled
        }
    }
}

extension Visibility {
    public var text: DomainText {
        switch self {
        case .public: .visibilityPublic
        case .unlisted: .visibilityUnlisted
        case .private: .visibilityPrivate
        case .direct: .visibilityDirect
        }
    }
}

extension ProtectionMethod {
    public var text: DomainText {
        switch self {
        case .cloak: .methodCloak
        case .noise: .methodNoise
        case .watermark: .methodWatermark
        case .rights: .methodRights
        }
    }
}

extension Recipe {
    /// What a built-in recipe is for; nil for the artist's own.
    public var purpose: DomainText? {
        switch name {
        case "mark": .recipeMark
        case "subtle": .recipeSubtle
        case "standard": .recipeStandard
        case "strong": .recipeStrong
        default: nil
        }
    }

    /// The honest line beside each strength: what the recipe's strongest method does not stop.
    public var limits: DomainText {
        if methods.contains(.cloak) { return .limitsCloak }
        if methods.contains(.noise) { return .limitsNoise }
        if methods.contains(.watermark) { return .limitsMark }
        return methods.contains(.rights) ? .limitsRights : .limitsNothing
    }
}
