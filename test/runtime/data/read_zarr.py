"""A part of a Zarr v3 array of int16 in gzip chunks, read by nothing but Python: read_zarr.py ARRAY FROM:TO..."""
import gzip
import itertools
import json
import os
import struct
import sys

folder, *ranges = sys.argv[1:]
ranges = [range(*map(int, each.split(":"))) for each in ranges]
with open(os.path.join(folder, "zarr.json")) as file:
    meta = json.load(file)
assert meta["zarr_format"] == 3 and meta["data_type"] == "int16"
assert [codec["name"] for codec in meta["codecs"]] == ["bytes", "gzip"]
edges = meta["chunk_grid"]["configuration"]["chunk_shape"]
chunks = {}
values = []
for at in itertools.product(*ranges):
    key = tuple(index // edge for index, edge in zip(at, edges))
    if key not in chunks:
        with gzip.open(os.path.join(folder, "c", *map(str, key))) as file:
            chunks[key] = file.read()
    offset = 0
    for index, edge in zip(at, edges):
        offset = offset * edge + index % edge
    values.append(struct.unpack_from("<h", chunks[key], 2 * offset)[0])
print(json.dumps(values))
