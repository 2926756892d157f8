"""The compiler from Python: everything that the commands do.

model = cnnspec.load("model.cnn", width=0.5)
model.params, model.macs
model.report()                                      # a table; in a notebook too
model.explain("layer1.0.conv1")                     # how a layer's numbers come about
model.export("model.onnx", weights="weights.safetensors")
model.run("photos/", weights="weights.safetensors")
"""
