#!/usr/bin/env python3
"""Turns a reference of cloud regions (JSON) into the files of data/ that the catalogue embeds.

A maintainer's tool, run when the reference changes; neither the build nor the tests need it:

    tools/convert_regions.py regions.json data

Afterwards `fit_rtt` refits data/rtt_estimated.csv.
"""
import csv
import json
import math
import pathlib
import statistics
import sys
import unicodedata

# First come, first served for each unordered pair, so that both directions of a pair have one
# source: long medians before a published monthly median, before a mean, before one short old run.
PRECEDENCE = {
    "cloudping": "aws_cloudping_p50_1y",
    "azure": "azure_p50_published",
    "ibm": "ibm_vpc_mean_2026_07",
    "skyplane": "skyplane_ping_2022_04",
}
LIGHT_IN_VACUUM_KM_PER_S = 299_792.458
REFRACTIVE_INDEX_OF_FIBRE = 1.468
EARTH_RADIUS_KM = 6371.0088


def great_circle_km(a, b):
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (a["lat"], a["lon"], b["lat"], b["lon"]))
    h = (math.sin((lat_b - lat_a) / 2) ** 2
         + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2)
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


def floor_us(a, b):
    one_way_s = great_circle_km(a, b) * REFRACTIVE_INDEX_OF_FIBRE / LIGHT_IN_VACUUM_KM_PER_S
    return math.ceil(2e6 * one_way_s)


def write(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def ascii_of(text):
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()


def measured_rows(tables, regions):
    """Directed rows by precedence, and those that no light in fibre could have measured."""
    chosen, rows, refused = {}, [], []
    for name, table_id in PRECEDENCE.items():
        for row in tables[table_id]["rows"]:
            src, dst, rtt_us = row[0], row[1], round(row[2] * 1000)
            if rtt_us < floor_us(regions[src], regions[dst]):
                refused.append((src, dst, rtt_us, name))
            elif chosen.setdefault(frozenset((src, dst)), name) == name:
                rows.append((src, dst, rtt_us, name))
    return sorted(rows), refused


def intra_rows(intra, regions):
    """One row a region that somebody measured inside, and "*" for all others: the medians."""
    by_city = {ascii_of(r["name"]): r["id"] for r in regions.values() if r["provider"] == "ibm"}
    rows = []
    for city, _, same_min, same_max, _, cross_mean, _ in intra["ibm_zones"]["rows"]:
        rows.append((by_city[city], round((same_min + same_max) * 500), round(cross_mean * 1000),
                     "ibm"))
    painter = dict(intra["azure_uk"]["rows"])
    rows.append(("azure:uksouth", round(painter["same zone, UK South"] * 1000),
                 round(painter["other zone, UK South"] * 1000), "painter"))
    rows.sort()
    default = ("*", round(statistics.median(r[1] for r in rows)),
               round(statistics.median(r[2] for r in rows)), "median")
    return [default] + rows


def source_rows(reference):
    tables = {t["id"]: t for t in reference["rtt"]}
    rows = []
    for name, table_id in PRECEDENCE.items():
        s = tables[table_id]["source"]
        caveat = tables[table_id].get("caveat", "")
        rows.append((name, s["title"], s["captured"], s["origin"], s["copy"],
                     s["licence_of_copy"], s["metric"], caveat))
    s = reference["intra_region"]["azure_uk"]
    rows.append(("painter", s["source"]["title"], s["source"]["captured"], s["source"]["origin"],
                 "", "not stated", s["note"], "Two cases of one region."))
    rows.append(("median", "Median of the regions measured inside", "", "rtt_intra.csv", "", "",
                 "Same-zone and cross-zone round trips", "An estimate."))
    rows.append(("fit", "Fitted to the measured pairs by fit_rtt", "", "rtt_measured.csv", "", "",
                 "RTT estimate, see NOTICE.md", "An estimate."))
    rows.append(("user", "Given by the user", "", "", "", "", "As the user measured it", ""))
    return rows


def price_rows(prices):
    """Micro-USD for 10^9 bytes. "*": any other region of the cloud; a cloud: any region of it."""
    rows = []
    for source, table in prices.items():
        for region, row in table["table"].items():
            if source == "cross_cloud_transfer":
                # Where the destination decides, the dearer: an upper bound.
                rows += [(region, cloud, max(p) if isinstance(p, list) else p, source)
                         for cloud, p in row.items()]
                continue
            rows.append((region, "*", row["default"], source))
            rows += [(region, to, p, source) for to, p in row.get("overrides", {}).items()]
    return sorted((a, b, round(p * 1e6), source) for a, b, p, source in rows)


def main():
    reference = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    out = pathlib.Path(sys.argv[2])
    regions = {r["id"]: r for r in reference["regions"]["rows"]}
    tables = {t["id"]: t for t in reference["rtt"]}
    write(out / "regions.csv",
          "id provider code name city country lat_udeg lon_udeg zones metro".split(),
          [(r["id"], r["provider"], r["code"], r["name"], r["city"], r["country"],
            round(r["lat"] * 1e6), round(r["lon"] * 1e6), r.get("zones") or "", r["metro"])
           for r in sorted(regions.values(), key=lambda r: r["id"])])
    rows, refused = measured_rows(tables, regions)
    write(out / "rtt_measured.csv", ("src", "dst", "rtt_us", "source"), rows)
    write(out / "rtt_intra.csv", ("region", "same_zone_us", "cross_zone_us", "source"),
          intra_rows(reference["intra_region"], regions))
    write(out / "rtt_sources.csv",
          ("id", "title", "captured", "origin", "copy", "licence_of_copy", "metric", "caveat"),
          source_rows(reference))
    prices = reference["prices"]
    write(out / "prices_transfer.csv", ("src", "dst", "micro_usd_per_gb", "source"),
          price_rows(prices))
    write(out / "prices_sources.csv", ("id", "title", "captured", "origin"),
          [(name, t["source"]["title"], t["source"]["captured"], t["source"]["origin"])
           for name, t in prices.items()])
    pairs = {frozenset(row[:2]) for row in rows}
    print(f"{len(regions)} regions, {len(rows)} directed rows of {len(pairs)} pairs, "
          f"{len(refused)} refused as faster than light in fibre: {refused}")


if __name__ == "__main__":
    main()
