"""The lifecycle room: trained weights and what people said come in, weights in use go out, only if they are better than those before.

`release` grows the released weights; `registry` keeps models and their states; `rollout` shows a candidate to a few people first; `loop`
retrains from use. One command: `pixelmind loop run --now` (weights alone: `make release MINUTES=60`).
"""
