"""The resource tracker: how processes tell it of named resources, and its own program."""
