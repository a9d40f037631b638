/** Our kernels (`runtime/ops/kernel.ts`): names, operands and attributes as `runtime/ops` and the optimizer have them. */
import { convInputGradient, convWith, transposedConv } from '../../../../onnx/formulations/convolutions.js';
import { add, mul } from '../../../../onnx/formulations/elementwise.js';
import { convFilter, depthwiseFilter } from '../../../../onnx/formulations/filter-gradient.js';
import { functions, geluSlope, prelu, preluInput, preluSlope } from '../../../../onnx/formulations/functions.js';
import {
  batchMoments,
  channelAffine,
  groupNorm,
  groupNormInput,
  groupNormScale,
  layerNorm,
  layerNormInput,
  layerNormScale,
} from '../../../../onnx/formulations/norms.js';
import {
  adamWStep,
  globalNorm,
  sgdStep,
  type AdamWOptions,
  type SgdOptions,
} from '../../../../onnx/formulations/optimizer.js';
import { maxPoolInput, maxPoolWithPlaces } from '../../../../onnx/formulations/pools.js';
import { matMul } from '../../../../onnx/formulations/products.js';
import { sumOfAll, sumOverMiddle } from '../../../../onnx/formulations/reductions.js';
import { resample } from '../../../../onnx/formulations/resize.js';
import { concat, expand, given, reshape, slice } from '../../../../onnx/formulations/shaping.js';
import type { ConvAttributes, ConvFilterAttributes, ConvTransposeAttributes } from '../../../ops/conv.js';
import type { KernelName } from '../../../ops/kernel.js';
import type { NormAttributes } from '../../../ops/norm.js';
import type { PoolAttributes } from '../../../ops/pool.js';
import { interpolationMatrix, type ResampleAttributes } from '../../../ops/resize.js';
import { emitter, listed, type Emitter, type Emitters } from './emitter.js';

/** Kernels of functions, which are emitted by the functions' names. */
type FunctionKernel = `Unet${Capitalize<keyof typeof functions>}`;

/** Steps of optimisers for engines without `UnetAdamW` and `UnetSgd`. */
type PartOfOptimizer = 'UnetMovingMean' | 'UnetAdamWMove' | 'UnetSgdVelocity' | 'UnetSgdMove';

type Depthwise<A extends ConvAttributes> = Omit<A, 'groups'>;

const table: { readonly [K in Exclude<KernelName, FunctionKernel | PartOfOptimizer>]: Emitter } = {
  UnetGeluInput: emitter((g, { dy, x }) => mul(g, dy!, geluSlope(g, x!))),
  UnetPrelu: emitter((g, { x, slope }) => prelu(g, x!, given(g, slope!))),
  UnetPreluInput: emitter((g, { dy, x, slope }) => preluInput(g, dy!, x!, given(g, slope!))),
  UnetPreluSlope: emitter((g, { dy, x }) => preluSlope(g, dy!, x!)),

  UnetConv: emitter<ConvAttributes>((g, { x, w, bias }, { groups, ...window }) =>
    convWith(g, x!, w!, bias, window, groups),
  ),
  UnetConvTranspose: emitter<ConvTransposeAttributes>((g, { dy, w, bias }, { groups, sizes, ...window }) => {
    const [, out, ...kernel] = w!.shape as [number, number, ...number[]];
    const filter = { out: out * groups, kernel, groups };
    return transposedConv(g, dy!, given(g, w!), bias && given(g, bias), window, filter, sizes);
  }),
  UnetConvFilter: emitter<ConvFilterAttributes>((g, { x, dy }, { groups, kernel, ...window }) =>
    convFilter(g, x!, dy!, kernel, window, groups),
  ),
  UnetDepthwiseConv: emitter<Depthwise<ConvAttributes>>((g, { x, w, bias }, window) =>
    convWith(g, x!, w!, bias, window, x!.shape[1]!),
  ),
  UnetDepthwiseConvInput: emitter<Depthwise<ConvTransposeAttributes>>((g, { dy, w }, { sizes, ...window }) =>
    convInputGradient(g, dy!, w!, sizes, window, dy!.shape[1]!),
  ),
  UnetDepthwiseConvFilter: emitter<Depthwise<ConvFilterAttributes>>((g, { x, dy }, { kernel, ...window }) =>
    depthwiseFilter(g, x!, dy!, kernel, window),
  ),

  UnetNorm: emitter<NormAttributes>((g, { x, gamma, beta }, { across, ...options }) => {
    const affine = { scale: given(g, gamma!), shift: given(g, beta!) };
    if (across === 'position') return layerNorm(g, x!, options.epsilon, affine);
    return groupNorm(g, x!, { ...options, acrossCases: across === 'batch' }, affine);
  }),
  UnetNormInput: emitter<NormAttributes>((g, { dy, x, gamma }, { across, ...options }) => {
    const factors = given(g, gamma!);
    if (across === 'position') return layerNormInput(g, dy!, x!, factors, options.epsilon);
    return groupNormInput(g, dy!, x!, factors, { ...options, acrossCases: across === 'batch' });
  }),
  UnetNormScale: emitter<NormAttributes>((g, { dy, x }, { across, ...options }) =>
    across === 'position'
      ? layerNormScale(g, dy!, x!, options.epsilon)
      : groupNormScale(g, dy!, x!, { ...options, acrossCases: across === 'batch' }),
  ),
  UnetMoments: emitter((g, { x }) => batchMoments(g, x!)),
  UnetAffine: emitter((g, { x, factor, offset }) => channelAffine(g, x!, factor!, offset!)),

  UnetMaxPool: emitter<PoolAttributes>((g, { x }, window) => maxPoolWithPlaces(g, x!, window)[0]),
  UnetMaxPoolInput: emitter<PoolAttributes>((g, { dy, x }, window) => maxPoolInput(g, dy!, x!, window)),
  UnetResample: emitter<ResampleAttributes>((g, { x }, attributes) => {
    const { from, to, adjoint } = attributes;
    return resample(g, x!, g.constant(interpolationMatrix(attributes), [to, from]), adjoint);
  }),

  UnetBroadcast: emitter<{ readonly operator: '+' | '*' }>((g, { full, repeated }, { operator }) =>
    operator === '+' ? add(g, full!, repeated!) : mul(g, full!, repeated!),
  ),
  UnetSum: emitter((g, { x }) => sumOverMiddle(g, x!)),
  UnetSquareSum: emitter((g, { x }) => sumOfAll(g, mul(g, x!, x!))),
  UnetRepeat: emitter<{ readonly count: number }>((g, { x }, { count }) => {
    const [outer, inner] = x!.shape as [number, number];
    return expand(g, reshape(g, x!, [outer, 1, inner]), [outer, count, inner]);
  }),
  UnetMatMul: emitter((g, { a, b }) => matMul(g, a!, b!)),
  UnetJoinColumns: emitter((g, inputs) => concat(g, listed(inputs, 'x'), 1)),
  UnetCutColumns: emitter<{ readonly first: number; readonly width: number }>((g, { x }, { first, width }) =>
    slice(g, x!, [0, first], [x!.shape[0]!, width]),
  ),

  UnetGlobalNorm: emitter((g, inputs) => globalNorm(g, listed(inputs, 'g'))),
  UnetAdamW: emitter<AdamWOptions>((g, inputs, options) => {
    const { rates, scale } = inputs;
    const states = [listed(inputs, 'p'), listed(inputs, 'm'), listed(inputs, 'v')] as const;
    return adamWStep(g, { states, gradients: listed(inputs, 'g'), rates: rates!, factor: scale! }, options);
  }),
  UnetSgd: emitter<SgdOptions>((g, inputs, options) => {
    const { rates, scale } = inputs;
    const states = [listed(inputs, 'p'), listed(inputs, 'v')] as const;
    return sgdStep(g, { states, gradients: listed(inputs, 'g'), rates: rates!, factor: scale! }, options);
  }),
};

const ofFunctions: Emitters = Object.fromEntries(
  Object.entries(functions).map(([name, compute]) => [
    `Unet${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
    emitter((g, { x }) => compute(g, x!)),
  ]),
);

export const ownEmitters: Emitters = { ...ofFunctions, ...table };
