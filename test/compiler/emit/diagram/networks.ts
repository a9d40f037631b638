/** Specs of forms that the repository has no file of. */

/** A residual U of `levels` levels with deep supervision, strides in the levels themselves. */
export function manyLevels(levels: number): string {
  const list = (of: (level: number) => number | string): string =>
    Array.from({ length: levels }, (_, i) => of(i)).join(', ');
  return `
    use "lib/unet.unet"
    model Many {
      input scan: image(CT)[D, H, W]
      output mask: classes(background, liver, tumour)
      encoder {
        widths: [${list((level) => 8 * (level + 1))}], blocks: [${list((level) => level + 1)}]
        strides: [${list((level) => (level === 0 ? 1 : level === 1 ? '[1, 2, 2]' : 2))}]
        stem: conv_norm_act(8)
        level(i, c): residual(c, 3, stride: strides[i]) -> repeat(blocks[i] - 1, residual(c, 3))
      }
      decoder {
        up(i, c): transposed_conv(c, strides[i + 1], stride: strides[i + 1], bias: true)
        fuse: concat_up_skip
        level(c): conv_norm_act(c)
        aux mask(i) when i > 0: conv(mask.classes, 1, bias: true)
      }
      head mask: conv(mask.classes, 1, bias: true)
    }`;
}

export const twoInARow = `
  use "lib/unet.unet"
  model W {
    input scan: image(CT)[H, W]
    output mask: classes(a, b)
    let e0 = scan -> two_convs(16)
    let e1 = e0 -> max_pool(2) -> two_convs(32)
    let e2 = e1 -> max_pool(2) -> two_convs(64)
    let d1 = concat(e1, e2 -> transposed_conv(32, 2, stride: 2)) -> two_convs(32)
    let d0 = concat(e0, d1 -> transposed_conv(16, 2, stride: 2)) -> two_convs(16)
    let f1 = concat(d0 -> max_pool(2), d1) -> two_convs(32)
    let f2 = concat(f1 -> max_pool(2), e2) -> two_convs(64)
    let g1 = concat(f1, f2 -> transposed_conv(32, 2, stride: 2)) -> two_convs(32)
    let g0 = concat(e0, d0, g1 -> transposed_conv(16, 2, stride: 2)) -> two_convs(16)
    mask = g0 -> conv(mask.classes, 1)
  }`;

export const severalEncoders = `
  use "lib/unet.unet"
  model TwoStreams {
    input scan: image(CT, PET)[D, H, W]
    output mask: classes(a, b)
    output edge: classes(no, yes)
    let a0 = scan -> two_convs(16)
    let b0 = scan -> residual(16)
    let a1 = a0 -> max_pool(2) -> two_convs(32)
    let b1 = b0 -> max_pool(2) -> residual(32)
    let mid = concat(a1, b1) -> two_convs(64)
    let u0 = concat(a0, b0, mid -> transposed_conv(16, 2, stride: 2)) -> two_convs(16)
    mask = u0 -> conv(mask.classes, 1)
    edge = concat(u0, b0) -> conv(edge.classes, 3)
  }`;

/** The Attention U-Net as published: each gate is led by the coarser level, before it is upsampled. */
export const gatedFromBelow = `
  use "lib/unet.unet"
  block gated {
    skip: [C, ...S]
    up: [U, ...S]
    below: [B, ...T]
    let weight = mean(below, over: [...T]) -> linear(C) -> sigmoid
    concat(up, skip * weight[C])
  }
  model Gated {
    input scan: image(CT)[D, H, W]
    output mask: classes(a, b)
    encoder { widths: [8, 16, 32, 64], level(c): two_convs(c), down: max_pool(2) }
    decoder { up(c): transposed_conv(c, 2, stride: 2), fuse: gated, level(c): two_convs(c) }
    head mask: conv(mask.classes, 1)
  }`;

/** An identifier that nothing reads and two heads, with steps of several layers between the levels. */
export const severalEnds = `
  use "lib/unet.unet"
  block stretch(out: int) {
    x: [C, ...S]
    x -> resize(trilinear, 2) -> conv_norm_act(out)
  }
  model Ends {
    input scan: image(T1w, T2w)[D, H, W]
    input hospital: identifier(3)
    output mask: classes(background, liver, tumour)
    output vessels: regions(portal: [1], hepatic: [2])
    encoder { widths: [8, 16, 32], level(c): two_convs(c), down: max_pool(2) }
    decoder { up(c): stretch(c), fuse: concat_up_skip, level(c): two_convs(c) }
    head mask: conv(mask.classes, 1)
    head vessels: conv(vessels.regions, 1)
  }`;
