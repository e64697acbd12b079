"""Pixel-level truth: palettes, OKLab, quantising, indexed PNG, grid checks, exporters and previews. No torch.

In: an RGBA canvas uint8 [H, W, 4], or an image or palette file. Out: a `Sprite` (indices, palette, alpha 0 or 255),
a `Palette`, or a finished file. One command: `pixelmind snap IMAGE` (also `pixelmind palette` and `pixelmind export`).

oklab      sRGB <-> OKLab (Ottosson 2020)
palettes   built-in palettes, names, palette files in and out
quantize   to a palette, to N colours, to N colours of a palette, with or without ordered dither
png        indexed PNG out, any image in, a fast decoder for stores
grid       integer upscales found and undone
strip      sprites in frame order with times and tags: what all exporters write from; names, shared palettes, slices
reading    pictures in as frames, animated ones with all of theirs
aseprite   .aseprite files in and out
gif, apng  exact animations out
sheets     sprite sheets, Aseprite's JSON; tiled, godot, texturepacker: what those programs read beside a sheet
export     sprites to the files of any format: `pack` as bytes, `save` to disk, `download` as one body
preview    colour preview for the terminal, contact sheets
"""
