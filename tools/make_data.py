"""Make the compact reference data of Jishi from the upstream folders named on the command line.

    python tools/make_data.py categories FOLDER     # shopify-taxonomy-*.csv.gz
    python tools/make_data.py regions FOLDER        # provinces, cities, areas, streets, HK-MO-TW

Writes ``src/jishi/data/*.csv.gz``, byte for byte the same for the same input. A category keeps the
id it once got: the ids of the file already there are read first, new codes take the next numbers.
"""

import argparse
import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

DATA = Path(__file__).parent.parent / "src" / "jishi" / "data"

# Own codes for the cities and districts of these three, whose upstream lists have names only;
# the first two digits are those of GB/T 2260.
PROVINCES_WITHOUT_CODES = {"香港特别行政区": "81", "澳门特别行政区": "82", "台湾省": "71"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["categories", "regions"])
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    if args.what == "categories":
        source = next(args.folder.glob("shopify-taxonomy-*.csv.gz"))
        write("categories", ("id", "code", "name_en", "name_zh"), categories(source))
    else:
        write("regions", ("code", "name"), regions(args.folder))


def categories(source: Path) -> list[tuple[int, str, str, str]]:
    """Id, code and both names, ordered by id; parent and level are told by the code."""
    known = {code: int(number) for number, code, *_ in rows_of(DATA / "categories.csv.gz")}
    number = max(known.values(), default=0)
    found = []
    for row in dicts(source):
        code = row["id"]
        if code not in known:
            number += 1
            known[code] = number
        found.append((known[code], code, row["name_en"].strip(), row["name_zh"].strip()))
    return sorted(found)


def regions(folder: Path) -> list[tuple[str, str]]:
    """Code and name, ordered by code; the parent is the code's prefix of 2, 4 or 6 digits."""
    found = [
        (row["code"], row["name"].strip())
        for name in ("provinces.csv", "cities.csv", "areas.csv", "streets.csv.gz")
        for row in dicts(folder / name)
    ]
    tree = json.loads((folder / "HK-MO-TW.json").read_text(encoding="utf-8"))
    found.extend(numbered(tree))
    return sorted(found)


def numbered(tree: dict[str, dict[str, list[str]]]) -> Iterator[tuple[str, str]]:
    for province, cities in tree.items():
        head = PROVINCES_WITHOUT_CODES[province]
        yield head, province
        for at, (city, areas) in enumerate(cities.items(), start=1):
            yield f"{head}{at:02}", city
            for nth, area in enumerate(areas, start=1):
                yield f"{head}{at:02}{nth:02}", area


def dicts(source: Path) -> Iterator[dict[str, str]]:
    header, *rows = rows_of(source)
    for row in rows:
        yield dict(zip(header, row, strict=True))


def rows_of(source: Path) -> list[list[str]]:
    if not source.exists():
        return []
    raw = source.read_bytes()
    text = (gzip.decompress(raw) if source.suffix == ".gz" else raw).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    return rows[1:] if source.parent == DATA else rows


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    target = DATA / f"{name}.csv.gz"
    target.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
