"""One file per engine; the catalogue of model files and how they are fetched."""

import os

# ONNX Runtime's official builds keep a device number below the user's cache, collect events and
# send them to their maker, from a thread of their own. Only this, set before the first import of
# it, prevents all of that. Source: Privacy.md in its wheel.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
