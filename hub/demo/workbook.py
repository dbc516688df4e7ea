"""The customer register of the made-up company: a workbook such as an owner grows over the years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hub.demo.people import COLLEAGUE, HER_EMAIL, HER_NAME, HER_PHONE, SERVICES, Customer
from hub.demo.stored import Results, store_as_excel

if TYPE_CHECKING:
    from openpyxl.chart.data_source import NumRef, StrRef
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

HEADER_ROW = 4
FIRST_ROW = HEADER_ROW + 1
HEADERS = (
    "Yritys",
    "Yhteyshenkilö",
    "Puhelin",
    "Sähköposti",
    "Paikkakunta",
    "Palvelu",
    "Aika",
    "Hinta",
    "Hinta sis. alv",
    "Lisätiedot",
)
_WIDTHS = (24, 30, 26, 42, 14, 12, 12, 10, 14, 26)
_VAT = 1.255
_CHARTED = 10
_WHEN = datetime(2026, 5, 25, 9, 30)  # noqa: DTZ001 - a workbook's properties have no time zone


def write(path: Path, customers: Sequence[Customer]) -> None:
    """Write the workbook: the register, a summary with a chart, a price list, a hidden mailing list and a list of lists."""
    from openpyxl import Workbook

    book = Workbook()
    register = book.worksheets[0]
    register.title = "Asiakkaat"
    cached = _register(register, customers)
    cached |= _summary(book.create_sheet("Yhteenveto"), customers)
    _prices(book.create_sheet("Hinnasto"))
    _mailing_list(book.create_sheet("Postituslista"), customers)
    _lists(book.create_sheet("Luettelot"))
    _names_and_properties(book, len(customers))
    book.save(path)
    store_as_excel(path, cached)


def _register(sheet: Worksheet, customers: Sequence[Customer]) -> Results:
    from openpyxl.styles import Alignment, Font, PatternFill

    last = FIRST_ROW + len(customers) - 1
    sheet["A1"] = "Saaren Valmennus Tmi: asiakasrekisteri"
    sheet["A1"].font = Font(size=16, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet.merge_cells("A1:J1")
    sheet["A2"] = "Päivitetty 25.5.2026"
    sheet.merge_cells("A2:J2")
    for column, (header, width) in enumerate(zip(HEADERS, _WIDTHS, strict=True), start=1):
        cell = sheet.cell(HEADER_ROW, column, header)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1F5C7A")
        sheet.column_dimensions[cell.column_letter].width = width
    cached: Results = {}
    for row, customer in enumerate(customers, start=FIRST_ROW):
        _customer(sheet, row, customer)
        cached["xl/worksheets/sheet1.xml", f"I{row}"] = customer.price * _VAT
    total = last + 2
    sheet[f"G{total}"] = "Yhteensä"
    sheet[f"H{total}"], sheet[f"I{total}"] = f"=SUM(H{FIRST_ROW}:H{last})", f"=SUM(I{FIRST_ROW}:I{last})"
    price = sum(customer.price for customer in customers)
    cached |= {("xl/worksheets/sheet1.xml", f"H{total}"): price, ("xl/worksheets/sheet1.xml", f"I{total}"): price * _VAT}
    _rules(sheet, last)
    _notes(sheet)
    _page(sheet, last)
    return cached


def _customer(sheet: Worksheet, row: int, customer: Customer) -> None:
    values = (
        customer.company,
        customer.contact,
        customer.phone,
        customer.email,
        customer.city,
        customer.service,
        date.fromisoformat(customer.date),
        customer.price,
        f"=H{row}*{_VAT}",
        customer.note or None,
    )
    for column, value in enumerate(values, start=1):
        sheet.cell(row, column, value)
    if isinstance(customer.phone, int):
        sheet.cell(row, 3).number_format = "0000000000"
    sheet.cell(row, 7).number_format = "d.m.yyyy"
    sheet.cell(row, 8).number_format = sheet.cell(row, 9).number_format = "#,##0.00"
    if " / " not in customer.email:
        sheet.cell(row, 4).hyperlink = f"mailto:{customer.email}"
        sheet.cell(row, 4).style = "Hyperlink"


def _rules(sheet: Worksheet, last: int) -> None:
    """The table, what may be typed into it, and what is coloured in it."""
    from openpyxl.formatting.rule import DataBar, FormatObject, Rule
    from openpyxl.styles import Font, PatternFill
    from openpyxl.styles.differential import DifferentialStyle
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.table import Table, TableStyleInfo

    table = Table(displayName="Asiakasluettelo", ref=f"A{HEADER_ROW}:J{last}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
    sheet.add_table(table)
    services = DataValidation(type="list", formula1="=Palvelut", allow_blank=True)
    services.add(f"F{FIRST_ROW}:F{last}")
    sheet.add_data_validation(services)
    red, yellow = DifferentialStyle(font=Font(color="9C0006")), DifferentialStyle(fill=PatternFill("solid", bgColor="FFEB9C"))
    bars = DataBar(cfvo=[FormatObject("min"), FormatObject("max")], color="638EC6")
    for column, rule in (
        ("B", Rule("expression", dxf=red, formula=[f'$B{FIRST_ROW}="{HER_NAME}"'])),
        ("H", Rule("expression", dxf=yellow, formula=[f"$H{FIRST_ROW}>1000"])),
        ("I", Rule("dataBar", dataBar=bars)),
    ):
        sheet.conditional_formatting.add(f"{column}{FIRST_ROW}:{column}{last}", rule)


def _notes(sheet: Worksheet) -> None:
    """One note on her own cell, one on a colleague's that speaks of her."""
    from openpyxl.comments import Comment

    sheet["B9"].comment = Comment("Toivoo laskun sähköpostiin.", "Maija Esimerkki")
    sheet["J10"].comment = Comment(f"Sijainen: {HER_NAME}, {HER_PHONE}", "Maija Esimerkki", height=60, width=220)


def _page(sheet: Worksheet, last: int) -> None:
    from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.freeze_panes = f"C{FIRST_ROW}"
    sheet.print_area = f"A1:J{last + 2}"
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.HeaderFooter.oddHeader = HeaderFooterItem(left=_HeaderFooterPart("Asiakasrekisteri"))
    footer = _HeaderFooterPart(f"Avainasiakas: {HER_NAME}")
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(left=footer, right=_HeaderFooterPart("&P / &N"))


def _summary(sheet: Worksheet, customers: Sequence[Customer]) -> Results:
    from openpyxl.styles import Font
    from openpyxl.worksheet.datavalidation import DataValidation

    last = FIRST_ROW + len(customers) - 1
    formulas: dict[str, tuple[str, str, float | str]] = {
        "B3": ("Myynti yhteensä", f"=SUM(Asiakkaat!H{FIRST_ROW}:H{last})", sum(customer.price for customer in customers)),
        "B4": ("Asiakkaita", f"=COUNTA(Asiakkaat!A{FIRST_ROW}:A{last})", len(customers)),
        "B5": ("Avainasiakkaan palvelu", f'=VLOOKUP("{HER_NAME}",Asiakkaat!B{FIRST_ROW}:H{last},5,FALSE)', customers[4].service),
        "B6": ("Avainasiakkaan kertoja", f'=COUNTIF(Asiakkaat!B{FIRST_ROW}:B{last},"{HER_NAME}")', 1),
        "B7": ("Avainasiakas", "=Asiakkaat!B9", HER_NAME),
    }
    sheet["A1"] = "Yhteenveto"
    sheet["A1"].font = Font(size=14, bold=True)
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 28
    cached: Results = {}
    for cell, (label, formula, result) in formulas.items():
        sheet[f"A{cell[1:]}"], sheet[cell] = label, formula
        cached["xl/worksheets/sheet2.xml", cell] = result
    sheet["A9"], sheet["B9"] = "Seuraava soitto", COLLEAGUE
    callers = DataValidation(type="list", formula1=f'"{HER_NAME},{COLLEAGUE}"', showInputMessage=True)
    callers.promptTitle, callers.prompt = "Kenelle", f"Ensin {HER_NAME}, sitten muut"
    callers.add("B9")
    sheet.add_data_validation(callers)
    _chart(sheet, customers[:_CHARTED])
    return cached


def _chart(sheet: Worksheet, customers: Sequence[Customer]) -> None:
    """A bar for each of the first customers, named after them; with the values a chart keeps of its own."""
    from openpyxl.chart import BarChart, Series
    from openpyxl.chart.data_source import AxDataSource, NumDataSource

    last = FIRST_ROW + len(customers) - 1
    chart = BarChart()
    chart.title, chart.legend = "Hinta asiakkaittain", None
    chart.type, chart.width, chart.height = "bar", 18, 10
    series = Series(values=f"Asiakkaat!$H${FIRST_ROW}:$H${last}", title="Hinta")
    series.val = NumDataSource(numRef=_numbers(f"Asiakkaat!$H${FIRST_ROW}:$H${last}", [row.price for row in customers]))
    series.cat = AxDataSource(strRef=_texts(f"Asiakkaat!$B${FIRST_ROW}:$B${last}", [row.contact for row in customers]))
    chart.series.append(series)
    chart.x_axis.delete = chart.y_axis.delete = False
    sheet.add_chart(chart, "D2")


def _texts(reference: str, values: Sequence[str]) -> StrRef:
    from openpyxl.chart.data_source import StrData, StrRef, StrVal

    points = [StrVal(idx=index, v=value) for index, value in enumerate(values)]
    return StrRef(f=reference, strCache=StrData(ptCount=len(points), pt=points))


def _numbers(reference: str, values: Sequence[float]) -> NumRef:
    from openpyxl.chart.data_source import NumData, NumRef, NumVal

    points = [NumVal(idx=index, v=str(value)) for index, value in enumerate(values)]
    return NumRef(f=reference, numCache=NumData(formatCode="General", ptCount=len(points), pt=points))


def _prices(sheet: Worksheet) -> None:
    from openpyxl.worksheet.table import Table, TableStyleInfo

    sheet.append(["Palvelu", "Listahinta"])
    for service, price in SERVICES.items():
        sheet.append([service, price])
    table = Table(displayName="Hinnat", ref=f"A1:B{len(SERVICES) + 1}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight9", showRowStripes=True)
    sheet.add_table(table)


def _mailing_list(sheet: Worksheet, customers: Sequence[Customer]) -> None:
    sheet.sheet_state = "hidden"
    sheet.append(["Nimi", "Sähköposti"])
    for customer in [*customers[0:3], customers[4], customers[30]]:
        sheet.append([customer.contact, customer.email])


def _lists(sheet: Worksheet) -> None:
    sheet.sheet_state = "veryHidden"
    for service in SERVICES:
        sheet.append([service])


def _names_and_properties(book: Workbook, count: int) -> None:
    from openpyxl.workbook.defined_name import DefinedName

    book.defined_names["Palvelut"] = DefinedName("Palvelut", attr_text=f"Luettelot!$A$1:$A${len(SERVICES)}")
    book.defined_names["Myynti"] = DefinedName("Myynti", attr_text=f"Asiakkaat!$H${FIRST_ROW}:$H${FIRST_ROW + count - 1}")
    book.defined_names["Avainasiakas"] = DefinedName("Avainasiakas", attr_text=f'"{HER_NAME}"', comment=f"Posti: {HER_EMAIL}")
    properties = book.properties
    properties.title, properties.creator = "Asiakasrekisteri", "Maija Esimerkki"
    properties.keywords, properties.description = f"asiakkaat; {HER_NAME}", "Saaren Valmennuksen asiakkaat"
    properties.created = properties.modified = _WHEN
