"""Writes crates/npio-look/src/font.png and the table in font.rs from Roboto Regular (Apache-2.0).

    pip install pillow font-roboto
    python xtask/font/font.py crates/npio-look/src/font.png
"""

import sys

from font_roboto import Roboto
from PIL import Image, ImageDraw, ImageFont

SIZE = 32
GLYPHS = [chr(code) for code in range(32, 127)] + list("°±²µ·×πΔσ–—…−∞√≤≥□")


def main() -> None:
    font = ImageFont.truetype(Roboto, SIZE)
    ascent, descent = font.getmetrics()
    widths = [round(font.getlength(glyph)) for glyph in GLYPHS]
    strip = Image.new("L", (sum(width + 2 for width in widths), ascent + descent))
    draw = ImageDraw.Draw(strip)
    left = 0
    for glyph, width in zip(GLYPHS, widths):
        draw.text((left + 1, 0), glyph, font=font, fill=255)
        left += width + 2
    # Sixteen levels are enough, and smaller.
    strip.point(lambda level: level // 16 * 17).save(sys.argv[1], optimize=True, bits=8)
    print("ascent", ascent, "descent", descent)
    print("".join(GLYPHS))
    print(widths)


if __name__ == "__main__":
    main()
