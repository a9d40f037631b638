import { define, type DefinitionTable } from './define.js';
import { counted } from '../../text/count.js';

/** Types and shapes (3xxx). Codes are never reused; each has a page in docs/diagnostics. */
export const shapeDiagnostics = {
  UNET3001: define({
    severity: 'error',
    title: 'Wrong type',
    message: ({ what, expected, found }: { what: string; expected: string; found: string }) =>
      `${what} must be ${expected}, but is ${found}.`,
  }),
  UNET3002: define({
    severity: 'error',
    title: 'Not a layer',
    message: ({ found }: { found: string }) => `Only a layer can be applied, and this is ${found}.`,
  }),
  UNET3003: define({
    severity: 'error',
    title: 'Fraction where a whole number must be',
    message: ({ what, found }: { what: string; found: string }) => `${what} must be a whole number, and is ${found}.`,
  }),
  UNET3004: define({
    severity: 'error',
    title: 'Condition on a spatial size',
    message: ({ size }: { size: string }) =>
      `A condition cannot ask for the spatial size ${size}, which is known only when the network runs.`,
  }),
  UNET3005: define({
    severity: 'error',
    title: 'Axes do not match',
    message: ({ operator, left, right }: { operator: string; left: string; right: string }) =>
      `\`${operator}\` joins ${left} and ${right}, and the axes of neither contain those of the other.`,
  }),
  UNET3006: define({
    severity: 'error',
    title: 'Sizes differ',
    message: ({ what, axis, left, right }: { what: string; axis: string; left: string; right: string }) =>
      `${what} differ in axis \`${axis}\`: ${left} and ${right}.`,
  }),
  UNET3007: define({
    severity: 'error',
    title: 'Groups do not divide the channels',
    message: ({ groups, channels }: { groups: number; channels: number }) =>
      `${groups} groups do not divide ${counted(channels, 'channel')}.`,
  }),
  UNET3008: define({
    severity: 'error',
    title: 'No such axis',
    message: ({ axis, axes }: { axis: string; axes: string }) =>
      `The tensor has no axis \`${axis}\`; its axes are ${axes}.`,
  }),
  UNET3009: define({
    severity: 'error',
    title: 'Axis twice',
    message: ({ axis }: { axis: string }) => `A tensor cannot have the axis \`${axis}\` twice.`,
  }),
  UNET3010: define({
    severity: 'error',
    title: 'Wrong number of axes',
    message: ({ what, expected, found }: { what: string; expected: string; found: string }) =>
      `${what} takes a tensor with axes ${expected}, and gets ${found}.`,
  }),
  UNET3011: define({
    severity: 'error',
    title: 'Even kernel without padding',
    message: ({ kernel, stride }: { kernel: number; stride: number }) =>
      `A kernel of ${kernel} with stride ${stride} cannot be centred, so its padding must be stated.`,
  }),
  UNET3012: define({
    severity: 'error',
    title: 'One number per spatial axis',
    message: ({ what, given, axes }: { what: string; given: number; axes: number }) =>
      `${what} has ${counted(given, 'number')} for ${counted(axes, 'spatial axis', 'spatial axes')}.`,
  }),
  UNET3013: define({
    severity: 'error',
    title: 'Index out of range',
    message: ({ index, length }: { index: number; length: number }) =>
      `There is no element ${index} in a list of ${length}${length === 0 ? '' : ` (0 .. ${length - 1})`}.`,
  }),
  UNET3014: define({
    severity: 'error',
    title: 'Channels do not match the labels',
    message: ({ output, channels, labels }: { output: string; channels: number; labels: number }) =>
      `The output \`${output}\` has ${counted(labels, 'label')}, and is given ${counted(channels, 'channel')}.`,
  }),
  UNET3015: define({
    severity: 'error',
    title: 'No legal size',
    message: ({ axis, reason }: { axis: string; reason: string }) =>
      `No size of axis \`${axis}\` fits this network: ${reason}.`,
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
      `${what} leaves a size of ${size} along \`${axis}\`.`,
  }),
  UNET3019: define({
    severity: 'error',
    title: 'Value out of range',
    message: ({ what, range, found }: { what: string; range: string; found: string }) =>
      `${what} must be ${range}, not ${found}.`,
  }),
  UNET3020: define({
    severity: 'error',
    title: 'Wrong number of tensors',
    message: ({ layer, takes, given }: { layer: string; takes: string; given: number }) =>
      `\`${layer}\` takes ${takes}, and is given ${given}.`,
  }),
  UNET3021: define({
    severity: 'error',
    title: 'Optional step changes the shape',
    message: ({ before, after }: { before: string; after: string }) =>
      `A step under \`when\` must keep the shape, and this one makes ${after} of ${before}.`,
  }),
  UNET3022: define({
    severity: 'error',
    title: 'Split does not come out',
    message: ({ axis, size, parts }: { axis: string; size: string; parts: string }) =>
      `Axis \`${axis}\` of size ${size} cannot be split into ${parts}.`,
  }),
  UNET3023: define({
    severity: 'error',
    title: 'Trainable tensor of unknown size',
    message: ({ name, size }: { name: string; size: string }) =>
      `The param \`${name}\` would have the size ${size}, which no number is known for.`,
  }),
  UNET3024: define({
    severity: 'error',
    title: 'Layer still waits for an argument',
    message: ({ layer, argument }: { layer: string; argument: string }) =>
      `\`${layer}\` cannot be applied before its argument \`${argument}\` is given.`,
  }),
  UNET3025: define({
    severity: 'error',
    title: 'Arms of different type',
    message: ({ then, otherwise }: { then: string; otherwise: string }) =>
      `The arms of an \`if\` must be of one type, and are ${then} and ${otherwise}.`,
  }),
  UNET3027: define({
    severity: 'error',
    title: 'Spatial size used as a number',
    message: ({ size }: { size: string }) =>
      `The spatial size ${size} is known only when the network runs, and a number is needed here.`,
  }),
  UNET3028: define({
    severity: 'error',
    title: 'Ambiguous axis size',
    message: ({ axis, sizes }: { axis: string; sizes: string }) =>
      `The axis \`${axis}\` was introduced with different sizes (${sizes}), so it cannot stand for a number.`,
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
      `The output \`${output}\` must have the axes ${expected}, and has ${found}.`,
  }),
  UNET3031: define({
    severity: 'error',
    title: 'Shared layer with different weights',
    message: ({ first, here }: { first: string; here: string }) =>
      `A \`shared\` layer must have the same weights at every use: at the first it has ${first}, and here ${here}.`,
  }),
  UNET3050: define({
    severity: 'error',
    title: 'Unknown protocol entry',
    message: ({ name }: { name: string }) => `A protocol has no entry \`${name}\`.`,
  }),
  UNET3051: define({
    severity: 'error',
    title: 'Protocol entry out of form',
    message: ({ name, expected }: { name: string; expected: string }) => `\`${name}\` takes ${expected}.`,
  }),
  UNET3052: define({
    severity: 'error',
    title: 'Protocol entry missing',
    message: ({ name, protocol }: { name: string; protocol: string }) =>
      `The protocol \`${protocol}\` does not say its \`${name}\`.`,
  }),
  UNET3053: define({
    severity: 'error',
    title: 'Selection without validation',
    message: () => 'The best checkpoint cannot be chosen where nothing is ever validated.',
  }),
  UNET3060: define({
    severity: 'error',
    title: 'Unknown study entry',
    message: ({ name }: { name: string }) => `A study has no entry \`${name}\`.`,
  }),
  UNET3061: define({
    severity: 'error',
    title: 'Study entry out of form',
    message: ({ name, expected }: { name: string; expected: string }) => `\`${name}\` takes ${expected}.`,
  }),
  UNET3062: define({
    severity: 'error',
    title: 'Study entry missing',
    message: ({ name, study }: { name: string; study: string }) =>
      `The study \`${study}\` does not say its \`${name}\`.`,
  }),
  UNET3063: define({
    severity: 'error',
    title: 'Given twice in a study',
    message: ({ what }: { what: string }) => `${what} is in this study already.`,
  }),
  UNET3064: define({
    severity: 'error',
    title: 'No such fold',
    message: ({ fold, folds, protocol }: { fold: number; folds: number; protocol: string }) =>
      `There is no fold ${fold}: the split of \`${protocol}\` has ${folds === 1 ? 'one, 0' : `${folds}, 0 to ${folds - 1}`}.`,
  }),
  UNET3065: define({
    severity: 'error',
    title: 'Not a variant of the base',
    message: ({ name, base }: { name: string; base: string }) => `\`${name}\` is not made of \`${base}\` by its knobs.`,
  }),
  UNET3066: define({
    severity: 'error',
    title: 'Model cannot follow the protocol',
    message: ({ name, protocol, reason }: { name: string; protocol: string; reason: string }) =>
      `\`${name}\` cannot follow \`${protocol}\`: ${reason}.`,
  }),
  UNET3067: define({
    severity: 'error',
    title: 'The same network twice in a study',
    message: ({ name, other }: { name: string; other: string }) =>
      `\`${name}\` is the same network as \`${other}\`, so the table would compare it with itself.`,
  }),
  UNET3068: define({
    severity: 'error',
    title: 'Nothing to leave out',
    message: ({ base }: { base: string }) => `No knob of \`${base}\` has an \`off\` that changes the network.`,
  }),
  UNET3069: define({
    severity: 'error',
    title: 'Another task than the base',
    message: ({ name, base, found, expected }: { name: string; base: string; found: string; expected: string }) =>
      `\`${name}\` predicts ${found}, and \`${base}\` ${expected}: their figures cannot stand in one table.`,
  }),
  UNET3070: define({
    severity: 'error',
    title: 'Capacity cannot be made equal',
    message: ({ name, reason }: { name: string; reason: string }) =>
      `\`${name}\` cannot be made as large as the base: ${reason}.`,
  }),
  UNET3071: define({
    severity: 'error',
    title: 'Too few folds to select and test',
    message: ({ protocol }: { protocol: string }) =>
      `\`${protocol}\` selects on validation, which takes a fold of its own besides the test fold: it must split into 3 folds at least.`,
  }),
} as const satisfies DefinitionTable;
