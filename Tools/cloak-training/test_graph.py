"""The reference executor against plain torch modules, and the file format's round trip. Run: python -m unittest"""
import os, tempfile, unittest

import torch
import torch.nn as nn

import graph as graphs


class GraphTests(unittest.TestCase):
    def example(self):
        b = graphs.Builder(3).do("scale", mul=2.0, add=-1.0).conv(3, 16, 2).do("relu").residual(16)
        b.do("push").conv(16, 16).do("leaky", slope=0.1).do("add")
        b.conv(16, 32, op="pushconv", k=1).conv(16, 32).do("add").do("upsample2").conv(1, 32, 2, k=5, op="depthwise")
        b.conv(32, 16, k=1).do("clamp3")
        return b.graph, {name: value.half().float() for name, value in b.tensors.items()}

    def test_against_modules(self):
        graph, tensors = self.example()
        weights = [op for op in graph if "weight" in op]

        def module(op):
            w = tensors[op["weight"]]
            groups = w.shape[0] if op["op"] == "depthwise" else 1
            layer = nn.Conv2d(w.shape[1] * groups, w.shape[0], w.shape[2], op["stride"], w.shape[2] // 2, groups=groups)
            layer.weight.data, layer.bias.data = w, tensors[op["bias"]] if "bias" in op else torch.zeros(w.shape[0])
            return layer
        stem, r1, r2, leaky, skip, wide, thin, last = map(module, weights)
        x = torch.rand(2, 3, 32, 48)
        y = torch.relu(stem(x * 2 - 1))
        y = torch.relu(y + r2(torch.relu(r1(y))))
        y = y + nn.functional.leaky_relu(leaky(y), 0.1)
        y = skip(y) + wide(y)
        y = torch.tanh(last(thin(nn.Upsample(scale_factor=2)(y))) / 3) * 3
        torch.testing.assert_close(graphs.run(graph, tensors, x), y, rtol=1e-5, atol=1e-5)
        self.assertEqual(tuple(y.shape), (2, 16, 16, 24))

    def test_round_trip(self):
        graph, tensors = self.example()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "n.safetensors")
            graphs.save(path, graph, tensors, role="encoder", weight=0.5, name="n", provenance="p")
            again, loaded, metadata = graphs.load(path)
        self.assertEqual(again, graph)
        self.assertEqual(metadata["fixative_role"], "encoder")
        self.assertEqual(metadata["fixative_weight"], "0.5")
        x = torch.rand(1, 3, 16, 16)
        torch.testing.assert_close(graphs.run(again, loaded, x), graphs.run(graph, tensors, x))

    def test_unknown_operation(self):
        with self.assertRaises(ValueError):
            graphs.run([{"op": "softmax"}], {}, torch.rand(1, 3, 8, 8))


if __name__ == "__main__":
    unittest.main()
