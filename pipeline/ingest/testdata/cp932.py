"""Writes cp932.txt.gz: what Python's cp932 makes of every code.

One line per code that decodes to one character: the code and the character's
code point, in hexadecimal. Run it in this folder.
"""

import gzip

codes = [bytes([b]) for b in range(256)] + [bytes([l, t]) for l in range(256) for t in range(256)]
lines = []
for code in codes:
    try:
        text = code.decode("cp932")
    except UnicodeDecodeError:
        continue
    if len(text) == 1:
        lines.append(f"{code.hex().upper()} {ord(text):04X}\n")
with gzip.GzipFile("cp932.txt.gz", "wb", mtime=0) as out:
    out.write("".join(lines).encode())
