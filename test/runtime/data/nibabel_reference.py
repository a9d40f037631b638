"""Writes nibabel.json: small NIfTI files with what nibabel reads from them. Run with Debian's python3-nibabel."""

import base64
import gzip
import json
import pathlib
import struct

import nibabel as nib
import numpy as np

DATA = np.arange(2 * 3 * 4 * 2).reshape(2, 3, 4, 2)
C, S = np.cos(0.3), np.sin(0.3)
ROTATED = np.array([[-C, -S, 0, 4], [S, -C, 0, -3], [0, 0, 1, 7], [0, 0, 0, 1]]) @ np.diag([2, 1.5, 2.5, 1])
PERMUTED = np.array([[0, -1.5, 0, 4], [2, 0, 0, -3], [0, 0, 2.5, 7], [0, 0, 0, 1]], float)
MIRROR = np.diag([1, 1, -1, 1])


def sform(dtype, header=None, data=DATA, affine=ROTATED):
    image = nib.Nifti1Image(data.astype(dtype), affine, header, dtype=dtype)
    image.set_qform(None, 0)
    return image


def qform(affine):
    image = nib.Nifti1Image(DATA.astype('u1'), None)
    image.set_qform(affine, 1)
    image.set_sform(None, 0)
    return image


def scaled():
    image = sform('<i2')
    image.header.set_slope_inter(0.5, 2)
    return image


def micrometres():
    image = sform('u1')
    image.header.set_xyzt_units('micron', 'sec')
    return image


def raw(image, *fields):
    """The bytes of an image with header fields of NIfTI-1, (offset, format, value), replaced."""
    data = bytearray(image.to_bytes())
    for offset, kind, value in fields:
        struct.pack_into(kind, data, offset, value)
    return bytes(data)


FILES = {
    'int16, scaled': raw(scaled()),
    'float32, big-endian': raw(sform('f4', nib.Nifti1Header(endianness='>'))),
    'float64, permuted axes': raw(sform('f8', affine=PERMUTED)),
    'uint64': raw(sform('u8')),
    'NIfTI-2': nib.Nifti2Image(DATA.astype('i4'), ROTATED).to_bytes(),
    'two dimensions': raw(sform('u1', data=DATA[:, :, 0, 0])),
    'qform alone': raw(qform(ROTATED)),
    'qform alone, mirrored': raw(qform(ROTATED @ MIRROR)),
    'qform alone, qfac 0': raw(qform(ROTATED), (76, '<f', 0)),
    'qform alone, rows of an unused sform': raw(qform(ROTATED), (280, '<f', 9), (300, '<f', 9), (320, '<f', 9)),
    'qform and another sform': raw(sform('u1'), (252, '<h', 1), (256, '<f', 0), (268, '<f', 50)),
    'sform, pixdim of other lengths': raw(sform('u1'), (80, '<f', 1), (84, '<f', 1), (88, '<f', 1)),
    'sform, pixdim of 0': raw(sform('u1'), (80, '<f', 0), (88, '<f', 0)),
    'sform, pixdim of NaN': raw(sform('u1'), (84, '<f', float('nan'))),
    'slope 0 with an intercept': raw(sform('u1'), (112, '<f', 0), (116, '<f', 7)),
    'slope NaN': raw(sform('u1'), (112, '<f', float('nan')), (116, '<f', float('nan'))),
    'micrometres': raw(micrometres()),
}


def describe(name, content):
    image = (nib.Nifti2Image if name == 'NIfTI-2' else nib.Nifti1Image).from_bytes(content)
    return {
        'name': name,
        'file': base64.b64encode(gzip.compress(content, mtime=0)).decode(),
        'affine': image.affine.ravel().tolist(),
        'sizes': nib.affines.voxel_sizes(image.affine).tolist(),
        'axes': ''.join(nib.aff2axcodes(image.affine)),
        'data': image.get_fdata().ravel(order='F').tolist(),
    }


if __name__ == '__main__':
    cases = [describe(*each) for each in FILES.items()]
    text = {'nibabel': nib.__version__, 'cases': cases}
    pathlib.Path(__file__).with_name('nibabel.json').write_text(json.dumps(text, indent=1) + '\n')
