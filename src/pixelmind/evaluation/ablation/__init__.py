"""`eval ablation`: what each part is worth, measured with and without it.

study      question, arms (the first is the whole), measures, and what one job (an arm with a seed) does
job ─▶ OUT/jobs/STUDY/ARM/seedN/result.json, kept under a key of everything it depends on; a second call does what is missing
all results ─▶ effects (arm less whole, 95 % interval over seeds and items) ─▶ report.json, report.html, report.md
"""
