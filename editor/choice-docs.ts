import type { choices } from '../compiler/bind/builtins.js';

type ChoiceName = (typeof choices)[keyof typeof choices][number];

/** Choices with the same name as a layer, whose documentation applies to both. */
type LayerName = 'pad' | 'crop' | 'resize' | 'linear';

/** Documentation of the words that are choices (sections 8 and 11). */
export const choiceDocs: Readonly<Record<Exclude<ChoiceName, LayerName>, string>> = {
  trilinear: 'Trilinear interpolation over three spatial axes.',
  bilinear: 'Bilinear interpolation over two spatial axes.',
  nearest: 'Nearest-neighbour interpolation: the position whose centre is nearest.',
  nearest_floor: 'Nearest-neighbour interpolation with positions rounded down, as `nearest` in PyTorch.',
  replicate: 'Pads with the nearest value.',
  reflect: 'Pads with the values mirrored at the border, which is not repeated.',
  exact: 'Sizes must match exactly, which constrains legal patch sizes to multiples of the total stride.',
  torch_default: 'Weight and bias uniform in ±`1 / sqrt(fan in)`; the default.',
  kaiming_normal: 'He et al. 2015 with gain `sqrt(2)`, normal. The mode defaults to `fan_in`. The bias is 0.',
  kaiming_uniform: 'He et al. 2015 with gain `sqrt(2)`, uniform. The mode defaults to `fan_in`. The bias is 0.',
  truncated_normal:
    'Normal distribution truncated at two standard deviations; the standard deviation defaults to 0.02. The bias is 0.',
  normal: 'Normal distribution; the standard deviation defaults to 1. The bias is 0.',
  zeros: 'Weight and bias are 0; `pad` adds zeros.',
  ones: 'The weight is 1, the bias 0.',
  fan_in: 'Fan-in of a weight `[a, b, ...kernel]`: b times the kernel size.',
  fan_out: 'Fan-out of a weight `[a, b, ...kernel]`: a times the kernel size.',
};
