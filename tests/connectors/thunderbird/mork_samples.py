"""Small books in the old format, each with the cards that a real Thunderbird shows of it (tested with 153 ESR).

The base has Aino, Eero and Liisa, and a list of all three.
"""

from __future__ import annotations

from dataclasses import dataclass

MAGIC = b'// <!-- <mdb:mork:z v="1.4"/> -->\n'
COLUMNS = b"""< <(a=c)> // (f=iso-8859-1)
  (80=ns:addrbk:db:row:scope:card:all)(81=ns:addrbk:db:row:scope:list:all)(82=ns:addrbk:db:row:scope:data:all)
  (83=ns:addrbk:db:table:kind:pab)(84=DisplayName)(85=PrimaryEmail)(86=LastRecordKey)(87=RecordKey)(88=ListName)
  (89=ListTotalAddresses)(8A=Address1)(8B=Address2)(8C=Address3)(8D=ns:addrbk:db:table:kind:deleted)>
"""
VALUES = b"""<(90=Aino)(91=a@x.example)(92=Eero)(93=e@x.example)(94=1)(95=2)(96=3)(97=Liisa)(98=l@x.example)(99=Lista)(9A=)>
"""
TABLE = b"""{1:^80 {(k^83:c)(s=9)}
 [1:^82(^86^96)] [1(^84^90)(^85^91)(^87^94)] [2(^84^92)(^85^93)(^87^95)] [3(^84^97)(^85^98)(^87^96)]
 [1:^81(^88^99)(^89^96)(^8A^94)(^8B^95)(^8C^96)]}
"""
BASE = MAGIC + COLUMNS + VALUES + TABLE
ALL = ("Aino", "Eero", "Liisa")
OPEN = b"{1:^80 {(k^83:c)(s=9)} "


@dataclass(frozen=True)
class Sample:
    """The bytes of a file, the names Thunderbird shows, and whether it gave up before the end."""

    data: bytes
    names: tuple[str, ...] = ALL
    broken: bool = False


def _group(content: bytes, end: bytes = b"@$$}1}@\n") -> bytes:
    return BASE + b"@$${1{@\n" + content + end


SAMPLES = {
    "as it is": Sample(BASE),
    "minus before the id: all cells anew": Sample(_group(b"[-1:^80(^84^97)]"), ("Liisa", "Eero", "Liisa")),
    "no minus: cells added": Sample(_group(b"[1:^80(^84^97)]"), ("Liisa", "Eero", "Liisa")),
    "minus in a table: row removed": Sample(_group(OPEN + b"-3}"), ("Aino", "Eero")),
    "minus before a whole row: removed": Sample(_group(OPEN + b"-[3(^84^97)]}"), ("Aino", "Eero")),
    "minus before the table: emptied first": Sample(
        _group(b"{-1:^80 {(k^83:c)(s=9)} 1 3}"),
        ("Aino", "Liisa"),
    ),
    "a row moved": Sample(BASE + OPEN + b"3!0}", ("Liisa", "Aino", "Eero")),
    "two minuses": Sample(BASE + OPEN + b"--3}", ("Aino", "Eero")),
    "group unfinished": Sample(_group(OPEN + b"-3}", b""), ALL),
    "group aborted at the end": Sample(_group(OPEN + b"-3}", b"@$$}~~}@\n"), ALL),
    "group aborted, another after it": Sample(
        _group(OPEN + b"-3}", b"@$$}~~}@\n@$${2{@[1:^80(^84^97)]@$$}2}@"), (), broken=True
    ),
    "group with another one's end": Sample(_group(OPEN + b"-3}", b"@$$}2}@\n"), (), broken=True),
    "group number of many digits": Sample(
        BASE + b"@$${00fF{@" + OPEN + b"-3}@$$}FF}@",
        ("Aino", "Eero"),
    ),
    "alias defined again with the same value": Sample(BASE + b"<(90=Aino)>[1:^80(^84^97)]", ("Liisa", "Eero", "Liisa")),
    "alias defined again otherwise": Sample(BASE + b"<(90=Uusi)>[2:^80(^84^97)]", ALL, broken=True),
    "alias defined otherwise in a group": Sample(
        _group(b"<(90=Uusi)>[2:^80(^84^97)]", b"@$$}1}@@$${2{@[3:^80(^84^90)]@$$}2}@"), ALL, broken=True
    ),
    "cut off in the table": Sample(BASE[: BASE.index(b"[3(")], ("Aino", "Eero"), broken=True),
    "cut off in a row": Sample(BASE[: BASE.index(b"(^85^98)")], ALL, broken=True),
    "cut off in a value": Sample(BASE + b"<(A0=kesken", ALL, broken=True),
    "rubbish at the end": Sample(BASE + b"%%%", ALL, broken=True),
    "rubbish in a row": Sample(BASE + b"[1:^80 % (^84^97)]", ("Liisa", "Eero", "Liisa")),
    "a zero byte": Sample(BASE + b"\0[1:^80(^84^97)]", ALL, broken=True),
    "half a comment": Sample(BASE + b"/x[1:^80(^84^97)]", ALL, broken=True),
    "an unknown value id": Sample(BASE + b"[1:^80(^84^FFF)]", ALL, broken=True),
    "value in the cell, known": Sample(BASE + b"[1:^80(^84=Liisa)]", ("Liisa", "Eero", "Liisa")),
    "value in the cell, unknown": Sample(BASE + b"[1:^80(^84=Outo)]", ALL),
    "cell emptied": Sample(BASE + b"[1:^80(^84=)]", ("", "Eero", "Liisa")),
    "minus before a cell means nothing": Sample(BASE + b"[1:^80-(^84^97)]", ("Liisa", "Eero", "Liisa")),
    "column by its name": Sample(BASE + b"[1:^80(DisplayName^97)]", ("Liisa", "Eero", "Liisa")),
    "scope by its name": Sample(BASE + b"[1:ns:addrbk:db:row:scope:card:all(^84^97)]", ("Liisa", "Eero", "Liisa")),
    "another scope": Sample(BASE + b"[1:^81(^84^97)][1:c(^84^97)]"),
    "scope of the table before": Sample(BASE + b"[1(^84^97)]", ("Liisa", "Eero", "Liisa")),
    "column and value with scopes": Sample(BASE + b"[1:^80(^84:c^97:v)]", ("Liisa", "Eero", "Liisa")),
    "ids in any case and length": Sample(
        BASE.replace(b"(^8A^94)", b"(^8a^00094)").replace(b"(8A=", b"(0008a=") + b"[100000001:^80(^84^97)]",
        ("Liisa", "Eero", "Liisa"),
    ),
    "comments": Sample(BASE.replace(b"{1:^80", b"/* a /* b */ [1 */ // }\n{1:^80") + b"/* never closed"),
    "escapes, and lines that go on": Sample(BASE.replace(b"(90=Aino)", b"(90=A\\$i\\)n\\\\o$C3\\\n$A4 >]}@//)"), ("A$i)n\\oä >]}@//", "Eero", "Liisa")),
    "white before the value": Sample(BASE.replace(b"(90=Aino)", b"( 90\n   =Aino)")),
    "lines of Windows": Sample(BASE.replace(b"\n", b"\r\n")),
    "lines of old Macs": Sample(BASE.replace(b"\n", b"\r")),
    "a dollar without digits": Sample(BASE.replace(b"(90=Aino)", b"(90=A$zzo)"), ("A3o", "Eero", "Liisa")),
    "table of deleted cards": Sample(BASE + b"{2:^80 {(k^8D:c)(s=9u)} [A(^84^97)(^85^98)]}"),
    "a row of no table": Sample(BASE + b"[9:^80(^84^97)]"),
    "a list with a hole and a stranger": Sample(BASE + b"<(9B=9)>[1:^81(^8B=)(^8C^9B)]"),
    "a book of another kind": Sample(BASE.replace(b"(k^83:c)", b"(k^8D:c)")),
    "a table without a kind": Sample(BASE + b"{1:^80 -3}", (), broken=True),
    "no book in it": Sample(MAGIC + COLUMNS + VALUES, (), broken=True),
    "redefined before the book": Sample(MAGIC + COLUMNS + VALUES + b"<(90=Uusi)>" + TABLE, (), broken=True),
}  # fmt: skip
