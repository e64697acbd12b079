"""The generator room (Hierarchical PixelGAN): words, size, palette and style come in; true pixel-art sprites go out.

Level 16 decides the content on a 16 px canvas; level 64 redraws it at native size up to 64 px.
Train: `pixelmind train generator --preset small --data STORE --out RUN`. Use: `pixelmind generate PROMPT`.
"""
