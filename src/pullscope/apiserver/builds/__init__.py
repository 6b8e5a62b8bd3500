"""Builds, as the API server deals with them: BuildConfigs and Builds where they are kept, what starts a build, its log."""
