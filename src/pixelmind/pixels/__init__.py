"""Pixel-level truth: palettes, OKLab, quantising, indexed PNG, grid checks, exporters and previews. No torch.

In: an RGBA canvas uint8 [H, W, 4], or an image or palette file. Out: a `Sprite` (indices, palette, alpha 0 or 255),
a `Palette`, or a finished file. One command: `pixelmind snap IMAGE` (also `pixelmind palette` and `pixelmind export`).

oklab      sRGB <-> OKLab (Ottosson 2020)
palettes   built-in palettes, names, palette files in and out
quantize   to a palette, to N colours, to N colours of a palette, with or without ordered dither
png        indexed PNG out, any image in, a fast decoder for stores
grid       integer upscales found and undone
aseprite   .aseprite files in and out
gif        exact GIF out
export     sprites to PNG, GIF, Aseprite, sprite sheet
preview    colour preview for the terminal, contact sheets
"""
