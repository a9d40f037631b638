import { define, type DefinitionTable } from './define.js';
import { counted } from '../../text/count.js';

/** Diagnostics about types and shapes (3xxx). Codes are never reused; each has a page in docs/diagnostics. */
export const shapeDiagnostics = {
  UNET3001: define({
    severity: 'error',
    title: 'Wrong type',
    message: ({ what, expected, found }: { what: string; expected: string; found: string }) =>
      `${what} must be ${expected}, got ${found}.`,
  }),
  UNET3002: define({
    severity: 'error',
    title: 'Not a layer',
    message: ({ found }: { found: string }) => `Only a layer can be applied, got ${found}.`,
  }),
  UNET3003: define({
    severity: 'error',
    title: 'Not a whole number',
    message: ({ what, found }: { what: string; found: string }) => `${what} must be a whole number, got ${found}.`,
  }),
  UNET3004: define({
    severity: 'error',
    title: 'Condition on a spatial size',
    message: ({ size }: { size: string }) =>
      `A condition cannot depend on the spatial size ${size}, which is only known when the network runs.`,
  }),
  UNET3005: define({
    severity: 'error',
    title: 'Axes do not match',
    message: ({ operator, left, right }: { operator: string; left: string; right: string }) =>
      `The axes of ${left} and ${right} cannot be broadcast for \`${operator}\`: neither contains those of the other.`,
  }),
  UNET3006: define({
    severity: 'error',
    title: 'Sizes differ',
    message: ({ what, axis, left, right }: { what: string; axis: string; left: string; right: string }) =>
      `${what} differ in size along \`${axis}\`: ${left} and ${right}.`,
  }),
  UNET3007: define({
    severity: 'error',
    title: 'Groups do not divide the channels',
    message: ({ groups, channels }: { groups: number; channels: number }) =>
      `The number of channels (${channels}) must be divisible by the number of groups (${groups}).`,
  }),
  UNET3008: define({
    severity: 'error',
    title: 'Unknown axis',
    message: ({ axis, axes }: { axis: string; axes: string }) =>
      `The tensor does not have an axis \`${axis}\`; its axes are ${axes}.`,
  }),
  UNET3009: define({
    severity: 'error',
    title: 'Duplicate axis',
    message: ({ axis }: { axis: string }) => `A tensor cannot have the axis \`${axis}\` twice.`,
  }),
  UNET3010: define({
    severity: 'error',
    title: 'Wrong number of axes',
    message: ({ what, expected, found }: { what: string; expected: string; found: string }) =>
      `${what} expects a tensor with axes ${expected}, got ${found}.`,
  }),
  UNET3011: define({
    severity: 'error',
    title: 'Even kernel without padding',
    message: ({ kernel, stride }: { kernel: number; stride: number }) =>
      `A kernel of ${kernel} with stride ${stride} cannot be centred, so its padding must be given explicitly.`,
  }),
  UNET3012: define({
    severity: 'error',
    title: 'Wrong number of values per spatial axis',
    message: ({ what, given, axes }: { what: string; given: number; axes: number }) =>
      `${what} has ${counted(given, 'value')}, but there ${axes === 1 ? 'is' : 'are'} ${counted(axes, 'spatial axis', 'spatial axes')}.`,
  }),
  UNET3013: define({
    severity: 'error',
    title: 'Index out of range',
    message: ({ index, length }: { index: number; length: number }) =>
      `Index ${index} is out of range for a list of length ${length}.`,
  }),
  UNET3014: define({
    severity: 'error',
    title: 'Number of channels does not match the labels',
    message: ({ output, channels, labels }: { output: string; channels: number; labels: number }) =>
      `The output \`${output}\` has ${counted(labels, 'label')} but is assigned ${counted(channels, 'channel')}.`,
  }),
  UNET3015: define({
    severity: 'error',
    title: 'No legal size',
    message: ({ axis, reason }: { axis: string; reason: string }) =>
      `No size of the axis \`${axis}\` is legal for this network: ${reason}.`,
  }),
  UNET3016: define({
    severity: 'error',
    title: 'Illegal patch',
    message: ({ model, axis, size, nearest }: { model: string; axis: string; size: number; nearest: string }) =>
      `\`${model}\` cannot run on a patch of ${size} along \`${axis}\`; the nearest legal sizes are ${nearest}.`,
  }),
  UNET3017: define({
    severity: 'error',
    title: 'Network too large',
    message: ({ what, limit }: { what: string; limit: number }) => `The network has more than ${limit} ${what}.`,
  }),
  UNET3018: define({
    severity: 'error',
    title: 'Empty result',
    message: ({ what, axis, size }: { what: string; axis: string; size: number }) =>
      `${what} produces a size of ${size} along \`${axis}\`.`,
  }),
  UNET3019: define({
    severity: 'error',
    title: 'Value out of range',
    message: ({ what, range, found }: { what: string; range: string; found: string }) =>
      `${what} must be ${range}, got ${found}.`,
  }),
  UNET3020: define({
    severity: 'error',
    title: 'Wrong number of tensors',
    message: ({ layer, takes, given }: { layer: string; takes: string; given: number }) =>
      `\`${layer}\` expects ${takes}, got ${given}.`,
  }),
  UNET3021: define({
    severity: 'error',
    title: 'Optional step changes the shape',
    message: ({ before, after }: { before: string; after: string }) =>
      `A step with \`when\` must preserve the shape, but this one changes ${before} to ${after}.`,
  }),
  UNET3022: define({
    severity: 'error',
    title: 'Invalid split',
    message: ({ axis, size, parts }: { axis: string; size: string; parts: string }) =>
      `Axis \`${axis}\` of size ${size} cannot be split into ${parts}.`,
  }),
  UNET3023: define({
    severity: 'error',
    title: 'Parameter of unknown size',
    message: ({ name, size }: { name: string; size: string }) =>
      `The size of the param \`${name}\` must be known, but it depends on the patch: ${size}.`,
  }),
  UNET3024: define({
    severity: 'error',
    title: 'Incomplete layer',
    message: ({ layer, argument }: { layer: string; argument: string }) =>
      `\`${layer}\` cannot be applied without its argument \`${argument}\`.`,
  }),
  UNET3025: define({
    severity: 'error',
    title: 'Branches of different types',
    message: ({ then, otherwise }: { then: string; otherwise: string }) =>
      `The branches of an \`if\` must have the same type, got ${then} and ${otherwise}.`,
  }),
  UNET3027: define({
    severity: 'error',
    title: 'Spatial size used as a number',
    message: ({ size }: { size: string }) =>
      `Expected a number, got the spatial size ${size}, which is only known when the network runs.`,
  }),
  UNET3028: define({
    severity: 'error',
    title: 'Ambiguous axis size',
    message: ({ axis, sizes }: { axis: string; sizes: string }) =>
      `The axis \`${axis}\` was introduced with different sizes (${sizes}), so it cannot be used as a number.`,
  }),
  UNET3029: define({
    severity: 'error',
    title: 'Not a finite number',
    message: ({ operation }: { operation: string }) => `${operation} is not a finite number.`,
  }),
  UNET3030: define({
    severity: 'error',
    title: 'Output of the wrong shape',
    message: ({ output, expected, found }: { output: string; expected: string; found: string }) =>
      `The output \`${output}\` must have the axes ${expected}, got ${found}.`,
  }),
  UNET3031: define({
    severity: 'error',
    title: 'Shared layer with different weights',
    message: ({ first, here }: { first: string; here: string }) =>
      `A \`shared\` layer must have the same weights at every use: the first use has ${first}, this one ${here}.`,
  }),
  UNET3032: define({
    severity: 'error',
    title: 'Argument without effect',
    message: ({ name, of, because }: { name: string; of: string; because: string }) =>
      `The argument \`${name}\` of \`${of}\` has no effect, because ${because}.`,
  }),
  UNET3050: define({
    severity: 'error',
    title: 'Unknown protocol entry',
    message: ({ name }: { name: string }) => `Unknown protocol entry \`${name}\`.`,
  }),
  UNET3051: define({
    severity: 'error',
    title: 'Invalid protocol entry',
    message: ({ name, expected }: { name: string; expected: string }) => `\`${name}\` must be ${expected}.`,
  }),
  UNET3052: define({
    severity: 'error',
    title: 'Missing protocol entry',
    message: ({ name, protocol }: { name: string; protocol: string }) =>
      `The protocol \`${protocol}\` is missing the entry \`${name}\`.`,
  }),
  UNET3053: define({
    severity: 'error',
    title: 'Selection without validation',
    message: () => 'The best checkpoint cannot be selected without validation.',
  }),
  UNET3054: define({
    severity: 'error',
    title: 'Loss that does not fit the network',
    message: ({ text, model, protocol }: { text: string; model: string; protocol: string }) =>
      `The loss of \`${protocol}\` does not fit \`${model}\`. ${text}`,
  }),
  UNET3059: define({
    severity: 'error',
    title: 'Frozen weights that do not fit the network',
    message: ({ text, model, protocol }: { text: string; model: string; protocol: string }) =>
      `\`freeze\` of \`${protocol}\` does not fit \`${model}\`. ${text}`,
  }),
  UNET3056: define({
    severity: 'error',
    title: 'Name listed twice in a report',
    message: ({ name }: { name: string }) => `\`${name}\` is listed twice.`,
  }),
  UNET3057: define({
    severity: 'error',
    title: 'Union of classes that a network does not have',
    message: ({ model, fault }: { model: string; fault: string }) =>
      `This union cannot be reported for \`${model}\`: ${fault}.`,
  }),
  UNET3058: define({
    severity: 'error',
    title: 'Postprocessing that does not fit the network',
    message: ({ text, model, protocol }: { text: string; model: string; protocol: string }) =>
      `The postprocessing of \`${protocol}\` does not fit \`${model}\`. ${text}`,
  }),
  UNET3060: define({
    severity: 'error',
    title: 'Unknown study entry',
    message: ({ name }: { name: string }) => `Unknown study entry \`${name}\`.`,
  }),
  UNET3061: define({
    severity: 'error',
    title: 'Invalid study entry',
    message: ({ name, expected }: { name: string; expected: string }) => `\`${name}\` must be ${expected}.`,
  }),
  UNET3062: define({
    severity: 'error',
    title: 'Missing study entry',
    message: ({ name, study }: { name: string; study: string }) =>
      `The study \`${study}\` is missing the entry \`${name}\`.`,
  }),
  UNET3063: define({
    severity: 'error',
    title: 'Duplicate in a study',
    message: ({ what }: { what: string }) => `${what} is already in this study.`,
  }),
  UNET3064: define({
    severity: 'error',
    title: 'Unknown fold',
    message: ({ fold, folds, protocol }: { fold: number; folds: number; protocol: string }) =>
      `Fold ${fold} does not exist: the split of \`${protocol}\` has ${folds === 1 ? 'only fold 0' : `the folds 0 to ${folds - 1}`}.`,
  }),
  UNET3065: define({
    severity: 'error',
    title: 'Not a variant of the base',
    message: ({ name, base }: { name: string; base: string }) => `\`${name}\` is not a variant of \`${base}\`.`,
  }),
  UNET3066: define({
    severity: 'error',
    title: 'Model cannot follow the protocol',
    message: ({ name, protocol, reason }: { name: string; protocol: string; reason: string }) =>
      `\`${name}\` cannot follow \`${protocol}\`: ${reason}.`,
  }),
  UNET3067: define({
    severity: 'error',
    title: 'Duplicate network in a study',
    message: ({ name, other }: { name: string; other: string }) =>
      `\`${name}\` is the same network as \`${other}\`, so the table would compare it with itself.`,
  }),
  UNET3068: define({
    severity: 'error',
    title: 'No component to remove',
    message: ({ base }: { base: string }) => `No knob of \`${base}\` has an \`off\` value that changes the network.`,
  }),
  UNET3069: define({
    severity: 'error',
    title: 'Different task from the base',
    message: ({ name, base, found, expected }: { name: string; base: string; found: string; expected: string }) =>
      `\`${name}\` predicts ${found} but \`${base}\` predicts ${expected}, so their scores cannot be compared.`,
  }),
  UNET3070: define({
    severity: 'error',
    title: 'Capacity cannot be matched',
    message: ({ name, reason }: { name: string; reason: string }) =>
      `The capacity of \`${name}\` cannot be matched to the base: ${reason}.`,
  }),
  UNET3071: define({
    severity: 'error',
    title: 'Too few folds to select and test',
    message: ({ protocol }: { protocol: string }) =>
      `\`${protocol}\` selects checkpoints by validation, which needs its own fold besides the test fold: the split must have at least 3 folds.`,
  }),
  UNET3075: define({
    severity: 'error',
    title: 'Penalty without a tensor of the batch',
    message: ({ name, found }: { name: string; found: string }) =>
      `The penalty \`${name}\` must be a tensor computed from the inputs, but is ${found}.`,
  }),
} as const satisfies DefinitionTable;
