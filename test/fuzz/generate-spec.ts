import type { Chooser } from './random.js';

/** A spec of its own: a small U with blocks and knobs, most of which are sound; some have variants, a protocol and a study. */
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
    ${choose.chance(0.5) ? `stem: conv(width, 3) -> ${layer().replaceAll(/\bc\b/g, 'width')}\n    ` : ''}level(c): ${level}
    down: ${choose.pick(['max_pool(2)', 'max_pool(2)', 'avg_pool(2)', 'conv(width, 3, stride: 2)'])}
  }
  decoder {
    up(c): transposed_conv(c, 2, stride: 2, bias: true)
    ${choose.chance(0.4) ? `fit: ${choose.pick(['resize(nearest)', 'pad', 'crop', 'exact'])}\n    ` : ''}fuse(c): ${choose.pick(['fused(c)', 'fused(c, 3)'])}
    level(i, c): ${choose.chance(0.5) ? 'if i == 0 then relu else ' : ''}conv(c, 3) -> ${layer()}
  }
  head mask: conv(mask.classes, 1, bias: true)
  ${choose.chance(0.3) ? 'init { conv: kaiming_normal(fan_out) }\n' : ''}}
`;
  const variant = choose.chance(0.4) ? `model V = M { width = ${choose.pick(['16', '8', 'off', '2 * 4'])} }\n` : '';
  const hasStudy = choose.chance(0.25);
  const study = hasStudy ? studyText(choose, rank, variant !== '', knobs.length > 0) : '';
  const ends = [variant, hasStudy || choose.chance(0.2) ? protocolText(rank) : '', study];
  return [...blocks, fusion, model, ...ends].join('\n');
}

/** A study of `M`, its variant where it has one, and a rival; most are sound. */
function studyText(choose: Chooser, rank: number, hasVariant: boolean, hasKnobs: boolean): string {
  const equal = (): string => (choose.chance(0.3) ? ` equal ${choose.pick(['params', 'macs'])} by width` : '');
  const listed = `[W${equal()}${hasVariant ? `, V${equal()}` : ''}${choose.chance(0.1) ? ', M' : ''}]`;
  const derived = `${choose.pick(['leave_one_out', 'add_one_in'])}${equal()}`;
  const variants = `variants: ${hasKnobs && choose.chance(0.6) ? derived : listed}`;
  const unmatched = choose.chance(0.4) ? ' unmatched "its sizes are fixed"' : '';
  const entries = [
    'protocol: P',
    `seeds: ${choose.pick(['1', '1 .. 3', '[1, 2]', '[1 .. 3, 7]'])}`,
    ...(choose.chance(0.5) ? [`folds: ${choose.pick(['all', '[0, 2]', '1 .. 2', '3'])}`] : []),
    `base: ${choose.pick(['M', 'M', 'M', 'W'])}`,
    variants,
    ...(choose.chance(0.5) ? [`rivals: [R${unmatched}${equal()}]`] : []),
  ];
  const axes = ['D', 'H', 'W'].slice(-rank).map((axis) => (choose.chance(0.5) ? axis : `${axis} = 24`));
  const rival = `model W = M { width = 24 }
model R {
  input scan: image(T1w)[${axes.join(', ')}]
  output mask: classes(background, tumour)
  knob width: int = 4
  mask = scan -> conv(width, 3) -> conv(mask.classes, 1)
}
`;
  return `${rival}study S {\n  ${entries.join(choose.pick(['\n  ', ', ']))}\n}\n`;
}

const fusion = `block fused(out: int, kernel: size = 1) {
  skip: [C, ...S]
  up: [K, ...S]
  concat(skip, up) -> conv(out, kernel)
}
`;

function protocolText(rank: number): string {
  return `protocol P {
  data: msd("Task01"), split: kfold(3, seed: 1)
  patch: random([${Array.from({ length: rank }, () => 16).join(', ')}])
  normalize: zscore(nonzero), augment: [flip(${['D', 'H', 'W'].slice(-rank).join(', ')}), noise(0.05)]
  loss: dice(smooth: 1, classes: foreground) + 0.5 * cross_entropy
  optimizer: adamw(lr: 1e-3, weight_decay: 0, clip_norm: 1.0), schedule: cosine(to: 1e-6)
  epochs: 2, batch: 1, validate: sliding_window(overlap: 0.25, blend: gaussian, every: 1)
  select: last, identify: none
}
`;
}

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
    `  let gate = mean(x, over: [...S]) -> linear(out) -> sigmoid\n  (x -> ${inner}) * gate`,
    `  param alpha: scalar = 0.5\n  let s = sigmoid(alpha)\n  let y = x -> ${inner}\n  s * y + (1 - s) * y`,
    `  let p = merge(x, [...S], into: N) -> linear(out)\n  x -> ${inner}`,
    `  x -> ${inner} -> group_norm(groups)`,
  ]);
  return `/// A block.\nblock block${index}(out: int, groups: int = ${choose.pick([1, 2, 4])}) {\n  x: [C, ...S]\n${body}\n}\n`;
}
