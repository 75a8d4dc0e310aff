"""Texts and documents that the data tests make for themselves."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import docx

#: A few sentences per language, and the encodings in which such texts are met.
LANGUAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "Chinese": (
        ("春天来了，花园里的花都开了。孩子们在草地上跑来跑去，老人坐在树下讲故事。\n今天天气很好，"
        "我们决定去山上看日出。"),
        ("gb18030", "gbk"),
    ),
    "traditional Chinese": (
        ("春天來了，花園裡的花都開了。孩子們在草地上跑來跑去，老人坐在樹下講故事。\n今天天氣很好，"
        "我們決定去山上看日出。"),
        ("big5",),
    ),
    "Japanese": (
        ("春が来て、庭の花が咲きました。子供たちは芝生の上を走り回り、老人は木の下で話をしています。\n"
        "今日はとても良い天気です。"),
        ("shift_jis", "euc_jp", "iso2022_jp"),
    ),
    "Korean": (
        ("봄이 와서 정원에 꽃이 피었습니다. 아이들은 잔디밭에서 뛰어다니고 노인은 나무 아래에서 "
        "이야기를 합니다.\n오늘은 날씨가 아주 좋습니다."),
        ("euc_kr",),
    ),
    "Russian": (
        ("Пришла весна, и в саду расцвели цветы. Дети бегают по траве, а старик сидит под ивой.\n"
        "Сегодня очень хорошая погода."),
        ("cp1251", "koi8_r", "cp866", "iso8859_5"),
    ),
    "Ukrainian": (
        ("Прийшла весна, і в саду розцвіли квіти. Діти бігають по траві, а дід сидить під деревом"
        " і розповідає казки. Її їжак."),
        ("cp1251", "koi8_u"),
    ),
    "German": (
        ("Der Frühling ist da, und im Garten blühen die Blumen. Die Kinder laufen über die Wiese.\n"
        "Der alte Mann erzählt größtenteils schöne Märchen."),
        ("latin_1", "cp1252"),
    ),
    "French": (
        ("Le printemps est arrivé et les fleurs sont épanouies. Les enfants courent sur l’herbe, "
        "où le vieil homme a été.\nÇa va très bien, même à Noël."),
        ("cp1252",),
    ),
    "Spanish": (
        ("La primavera llegó y las flores del jardín se abrieron. Los niños corren y el anciano "
        "cuenta cuentos. ¿Qué pasó mañana?"),
        ("latin_1",),
    ),
    "Polish": (
        ("Przyszła wiosna i w ogrodzie zakwitły kwiaty. Dzieci biegają po trawie, a starszy pan "
        "siedzi pod drzewem i opowiada baśnie. Zażółć gęślą jaźń."),
        ("cp1250", "iso8859_2"),
    ),
    "Czech": (
        ("Přišlo jaro a v zahradě rozkvetly květiny. Děti běhají po trávě a starý pán sedí pod "
        "stromem a vypráví příběhy."),
        ("cp1250", "iso8859_2"),
    ),
    "Greek": (
        "Ήρθε η άνοιξη και τα λουλούδια στον κήπο άνθισαν. Τα παιδιά τρέχουν στο γρασίδι.",
        ("cp1253", "iso8859_7"),
    ),
    "Turkish": (
        ("Bahar geldi ve bahçedeki çiçekler açtı. Çocuklar çimenlerin üzerinde koşuyor, yaşlı adam "
        "hikâyeler anlatıyor. Işık şık değil."),
        ("cp1254",),
    ),
    "Hebrew": (
        "האביב הגיע והפרחים בגינה פרחו. הילדים רצים על הדשא והזקן מספר סיפורים מתחת לעץ.",
        ("cp1255",),
    ),
    "Arabic": (
        "جاء الربيع وتفتحت الأزهار في الحديقة. يركض الأطفال على العشب.",
        ("cp1256",),
    ),
    "Thai": ("ฤดูใบไม้ผลิมาถึงแล้ว ดอกไม้ในสวนบานสะพรั่ง เด็กๆ วิ่งเล่นบนสนามหญ้า", ("cp874",)),
    "emoji": ("Good morning 🌞! A family 👨‍👩‍👧‍👦 eats 🍜 — 2️⃣ flags 🇯🇵🇧🇷, naïve café e\u0301.", ()),
}  # fmt: skip


def prose(seed: int, words: int = 300) -> str:
    """Return sentences of made-up words that no other seed has."""
    import random

    draw = random.Random(seed)
    syllables = ["ka", "lo", "mi", "ran", "tes", "vu", "shi", "pol", "der", "ni", "ghe", "wo"]
    stock = ["".join(draw.choices(syllables, k=draw.randint(1, 4))) for _ in range(120)]
    found: list[str] = []
    while len(found) < words:
        sentence = draw.choices(stock, k=draw.randint(4, 14))
        found += [sentence[0].capitalize(), *sentence[1:-1], f"{sentence[-1]}."]
    return " ".join(found)


def word_file(paragraphs: Sequence[str], table: Sequence[Sequence[str]] = ()) -> bytes:
    """Return a Word file."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        grid = document.add_table(len(table), len(table[0]))
        for row, cells in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def book(
    chapters: dict[str, str], spine: Sequence[str], more: dict[str, bytes] | None = None
) -> bytes:
    """Return an e-book; `spine` names chapters in reading order."""
    manifest = "".join(
        f'<item id="{name}" href="text/{name}.xhtml" media-type="application/xhtml+xml"/>'
        for name in chapters
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in spine)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<?xml version="1.0"?>'
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "OEBPS/content.opf",
            '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf">'
            f"<manifest>{manifest}</manifest><spine>{order}</spine></package>",
        )
        for name, body in chapters.items():
            archive.writestr(
                f"OEBPS/text/{name}.xhtml",
                f'<?xml version="1.0" encoding="utf-8"?><html><body>{body}</body></html>',
            )
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return stream.getvalue()


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """Return a PDF with a text layer; a page without lines has none."""
    objects: list[bytes] = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    kids = []
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    for lines in pages:
        shown = "".join(f"({line}) Tj T*\n" for line in lines)
        content = f"BT /F1 12 Tf 14 TL 72 720 Td\n{shown}ET".encode("latin-1")
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R"
            b"/Resources<</Font<</F1 %s>>>>>>" % (len(objects), font)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), b" ".join(kids))
    out = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        start,
    )
