/** The layer classes themselves, which generated code creates through its own functions. */
export { Binary, Scalar } from '../../../runtime/layers/arithmetic.js';
export { Conv, DepthwiseConv, TransposedConv } from '../../../runtime/layers/conv.js';
export { Dropout, Noise, SpatialDropout } from '../../../runtime/layers/dropout.js';
export { Linear } from '../../../runtime/layers/linear.js';
export {
  Arange,
  Concat,
  Einsum,
  Merge,
  Reduce,
  Roll,
  Softmax,
  Split,
  Take,
  Transpose,
} from '../../../runtime/layers/named-axes.js';
export { GroupNorm, InstanceNorm, LayerNorm } from '../../../runtime/layers/norm.js';
export { AvgPool, Crop, MaxPool, Pad, Resize } from '../../../runtime/layers/spatial.js';
export { Param, Pick } from '../../../runtime/layers/table.js';
export { Prelu, Unary } from '../../../runtime/layers/unary.js';
