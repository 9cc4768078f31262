"""Faces for people without pictures."""

from zlib import crc32

from django import template

register = template.Library()


@register.filter
def initials(person) -> str:
    """One or two letters: of the first and last word of the name."""
    words = person.name.replace("_", " ").split() or ["?"]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


@register.filter
def hue(person) -> int:
    """A colour class from 0 to 7, always the same for the same person."""
    return crc32(person.username.encode()) % 8
