"""Tiled: a tileset (.tsx) and a map that shows it (.tmj), over one picture of the tiles.

Formats: Tiled's TMX reference (tileset, tile, animation, wangsets) and JSON map reference, as of 1.10. A wang set of 16 corner
tiles lets Tiled's terrain brush paint two terrains with every transition between them (corner tiles: Wang 1961; the index of a
tile counts its corners NW 8, NE 4, SW 2, SE 1).
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from pixelmind.errors import BadInput
from pixelmind.pixels.sheets import Sheet
from pixelmind.pixels.strip import Strip, name_color

VERSION, PROGRAM = "1.10", "1.10.2"
CORNER_TILES, CORNER_COLUMNS = 16, 4
#: Corners of a 4x4 map that meets itself at its edges, in which each of the 16 tiles lies exactly once (a de Bruijn torus).
TORUS = ((1, 1, 1, 0), (1, 1, 0, 1), (0, 1, 0, 0), (1, 0, 0, 0))


def tileset(strip: Strip, sheet: Sheet, name: str, image_name: str, terrains: tuple[str, str] | None = None) -> bytes:
    """The .tsx: a tile a sprite in frame order, an animation a tag, and a wang set where the two `terrains` are named.

    The animation of a tag sits on the first of its tiles that carries none yet, with the tag's name as property "animation".
    The first terrain is where an index's bit is 0.

    Raises:
        BadInput: terrains for other than 16 tiles, or more tags over one another than there are tiles to hold them.
    """
    if terrains is not None and len(strip.sprites) != CORNER_TILES:
        raise BadInput(
            f"a corner set needs {CORNER_TILES} tiles in index order (NW*8 + NE*4 + SW*2 + SE), got {len(strip.sprites)}"
        )
    tile = sheet.boxes[0]
    root = ET.Element("tileset", version=VERSION, tiledversion=PROGRAM, name=name)
    root.set("tilewidth", str(tile.width))
    root.set("tileheight", str(tile.height))
    root.set("tilecount", str(len(strip.sprites)))
    root.set("columns", str(sheet.columns))
    ET.SubElement(root, "image", source=image_name, width=str(sheet.width), height=str(sheet.height))
    _animations(root, strip)
    if terrains is not None:
        _wang_set(root, name, terrains)
    ET.indent(root, " ")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode").encode() + b"\n"


def _animations(root: ET.Element, strip: Strip) -> None:
    hosts: dict[int, ET.Element] = {}
    for tag in strip.tags:
        frames = tag.sequence()
        host = next((i for i in range(tag.first, tag.last + 1) if i not in hosts), None)
        if host is None:
            raise BadInput(
                f"tag {tag.name} finds no tile without an animation; in Tiled a tile holds one, so give fewer tags"
            )
        hosts[host] = tile = ET.Element("tile", id=str(host))
        ET.SubElement(ET.SubElement(tile, "properties"), "property", name="animation", value=tag.name)
        if len(frames) > 1:
            animation = ET.SubElement(tile, "animation")
            for i in frames:
                ET.SubElement(animation, "frame", tileid=str(i), duration=str(strip.durations[i]))
    root.extend(hosts[i] for i in sorted(hosts))


def _wang_set(root: ET.Element, name: str, terrains: tuple[str, str]) -> None:
    wang_set = ET.SubElement(ET.SubElement(root, "wangsets"), "wangset", name=name, type="corner", tile="-1")
    for terrain, tile in zip(terrains, (0, CORNER_TILES - 1)):
        color = f"#{bytes(name_color(terrain)).hex()}"
        ET.SubElement(wang_set, "wangcolor", name=terrain, color=color, tile=str(tile), probability="1")
    for index in range(CORNER_TILES):
        nw, ne, sw, se = (1 + (index >> bit & 1) for bit in (3, 2, 1, 0))
        around = (0, ne, 0, se, 0, sw, 0, nw)  # clockwise from the top edge; edges are unset in a corner set
        ET.SubElement(wang_set, "wangtile", tileid=str(index), wangid=",".join(map(str, around)))


def tile_map(sheet: Sheet, tileset_name: str, count: int, corners: bool = False) -> bytes:
    """The .tmj: the tiles as they lie in the picture; of a corner set, a map in which every tile meets its neighbours."""
    columns = sheet.columns
    tiles = list(range(1, count + 1))
    tiles += [0] * (-count % columns)
    if corners:
        columns, tiles = CORNER_COLUMNS, [1 + index for index in torus_tiles()]
    rows = len(tiles) // columns
    tile = sheet.boxes[0]
    layer = {"id": 1, "name": "tiles", "type": "tilelayer", "x": 0, "y": 0, "width": columns, "height": rows}
    about = {
        "type": "map",
        "version": VERSION,
        "tiledversion": PROGRAM,
        "orientation": "orthogonal",
        "renderorder": "right-down",
        "infinite": False,
        "compressionlevel": -1,
        "width": columns,
        "height": rows,
        "tilewidth": tile.width,
        "tileheight": tile.height,
        "nextlayerid": 2,
        "nextobjectid": 1,
        "layers": [{**layer, "visible": True, "opacity": 1, "data": tiles}],
        "tilesets": [{"firstgid": 1, "source": tileset_name}],
    }
    return (json.dumps(about, indent=1, ensure_ascii=False) + "\n").encode()


def torus_tiles() -> list[int]:
    """Index of the tile at each place of the 4x4 map, row by row, from the corners of `TORUS`."""
    size = len(TORUS)
    return [
        8 * TORUS[y][x]
        + 4 * TORUS[y][(x + 1) % size]
        + 2 * TORUS[(y + 1) % size][x]
        + TORUS[(y + 1) % size][(x + 1) % size]
        for y in range(size)
        for x in range(size)
    ]
