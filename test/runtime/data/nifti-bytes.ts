/** A NIfTI-1 file of 2 x 3 x 4 voxels (x, y, z) in any type and byte order. */
export function rawFile(
  code: number,
  bytes: number,
  little: boolean,
  values: readonly number[],
  slope = 0,
  inter = 0,
): Buffer {
  const buffer = Buffer.alloc(352 + bytes * values.length);
  const view = new DataView(buffer.buffer, buffer.byteOffset);
  view.setInt32(0, 348, little);
  [3, 2, 3, 4, 1, 1, 1, 1].forEach((size, k) => view.setInt16(40 + 2 * k, size, little));
  view.setInt16(70, code, little);
  view.setInt16(72, 8 * bytes, little);
  [1, 1.5, 2, 3].forEach((size, k) => view.setFloat32(76 + 4 * k, size, little));
  view.setFloat32(108, 352, little);
  view.setFloat32(112, slope, little);
  view.setFloat32(116, inter, little);
  buffer.write('n+1\0', 344, 'latin1');
  const write: Record<number, (offset: number, value: number) => void> = {
    2: (offset, value) => view.setUint8(offset, value),
    4: (offset, value) => view.setInt16(offset, value, little),
    8: (offset, value) => view.setInt32(offset, value, little),
    16: (offset, value) => view.setFloat32(offset, value, little),
    64: (offset, value) => view.setFloat64(offset, value, little),
    256: (offset, value) => view.setInt8(offset, value),
    512: (offset, value) => view.setUint16(offset, value, little),
    768: (offset, value) => view.setUint32(offset, value, little),
    1024: (offset, value) => view.setBigInt64(offset, BigInt(value), little),
    1280: (offset, value) => view.setBigUint64(offset, BigInt(value), little),
  };
  values.forEach((value, k) => write[code]?.(352 + bytes * k, value));
  return buffer;
}

/** Spatial fields of a NIfTI-1 header; a field that is left out keeps its value. */
export interface Fields {
  readonly pixdim?: readonly number[];
  readonly qformCode?: number;
  readonly sformCode?: number;
  /** quatern b, c, d, then qoffset x, y, z. */
  readonly quaternion?: readonly number[];
  /** srow x, y, z: 12 numbers. */
  readonly rows?: readonly number[];
  readonly units?: number;
  readonly bitpix?: number;
  readonly dims?: readonly number[];
}

/** A little-endian NIfTI-1 file with header fields replaced, byte by byte. */
export function withFields(file: Buffer, fields: Fields): Buffer {
  const copy = Buffer.from(file);
  fields.dims?.forEach((size, k) => copy.writeInt16LE(size, 40 + 2 * k));
  fields.pixdim?.forEach((size, k) => copy.writeFloatLE(size, 76 + 4 * k));
  fields.quaternion?.forEach((value, k) => copy.writeFloatLE(value, 256 + 4 * k));
  fields.rows?.forEach((value, k) => copy.writeFloatLE(value, 280 + 4 * k));
  if (fields.bitpix !== undefined) copy.writeInt16LE(fields.bitpix, 72);
  if (fields.units !== undefined) copy.writeUInt8(fields.units, 123);
  if (fields.qformCode !== undefined) copy.writeInt16LE(fields.qformCode, 252);
  if (fields.sformCode !== undefined) copy.writeInt16LE(fields.sformCode, 254);
  return copy;
}
