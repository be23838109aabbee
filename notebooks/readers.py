"""Reads a release as other software does, and fails where that sees anything else than the Parquet files say.

DuckDB's package and pyarrow read the Parquet files with the dictionary in their metadata, pandas the figures;
LibreOffice opens the workbook, whose sheets must say what the files say. KANKEI_RELEASE is the folder of the release.
"""

import csv
import json
import math
import os
import pathlib
import subprocess
import tempfile

import duckdb
import pandas
import pyarrow.parquet

release = pathlib.Path(os.environ["KANKEI_RELEASE"])


def parquet(dataset):
    return release / "parquet" / dataset / f"{dataset}.parquet"


def same(what, got, want):
    assert got == want, f"{what}: {got!r}, want {want!r}"


def metadata():
    """Every file tells what its rows and columns are, as the data package does, to readers of two makers."""
    package = json.loads((release / "datapackage.json").read_text())
    described = [r for r in package["resources"] if r["format"] == "parquet"]
    assert len(described) > 25, "datasets are missing from the data package"
    for resource in described:
        file = pyarrow.parquet.ParquetFile(release / resource["path"])
        told = {k.decode(): v.decode() for k, v in file.schema_arrow.metadata.items() if k.startswith(b"kankei.")}
        fields = resource["schema"]["fields"]
        same(resource["name"], file.schema_arrow.names, [f["name"] for f in fields])
        same("dataset", told["kankei.dataset"], resource["name"])
        same("comment", told["kankei.comment"], resource["description"])
        same("comments", json.loads(told["kankei.comments"]), {f["name"]: f["description"] for f in fields})
        same("units", json.loads(told["kankei.units"]), {f["name"]: f["unit"] for f in fields})
        pairs = duckdb.execute("SELECT key, value FROM parquet_kv_metadata(?)", [str(release / resource["path"])]).fetchall()
        same("DuckDB", {k.decode(): v.decode() for k, v in pairs if k.startswith(b"kankei.")}, told)
    return f"{len(described)} Parquet files tell pyarrow and DuckDB what they hold"


def figures():
    """pandas, pyarrow and the DuckDB file have the same figures, none of them where one is withheld."""
    by_pandas = pandas.read_parquet(parquet("relational_population"))
    by_duckdb = duckdb.connect(str(release / "kankei.duckdb"), read_only=True)
    sums = by_duckdb.execute("SELECT count(*), count(value), count(*) FILTER (conf_status = 'C') FROM relational_population").fetchone()
    same("rows", (len(by_pandas), int(by_pandas["value"].count()), int((by_pandas["conf_status"] == "C").sum())), sums)
    assert by_pandas.loc[by_pandas["conf_status"] == "C", ["value", "ci_low", "ci_high", "std_error"]].isna().all(axis=None)
    ordered = pyarrow.parquet.read_table(parquet("relational_population"), columns=["region_code", "value"]).to_pandas()
    pandas.testing.assert_frame_equal(ordered, by_pandas[["region_code", "value"]])
    same("codes are text", sorted(by_pandas["region_code"].str.len().unique()), [5])
    return f"{len(by_pandas)} figures are the same to pandas, pyarrow and DuckDB"


def sheets():
    """LibreOffice's own reading of every sheet, as rows of CSV by the name of the sheet."""
    with tempfile.TemporaryDirectory() as folder:
        # The last field asks for one file per sheet; cells as they are shown, not as they are stored, would be rounded.
        every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
        subprocess.run(
            ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", every_sheet,
             "--outdir", f"{folder}/csv", str(release / "tables.xlsx")],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=300)
        out = {}
        for path in pathlib.Path(folder, "csv").glob("*.csv"):
            with open(path, newline="", encoding="utf-8") as file:
                out[path.stem.removeprefix("tables-")] = list(csv.reader(file))
        return out


def reads_as(value, text, withheld):
    """Whether a cell reads as a value of the Parquet file, or as the symbol of there being none."""
    if value is None or value is pandas.NaT or value != value or value == "":
        return text == "x" if withheld else text in ("-", "…")
    if isinstance(value, bool):
        return text.upper() == str(value).upper()
    if isinstance(value, (int, float)):
        return math.isclose(float(text), value, rel_tol=1e-12, abs_tol=1e-300)
    return text == str(value)


def workbook():
    """LibreOffice opens the workbook, and each sheet has the rows of its Parquet file, of long ones the last months."""
    read, compared = sheets(), 0
    for path in sorted((release / "parquet").iterdir()):
        head, *rows = read[path.name]
        table = pyarrow.parquet.read_table(parquet(path.name))
        # Names of regions stand beside their codes in the sheet alone; a heading says the unit of what is measured.
        columns = [(i, name.split(" ")[0]) for i, name in enumerate(head) if name.split(" ")[0] in table.column_names]
        same(f"{path.name}: columns", [name for _, name in columns], table.column_names)
        measures = {name for i, name in columns if head[i] != name}
        month = next((i for i, name in columns if name in ("reference_month", "month")), None)
        want = table.to_pylist()
        if month is not None and rows:
            first = min(row[month] for row in rows)
            want = [w for w in want if str(w[head[month]]) >= first]
        same(f"{path.name}: rows", len(rows), len(want))
        for number, (row, w) in enumerate(zip(rows, want), start=2):
            for i, name in columns:
                withheld = name in measures and w.get("conf_status") == "C"
                assert reads_as(w[name], row[i], withheld), f"{path.name}, row {number}, {name}: the sheet has {row[i]!r}, the file {w[name]!r}"
        compared += len(rows)
    return f"{compared} rows of the workbook are the same to LibreOffice"


for check in (metadata, figures, workbook):
    print(f"notebooks/readers.py: {check()}: ok")
