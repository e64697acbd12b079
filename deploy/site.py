"""A hook of mkdocs: links to files outside docs/ become plain words, for the site has no such pages."""

import re


def on_page_markdown(markdown: str, page: object, **_: object) -> str:
    """The page's text."""
    outside = r"\.\./\.\./" if getattr(page, "file").src_uri.count("/") else r"\.\./"
    return re.sub(rf"(?<!!)\[([^\]]*)\]\({outside}[^)]*\)", r"\1", markdown)
