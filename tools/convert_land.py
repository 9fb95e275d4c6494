#!/usr/bin/env python3
"""Turns the land of a TopoJSON world atlas into data/land.csv: outlines, and triangles that fill them.

A maintainer's tool, run when the atlas changes; neither the build nor the tests need it:

    tools/convert_land.py land-110m.json > data/land.csv

Positions are hundredths of a degree. A ring closes by itself and is cut at the antimeridian; holes
have been joined to the outline around them for the triangles, which ear clipping makes in the plane of
longitude and latitude.
"""
import json
import sys


def hundredths(topology, arc):
    (scale_x, scale_y), (x0, y0) = topology["transform"]["scale"], topology["transform"]["translate"]
    x = y = 0
    points = []
    for dx, dy in arc:
        x += dx
        y += dy
        points.append((round((x * scale_x + x0) * 100), round((y * scale_y + y0) * 100)))
    return points


def ring_points(arcs, numbers):
    points = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[:-1]
    return [p for i, p in enumerate(points) if p != points[i - 1]]


def unwrapped(ring):
    """Without jumps at the antimeridian; what goes round a pole is closed over it."""
    points = [ring[0]]
    for lon, lat in ring[1:] + ring[:1]:
        turn = round((points[-1][0] - lon) / 36000)
        points.append((lon + turn * 36000, lat))
    first, last = points[0], points.pop()
    if first != last:
        points += [last, (last[0], -9000), (first[0], -9000)]
    return points


def cut(ring, inside, meridian):
    """The part of a ring on one side of a meridian (Sutherland and Hodgman, 1974)."""
    result = []
    for a, b in zip(ring[-1:] + ring[:-1], ring):
        if inside(a[0]) != inside(b[0]):
            lat = round(a[1] + (b[1] - a[1]) * (meridian - a[0]) / (b[0] - a[0]))
            result.append((meridian, lat))
        if inside(b[0]):
            result.append(b)
    return result


def on_the_map(ring):
    """The pieces of a ring between 180 degrees west and east."""
    ring = unwrapped(ring)
    for turn in (-36000, 0, 36000):
        piece = [(lon + turn, lat) for lon, lat in ring]
        piece = cut(piece, lambda lon: lon >= -18000, -18000)
        piece = cut(piece, lambda lon: lon <= 18000, 18000)
        piece = [p for i, p in enumerate(piece) if p != piece[i - 1]]
        if len(piece) > 2 and doubled_area(piece) != 0:
            yield piece


def cross(o, a, b):
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])


def doubled_area(ring):
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1]))


def with_hole(outline, hole):
    """One ring: a bridge leads from the outline to the hole and back, crossing nothing."""
    edges = list(zip(outline, outline[1:] + outline[:1])) + list(zip(hole, hole[1:] + hole[:1]))

    def free(a, b):
        for c, d in edges:
            if a in (c, d) or b in (c, d):
                continue
            if (cross(a, b, c) > 0) != (cross(a, b, d) > 0) and \
               (cross(c, d, a) > 0) != (cross(c, d, b) > 0):
                return False
        return True

    pairs = sorted(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2, i, j)
                   for i, a in enumerate(outline) for j, b in enumerate(hole))
    for _, i, j in pairs:
        if free(outline[i], hole[j]):
            return outline[:i + 1] + hole[j:] + hole[:j + 1] + outline[i:]
    sys.exit("no bridge to a hole")


def triangles(ring, number_of):
    """Ear clipping, the ear with the widest shortest side first, so that slivers are few."""
    left = list(range(len(ring)))
    made = []

    def is_ear(at, least):
        a, b, c = (ring[left[(at + k) % len(left)]] for k in (-1, 0, 1))
        if cross(a, b, c) <= 0:
            return False
        for other in left:
            p = ring[other]
            if p in (a, b, c):
                continue
            if min(cross(a, b, p), cross(b, c, p), cross(c, a, p)) >= least:
                return False
        return True

    while len(left) > 3:
        best = None
        for least in (0, 1):  # points on the edge of an ear only where a ring touches itself
            for at in range(len(left)):
                a, c = ring[left[at - 1]], ring[left[(at + 1) % len(left)]]
                length = (a[0] - c[0]) ** 2 + (a[1] - c[1]) ** 2
                if (best is None or length < best[0]) and is_ear(at, least):
                    best = (length, at)
            if best:
                break
        if best is None:  # what is left has no area
            flat = [at for at in range(len(left))
                    if cross(*(ring[left[(at + k) % len(left)]] for k in (-1, 0, 1))) == 0]
            if not flat:
                sys.exit("a ring that crosses itself")
            del left[flat[0]]
            continue
        at = best[1]
        made.append([number_of[ring[left[(at + k) % len(left)]]] for k in (-1, 0, 1)])
        del left[at]
    if cross(*(ring[i] for i in left)) > 0:
        made.append([number_of[ring[i]] for i in left])
    return made


def main():
    topology = json.load(open(sys.argv[1], encoding="utf-8"))
    arcs = [hundredths(topology, arc) for arc in topology["arcs"]]
    print("# Land of Natural Earth 1:110m (public domain), made by tools/convert_land.py.")
    print("# ring: its points as longitude and latitude in hundredths of a degree.")
    print("# triangles: of the points so far, counted from 0 over all rings.")
    total = 0
    doubled = 0
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            outline, *holes = (ring_points(arcs, numbers) for numbers in polygon)
            for piece in on_the_map(outline):  # holes lie off the antimeridian, in one piece
                west, east = min(lon for lon, _ in piece), max(lon for lon, _ in piece)
                rings = [piece] + [hole for hole in holes if west < hole[0][0] < east]
                for k, ring in enumerate(rings):
                    if (doubled_area(ring) > 0) != (k == 0):
                        ring.reverse()
                number_of = {}
                whole = rings[0]
                for k, ring in enumerate(rings):
                    print("ring," + ",".join(f"{lon},{lat}" for lon, lat in ring))
                    for i, point in enumerate(ring):
                        number_of.setdefault(point, total + i)
                    total += len(ring)
                    if k > 0:
                        whole = with_hole(whole, ring)
                made = triangles(whole, number_of)
                print("triangles," + ",".join(str(n) for triangle in made for n in triangle))
                doubled += sum(doubled_area(ring) for ring in rings)
    print(f"# {total} points, {doubled // 2} hundredths of a degree squared", file=sys.stderr)


main()
