import type { Chooser } from './random.js';

/** A spec of its own: a small U with blocks and knobs, most of which are sound; `rich` ones have a variant and a protocol. */
export function generateSpec(choose: Chooser): string {
  const axes = choose.pick(['D, H, W', 'H, W', 'D']);
  const rank = axes.split(', ').length;
  const blocks = choose.several(1, 3, (index) => blockText(choose, index));
  const names = blocks.map((_, index) => `block${index}`);
  const levels = 2 + choose.below(3);
  const widths = Array.from({ length: levels }, (_, level) => (choose.chance(0.1) ? '12' : `${2 ** level} * width`));
  const layer = (): string => layerText(choose, names, rank);
  const knobs = choose.several(0, 2, (index) =>
    choose.pick([
      `knob extra${index}: bool = true off false`,
      `knob inner${index}: layer(int) = conv(kernel: 3) off conv(kernel: 1)`,
      `knob norm${index}: layer = group_norm(4) off identity`,
    ]),
  );
  const steps = knobs.map((knob, index) => {
    if (knob.includes('bool')) return `relu when extra${index}`;
    return knob.includes('layer(int)') ? `inner${index}(c)` : `norm${index}`;
  });
  const level = [`conv(c, ${choose.pick([1, 3, 5])})`, ...steps, ...choose.several(0, 2, layer)].join(' -> ');
  const model = `/// A model.
model M {
  input scan: image(T1w, ${choose.pick(['FLAIR', '`T2 w`'])})[${axes}]
  ${choose.chance(0.3) ? 'input site: identifier(4)\n  ' : ''}output mask: classes(background, ${choose.pick(['tumour', '`a b`, edema'])})
  knob width: int = ${choose.pick([4, 8, 12])}
  ${knobs.join('\n  ')}
  encoder {
    widths: [${widths.join(', ')}]
    ${choose.chance(0.5) ? `stem: conv(width, 3) -> ${layer()}\n    ` : ''}level(c): ${level}
    down: ${choose.pick(['max_pool(2)', 'max_pool(2)', 'avg_pool(2)', 'conv(width, 3, stride: 2)'])}
  }
  decoder {
    up(c): transposed_conv(c, 2, stride: 2, bias: true)
    ${choose.chance(0.4) ? `fit: ${choose.pick(['resize(linear)', 'pad', 'crop', 'exact'])}\n    ` : ''}fuse(c): ${choose.pick(['concat', 'fused(c)', 'fused(c, 3)'])}
    level(i, c): ${choose.chance(0.5) ? 'if i == 0 then relu else ' : ''}conv(c, 3) -> ${layer()}
  }
  head mask: conv(mask.classes, 1, bias: true)
  ${choose.chance(0.3) ? 'init { conv: kaiming_normal(fan_out) }\n' : ''}}
`;
  const variant = choose.chance(0.4) ? `model V = M { width = ${choose.pick(['16', '8', 'off', '2 * 4'])} }\n` : '';
  return [...blocks, fusion, model, variant, choose.chance(0.2) ? protocol : ''].join('\n');
}

const fusion = `block fused(out: int, kernel: size = 1) {
  skip: [C, ...S]
  up: [K, ...S]
  concat(skip, up) -> conv(out, kernel)
}
`;

const protocol = `protocol P {
  data: msd("Task01"), split: kfold(3, seed: 1)
  patch: random([16, 16, 16])
  normalize: zscore(nonzero), augment: [flip(D, H, W), noise(0.05)]
  loss: dice(smooth: 1, classes: foreground) + 0.5 * cross_entropy
  optimizer: adamw(lr: 1e-3, weight_decay: 0, clip_norm: 1.0), schedule: cosine(to: 1e-6)
  epochs: 2, batch: 1, validate: sliding_window(overlap: 0.25, blend: gaussian, every: 1)
  select: last, identify: none
}
`;

function layerText(choose: Chooser, blocks: readonly string[], rank: number): string {
  return choose.pick([
    'relu',
    'gelu',
    'group_norm(4)',
    'instance_norm',
    'spatial_dropout(0.1)',
    `repeat(${choose.below(4)}, conv(c, ${choose.pick(['3', `[${'3, '.repeat(rank - 1)}1]`])}))`,
    `${choose.pick(blocks)}(c)`,
    'shared(conv(c, 1))',
    'conv(c, 3) -> relu when width > 4',
  ]);
}

function blockText(choose: Chooser, index: number): string {
  const inner = index > 0 && choose.chance(0.5) ? `block${choose.below(index)}(out)` : 'conv(out, 3) as main';
  const body = choose.pick([
    `  let side = if C == out then x else x -> conv(out, 1)\n  gelu((x -> ${inner}) + side)`,
    `  let gate = mean(x, over: S) -> linear(out) -> sigmoid\n  (x -> ${inner}) * gate`,
    `  param alpha: scalar = 0.5\n  let s = sigmoid(alpha)\n  let y = x -> ${inner}\n  s * y + (1 - s) * y`,
    `  let p = merge(x, S, into: N) -> linear(out)\n  x -> ${inner}`,
    `  x -> ${inner} -> group_norm(groups)`,
  ]);
  return `/// A block.\nblock block${index}(out: int, groups: int = ${choose.pick([1, 2, 4])}) {\n  x: [C, ...S]\n${body}\n}\n`;
}
