"""Numbers that any language draws alike from a name: an integer hash, a counter, a finaliser. No file need hold them."""
import numpy

MASK = 0xFFFFFFFF


def seed_of(name):
    """FNV-1a, 32 bits, over the name's ASCII characters."""
    state = 0x811C9DC5
    for character in name.encode("ascii"):
        state = ((state ^ character) * 0x01000193) & MASK
    return state


def bits(name, count):
    """`count` integers of 32 bits: the finaliser of MurmurHash3 over seed + i * golden ratio."""
    x = (seed_of(name) + numpy.arange(count, dtype=numpy.uint64) * 0x9E3779B9) & MASK
    x = ((x ^ (x >> 16)) * 0x85EBCA6B) & MASK
    x = ((x ^ (x >> 13)) * 0xC2B2AE35) & MASK
    return x ^ (x >> 16)


def uniform(name, shape, centre, spread):
    """float32 values in [centre - spread, centre + spread)."""
    count = int(numpy.prod(shape, dtype=int))
    unit = (bits(name, count) >> 8).astype(numpy.float64) / 2**23 - 1
    return (centre + spread * unit).astype(numpy.float32).reshape(shape)
