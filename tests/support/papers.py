"""Files to show: small whole ones of every kind that is taken, and a few that must not be."""

from __future__ import annotations

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xae\x42\x60\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40) + b"\xff\xd9"
PROGRAM = b"MZ\x90\x00\x03" + bytes(200)
SCRIPTED = PDF[:9] + b"<script>alert(document.domain)</script>\n<h1>Hej</h1>" + PDF[9:]
"""A whole PDF that a browser would also read as a page, if it were ever let to guess."""
