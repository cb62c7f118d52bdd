// AntiAI
