"""Running a network: pictures in, named classes out. Needs onnxruntime, which is an extra."""
