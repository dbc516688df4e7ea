"""Cells are read right however a program writes them, and changed without touching a byte around them."""

from __future__ import annotations

import re
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._layout import Cell
from connectors._workbook import strings
from connectors._workbook.book import Book
from connectors._workbook.edit import Change, Clear, Formula, Write, edit_row
from connectors._workbook.package import Package
from connectors._workbook.sheet import RawCell, Sheet, _RowReader
from connectors.errors import Damaged
from tests.connectors.excel.books import MAIN, handmade, pack, parts_of

ROOT = f'<worksheet xmlns="{MAIN}">'.encode()
LETTERS = "ABCDEFGHIJ"

text = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x7f").filter(lambda c: c >= " " or c in "\t\n"),
    max_size=12,
)


@st.composite
def cells(draw: st.DrawFn, column: int, *, odd: bool) -> tuple[str, RawCell | None]:
    """One cell as some program writes it, and what it holds (None: nothing)."""
    style = draw(st.sampled_from(["", ' s="3"', ' s="12"']))
    number = int(style[4:-1]) if style else 0
    place = f' r="{LETTERS[column]}7"' if not odd or draw(st.booleans()) else ""
    kind = draw(st.sampled_from(["empty", "s", "n", "str", "inlineStr", "formula"]))
    value = draw(text.filter(str.strip)) if kind in ("str", "inlineStr") else str(draw(st.integers(0, 999)))
    raw = escape(value)
    if odd and draw(st.booleans()) and "]]>" not in value:
        raw = f"<![CDATA[{value}]]>"
    bodies = {
        "empty": ("", ""),
        "s": (' t="s"', f"<v>{raw}</v>"),
        "n": ("", f"<v>{raw}</v>"),
        "str": (' t="str"', f"<f>A1&amp;1</f><v>{raw}</v>"),
        "inlineStr": (' t="inlineStr"', f'<is><t xml:space="preserve">{raw}</t></is>'),
        "formula": ("", f"<f>SUM(A1:A9)</f><v>{raw}</v>"),
    }
    attribute, body = bodies[kind]
    formula = {"str": "A1&1", "formula": "SUM(A1:A9)"}.get(kind)
    attributes = style + attribute if not odd else attribute + style
    xml = f"<c{place}{attributes}>{body}</c>" if body else f"<c{place}{attributes}/>"
    if odd and '"' not in value and draw(st.booleans()):
        xml = xml.replace('"', "'") + draw(st.sampled_from(["", "\n", "<!-- x -->"]))
    stored = attribute[4:-1] if attribute else "n"
    return xml, None if kind == "empty" else RawCell(column + 1, stored, number, value, formula)


@st.composite
def rows(draw: st.DrawFn, *, odd: bool) -> tuple[bytes, list[RawCell]]:
    """A `<row>` and its cells."""
    drawn = [draw(cells(column, odd=odd)) for column in range(draw(st.integers(0, 8)))]
    attributes = draw(st.sampled_from(["", ' spans="1:8"', ' ht="15" customHeight="1"']))
    data = f'<row r="7"{attributes}>' + "".join(xml for xml, _cell in drawn) + "</row>"
    return data.encode(), [cell for _xml, cell in drawn if cell is not None]


def sheet_of(row: bytes, before: bytes = b"", behind: bytes = b"") -> Sheet:
    """A sheet of one row."""
    data = (
        ROOT + b"<dimension ref='A1:B2'/><sheetData>" + before + row + behind + b"</sheetData><pageMargins left='1'/></worksheet>"
    )
    return Sheet(data, "a.xlsx", "sheet1.xml")


@given(rows(odd=False))
def test_both_readers_agree_on_plain_rows(drawn: tuple[bytes, list[RawCell]]) -> None:
    """The quick expression and expat read the same cells, and the ones that were written."""
    row, expected = drawn
    assert sheet_of(row).cells(0) == expected
    assert _RowReader(ROOT, row).cells == expected


@given(rows(odd=True))
def test_odd_rows_are_read_too(drawn: tuple[bytes, list[RawCell]]) -> None:
    """Missing references, other quotes, comments and CDATA change nothing in what a row says."""
    row, expected = drawn
    assert sheet_of(row).cells(0) == expected


@st.composite
def edits(draw: st.DrawFn) -> tuple[bytes, list[RawCell], dict[int, Change]]:
    """A row and changes for some of its cells."""
    row, held = draw(rows(odd=draw(st.booleans())))
    changes: dict[int, Change] = {}
    for cell in held:
        if draw(st.booleans()):
            options: list[Change] = [Clear(), Write(draw(text))]
            if cell.formula is not None:
                options.append(Formula(draw(st.sampled_from([None, '"x<"&A2'])), stale=draw(st.booleans())))
            changes[cell.column] = draw(st.sampled_from(options))
    return row, held, changes


@given(edits())
def test_only_the_changed_cells_change(drawn: tuple[bytes, list[RawCell], dict[int, Change]]) -> None:
    """Every byte outside the changed cells stays, and each changed cell is what was asked for."""
    row, held, changes = drawn
    new = edit_row(ROOT, row, changes)
    if not changes:
        assert new == row
    after = {cell.column: cell for cell in _RowReader(ROOT, new).cells}
    for cell in held:
        change = changes.get(cell.column)
        if change is None:
            assert after[cell.column] == cell
        elif isinstance(change, Clear):
            assert cell.column not in after
        elif isinstance(change, Write):
            assert after.get(cell.column, RawCell(0, "", 0, "", None)).value == strings.encode(change.text)
        elif isinstance(change, Formula):
            assert after[cell.column].formula == (cell.formula if change.text is None else change.text)
            assert after[cell.column].value == ("" if change.stale else cell.value)
    kept = re.split(rb"<c[ />].*?(?:/>|</c>)", row, flags=re.DOTALL) if b"!" not in row else []
    position = 0
    for piece in kept:
        position = new.index(piece, position) + len(piece)


def test_rows_without_numbers_follow_one_another() -> None:
    """A row and a cell without a reference stand behind the one before."""
    sheet = sheet_of(
        b"<row><c><v>1</v></c><c r='D1'><v>2</v></c><c><v>3</v></c></row>", behind=b"<row><c r='B5'><v>4</v></c></row><row/>"
    )
    assert list(sheet.numbers) == [1, 5, 6]
    assert [cell.column for cell in sheet.cells(0)] == [1, 4, 5]


def test_rows_out_of_order_are_damage() -> None:
    """Two rows of one number cannot be told apart."""
    with pytest.raises(Damaged):
        sheet_of(b"<row r='3'/><row r='3'/>")


def test_no_xml_is_damage() -> None:
    """A part that is cut off is named."""
    with pytest.raises(Damaged, match=r"sheet1\.xml"):
        Sheet(ROOT + b"<sheetData><row>", "a.xlsx", "sheet1.xml")


def read(path: Path) -> dict[int, Cell]:
    """The first row of a workbook."""
    book = Book(path, {})
    return book.row(book.sheets[0].part, 0)


def test_values_as_a_reader_sees_them(tmp_path: Path) -> None:
    """Numbers are plain digits, texts are joined and decoded, errors and truths say what they are."""
    row = (
        '<row r="1"><c r="A1"><v>441234567</v></c><c r="B1"><v>4.41234567E8</v></c><c r="C1"><v>49.900000000000006</v></c>'
        '<c r="D1" t="b"><v>1</v></c><c r="E1" t="e"><v>#N/A</v></c><c r="F1" t="d"><v>2024-05-03T00:00:00</v></c>'
        '<c r="G1" t="s"><v>0</v></c><c r="H1" t="s"><v>1</v></c><c r="I1" t="inlineStr"><is><r><t>Mai</t></r><r><t>ja</t></r></is></c>'
        '<c r="J1"><f>A1*2</f><v>0.30000000000000004</v></c></row>'
    )
    table = [
        "<r><rPr><b/></rPr><t>Mai</t></r><r><t>ja</t></r><rPh sb='0' eb='1'><t>FURIGANA</t></rPh>",
        "<t>a_x000D_b_x005F_x0041_</t>",
    ]
    found = read(handmade(tmp_path / "a.xlsx", {"S": row}, table))
    assert [cell.text for cell in found.values()] == [
        "441234567", "441234567", "49.9", "TRUE", "#N/A", "2024-05-03", "Maija", "a\rb_x0041_", "Maija", "0.3",
    ]  # fmt: skip
    assert [place for place, cell in found.items() if cell.formula] == [10]


FORMATS = {
    14: ("45000", "2023-03-15"), 22: ("45000.5", "2023-03-15 12:00"), 20: ("0.75", "18:00"), 46: ("1.5", "36:00"),
    164: ("45000", "2023-03-15"), 165: ("1.25", "30:00"), 166: ("1234.5", "1234.5"), 167: ("59", "1900-02-28"), 0: ("45000", "45000"),
}  # fmt: skip


@pytest.mark.parametrize("number", FORMATS)
def test_dates_by_their_number_format(tmp_path: Path, number: int) -> None:
    """A date is ISO whatever the owner's format, elapsed hours stay hours, and money is no date."""
    codes = {164: "d&quot;.&quot;m.yyyy", 165: "[h]:mm", 166: "#,##0.00\\ &quot;day&quot;", 167: "yyyy\\-mm\\-dd;@"}
    custom = "".join(f'<numFmt numFmtId="{key}" formatCode="{code}"/>' for key, code in codes.items())
    styles = (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="4">{custom}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        f'<cellXfs><xf numFmtId="0"/><xf numFmtId="{number}"/></cellXfs></styleSheet>'
    )
    value, expected = FORMATS[number]
    path = handmade(tmp_path / "a.xlsx", {"S": f'<row r="1"><c r="A1" s="1"><v>{value}</v></c></row>'})
    parts = parts_of(path)
    link = b'<Relationship Id="rIdT" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>'
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>", link + b"</Relationships>"
    )
    parts["xl/styles.xml"] = styles.encode()
    assert read(pack(path, parts))[1].text == expected


def test_dates_from_1904(tmp_path: Path) -> None:
    """A workbook from an old Mac counts its days from 1904."""
    path = handmade(tmp_path / "a.xlsx", {"S": '<row r="1"><c r="A1"><v>1</v></c></row>'}, workbook='<workbookPr date1904="1"/>')
    book = Book(path, {})
    assert book.numbers.text("1", 0) == ("number", "1")
    book.numbers._shapes.append("date")
    assert book.numbers.text("1", 0) == ("date", "1904-01-02")


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_strings_read_plainly_or_not_are_the_same(tmp_path: Path, prefix: str) -> None:
    """The quick expression over the shared strings gives what expat gives, to the places of the items."""
    items = [
        "<t>yksi &amp; kaksi</t>",
        '<t xml:space="preserve"> kolme </t>',
        "<r><t>ne</t></r><r><rPr><b/></rPr><t>ljä</t></r>",
        "<t>vi\r\nisi</t>",
    ]
    xml = "".join(f"<si>{item}</si>" for item in items)
    xml = re.sub(r"<(/?)(\w)", rf"<\1{prefix}\2", xml)
    name = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    found = []
    for extra in ("", "<!-- x -->"):
        path = handmade(tmp_path / "a.xlsx", {"S": '<row r="1"/>'}, [])
        parts = parts_of(path)
        parts["xl/sharedStrings.xml"] = f'<{prefix}sst {name}="{MAIN}">{xml}{extra}</{prefix}sst>'.encode()
        table = strings.SharedStrings(Package(pack(path, parts)))
        found.append((table.texts, [strings.item(table, parts["xl/sharedStrings.xml"], index) for index in range(len(table))]))
    assert found[0] == found[1]
    assert found[0][0] == ["yksi & kaksi", " kolme ", "neljä", "vi\nisi"]


@given(st.lists(text.filter(bool), min_size=1, max_size=4), st.data())
def test_a_cut_over_runs_cuts_only_its_range(pieces: list[str], data: st.DataObject) -> None:
    """Cutting a range of a rich text leaves the other characters, in their runs."""
    whole = "".join(pieces)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    runs = "".join(f'<r><rPr><b/></rPr><t xml:space="preserve">{escape(strings.encode(piece))}</t></r>' for piece in pieces)
    item = f"<si>{runs}</si>".encode()
    cut = strings.cut(ROOT, item, [(start, end)])
    shown = "".join(strings.decode(cell.value) for cell in _RowReader(ROOT, as_row(cut)).cells)
    assert shown == whole[:start] + whole[end:]
    if start == end:
        assert cut == item


def as_row(item: bytes) -> bytes:
    """A row of one cell that shows an item."""
    return b'<row r="1"><c r="A1" t="inlineStr"><is>' + strings.content(item) + b"</is></c></row>"


@pytest.mark.parametrize(
    "mark", ["<!-- <sheetData><row r='1'/></sheetData> -->", "<?x <sheetData> ?>", "<x><![CDATA[<sheetData>]]></x>"]
)
def test_a_comment_is_no_sheet(mark: str) -> None:
    """What looks like rows inside a comment, an instruction or CDATA is none."""
    data = (
        ROOT + mark.encode() + b"<sheetData><row r='7'><c r='A7'><v>5</v></c></row></sheetData>" + mark.encode() + b"</worksheet>"
    )
    sheet = Sheet(data, "a.xlsx", "sheet1.xml")
    assert list(sheet.numbers) == [7]
    assert [cell.value for cell in sheet.cells(0)] == ["5"]
    assert data[sheet.first : sheet.last] == b"<row r='7'><c r='A7'><v>5</v></c></row>"
