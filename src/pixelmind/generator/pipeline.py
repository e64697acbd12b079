"""From words to sprites: the inference pipeline, called like a diffusers pipeline.

>>> import pixelmind
>>> pipe = pixelmind.load()                                              # doctest: +SKIP
>>> pipe("a green slime with a crown", size=(32, 32), seed=7).sprites[0]  # doctest: +SKIP

By construction every sprite has exactly the asked size, alpha 0 or 255, and no colour outside the asked palette or count.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from pixelmind.data.procedural.regions import REGIONS, region_class
from pixelmind.encoder.model import load_encoder
from pixelmind.encoder.text_tower import TextFeatures, TextTower
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.candidates import BEST_OF, Candidates
from pixelmind.generator.canvas import area_average, coarse_size, frame_size, from_canvas, place
from pixelmind.generator.conditioning import MAX_TEXT_TOKENS, in_place, layout_frames, make_condition
from pixelmind.generator.config import LEVELS, below
from pixelmind.generator.denoiser import Condition, Denoiser
from pixelmind.generator.inpaint import Source, join, known_frames
from pixelmind.generator.own_styles import OwnStyle, Personal, StyledRequest, by_name, heard, own_of, signed, worn
from pixelmind.generator.parts import part_classes
from pixelmind.generator.references import reference_canvas, toward_references, usual_colors, with_shared_palette
from pixelmind.generator.requests import MAX_IMAGES, check_request
from pixelmind.generator.sampler import Predictor, on_torus, sample, seeded_noise
from pixelmind.generator.schedule import add_noise
from pixelmind.generator.segmenter import load_segmenter, named_mask
from pixelmind.generator.stepper import Stepper
from pixelmind.pixels import palettes, quantize
from pixelmind.pixels.coherence import cohere
from pixelmind.records import U8, Conditioning, GenerationRequest, GenerationResult, Palette, Sprite
from pixelmind.training.backends.local import bf16_pays

DEFAULT_STEPS = {16: 16, 64: 6, 256: 8}  # where other steps are asked, the upper levels take as many in proportion
DEFAULT_GUIDANCE = {16: 3.0, 64: 1.0, 256: 1.0}
PULLED_GUIDANCE = {64: 1.5}  # where negative words pull; plain words gain nothing from it above the first level
COARSE_NOISE = 0.1  # noise level put on the coarse canvas before the upper level sees it
CANDIDATE_STRIDE = 1 << 54  # keeps candidates' seeds apart from every seed a person can ask for
Preview = Callable[[int, int, int], None]  # (level, step, steps)
OnLevel = Callable[[int, Mapping[tuple[int, int], np.ndarray]], None]
"""(level, canvas float [4, h, w] of each picture that the level drew, by the numbers of its request and of the picture in it)"""


def default_colors(height: int, width: int) -> int:
    """Colour budget where none is asked: a little above the median of real sprites of that size (8, 13 and 26)."""
    longest = max(height, width)
    return 10 if longest <= 16 else 16 if longest <= 32 else 26


def flat_pull(height: int, width: int) -> float:
    """Potts weight that gives our flats the share of equal neighbours of real sprites of that size (docs/log.md, 2026-11-23)."""
    longest = max(height, width)
    return 0.0 if longest <= 16 else 0.0003 if longest <= 32 else 0.001 if longest <= 64 else 0.01


def region_classes(layout: U8, names: Sequence[str]) -> U8:
    """1 + the region class of each cell of a mask uint8 [H, W] whose values are `names`; 0 for background."""
    classes = [REGIONS.index(region_class(name)) for name in names]
    return np.array([c + 1 if c else 0 for c in classes], np.uint8)[layout]


@dataclass(frozen=True)
class _How:
    """Steps, guidance and strength of a group of jobs, who is told of the steps, whether negative words pull, the style of a person's own,
    and weights learned from a person (`worn`), which are that style's where there is one."""

    steps: int | None
    guidance: float | None
    strength: float
    seamless: bool
    on_step: Preview | None
    pulled: bool = False
    own: OwnStyle | None = None
    worn: OwnStyle | None = None

    def num_steps(self, level: int) -> int:
        return -(-(self.steps or DEFAULT_STEPS[16]) * DEFAULT_STEPS[level] // DEFAULT_STEPS[16])

    def predictor(
        self, denoiser: Denoiser, size: tuple[int, int], frame: tuple[int, int], arguments: dict[str, Any]
    ) -> Predictor:
        """What the sampler calls, with these arguments of its own, for pictures of `size` in the middle of frames."""
        predict = Stepper(denoiser, heads_at=arguments["start"] / arguments["num_inference_steps"])
        if not self.seamless:
            return predict
        return on_torus(predict, ((frame[0] - size[0]) // 2, (frame[1] - size[1]) // 2, *size))

    def around(
        self,
        level: int,
        given: tuple[Tensor, Tensor] | None,
        frame: tuple[int, int],
        tuned: Sequence[float],
        seeds: Sequence[int],
    ) -> dict[str, Any]:
        """The sampler's arguments: steps and guidance, what is known of a picture, and previews. A level `tuned` to
        few noise levels takes as many steps, has guidance within, and goes on by fresh noise."""
        canvas, keep = given or (None, None)
        num = len(tuned) if tuned and self.steps is None else self.num_steps(level)
        usual = (DEFAULT_GUIDANCE | PULLED_GUIDANCE) if self.pulled else DEFAULT_GUIDANCE
        guidance = 1.0 if tuned else usual[level]
        if level == LEVELS[0] and self.guidance is not None:
            guidance = self.guidance
        fresh = (lambda step: seeded_noise(seeds, 4, *frame, stream=100 * level + step)) if tuned else None
        tell = self.on_step
        report = None if tell is None else (lambda step, _: tell(level, step, num))
        steps = {"num_inference_steps": num, "guidance_scale": guidance, "fresh": fresh}
        return {**steps, "known": canvas, "keep": keep, "start": self.strength, "on_step": report}


class _Drawn(NamedTuple):
    """What the last level that ran made of one picture: canvas float [4, H, W], its cells' features [P, H, W] where it has heads, the
    noise level of its last call, and log chances of the cells' region classes [R, H, W] after all levels, None without a region head."""

    canvas: np.ndarray
    cells: Tensor | None
    level: int
    noise: float
    regions: Tensor | None


def _unframe(
    frames: Tensor,
    cells: Tensor | None,
    sizes: Sequence[tuple[int, int]],
    level: int,
    arguments: dict[str, Any],
    denoiser: Denoiser,
    below: Sequence[_Drawn] | None = None,
) -> list[_Drawn]:
    """Cut pictures of `sizes` out of the middle of their frames; `arguments` are the sampler's, `below` is what the level below drew."""
    noise = arguments["start"] / arguments["num_inference_steps"]
    out = []
    for i, (h, w) in enumerate(sizes):
        top, left = (frames.shape[-2] - h) // 2, (frames.shape[-1] - w) // 2
        cut = (..., slice(top, top + h), slice(left, left + w))
        own, regions = None, None if below is None else below[i].regions
        if cells is not None:
            own = cells[i][cut]
            regions = denoiser.region_log_probs(own, regions)
        elif regions is not None:  # a level without heads goes by what the one below said
            regions = F.interpolate(regions[None], (h, w), mode="bilinear", align_corners=False)[0]
        out.append(_Drawn(frames[i][cut].numpy(), own, level, noise, regions))
    return out


def _alike(sizes: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Places of equal sizes together."""
    found: dict[tuple[int, int], list[int]] = {}
    for i, size in enumerate(sizes):
        found.setdefault(size, []).append(i)
    return list(found.values())


def _by_place(on_level: OnLevel, places: Sequence[tuple[int, int]]) -> Callable[[int, Mapping[int, _Drawn]], None]:
    return lambda level, drawn: on_level(level, {places[i]: x.canvas for i, x in drawn.items()})


def _rows(given: tuple[Tensor, Tensor] | None, picks: Tensor) -> tuple[Tensor, Tensor] | None:
    return None if given is None else (given[0][picks], given[1][picks])


class PixelPipeline:
    """The released networks, loaded once. Calls are deterministic in the seed; image i of a call has seed + i."""

    def __init__(
        self,
        bundle: Bundle,
        threads: int | None = None,
        best_of: int = BEST_OF,
        palette_head: bool = False,
        adapters: Sequence[OwnStyle] = (),
    ) -> None:
        self.bundle, self.palette_head = bundle, palette_head
        self.encoder = load_encoder(bundle.folder) if "encoder" in bundle and best_of > 1 else None
        self.best_of = best_of if self.encoder is not None else 1
        self.on_step: Preview | None = None  # told of steps and levels where a call names nobody
        self.on_level: OnLevel | None = None
        self.personal: Personal | None = None  # of the person for whom requests that name nobody are drawn
        if threads is not None:
            torch.set_num_threads(threads)
        self.denoisers: dict[int, Denoiser] = {}
        self.tuned: dict[int, list[float]] = {}  # noise levels of levels tuned to few steps
        for level in LEVELS:
            if f"level{level}" in bundle:
                modules, vocabulary = bundle.get_level(level)
                denoiser = modules["denoiser"]
                assert isinstance(denoiser, Denoiser)
                self.denoisers[level] = denoiser
                self.tuned[level] = bundle.manifest["parts"][f"level{level}"].get("timesteps", [])
                if level == 16:
                    self.prior, self.vocabulary = modules["prior"], vocabulary
        self.segmenter = load_segmenter(bundle.folder) if "segmenter" in bundle else None
        if self.segmenter is not None:
            channels_last: Any = {"memory_format": torch.channels_last}  # its convolutions are a fifth faster so
            self.segmenter.to(**channels_last)
        if 16 not in self.denoisers:
            raise BadInput(f"the weights at {bundle.folder} have no level16; train it with: pixelmind train generator")
        self.adapters: Mapping[str, OwnStyle] = by_name(adapters, bundle, self.vocabulary.styles)
        self.text_tower = TextTower()
        self._bf16 = bf16_pays(torch.device("cpu"))
        if self._bf16:  # so that autocast neither converts weights at each step nor runs the residuals in fp32
            for net in self.denoisers.values():
                net.blocks.to(torch.bfloat16)

    @property
    def styles(self) -> tuple[str, ...]:
        """Style names that `style=` takes."""
        return self.vocabulary.styles + tuple(self.adapters)

    def _autocast(self) -> AbstractContextManager[object]:
        return torch.autocast("cpu", torch.bfloat16) if self._bf16 else nullcontext()

    def __call__(
        self,
        prompt: str,
        *,
        negative_prompt: str = "",
        size: tuple[int, int] | None = None,
        image: Sprite | None = None,
        region: U8 | None = None,
        strength: float = 1.0,
        palette: Palette | str | None = None,
        max_colors: int | None = None,
        style: str | None = None,
        kind: str | None = None,
        references: Sequence[Sprite] = (),
        layout: Sprite | None = None,
        seamless: bool = False,
        num_images: int = 1,
        seed: int = 0,
        num_inference_steps: int | None = None,
        guidance_scale: float | None = None,
        on_step: Preview | None = None,
    ) -> GenerationResult:
        """Draw `num_images` sprites, each with its region mask where the weights hold a segmenter.

        Args:
            prompt: what to draw, 1 to 1000 characters.
            size: (height, width) in native px, each 8 to the largest released level; default 32x32, or that of `image`.
            image: a picture to change. Cells outside `region` come out as they are.
            region: uint8 [H, W], above 0 where `image` is drawn anew; None is everywhere.
            strength: above 0 to 1; 1 draws the region anew, less keeps more of what was there.
            palette: a Palette, a built-in palette's name or a palette file; the sprite uses no other colour.
            max_colors: at most this many opaque colours (default: as many as the references wear, else by size).
            style: a name from `styles`; None draws one that such words came with in training.
            references: up to 8 pictures whose style is wanted; a style's name beside them is told too.
            layout: a picture of this size with a region mask, which says where the parts go; "background" is left open.
            seamless: let the edges meet, for tiles.
            num_inference_steps: network calls of the first level; the upper levels take fewer in proportion.
            guidance_scale: strength of the words on the first level; 1 is none.

        Raises:
            BadInput: see `check_request`; or an unknown palette.
        """
        if isinstance(palette, str):
            palette = palettes.resolve(palette)
        height, width = size or ((32, 32) if image is None else image.indices.shape)
        if layout is not None and layout.mask is None:
            raise BadInput("the layout has no region mask; make one with: pixelmind segment")
        conditioning = Conditioning(
            prompt=prompt,
            negative=negative_prompt,
            height=height,
            width=width,
            palette=palette,
            max_colors=max_colors,
            style=style,
            kind=kind,
            references=tuple(references),
            layout=None if layout is None else layout.mask,
            layout_names=() if layout is None else layout.mask_names,
            seamless=seamless,
        )
        request = GenerationRequest(
            conditioning=conditioning,
            num_images=num_images,
            seed=seed,
            num_inference_steps=num_inference_steps,
            guidance_scale=guidance_scale,
            source=image,
            region=region,
            strength=strength,
        )
        return self.generate_batch([request], on_step=on_step)[0]

    def generate_batch(
        self, requests: Sequence[GenerationRequest], on_step: Preview | None = None, on_level: OnLevel | None = None
    ) -> list[GenerationResult]:
        """Draw several requests together: one text pass, then batches of equal steps, guidance and frame size. On a CPU a request gives the
        same bits alone and in any batch. An exception out of `on_step` or `on_level` ends the drawing."""
        start = time.perf_counter()
        on_step, on_level = on_step or self.on_step, on_level or self.on_level
        for request in requests:
            self.check(request)
        own = [self._own(request) for request in requests]
        personal = [r.personal if isinstance(r, StyledRequest) else self.personal for r in requests]
        wearing = [style or (None if known is None else known.own) for style, known in zip(own, personal)]
        requests = [with_shared_palette(self._heard(request)) for request in requests]
        jobs = [
            (r, index, request.seed + index)
            for r, request in enumerate(requests)
            for index in range(request.num_images)
        ]
        drawn: dict[tuple[int, int], Sprite] = {}
        sources = [Source.of(request) for request in requests]
        groups: dict[_How, list[tuple[int, int, int]]] = {}
        for job in jobs:
            asked = requests[job[0]]
            c, steps, scale = asked.conditioning, asked.num_inference_steps, asked.guidance_scale
            whose = own[job[0]], wearing[job[0]]
            how = _How(steps, scale, asked.strength, c.seamless, on_step, bool(c.negative), *whose)
            groups.setdefault(how, []).append(job)
        with torch.inference_mode():
            for how, group in groups.items():
                for first in range(0, len(group), MAX_IMAGES):
                    part = group[first : first + MAX_IMAGES]
                    conds = [requests[r].conditioning for r, _, _ in part]
                    places = [(r, i) for r, i, _ in part]
                    with worn(how.worn, self.denoisers):
                        canvases, pooled = self._draw(
                            conds,
                            [s for _, _, s in part],
                            [sources[r] for r, _, _ in part],
                            how,
                            on_level and _by_place(on_level, places),
                        )
                    for (r, i, seed), canvas, words in zip(part, canvases, pooled):
                        made = self._finish(canvas, words, requests[r], seed, sources[r])
                        drawn[r, i] = signed(made, requests[r], how.own, personal[r])
        seconds = time.perf_counter() - start
        results = []
        for r, request in enumerate(requests):
            sprites = tuple(drawn[r, i] for i in range(request.num_images))
            seeds = tuple(request.seed + i for i in range(request.num_images))
            results.append(GenerationResult(sprites=sprites, seeds=seeds, seconds=seconds, weights=self.bundle.id))
        return results

    def check(self, request: GenerationRequest) -> None:
        """Refuse what cannot be drawn, or what these weights have no input for. Upper levels may lack one: they follow the first.

        Raises:
            BadInput: one line that says what to do.
        """
        request = self._heard(request)
        check_request(request, tuple(self.denoisers), self.vocabulary)
        Source.of(request)
        c, network = request.conditioning, self.denoisers[16].config
        if c.references and not network.references:
            raise BadInput(
                f"the weights at {self.bundle.folder} cannot be shown references; describe the style in words"
            )
        if c.layout is not None and not network.layout:
            raise BadInput(f"the weights at {self.bundle.folder} cannot be told a layout; leave it out")

    def _heard(self, request: GenerationRequest) -> GenerationRequest:
        return heard(request, self._own(request), shows=self.denoisers[16].config.references > 0)

    def _own(self, request: GenerationRequest) -> OwnStyle | None:
        return own_of(request, self.adapters, self.bundle, self.vocabulary.styles)

    def _condition(
        self, conds: Sequence[Conditioning], seeds: Sequence[int], own: bool = False
    ) -> tuple[Condition, Condition, TextFeatures]:
        """What the networks are told, what guidance points away from, and the words themselves."""
        prompts = list(dict.fromkeys([c.prompt for c in conds] + [c.negative for c in conds if c.negative]))
        features = self.text_tower.encode(prompts)
        if any(c.palette is not None or c.references for c in conds):
            features = features.padded(MAX_TEXT_TOKENS)  # colours come after the words: at one place in any batch
        row = {p: i for i, p in enumerate(prompts)}
        picks = torch.tensor([row[c.prompt] for c in conds])
        text = features.rows(picks)
        kinds = [self.vocabulary.kind(c.kind) for c in conds]
        styles = [self.vocabulary.style(c.style) for c in conds]
        self._fill_in(text.pooled, kinds, styles, seeds, [own or len(c.references) > 0 for c in conds])
        shown = {id(s): reference_canvas(s.rgba()) for c in conds for s in c.references}
        cond = make_condition(
            text,
            [(c.height, c.width) for c in conds],
            styles,
            kinds,
            [None if c.palette is None else c.palette.colors for c in conds],
            [[shown[id(s)] for s in c.references] for c in conds],
        )
        cond = in_place(cond)
        negative = cond.without(torch.ones(len(conds), dtype=torch.bool), "text", "kind")
        told = torch.tensor([row[c.negative] if c.negative else -1 for c in conds])
        if (told >= 0).any():
            has = told >= 0
            negative = replace(
                negative,
                text=torch.where(has[:, None, None], features.tokens[told, :MAX_TEXT_TOKENS], negative.text),
                text_mask=torch.where(has[:, None], features.mask[told, :MAX_TEXT_TOKENS], negative.text_mask),
                pooled=torch.where(has[:, None], features.pooled[told], negative.pooled),
            )
        return cond, negative, text

    def _fill_in(
        self, pooled: Tensor, kinds: list[int], styles: list[int], seeds: Sequence[int], shown: Sequence[bool]
    ) -> None:
        """Let the prior choose what was left open, in place: the likeliest kind, and a style drawn among the likely by the seed; where
        references or weights of one's own show the style, none."""
        num_kinds, num_styles = len(self.vocabulary.kinds), len(self.vocabulary.styles)
        kind_logits = self.prior(pooled, torch.tensor(kinds))[0]
        for i, kind in enumerate(kinds):
            if kind == 0:
                kinds[i] = int(kind_logits[i, 1 : num_kinds + 1].argmax()) + 1
        style_logits = self.prior(pooled, torch.tensor(kinds))[1]
        for i, style in enumerate(styles):
            if style == 0 and num_styles and not shown[i]:
                p = torch.softmax(style_logits[i, 1 : num_styles + 1].double() * 1.5, dim=0).numpy()
                p = np.where(p >= 0.25 * p.max(), p, 0)
                styles[i] = int(np.random.default_rng((seeds[i], 77)).choice(num_styles, p=p / p.sum())) + 1

    def _draw(
        self,
        conds: Sequence[Conditioning],
        seeds: Sequence[int],
        sources: Sequence[Source | None],
        how: _How,
        shown: Callable[[int, Mapping[int, _Drawn]], None] | None = None,
    ) -> tuple[list[_Drawn], Tensor]:
        """Run the levels; returns native canvases and the pooled words [B, 384]."""
        k = self.best_of
        cond, negative, text = self._condition(
            [c for c in conds for _ in range(k)],
            drawn_seeds := [s + j * CANDIDATE_STRIDE for s in seeds for j in range(k)],
            how.own is not None,
        )
        if shown is not None:
            shown(0, {})  # the words are read
        first_sizes = [coarse_size(c.height, c.width, 16) for c in conds for _ in range(k)]
        given = known_frames([s for s in sources for _ in range(k)], first_sizes, (16, 16))
        layouts = [None if c.layout is None else region_classes(c.layout, c.layout_names) for c in conds]
        told = layout_frames([layout for layout in layouts for _ in range(k)], 16, (16, 16))
        found: list[tuple[int, _Drawn]] = []  # the best candidate's row, picture by picture
        rounds = _alike(first_sizes) if how.seamless else [list(range(len(first_sizes)))]
        noise, denoiser = seeded_noise(drawn_seeds, 4, 16, 16), self.denoisers[16]
        for members in rounds:
            picks = torch.tensor(members)
            arguments = how.around(16, _rows(given, picks), (16, 16), self.tuned[16], [drawn_seeds[i] for i in members])
            told_rows, away = (replace(x, layout=told).rows(picks) for x in (cond, negative))
            contest = Candidates.of(self.encoder, text.rows(picks[::k]), [conds[i // k] for i in members[::k]], k)
            with self._autocast():
                frames, cells = sample(
                    how.predictor(denoiser, first_sizes[members[0]], (16, 16), arguments),
                    noise[picks],
                    told_rows,
                    negative=away,
                    narrow=None if self.tuned[16] else contest,
                    **arguments,
                )
            last = contest(0.0, frames)
            if last is not None:
                frames, cells = frames[last], None if cells is None else cells[last]
            rows = [members[i] for i in contest.rows]
            found += zip(rows, _unframe(frames, cells, [first_sizes[i] for i in rows], 16, arguments, denoiser))
        found.sort(key=lambda row_drawn: row_drawn[0])
        chosen, out = [row for row, _ in found], [drawn for _, drawn in found]
        if shown is not None:
            shown(16, dict(enumerate(out)))
        for level in LEVELS[1:]:
            sizes = [coarse_size(c.height, c.width, level) for c in conds]
            by_frame: dict[tuple[int, ...], list[int]] = {}
            for i, c in enumerate(conds):
                if max(c.height, c.width) > below(level):
                    frame = frame_size(*sizes[i], level, self.denoisers[level].config.patch)
                    by_frame.setdefault((*frame, *(sizes[i] if how.seamless else ())), []).append(i)
            for bucket, members in by_frame.items():
                frame = (bucket[0], bucket[1])
                chunk = max(1, 16 * 32 * 32 // (frame[0] * frame[1]))
                for first in range(0, len(members), chunk):
                    part = members[first : first + chunk]
                    picks = torch.tensor([chosen[i] for i in part])
                    where = layout_frames([layouts[i] for i in part], level, frame)
                    told_rows, away = (replace(x.rows(picks), layout=where) for x in (cond, negative))
                    lower, part_seeds = [out[i] for i in part], [seeds[i] for i in part]
                    given = known_frames([sources[i] for i in part], [sizes[i] for i in part], frame)
                    drawn = self._upper(
                        level, told_rows, away, lower, [sizes[i] for i in part], frame, part_seeds, given, how
                    )
                    for i, x in zip(part, drawn):
                        out[i] = x
                    if shown is not None:
                        shown(level, {i: out[i] for i in part})
        return out, cond.pooled[::k]

    def _upper(
        self,
        level: int,
        cond: Condition,
        negative: Condition,
        below: Sequence[_Drawn],
        sizes: Sequence[tuple[int, int]],
        frame: tuple[int, int],
        seeds: Sequence[int],
        given: tuple[Tensor, Tensor] | None,
        how: _How,
    ) -> list[_Drawn]:
        """An upper level for pictures of one frame size, all arguments by picture."""
        placed = [place(area_average(x.canvas, *size), *frame) for x, size in zip(below, sizes)]
        augment = torch.full((len(below),), COARSE_NOISE)
        guide = torch.from_numpy(np.stack([p[0] for p in placed]))
        noise, mist = (seeded_noise(seeds, 4, *frame, stream=level // 32 + i) for i in (-1, 0))
        arguments = how.around(level, given, frame, self.tuned[level], seeds)
        with self._autocast():
            frames, cells = sample(
                how.predictor(self.denoisers[level], sizes[0], frame, arguments),
                noise,
                replace(cond, augment=augment),
                negative=replace(negative, augment=augment),
                coarse=add_noise(guide, mist, augment),
                **arguments,
            )
        return _unframe(frames, cells, sizes, level, arguments, self.denoisers[level], below)

    def _finish(
        self, drawn: _Drawn, words: Tensor, request: GenerationRequest, seed: int, source: Source | None
    ) -> Sprite:
        """Choose the final colours, from the asked palette or at most the asked number, clean the flats, and name the parts."""
        c = request.conditioning
        rgba = from_canvas(drawn.canvas)
        if c.palette is not None:
            sprite = quantize.to_palette(rgba, c.palette)
            if c.max_colors is not None:
                sprite = quantize.reduce_to_subset(rgba, c.palette, c.max_colors)
        else:
            if c.references and source is None:
                rgba = toward_references(rgba, c.references)
            usual = usual_colors(c.references) if c.references else default_colors(c.height, c.width)
            sprite = quantize.to_num_colors(rgba, c.max_colors or usual)
        cost, denoiser = None, self.denoisers[drawn.level]
        if drawn.cells is not None and self.palette_head:
            colors = sprite.palette[sprite.palette[:, 3] == 255, :3]
            cost = denoiser.palette_cost(drawn.canvas, drawn.cells, colors, drawn.noise)
        sprite = cohere(sprite, rgba, flat_pull(c.height, c.width), cost)
        if source is not None and request.source is not None:
            sprite = join(sprite, request.source, source.redraw)
        provenance = {
            "prompt": c.prompt,
            "seed": seed,
            "weights": self.bundle.id,
            "size": [c.height, c.width],
            "palette": c.palette.name if c.palette else None,
            "max_colors": c.max_colors,
        }
        regions = self._regions(sprite, words, None if source is not None else drawn.regions)
        if regions is not None:
            mask, names = named_mask(np.where(sprite.rgba()[..., 3] > 0, regions, 0).astype(np.uint8), REGIONS)
            sprite = replace(sprite, mask=mask, mask_names=names)
        return replace(sprite, provenance=provenance)

    def _regions(self, sprite: Sprite, words: Tensor, drawn: Tensor | None) -> np.ndarray | None:
        """Region classes [H, W] of a finished sprite, by the levels' region heads and the segmenter; None without either. What was put
        together from two pictures is the segmenter's alone."""
        seen = None
        if self.segmenter is not None:
            with self._autocast():
                seen = self.segmenter.log_probs(sprite.rgba(), words)
        return part_classes(sprite.indices, seen, drawn)


def load(
    weights: Path | str | None = None,
    *,
    threads: int | None = None,
    best_of: int = BEST_OF,
    palette_head: bool = False,
    adapters: Sequence[OwnStyle] = (),
) -> PixelPipeline:
    """Load a bundle (default: the released weights) into a pipeline.

    Args:
        weights: bundle folder.
        threads: CPU threads of torch; None leaves them.
        best_of: first-level candidates drawn for each picture, of which the encoder picks one; 1 turns ranking off.
        palette_head: let the network's own head choose the colours of the palette (docs/generator.md: when it pays).
        adapters: styles of one's own, which `style=` then takes by name (`pixelmind.adaptation.adapters.load`).

    Raises:
        BadInput: no bundle there. CorruptFile: a weights file does not match its recorded hash.
    """
    return PixelPipeline(Bundle(weights), threads, best_of, palette_head, adapters)
