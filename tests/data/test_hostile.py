"""A folder of hostile files: the import ends, accounts for each, and writes nothing outside."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from made import encoded, files_below, idx, items, noise

from studio.core.project import Project
from studio.core.work import Work
from studio.data.entries import printable
from studio.data.importer import import_paths


def sample_files() -> dict[str, bytes]:
    """Return one good file of each kind, with enough content to be damaged anywhere."""
    from PIL import Image

    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8))
    kinds = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "QOI")
    found = {kind: encoded(picture, kind) for kind in kinds}
    found["PROGRESSIVE"] = encoded(picture, "JPEG", progressive=True)
    found["LZW"] = encoded(picture, "TIFF", compression="tiff_lzw")
    found["IDX"] = idx(np.asarray(picture)[None, :, :, 0])
    return found


SUFFIXES = {"PROGRESSIVE": "jpg", "LZW": "tif", "IDX": "idx3-ubyte.gz"}


def write_truncations(folder: Path) -> int:
    """Cut each kind off at the header, in the middle and shortly before the end."""
    count = 0
    for kind, raw in sample_files().items():
        ends = (1, 4, 9, 17, 33, 70, len(raw) // 4, len(raw) // 2, len(raw) * 9 // 10)
        for end in ends:
            name = f"cut-{kind}-{end}.{SUFFIXES.get(kind, kind.lower())}"
            (folder / name).write_bytes(raw[:end])
            count += 1
    return count


def write_corruptions(folder: Path) -> int:
    """Overwrite bytes of each kind at places drawn once for all."""
    draw = np.random.default_rng(1)
    count = 0
    for kind, raw in sample_files().items():
        for number in range(7):
            damaged = bytearray(raw)
            for place in draw.integers(4, len(raw), 1 + 8 * number):
                damaged[place] = int(draw.integers(256))
            name = f"bent-{kind}-{number}.{SUFFIXES.get(kind, kind.lower())}"
            (folder / name).write_bytes(damaged)
            count += 1
    return count


def png_claiming(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims a size and whose content unpacks to much."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = zlib.compress(bytes(3_000_000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", content)
        + chunk(b"IEND", b"")
    )


def write_oddities(folder: Path) -> int:
    """Write bombs, wrong suffixes and names that break programs."""
    good = encoded(noise(1, 48, 48))
    files: dict[bytes, bytes] = {
        b"bomb.png": png_claiming(200_000, 200_000),
        b"bomb-wide.png": png_claiming(2_000_000_000, 1),
        b"bomb.gif": b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x02L\x01\0;",
        b"bomb.bmp": b"BM"
        + struct.pack("<IHHIIiiHHIIiiII", 99, 0, 0, 54, 40, 2**30, 2**30, 1, 24, *([0] * 6)),
        b"bomb.ppm": b"P6 99999999 99999999 255\n" + bytes(50),
        b"bomb-idx3-ubyte": struct.pack(">BBBB3I", 0, 0, 8, 3, 2**31, 2**31, 2**31),
        b"bomb-idx3-ubyte.gz": gzip.compress(bytes(4_000_000)),
        b"empty.png": b"",
        b"empty.zip": b"",
        b"text.png": b"this is no picture",
        b"page.jpg": b"<html><body>404</body></html>",
        b"picture.txt": good,
        b"picture.csv": good,
        b"picture": good,
        b"again.png": good,
        b"picture.exe": encoded(noise(2, 48, 48)),
        b"picture.jpg": encoded(noise(3, 48, 48)),
        b"zip.png": b"PK\x03\x04" + bytes(100),
        b"archive.7z": b"7z\xbc\xaf\x27\x1c" + bytes(100),
        b"Thumbs.db": bytes(512),
        b".DS_Store": bytes(512),
        b"postscript.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n%%EndComments\n",
        b"script.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"\xff\xfe\xfd.png": encoded(noise(4, 48, 48)),
        b"new\nline\x1b[31m.png": encoded(noise(5, 48, 48)),
        "\u202egnp.exe.png".encode(): encoded(noise(6, 48, 48)),
        b" .png": encoded(noise(7, 48, 48)),
        b"-rf.png": encoded(noise(8, 48, 48)),
        b"%s%n{0}';DROP TABLE items;--.png": encoded(noise(9, 48, 48)),
        ("ä" * 120 + ".png").encode(): encoded(noise(10, 48, 48)),
        b'quotes,"and",commas.csv': b'"unclosed,\n' * 5,
        b"nul.csv": b"file,label\n\0\0,\0\n",
        b"wide.csv": b"," * 200_000,
        b"nul.txt": b"\0" * 50,
        b"tiny.png": encoded(noise(11, 4, 4)),
    }
    for name, raw in files.items():
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(raw)
    return len(files)


def write_links(folder: Path) -> int:
    """Write links in circles, to nowhere and to devices, and a pipe that nobody writes to."""
    (folder / "circle").mkdir()
    (folder / "circle" / "again").symlink_to("..")
    (folder / "self").symlink_to("self")
    (folder / "ping").symlink_to("pong")
    (folder / "pong").symlink_to("ping")
    (folder / "nowhere.png").symlink_to("/nowhere/at/all.png")
    (folder / "endless.png").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.png")
    return 7


def write_archives(folder: Path) -> dict[str, int]:
    """Write archives that try to get out or to fill the disk; returns how much is in each."""
    names = (
        *("../../slip.png", "/tmp/absolute.png", "C:\\windows\\slip.png", "..\\slip.png"),
        *("a/../../slip.png", "//server/share.png", "inner.zip", "__MACOSX/._good.png"),
    )
    with zipfile.ZipFile(folder / "slip.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name in enumerate(names):
            archive.writestr(zipfile.ZipInfo(name), encoded(noise(20 + number, 48, 48)))
        link = zipfile.ZipInfo("link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("blank.bmp", bytes(30_000_000))
    locked = bytearray((folder / "slip.zip").read_bytes())
    (folder / "cut.zip").write_bytes(locked[: len(locked) // 2])
    with zipfile.ZipFile(folder / "locked.zip", "w") as archive:
        archive.writestr("secret.png", encoded(noise(40)))
    locked = bytearray((folder / "locked.zip").read_bytes())
    locked[locked.index(b"PK\x01\x02") + 8] |= 1  # the bit that says: encrypted
    (folder / "locked.zip").write_bytes(locked)

    with tarfile.open(folder / "slip.tar.gz", "w:gz") as archive:
        for name in ("../slip.png", "/tmp/absolute.png", "good.png"):
            raw = encoded(noise(50 + len(name), 48, 48))
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            member = tarfile.TarInfo(f"special-{kind.decode()}.png")
            member.type, member.linkname = kind, "../../etc/passwd"
            archive.addfile(member)
    whole = (folder / "slip.tar.gz").read_bytes()
    (folder / "cut.tar.gz").write_bytes(whole[:40])
    (folder / "nonsense.tar").write_bytes(b"nonsense" * 200)
    (folder / "bomb.tar.gz").write_bytes(gzip.compress(bytes(400_000_000), 1))
    # one that cannot be read counts as one
    return {
        "slip.zip": 10,
        "locked.zip": 1,
        "cut.zip": 1,
        "slip.tar.gz": 7,
        "cut.tar.gz": 1,
        "nonsense.tar": 1,
        "bomb.tar.gz": 1,
    }


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and such names need Unix")
@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # Pillow's about damaged metadata
def test_every_hostile_file_is_accounted_for(
    opened: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    written = write_truncations(folder) + write_corruptions(folder)
    written += write_oddities(folder) + write_links(folder)
    assert written >= 200
    alone = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    packed = write_archives(folder)
    before = files_below(tmp_path)
    monkeypatch.chdir(tmp_path)  # where a name with dots would lead

    result = import_paths(opened, "Hostile", [folder], Work())

    rejects = opened.library.datasets.rejects(result.dataset_id)
    reasons = Counter(reject.reason for reject in rejects)
    accounted = Counter(item.name for item in items(opened, result.dataset_id))
    accounted.update(reject.name for reject in rejects)
    assert result.taken + result.rejected + result.helpers == accounted.total()
    for path in alone:
        assert accounted[printable(path.relative_to(folder).as_posix())] == 1, path
    for name, count in packed.items():
        found = sum(times for each, times in accounted.items() if each.split("/")[0] == name)
        assert found == count, name
    assert reasons.keys() >= {
        "truncated", "damaged", "not-a-picture", "empty", "too-large", "too-small", "link-loop",
        "broken-link", "not-a-file", "unsafe-name", "encrypted", "packed", "archive-bomb",
        "damaged-archive", "system-file", "duplicate", "not-idx", "not-a-table", "not-text",
    }  # fmt: skip
    for reject in rejects:
        assert reject.name.isprintable() or "\u202e" in reject.name
        assert reject.message
        assert reject.suggestion
    # nothing was written but the library and the dataset's packs
    new = {path for path in files_below(tmp_path) - before if opened.folder not in path.parents}
    assert new == set()
    assert len(files_below(opened.dataset(result.dataset_id))) == 2
    assert not Path("/tmp/absolute.png").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="such permissions need Unix")
def test_unreadable_files_are_listed() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "in")
        for name in ("a.png", "listed/b.png", "shut/c.png", "good.png"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(encoded(noise(len(name))))
        (folder / "a.png").chmod(0)
        (folder / "listed").chmod(0o444)  # nothing in it can be looked at
        (folder / "shut").chmod(0)
        Path(place).chmod(0o777)
        was = os.geteuid()
        if was == 0:
            os.seteuid(65534)  # whom permissions hold back, unlike root
        try:
            project = Project.open(Path(place, "p.studio"), create=True)
            result = import_paths(project, "Locked", [folder], Work())
            rejects = project.library.datasets.rejects(result.dataset_id)
            project.close()
        finally:
            os.seteuid(was)
            for path in (folder / "listed", folder / "shut"):
                path.chmod(0o700)
    assert {reject.name: reject.reason for reject in rejects} == dict.fromkeys(
        ("a.png", "listed/b.png", "shut"), "unreadable"
    )
    assert result.taken == 1


def test_a_disk_that_fails_to_read_is_said(
    opened: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    (folder / "a.png").write_bytes(encoded(noise(1)))
    (folder / "b.png").write_bytes(encoded(noise(2)))
    whole = Path.open

    def failing(path: Path, *args: object, **options: object) -> object:
        if path.name == "a.png":
            raise OSError(5, "Input/output error")
        return whole(path, *args, **options)

    monkeypatch.setattr(Path, "open", failing)
    result = import_paths(opened, "Disk", [folder], Work())
    (reject,) = opened.library.datasets.rejects(result.dataset_id)
    assert (reject.name, reject.reason, result.taken) == ("a.png", "unreadable", 1)
    assert "Input/output error" in reject.message
