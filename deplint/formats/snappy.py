"""Snappy, the compression of tables that some builds of TensorFlow write: a length, then stretches of bytes, as they are or copied from
before.

Source: ``format_description.txt`` of google/snappy.
"""

from __future__ import annotations

from deplint.formats.wire import varint
from deplint.model import Unreadable

LIMIT = 16 << 20
"""Bytes beyond which nothing is decompressed."""


def decompress(raw: bytes) -> bytes:
    """What `raw` stands for.

    Raises:
        Unreadable: it contradicts itself, or stands for more than `LIMIT` bytes.
    """
    out = bytearray()
    try:
        size, at = varint(raw, 0)
        if size > LIMIT:
            raise Unreadable(f"a compressed block of {size:,} bytes, more than the {LIMIT:,} deplint reads")
        while at < len(raw):
            tag, at = raw[at], at + 1
            upper, kind = tag >> 2, tag & 3
            if kind == 0:
                width = upper - 59
                if width > 0:
                    upper, at = int.from_bytes(raw[at : at + width], "little"), at + width
                out += raw[at : at + upper + 1]
                at += upper + 1
            else:
                width = (0, 1, 2, 4)[kind]
                offset, at = int.from_bytes(raw[at : at + width], "little"), at + width
                length = upper + 1
                if kind == 1:
                    offset, length = offset | tag >> 5 << 8, (upper & 7) + 4
                if not 0 < offset <= len(out):
                    raise Unreadable(f"a compressed block that copies from {offset:,} bytes before, where there are {len(out):,}")
                start = len(out) - offset
                copied = out[start : start + length]
                out += (copied * (length // len(copied) + 1))[:length]  # a copy may reach into itself
            if len(out) > size or at > len(raw):
                raise Unreadable(f"a compressed block of {size:,} bytes that goes on")
    except IndexError:
        raise Unreadable("a compressed block without a length") from None
    if len(out) != size:
        raise Unreadable(f"a compressed block of {size:,} bytes that ends after {len(out):,}")
    return bytes(out)
