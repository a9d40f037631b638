import type { choices } from '../compiler/bind/builtins.js';

type ChoiceName = (typeof choices)[keyof typeof choices][number];

/** Choices that share their name with a layer, whose documentation stands for both. */
type LayerName = 'pad' | 'crop' | 'resize';

/** What each word stands for that is a choice (sections 8 and 11). */
export const choiceDocs: Readonly<Record<Exclude<ChoiceName, LayerName>, string>> = {
  trilinear: 'Resizes three spatial axes, linear along each.',
  bilinear: 'Resizes two spatial axes, linear along each.',
  nearest: 'Resizes spatial axes by the value that is nearest.',
  exact: 'Sizes that differ on some patches make the total stride a constraint on the patch.',
  torch_default: 'Weight and bias uniform within `1 / sqrt(fan in)`, as where nothing is said.',
  kaiming_normal: 'He et al. 2015 with gain `sqrt(2)`, normal; `fan_in` unless `fan_out` is said. The bias is 0.',
  kaiming_uniform: 'He et al. 2015 with gain `sqrt(2)`, uniform; `fan_in` unless `fan_out` is said. The bias is 0.',
  truncated_normal: 'Normal, cut at two deviations, 0.02 unless told. The bias is 0.',
  normal: 'Normal, of a deviation of 1 unless told. The bias is 0.',
  zeros: 'Weight and bias are 0.',
  ones: 'The weight is 1, the bias 0.',
  fan_in: 'Of a weight `[a, b, ...kernel]`, b times the size of the kernel.',
  fan_out: 'Of a weight `[a, b, ...kernel]`, a times the size of the kernel.',
};
