"""Judge R@k of 100: is the prompt among the k captions the judge finds nearest to the picture, out of 100?

The usual image-to-text retrieval of CLIP (Radford et al. 2021), with a fixed pool a prompt: its own caption and 99
captions of other test pictures. The same pools serve generated and real pictures, so the ratio of the two ("share")
is comparable across runs. A tie counts against the picture (the rank is the pessimistic one).

Fails when: pool captions mean the same thing in other words (caps the real score too, hence the share), or when the
judge is weak (share is then noisy: read the real R@1 beside it).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput


def build_pools(
    captions: Sequence[Sequence[str]],
    groups: Sequence[str],
    own: Sequence[int],
    *,
    pool_size: int = 100,
    seed: int = 0,
) -> tuple[list[str], NDArray[np.int64]]:
    """Choose, for each evaluated picture, its own caption and `pool_size - 1` captions of other pictures.

    A distractor never shares a caption or a near-duplicate group with the picture, and no text occurs twice in a pool.

    Args:
        captions: all captions of each test picture, best first, [M] lists.
        groups: near-duplicate group of each test picture, [M].
        own: which test pictures are evaluated, [N] indices below M.
        pool_size: texts a pool.
        seed: of the choice.

    Returns:
        texts: the distinct caption texts.
        pools: int64 [N, P] into `texts`, own caption first; P = pool_size, or fewer where the store is too small.

    Raises:
        BadInput: fewer than 2 texts a pool can be formed.
    """
    texts = sorted({c[0] for c in captions})
    text_index = {t: i for i, t in enumerate(texts)}
    spoken_by: dict[str, set[int]] = {}
    in_group: dict[str, set[int]] = {}
    for row, (cs, group) in enumerate(zip(captions, groups)):
        in_group.setdefault(group, set()).add(row)
        for c in cs:
            spoken_by.setdefault(c, set()).add(row)
    rng = np.random.default_rng(seed)
    pools: list[list[int]] = []
    for row in own:
        relatives = set(in_group[groups[row]]).union(*(spoken_by[c] for c in captions[row]))
        banned = {captions[r][0] for r in relatives} | set(captions[row])
        pool = [text_index[captions[row][0]]]
        for i in rng.permutation(len(texts)):
            if len(pool) == pool_size:
                break
            if texts[i] not in banned:
                pool.append(int(i))
        pools.append(pool)
    width = min((len(p) for p in pools), default=0)
    if width < 2:
        raise BadInput(
            "the test split is too small for retrieval: it needs at least 2 pictures with different captions"
        )
    return texts, np.array([p[:width] for p in pools], dtype=np.int64)


def ranks(
    image_features: NDArray[np.floating], text_features: NDArray[np.floating], pools: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the rank [N] (1 is best) of each picture's own caption, pool column 0, by dot product.

    Args:
        image_features: [N, D], unit length.
        text_features: [T, D], unit length.
        pools: int64 [N, P] into the texts.
    """
    scores = np.einsum("nd,npd->np", image_features.astype(np.float64), text_features.astype(np.float64)[pools])
    result: NDArray[np.int64] = 1 + (scores[:, 1:] >= scores[:, :1]).sum(axis=1)
    return result


def recall_at(rank: NDArray[np.int64], k: int) -> float:
    """Return the share of ranks <= k."""
    return float((rank <= k).mean())
