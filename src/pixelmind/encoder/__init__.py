"""The encoder: words and pictures in one space (CLIP-like).

In: the Lance store of `data` (native RGBA canvases and captions). Out: text token features for the generator's
cross-attention, pooled features, and `Encoder.score` to rank candidates. Command: `pixelmind train encoder`.
"""
