"""The version of the electronic payment terms in force. A new text gets a new version, and everyone accepts it anew."""

VERSION = "2026-11"
