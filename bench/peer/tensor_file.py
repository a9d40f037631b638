"""The safetensors format: 8 bytes with the length of a JSON header, the header, row-major little-endian values."""
import json

import numpy

DTYPES = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4"}


def read(path):
    """Arrays by name, in the order of the header."""
    with open(path, "rb") as file:
        content = file.read()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    arrays = {}
    for name, entry in header.items():
        begin, end = (start + offset for offset in entry["data_offsets"])
        arrays[name] = numpy.frombuffer(content[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"]).copy()
    return arrays


def write(path, arrays, metadata):
    """Writes float64, float32 and integer arrays; metadata maps text to text."""
    header = {"__metadata__": metadata}
    parts = []
    offset = 0
    # Falling width keeps every tensor aligned.
    for name, array in sorted(arrays.items(), key=lambda item: -item[1].dtype.itemsize):
        dtype = next(key for key, code in DTYPES.items() if numpy.dtype(code) == array.dtype)
        part = numpy.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + len(part)]}
        parts.append(part)
        offset += len(part)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(parts))
