"""The message bus: typed frames, their bytes, the hub that routes them, a stage's end of it."""
