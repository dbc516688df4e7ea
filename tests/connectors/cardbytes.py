"""Random bytes that look like contact cards, for the tests of everything that reads them."""

from __future__ import annotations

from hypothesis import strategies as st

ANY = st.binary(max_size=300)
WORDS = (
    b"BEGIN:VCARD END:VCARD VERSION:2.1 VERSION:4.0 item1. TEL NOTE PHOTO N: BDAY: AGENT: ;ENCODING=QUOTED-PRINTABLE: "
    b";ENCODING=b: data:;base64, =C3=A4 ;CHARSET=utf-16: ;TYPE= tel: ext= \xc3 \xa4"
).split()
SIGNS = [b"\r\n", b"\n", b"\r", b" ", b"\t", b"=", b"=\r\n", b":", b";", b'"', b",", b"\\", b"\0"]
PIECES = st.lists(st.sampled_from([*WORDS, *SIGNS]), max_size=40).map(b"".join)
