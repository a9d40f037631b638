import type { Chooser } from './random.js';

/** A well-formed program of one model, and the constructs it is made of. */
export interface GeneratedProgram {
  readonly text: string;
  readonly constructs: ReadonlySet<string>;
}

/** A step that keeps the spatial sizes: its text, and the channels it gives. */
interface Step {
  readonly text: string;
  readonly out: number;
}

/** What steps may use: the model's axes, inputs and knobs. */
interface Setting {
  readonly choose: Chooser;
  readonly axes: readonly string[];
  readonly hasIdentifier: boolean;
  readonly constructs: Set<string>;
  /** Names of blocks whose text the program must have. */
  readonly blocks: Set<keyof typeof blockTexts>;
}

const blockTexts = {
  unit: `block unit(out: int, k: size = 3, norm: layer = identity) {
  x: [C, ...S]
  let y = x -> conv(out, k) as main -> norm
  y -> relu
}`,
  gate: `block gate(r: int = 1) {
  x: [C, ...S]
  let p = mean(x, over: [...S]) -> linear(r) -> relu
  x * (p -> linear(C) -> sigmoid)
}`,
  tokens: `block tokens(heads: int) {
  x: [C, ...S]
  let t = merge(x, [...S], into: N)
  let q = split(t -> linear(C) as query, C, into: [M = heads, E])
  let k = split(t -> linear(C) as key, C, into: [M = heads, E])[M, E, P]
  let v = split(t -> linear(C, bias: false) as value, C, into: [M = heads, E])[M, E, P]
  let a = softmax(einsum(q, k, into: [M, N, P]) / sqrt(E), over: P)
  let o = merge(einsum(a, v, into: [M, E, N]), [M, E], into: C)
  x + split(o, N, into: [...S])
}`,
  scaled: `block scaled(start: float = 0.5) {
  x: [C, ...S]
  param gain: [C] = 1
  param shift: scalar = 0.5
  x * gain * start + shift
}`,
  picked: `block picked(id: identifier) {
  x: [C, ...S]
  param table: [id.count, C] = normal(0.5)
  param common: [C] = 1 fallback
  (x -> instance_norm(affine: false)) * pick(table, id, absent: common)
}`,
  rolled: `block rolled(by: int) {
  x: [C, A, ...S]
  roll(x, axis: A, by: by) + x
}`,
  windows: `block windows(size: int) {
  x: [C, A, ...S]
  let w = split(x, A, into: [B, I = size])
  merge(w * 2 - mean(w, over: I), [B, I], into: A)
}`,
  mix: `block mix(out: int) {
  left: [C, ...S]
  right: [K, ...S]
  concat(left, right) -> conv(out, 1)
}`,
  twice: `block twice(f: layer(int), out: int) {
  x: [C, ...S]
  x -> f(out) -> f(out) as second
}`,
  soft: `block soft {
  x: [C, ...S]
  softmax(x, over: C) + softmax(x, over: [...S])
}`,
  statistics: `block statistics {
  x: [C, ...S]
  let centred = x - mean(x, over: [...S])
  centred / (sum(abs(centred), over: [...S]) + 1) + max(x, over: C)
}`,
  extremes: `block extremes(low: float = 0) {
  x: [C, ...S]
  let y = max(x, mean(x, over: [...S]))
  max(min(y, x * 2 - 1), low) - (abs(x) + 1) ^ 1.5 + 2 ^ x - x ^ 2
}`,
  stacked: `block stacked(widths: list(int)) {
  x: [C, ...S]
  x -> conv(widths[length(widths) - 1], 1) -> conv(C * 2 ^ (length(widths) - 2), 1) when length(widths) == 2
}`,
  sliced: `block sliced(k: int = 1) {
  x: [C, A, ...S]
  let p = arange(x, over: A)
  let q = x[C: [0, ...[i for i in 0 .. k - 1]]] * p / (max(p, over: A) + 1)
  let turned = permute(concat(x, q)[C: reverse(0 .. C - 1)], into: [A, ...S, C]) -> relu
  permute(turned, into: [C, A, ...S])
}`,
  windowed: `block windowed(size: size) {
  x: [C, ...S]
  let y = pad(x, multiple_of: size) -> relu
  crop(y, x, before: 0) + crop(pad(y, pad(y, 1), before: 1), x)
}`,
  inner_u: `block inner_u(depth: int) {
  x: [C, ...S]
  let d[0] = x -> conv(3, 3)
  let d[i] = d[i - 1] -> max_pool(2) -> conv(3, 1) for i in 1 .. depth - 1
  let u[depth - 1] = d[depth - 1]
  let u[i] = resize(u[i + 1], d[i], linear) + d[i] for i in reverse(0 .. depth - 2)
  concat(u[0 .. depth - 1][0], x) -> conv(C, 1)
}`,
  curve: `block curve {
  x: [C, ...S]
  sqrt(abs(x) + 1) * exp(-abs(x)) - log(abs(x) + 2)
}`,
  covariance: `block covariance {
  x: [C, ...S]
  let q = merge(x, [...S], into: N)
  let a = softmax(einsum(q, q[E, N], into: [C, E]) / max(C, 2), over: E)
  split(einsum(a, q[E, N], into: [C, N]), N, into: [...S])
}`,
  join: `block join {
  skip: [C, ...S]
  up: [U, ...S]
  concat(skip, up)
}`,
  gated_join: `block gated_join(out: int, k: size = 1) {
  up: [U, ...S]
  skip: [C, ...S]
  below: [B, ...L]
  let weight = mean(below, over: [...L]) -> linear(C) -> sigmoid
  concat(skip * weight[C], up) -> conv(out, k)
}`,
  deep_join: `block deep_join(out: int, k: size = 1) {
  bottleneck: [B, ...M]
  skip: [C, ...S]
  up: [U, ...S]
  let weight = mean(bottleneck, over: [...M]) -> linear(C) -> tanh
  concat(skip * weight[C], up) -> conv(out, k)
}`,
} as const;

const activations = ['relu', 'elu', 'gelu', 'silu', 'sigmoid', 'tanh', 'softplus'];

function perAxis(setting: Setting, values: readonly number[]): string {
  return `[${setting.axes.map(() => setting.choose.pick(values)).join(', ')}]`;
}

function block(setting: Setting, name: keyof typeof blockTexts, call: string, out: number): Step {
  setting.blocks.add(name);
  setting.constructs.add(`block ${name}`);
  return { text: call, out };
}

/** Layers on `c` channels by the construct they show. */
function stepMakers(setting: Setting, c: number): Readonly<Record<string, () => Step>> {
  const { choose, axes } = setting;
  const rank = axes.length;
  const o = choose.pick([2, 3, 4, 6]);
  const divisors = [1, 2, 3, 4, 6].filter((each) => c % each === 0);
  const linear = rank === 3 ? 'trilinear' : rank === 2 ? 'bilinear' : undefined;
  const mode = choose.pick([...(linear === undefined ? [] : [linear]), 'linear', 'nearest', 'nearest_floor']);
  const keep = (text: string) => (): Step => ({ text, out: c });
  const give = (text: string) => (): Step => ({ text, out: o });
  return {
    'conv positional': give(`conv(${o}, 3)`),
    'conv mixed': give(`conv(${o}, kernel: ${choose.pick([1, 3, 5])}, bias: true)`),
    'conv named': give(`conv(kernel: 3, out: ${o}, init: kaiming_normal(fan_in))`),
    'conv all positional': give(`conv(${o}, 3, 1, 2, 2, 1, true)`),
    'conv per axis': give(`conv(${o}, ${perAxis(setting, [1, 3])})`),
    'conv dilated': give(`conv(${o}, 3, dilation: 2)`),
    'conv groups': () => ({ text: `conv(${2 * c}, 3, groups: ${choose.pick(divisors)})`, out: 2 * c }),
    'conv valid': give(`pad(1) -> conv(${o}, 3, pad: 0)`),
    'conv strided': give(`conv(${o}, 2, stride: 2) -> transposed_conv(${o}, 2, stride: 2)`),
    'conv strided per axis': () => {
      const strides = perAxis(setting, [1, 2]);
      return {
        text: `conv(${o}, ${strides}, stride: ${strides}) -> transposed_conv(${o}, ${strides}, stride: ${strides}, bias: true)`,
        out: o,
      };
    },
    depthwise_conv: keep(`depthwise_conv(${choose.pick(['3', 'kernel: 3, bias: true', '3, dilation: 2'])})`),
    'depthwise strided': keep(`depthwise_conv(3, stride: 2) -> resize(${mode}, scale: 2)`),
    'transposed same size': give(`transposed_conv(${o}, 3)`),
    'transposed in groups': () => ({
      text: `avg_pool(2) -> transposed_conv(${2 * c}, 3, stride: 2, output_pad: 1, groups: ${choose.pick(divisors)})`,
      out: 2 * c,
    }),
    linear: give(`linear(${choose.pick([`${o}`, `out: ${o}, bias: false`])})`),
    'max_pool same size': keep('max_pool(3, stride: 1, pad: 1)'),
    'avg_pool same size': keep('avg_pool(3, 1, 1)'),
    max_pool: give(`max_pool(2) -> transposed_conv(${o}, 2, stride: 2, bias: true)`),
    'avg_pool and resize': keep(`avg_pool(2) -> resize(${mode}, scale: 2)`),
    group_norm: keep(`group_norm(${choose.pick(divisors)}${choose.pick(['', ', affine: false', ', epsilon: 1e-3'])})`),
    instance_norm: keep(`instance_norm${choose.pick(['', '(affine: false)'])}`),
    batch_norm: keep(`batch_norm${choose.pick(['', '(affine: false)', '(momentum: 0.2)', '(frozen: true)'])}`),
    layer_norm: keep(`layer_norm${choose.pick(['', '(epsilon: 1e-3)'])}`),
    activation: keep(choose.pick(activations)),
    leaky_relu: keep(`leaky_relu${choose.pick(['', '(0.2)', '(slope: 0.1)'])}`),
    prelu: keep(`prelu${choose.pick(['', '(0.1)', '(shared: true)', '(0.1, shared: false)'])}`),
    dropout: keep(choose.pick(['dropout(0.1)', 'spatial_dropout(rate: 0.2)'])),
    identity: keep('identity'),
    'pad and crop': keep(
      choose.pick([
        'pad(1) -> crop(amount: 1)',
        'pad(2, mode: replicate) -> crop(2)',
        'pad(before: 1, mode: reflect) -> crop(before: 1)',
        `pad(after: 2) -> crop(1, before: 0) -> pad(1, after: 0, mode: zeros) -> crop(1)`,
      ]),
    ),
    'pad channels': () => ({ text: `pad(channels: ${c + 3})`, out: c + 3 }),
    'resize by the corners': keep(
      linear === undefined ? 'identity' : `avg_pool(2) -> resize(${linear}, scale: 2, align_corners: true)`,
    ),
    repeat: keep(`repeat(${1 + choose.below(3)}, conv(${c}, 3) -> relu)`),
    when: keep(`conv(${c}, 1) when ${choose.pick(['flag', 'not flag', 'width > 3'])} as extra`),
    if: give(
      `(if ${choose.pick(['flag', 'width == 4 and flag', 'flag or width < 2'])} then conv(${o}, 3) else conv(${o}, 1, bias: true))`,
    ),
    'knob layer': keep('norm'),
    'knob layer(int)': give(`kind(${o})`),
    unit: () =>
      block(
        setting,
        'unit',
        `unit(${choose.pick([`${o}`, `${o}, 1`, `out: ${o}, norm: group_norm(1)`, `${o}, norm: norm`])})`,
        o,
      ),
    gate: () => block(setting, 'gate', choose.pick(['gate', 'gate(2)', 'gate(r: 3)']), c),
    tokens: () => block(setting, 'tokens', `tokens(${choose.pick(divisors)})`, c),
    scaled: () => block(setting, 'scaled', choose.pick(['scaled', 'scaled(0.25)']), c),
    picked: () => (setting.hasIdentifier ? block(setting, 'picked', 'picked(site)', c) : { text: 'relu', out: c }),
    rolled: () => block(setting, 'rolled', `rolled(${choose.pick(['1', '-1', 'by: 3'])})`, c),
    windows: () => block(setting, 'windows', 'windows(2)', c),
    twice: () =>
      block(
        setting,
        'twice',
        `twice(${choose.pick(['conv(kernel: 3)', 'kind', 'f: linear'])}, ${choose.pick([`${o}`, `out: ${o}`])})`.replace(
          /f: linear, \d+\)/,
          `f: linear, out: ${o})`,
        ),
        o,
      ),
    soft: () => block(setting, 'soft', 'soft', c),
    statistics: () => block(setting, 'statistics', 'statistics', c),
    curve: () => block(setting, 'curve', 'curve', c),
    covariance: () => block(setting, 'covariance', 'covariance', c),
    sliced: () => block(setting, 'sliced', choose.pick(['sliced', 'sliced(2)'].slice(0, c > 1 ? 2 : 1)), c),
    windowed: () => block(setting, 'windowed', `windowed(${choose.pick(['2', '3', perAxis(setting, [1, 4])])})`, c),
    inner_u: () => block(setting, 'inner_u', `inner_u(${choose.pick([1, 2])})`, c),
    extremes: () => block(setting, 'extremes', choose.pick(['extremes', 'extremes(0.5)']), c),
    stacked: () =>
      block(
        setting,
        'stacked',
        `stacked(${choose.pick([`[...[2], ${c}]`, `reverse([${c}, 3])`, `reverse([i * ${c} for i in 1 .. 2])`])})`,
        c,
      ),
  };
}

/** A chain of one to `most` steps from `c` channels. */
function chain(setting: Setting, c: number, most: number): Step {
  const parts: string[] = [];
  let out = c;
  for (let count = 1 + setting.choose.below(most); count > 0; count--) {
    const makers = stepMakers(setting, out);
    const name = setting.choose.pick(Object.keys(makers));
    const step = makers[name]!();
    setting.constructs.add(name);
    parts.push(step.text);
    out = step.out;
  }
  return { text: parts.join(' -> '), out };
}

interface Named {
  readonly name: string;
  readonly channels: number;
}

/** `let`s of a free body, each a tensor of the image's sizes; the last of `tensors` is the latest. */
function letLines(setting: Setting, tensors: Named[]): string[] {
  const { choose, axes, constructs } = setting;
  const lines: string[] = [];
  const list = axes.join(', ');
  for (let count = 2 + choose.below(5); count > 0; count--) {
    const name = `t${tensors.length}`;
    const x = choose.pick(tensors.slice(-2));
    const y = choose.pick(tensors);
    const makers: Readonly<Record<string, () => { lines: string[]; channels: number }>> = {
      'let pipe': () => {
        const step = chain(setting, x.channels, 3);
        return { lines: [`let ${name} = ${x.name} -> ${step.text}`], channels: step.out };
      },
      concat: () => ({ lines: [`let ${name} = concat(${x.name}, ${y.name})`], channels: x.channels + y.channels }),
      arithmetic: () => ({
        lines: [`let ${name} = ${x.name} * 0.5 ${choose.pick(['+', '-'])} (${y.name} -> conv(${x.channels}, 1)) / 2`],
        channels: x.channels,
      }),
      'two tensors': () => {
        setting.blocks.add('mix');
        return { lines: [`let ${name} = (${x.name}, ${y.name}) -> mix(3)`], channels: 3 };
      },
      'call with tensors': () => ({ lines: [`let ${name} = conv(${x.name}, 4, 3)`], channels: 4 }),
      shared: () => ({
        lines: [
          `let s${name} = shared(conv(${x.channels}, 3) -> prelu)`,
          `let ${name} = ${x.name} -> s${name} -> s${name} -> relu`,
        ],
        channels: x.channels,
      }),
      chain: () => ({
        lines: [
          `let c${name} = ${x.name} -> chain(3, conv(${x.channels}, 3))`,
          `let ${name} = concat(c${name}[0 .. 1])`,
        ],
        channels: 2 * x.channels,
      }),
      family: () => ({
        lines: [
          `let f${name}[i] = (if i == 0 then ${x.name} else f${name}[i - 1]) -> conv(3, 3) for i in 0 .. 2`,
          `let ${name} = concat(f${name}[0 .. 2])`,
        ],
        channels: 9,
      }),
      'family of two indices': () => ({
        lines: [
          `let g${name}[i, j] = ${x.name} -> conv(i + j + 1, 1) for i in 0 .. 1, j in 0 .. i`,
          `let ${name} = concat(g${name}[1, 0 .. 1])`,
        ],
        channels: 5,
      }),
      'split to symbolic sizes': () => {
        const parts = axes.map((axis) => `${axis} = ${axis}`);
        // What a tensor is made of may have its sizes only on legal patches, from which none follows.
        const open = x.name === 'scan' ? choose.below(axes.length + 1) : axes.length;
        if (open < axes.length) parts[open] = axes[open]!;
        return {
          lines: [
            `let ${name} = split(merge(${x.name}, [${list}], into: N) -> layer_norm, N, into: [${parts.join(', ')}])`,
          ],
          channels: x.channels,
        };
      },
      rename: () => {
        const other = axes.map((_, index) => `R${index}`).join(', ');
        return { lines: [`let ${name} = ${x.name}[E, ${other}][C, ${list}] -> relu`], channels: x.channels };
      },
      'resize to a tensor': () => ({
        lines: [`let ${name} = (${x.name} -> conv(${x.channels}, 3, stride: 2), ${y.name}) -> resize(nearest)`],
        channels: x.channels,
      }),
      'pad to a tensor': () => ({
        lines: [`let ${name} = pad(${x.name} -> max_pool(2) -> resize(nearest, scale: 2), ${y.name})`],
        channels: x.channels,
      }),
      'crop to a tensor': () => ({
        lines: [`let ${name} = crop(${x.name} -> pad(2), ${y.name})`],
        channels: x.channels,
      }),
    };
    const kind = choose.chance(0.6) ? 'let pipe' : choose.pick(Object.keys(makers));
    const made = makers[kind]!();
    constructs.add(kind);
    lines.push(...made.lines);
    tensors.push({ name, channels: made.channels });
  }
  return lines;
}

/** The halves of a U, the name of what its decoder gives, and its aux prediction. */
function halves(setting: Setting, output: string): string[] {
  const { choose, constructs } = setting;
  const levels = 2 + choose.below(2);
  const steps = choose.below(2) + 1;
  const kernels = choose.chance(0.4);
  const fit = choose.pick(['', '', 'fit: pad', 'fit: crop', 'fit: resize(nearest)']);
  const fuse = choose.pick(['join', 'gated_join', 'deep_join'] as const);
  setting.blocks.add(fuse);
  constructs
    .add('U')
    .add(`fuse ${fuse}`)
    .add(fit === '' ? 'fit: exact' : fit);
  const level = `conv(c, ${kernels ? 'kernels[i]' : '3'})${' -> relu -> conv(c, 3)'.repeat(steps - 1)} -> norm`;
  const down = choose.pick(['max_pool(2)', 'avg_pool(2)', 'conv(c, 3, stride: 2)']);
  const lists = kernels
    ? [`kernels: [${Array.from({ length: levels }, () => perAxis(setting, [1, 3])).join(', ')}]`]
    : [];
  const stem = choose.chance(0.4) ? ['stem: conv(width, 3) -> relu'] : [];
  const auxiliary = choose.chance(0.4);
  if (auxiliary) constructs.add('aux of a decoder');
  if (stem.length > 0) constructs.add('stem');
  if (lists.length > 0) constructs.add('list of a half');
  const up = choose.pick([
    'transposed_conv(c, 2, stride: 2)',
    `resize(${choose.pick(['linear', 'nearest_floor'])}, scale: 2) -> conv(c, 1)`,
  ]);
  const widths = choose.pick([
    `[${Array.from({ length: levels }, (_, index) => `${index + 1} * width`).join(', ')}]`,
    `[width * 2 ^ i for i in 0 .. ${levels - 1}]`,
    `[width, ...[min(2 * width + i, 12) for i in 1 .. ${levels - 1}]]`,
  ]);
  const ownKnob = choose.chance(0.3);
  if (ownKnob) constructs.add('list that is a knob');
  return [
    ...(ownKnob ? [`knob widths: list(int) = ${widths}`] : []),
    'encoder {',
    `  widths: ${ownKnob ? 'widths' : widths}`,
    ...[...lists, ...stem, `level(i, c): ${level}`, `down(c): ${down}`].map((each) => `  ${each}`),
    '}',
    'decoder {',
    ...[
      `up(c): ${up}`,
      ...(fit === '' ? [] : [fit]),
      fuse === 'join' ? 'fuse: join' : `fuse(c): ${fuse}(c${choose.pick(['', ', 3', ', k: 1'])})`,
      ...(choose.chance(0.7) ? ['level(c): conv(c, 3) -> relu'] : []),
      ...(auxiliary ? [`aux ${output}(i) when flag and i > 0: conv(${output}.classes, 1)`] : []),
    ].map((each) => `  ${each}`),
    '}',
  ];
}

/** A branch that reconstructs the scan from a code with noise, and penalties of it, as a variational autoencoder has. */
function penaltyLines({ choose, constructs }: Setting, last: Named): string[] {
  constructs.add('penalty').add('noise');
  const when = choose.chance(0.5) ? ' when flag' : '';
  if (when !== '') constructs.add('penalty when');
  return [
    `let centre = ${last.name} -> conv(2, 1) -> tanh`,
    `let spread = softplus(${last.name} -> linear(2))`,
    'let code = centre + spread * noise(centre)',
    `penalty divergence${when} = 0.1 * (centre ^ 2 + spread ^ 2 - log(spread ^ 2 + 1e-6))`,
    ...(choose.chance(0.5) ? [`penalty size${when} = mean(code -> conv(width, 1) -> relu, over: C)`] : []),
  ];
}

/** A program that the checker should accept: one model of one to three spatial axes, with knobs and the blocks it uses. */
export function generateProgram(choose: Chooser): GeneratedProgram {
  const constructs = new Set<string>();
  const axes = choose.pick([['D', 'H', 'W'], ['H', 'W'], ['Y', 'X'], ['X']]);
  const fixed = choose.chance(0.25);
  const hasIdentifier = choose.chance(0.3);
  const hasPrior = choose.chance(0.3);
  const hasRegions = choose.chance(0.3);
  const setting: Setting = { choose, axes, hasIdentifier, constructs, blocks: new Set() };
  constructs.add(`${axes.length} axes`).add(fixed ? 'fixed axes' : 'free axes');
  if (hasIdentifier) constructs.add('identifier');
  if (hasPrior) constructs.add('two images');
  if (hasRegions) constructs.add('regions and two outputs');
  const shape = `[${axes.map((axis) => (fixed ? `${axis} = 8` : axis)).join(', ')}]`;
  const channels = 1 + choose.below(3);
  const tensors: Named[] = [{ name: 'scan', channels }];
  if (hasPrior) tensors.push({ name: 'prior', channels: 2 });
  const body: string[] = [];
  const wired = choose.chance(0.4);
  if (wired) {
    body.push(...halves(setting, 'mask'));
    if (choose.chance(0.5)) {
      constructs.add('level of a half');
      body.push(`let level = ${choose.pick(['encoder', 'decoder'])}[0] -> conv(4, 1)`);
      tensors.push({ name: 'level', channels: 4 });
    }
  }
  if (!wired || hasRegions || choose.chance(0.3)) body.push(...letLines(setting, tensors));
  const last = tensors.at(-1)!;
  if (wired) body.push(`head mask: ${choose.pick(['', 'relu -> '])}conv(mask.classes, 1, bias: true)`);
  else {
    body.push(`mask = ${last.name} -> conv(mask.classes, 1)`);
    if (choose.chance(0.3)) {
      constructs.add('aux of a model');
      body.push(`aux mask when flag = ${last.name} -> conv(mask.classes, j, stride: j) for j in 1 .. 2`);
    }
  }
  if (hasRegions) body.push(`zones = ${last.name} -> linear(zones.regions)`);
  if (choose.chance(0.3)) body.push(...penaltyLines(setting, last));
  if (choose.chance(0.3)) {
    constructs.add('init');
    body.push('init { conv: kaiming_normal(fan_out), linear: truncated_normal(0.02) }');
  }
  const inputs = [
    `input scan: image(${['T1w', '`T2 w`', 'FLAIR'].slice(0, channels).join(', ')})${shape}`,
    ...(hasPrior ? [`input prior: image(atlas, edges)${shape}`] : []),
    ...(hasIdentifier ? ['input site: identifier(3)'] : []),
    `output mask: classes(${['background', 'tumour', 'edema'].slice(0, 2 + choose.below(2)).join(', ')})`,
    ...(hasRegions ? ['output zones: regions(whole: [1, 2], core: [2])'] : []),
    'knob width: int = 4 off 2',
    `knob flag: bool = ${choose.pick(['true off false', 'false off true'])}`,
    `knob norm: layer = ${choose.pick(['group_norm(1)', 'instance_norm -> tanh', 'layer_norm'])} off identity`,
    'knob kind: layer(int) = conv(kernel: 3) off linear',
  ];
  const model = `model M {\n${[...inputs, ...body].map((line) => `  ${line}`).join('\n')}\n}\n`;
  return { text: [...[...setting.blocks].map((name) => blockTexts[name]), model].join('\n'), constructs };
}
