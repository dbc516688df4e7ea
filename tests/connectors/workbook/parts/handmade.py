"""Parts no writer library makes, added to the plain workbook one by one; her values in each."""

from __future__ import annotations

import io
import zipfile

import xlsxwriter

from tests.connectors.workbook.parts.corpus import (
    DRAWING,
    EMAIL,
    HEAD,
    MAIN,
    NAME,
    OTHER,
    SHEET,
    SPREADSHEET,
    TURNED,
    X14,
    XM,
    Book,
    R,
)

BOOK = "xl/workbook.xml"
MS = "http://schemas.microsoft.com/office"
_GUID = "{00000000-0000-4000-8000-00000000000%d}"


def threads(book: Book) -> None:
    """Threaded comments on her cell and on another, with a mention of her, and the persons."""
    namespace = f"{MS}/spreadsheetml/2018/threadedcomments"
    comment = '<threadedComment ref="{}" dT="2024-05-03T10:00:00.00" personId="{}" id="{}">{}</threadedComment>'
    mention = f'<mentions><mention mentionpersonId="{_GUID % 1}" mentionId="{_GUID % 5}" startIndex="6" length="13"/></mentions>'
    book.add(
        "xl/threadedComments/threadedComment1.xml",
        f'{HEAD}<ThreadedComments xmlns="{namespace}">'
        + comment.format("A8", _GUID % 1, _GUID % 3, f"<text>{NAME} soitti</text>")
        + comment.format("A5", _GUID % 2, _GUID % 4, f"<text>Kysy: @{NAME} tästä</text>{mention}")
        + comment.format("A6", _GUID % 2, _GUID % 6, "<text>Ei mitään</text>")
        + "</ThreadedComments>",
        "application/vnd.ms-excel.threadedcomments+xml",
        SHEET,
        f"{MS}/2017/10/relationships/threadedComment",
    )
    book.add(
        "xl/persons/person.xml",
        f'{HEAD}<personList xmlns="{namespace}">'
        f'<person displayName="{NAME}" id="{_GUID % 1}" userId="S::{EMAIL}::1" providerId="AD"/>'
        f'<person displayName="Maija Omistaja" id="{_GUID % 2}" userId="omistaja" providerId="None"/></personList>',
        "application/vnd.ms-excel.person+xml",
        BOOK,
        f"{MS}/2017/10/relationships/person",
    )


def pivot(book: Book) -> None:
    """A pivot cache over the list with its records, and a pivot table on the report sheet."""
    names = ["Yhteyshenkilö", "Sähköposti", "Puhelin", "Palvelu", "Hinta"]
    rows = [(OTHER, "x", 1, 75), ("Liisa Malli", "y", 2, 50), (NAME, EMAIL, 441234567, 99)]
    shared = (
        f'<cacheField name="{names[0]}" numFmtId="0"><sharedItems count="3">'
        f'<s v="{rows[0][0]}"/><s v="{rows[1][0]}"/><s v="{NAME}"/></sharedItems></cacheField>'
        f'<cacheField name="{names[1]}" numFmtId="0"><sharedItems/></cacheField>'
        f'<cacheField name="{names[2]}" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0" '
        'containsNumber="1" containsInteger="1" minValue="0" maxValue="441234567" count="3"><n v="0"/><n v="2"/>'
        '<n v="441234567"/></sharedItems></cacheField>'
        f'<cacheField name="{names[3]}" numFmtId="0"><sharedItems/></cacheField>'
        f'<cacheField name="{names[4]}" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0" '
        'containsNumber="1" containsInteger="1" minValue="50" maxValue="99"/></cacheField>'
    )
    cache = "xl/pivotCache/pivotCacheDefinition1.xml"
    link = book.add(
        cache,
        f'{HEAD}<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{R}" r:id="rIdX1" refreshedBy="{NAME}" refreshedDate="45000" '
        'createdVersion="6" refreshedVersion="6" minRefreshableVersion="3" recordCount="3"><cacheSource type="worksheet">'
        f'<worksheetSource ref="A4:E10" sheet="Asiakkaat"/></cacheSource><cacheFields count="5">{shared}</cacheFields>'
        "</pivotCacheDefinition>",
        f"{SPREADSHEET}.pivotCacheDefinition+xml",
        BOOK,
        "pivotCacheDefinition",
    )
    records = "".join(
        f'<r><x v="{number}"/><s v="{row[1]}"/><x v="{number}"/><s v="Paketti"/><n v="{row[3]}"/></r>'
        for number, row in enumerate(rows)
    )
    book.add(
        "xl/pivotCache/pivotCacheRecords1.xml",
        f'{HEAD}<pivotCacheRecords xmlns="{MAIN}" xmlns:r="{R}" count="3">{records}</pivotCacheRecords>',
        f"{SPREADSHEET}.pivotCacheRecords+xml",
        cache,
        "pivotCacheRecords",
    )
    table = "xl/pivotTables/pivotTable1.xml"
    items = '<item x="0"/><item x="1"/><item n="Päivi Äijälä (vip)" x="2"/><item t="default"/>'
    book.add(
        table,
        f'{HEAD}<pivotTableDefinition xmlns="{MAIN}" name="Pivot {NAME}" cacheId="7" dataCaption="Arvot" updatedVersion="6" '
        'minRefreshableVersion="3" createdVersion="6"><location ref="E3:F7" firstHeaderRow="1" firstDataRow="1" '
        'firstDataCol="1"/><pivotFields count="5"><pivotField axis="axisRow" showAll="0"><items count="4">'
        f'{items}</items></pivotField><pivotField showAll="0"/><pivotField showAll="0"/><pivotField showAll="0"/>'
        '<pivotField dataField="1" showAll="0"/></pivotFields><rowFields count="1"><field x="0"/></rowFields>'
        '<rowItems count="4"><i><x/></i><i><x v="1"/></i><i><x v="2"/></i><i t="grand"><x/></i></rowItems>'
        '<colItems count="1"><i/></colItems><dataFields count="1"><dataField name="Summa" fld="4" baseField="0" baseItem="0"/>'
        '</dataFields><pivotTableStyleInfo name="PivotStyleLight16" showRowHeaders="1" showColHeaders="1"/>'
        f'<filters count="1"><filter fld="0" type="captionNotEqual" evalOrder="-1" id="1" stringValue1="{NAME}"><autoFilter '
        f'ref="A1"><filterColumn colId="0"><customFilters><customFilter operator="notEqual" val="{NAME}"/></customFilters>'
        "</filterColumn></autoFilter></filter></filters></pivotTableDefinition>",
        f"{SPREADSHEET}.pivotTable+xml",
        "xl/worksheets/sheet2.xml",
        "pivotTable",
    )
    book.relate(table, "pivotCacheDefinition", "/" + cache)
    book.insert(BOOK, "</workbook>", f'<pivotCaches><pivotCache cacheId="7" r:id="{link}"/></pivotCaches>')


def slicer(book: Book) -> None:
    """A slicer cache of an outside cube, which spells its items."""
    book.add(
        "xl/slicerCaches/slicerCache1.xml",
        f'{HEAD}<slicerCacheDefinition xmlns="{X14}" name="Slicer_Nimi" sourceName="[A].[Nimi]"><data><olap pivotCacheId="9">'
        '<levels count="1"><level uniqueName="[A].[Nimi]" sourceCaption="Nimi" count="2"><ranges><range startItem="0">'
        f'<i n="[A].[Nimi].&amp;[{NAME}]" c="{NAME}"/><i n="[A].[Nimi].&amp;[x]" c="{OTHER}"/></range></ranges></level></levels>'
        f'<selections count="1"><selection n="[A].[Nimi].&amp;[{NAME}]"/></selections></olap></data></slicerCacheDefinition>',
        "application/vnd.ms-excel.slicerCache+xml",
        BOOK,
        f"{MS}/2007/relationships/slicerCache",
    )


def external_link(book: Book) -> None:
    """Another workbook's cells as last seen, and its path with her name in it."""
    part = "xl/externalLinks/externalLink1.xml"
    link = book.add(
        part,
        f'{HEAD}<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{R}" r:id="rIdX1"><sheetNames><sheetName val="Taul1"/>'
        '</sheetNames><sheetDataSet><sheetData sheetId="0"><row r="1">'
        f'<cell r="A1" t="str"><v>{NAME}</v></cell><cell r="B1"><v>441234567</v></cell>'
        f'<cell r="C1" t="str"><v>{NAME} / {OTHER}</v></cell><cell r="D1"><v>75</v></cell></row></sheetData></sheetDataSet>'
        "</externalBook></externalLink>",
        f"{SPREADSHEET}.externalLink+xml",
        BOOK,
        "externalLink",
    )
    book.relate(part, "externalLinkPath", "file:///C:/P%C3%A4ivi%20%C3%84ij%C3%A4l%C3%A4/hinnat.xlsx", external=True)
    book.swap(
        BOOK, "<definedNames>", f'<externalReferences><externalReference r:id="{link}"/></externalReferences><definedNames>'
    )


def connections(book: Book) -> None:
    """A data connection and a query table with her account in them."""
    book.add(
        "xl/connections.xml",
        f'{HEAD}<connections xmlns="{MAIN}"><connection id="1" name="{NAME}" description="Kysely: {EMAIL}" type="4" '
        f'refreshedVersion="6"><webPr url="https://malli.example/?q=P%C3%A4ivi+%C3%84ij%C3%A4l%C3%A4&amp;p=+358441234567"/>'
        f'</connection><connection id="2" name="toinen" type="1" refreshedVersion="6"><dbPr connection="DSN=x;UID={EMAIL};" '
        f"command=\"SELECT * FROM a WHERE nimi = '{NAME}'\"/></connection></connections>",
        f"{SPREADSHEET}.connections+xml",
        BOOK,
        "connections",
    )


def custom_xml(book: Book) -> None:
    """Another program's data, in UTF-8 and in UTF-16."""
    text = '<?xml version="1.0" encoding="{}"?><a:data xmlns:a="urn:x"><a:who code="{}"><![CDATA[{}]]></a:who><n>{}</n></a:data>'
    book.add("customXml/item1.xml", text.format("utf-8", TURNED, NAME, "+358 44 123 4567"), "", "", "customXml")
    wide = text.format("UTF-16", "&#80;äivi Äijälä", NAME, EMAIL)
    book.add("customXml/item2.xml", b"\xff\xfe" + wide.encode("utf-16-le"), "", "", "customXml")


def extensions(book: Book) -> None:
    """Rules kept in a sheet's extensions, scenarios and saved views."""
    rule = f'<x14:cfRule type="containsText" priority="9" operator="containsText" text="{NAME}" id="{_GUID % 7}">'
    seek = f'<xm:f>NOT(ISERROR(SEARCH("{NAME}",A5)))</xm:f><xm:f>"{NAME}"</xm:f>'
    book.insert(
        SHEET,
        "</worksheet>",
        f'<extLst><ext uri="{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}" xmlns:x14="{X14}" xmlns:xm="{XM}">'
        f"<x14:conditionalFormattings><x14:conditionalFormatting>{rule}{seek}</x14:cfRule><xm:sqref>A5:A10</xm:sqref>"
        "</x14:conditionalFormatting></x14:conditionalFormattings></ext>"
        f'<ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}" xmlns:x14="{X14}" xmlns:xm="{XM}"><x14:dataValidations count="1">'
        f'<x14:dataValidation type="list" allowBlank="1" prompt="{EMAIL}"><x14:formula1><xm:f>"{NAME},{OTHER}"</xm:f>'
        "</x14:formula1><xm:sqref>I5</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>",
    )
    book.swap(
        SHEET,
        "<autoFilter",
        f'<scenarios><scenario name="{NAME}" user="{NAME}" comment="{EMAIL}" count="1"><inputCells r="H1" val="{NAME}"/>'
        "</scenario></scenarios><autoFilter",
    )
    view = (
        f'<customSheetView guid="{_GUID % 8}"><headerFooter><oddHeader>&amp;L{NAME}</oddHeader></headerFooter></customSheetView>'
    )
    book.swap(SHEET, "<mergeCells", f"<customSheetViews>{view}</customSheetViews><mergeCells")


def binaries(book: Book) -> None:
    """Code, an old object, and printer settings: nothing of them can be edited."""
    book.add("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/vnd.ms-office.vbaProject")
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + NAME.encode("utf-16-le")
    book.add("xl/embeddings/oleObject1.bin", old, "application/vnd.openxmlformats-officedocument.oleObject")
    book.add("xl/printerSettings/printerSettings1.bin", bytes(200), f"{SPREADSHEET}.printerSettings")


def embedded(book: Book) -> None:
    """A workbook, a document, and one locked by a password, embedded."""
    stream = io.BytesIO()
    inner = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = inner.add_worksheet("Taul1")
    sheet.write_row("A1", [NAME, 441234567, OTHER, 75])
    inner.close()
    book.add("xl/embeddings/Microsoft_Excel_Sheet1.xlsx", stream.getvalue(), f"{SPREADSHEET}.sheet", SHEET, "package")
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    runs = "".join(f"<w:r><w:rPr><w:b/></w:rPr><w:t>{part}</w:t></w:r>" for part in ("Hei Päi", "vi Äij", "älä ja Liisa"))
    document = Book(
        {
            "[Content_Types].xml": f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/></Types>'.encode(),
            "word/document.xml": f'{HEAD}<w:document xmlns:w="{word}"><w:body><w:p>{runs}</w:p></w:body></w:document>'.encode(),
        }
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    book.add("xl/embeddings/Microsoft_Word_Document2.docx", document.data(), kind, SHEET, "package")


def locked_object(book: Book) -> None:
    """An embedded zip with an encrypted member: it cannot be opened."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.xml", b"<a/>")
    data = bytearray(stream.getvalue())
    for at in (6, data.index(b"PK\1\2") + 8):
        data[at] |= 1
    book.add("xl/embeddings/Package3.xlsx", bytes(data), f"{SPREADSHEET}.sheet", SHEET, "package")


def shapes(book: Book) -> None:
    """Shapes drawn on a chart, a chart of the newer kind, a diagram, and a text box whose runs split her name."""
    text = f'<a:p xmlns:a="{DRAWING}"><a:r><a:rPr b="1"/><a:t>Äij</a:t></a:r><a:r><a:t>älä,</a:t></a:r><a:br/><a:r><a:t>Päivi {OTHER}</a:t></a:r></a:p>'
    book.add(
        "xl/drawings/drawing9.xml",
        f'{HEAD}<c:userShapes xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart">{text}</c:userShapes>',
        "application/vnd.openxmlformats-officedocument.drawingml.chartshapes+xml",
        "xl/charts/chart1.xml",
        "chartUserShapes",
    )
    book.add(
        "xl/diagrams/data1.xml",
        f'{HEAD}<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram">{text}</dgm:dataModel>',
        "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
        "xl/drawings/drawing1.xml",
        "diagramData",
    )
    points = "".join(
        f'<cx:pt idx="{number}">{who}</cx:pt>' for number, who in enumerate([OTHER, "Liisa Malli", "Ville", "salassa"])
    )
    book.add(
        "xl/charts/chartEx1.xml",
        f'{HEAD}<cx:chartSpace xmlns:cx="{MS}/drawing/2014/chartex"><cx:chartData><cx:data id="0"><cx:strDim type="cat">'
        f'<cx:f>Asiakkaat!$A$5:$A$8</cx:f><cx:lvl ptCount="4">{points}</cx:lvl></cx:strDim></cx:data></cx:chartData>'
        f"<cx:chart><cx:title><cx:tx><cx:txData><cx:v>{NAME}</cx:v></cx:txData></cx:tx></cx:title></cx:chart></cx:chartSpace>",
        "application/vnd.ms-office.chartex+xml",
        "xl/drawings/drawing1.xml",
        f"{MS}/2014/relationships/chartEx",
    )


def others(book: Book) -> None:
    """Web extension, rich values, XML maps, revision log, user names and a part nobody knows."""
    json = "{&quot;nimi&quot;: &quot;P\\u00e4ivi \\u00c4ij\\u00e4l\\u00e4&quot;}"
    for name, root in {
        "xl/webextensions/webextension1.xml": f'<we:webextension xmlns:we="{MS}/webextensions/webextension/2010/11"><we:property name="a" value="{json}"/></we:webextension>',
        "xl/richData/rdrichvalue.xml": f'<rvData xmlns="{MS}/spreadsheetml/2017/richdata"><rv s="0"><v>{NAME}</v><v>{OTHER}</v><v>441234567</v></rv></rvData>',
        "xl/xmlMaps.xml": f'<MapInfo xmlns="{MAIN}"><Map ID="1" Name="{NAME}" RootElement="a"/></MapInfo>',
        "xl/revisions/userNames.xml": f'<users xmlns="{MAIN}"><userInfo guid="{_GUID % 9}" name="{NAME}" id="-1"/></users>',
        "xl/revisions/revisionLog1.xml": f'<revisions xmlns="{MAIN}"><rcc rId="1"><nc r="A1" t="inlineStr"><is><r><t>Äijälä</t></r><r><t>, Päivi</t></r></is></nc></rcc></revisions>',
        "xl/metadata.xml": f'<metadata xmlns="{MAIN}"><metadataStrings><s v="{NAME}"/></metadataStrings></metadata>',
        "xl/tuntematon.xml": f'<x code="1" mail="Posti: {EMAIL}" id="7"><y>_x000D_{NAME}</y><z>{OTHER}</z></x>',
    }.items():
        book.add(name, HEAD + root, "application/xml", BOOK, "http://malli.example/" + name.rpartition("/")[2])


ALL = (threads, pivot, slicer, external_link, connections, custom_xml, extensions, embedded, shapes, others)
"""Everything that can be cleaned wholly."""
