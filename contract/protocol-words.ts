/**
 * Every word of a training protocol: what entries, words and arguments mean, the values they take, and their defaults.
 * The table is the only source: the type of a protocol (`protocol.ts`), the compiler's reader, the runtime's schema, and
 * the editor's completions and hover documentation are derived from it.
 *
 * How a value is stored: a word as `{ kind: word, ...arguments }`, or as its name alone if no word at its place takes
 * arguments; an argument under its name in camel case (`weight_decay` as `weightDecay`).
 */

/** A value that is not a word. Bounds are inclusive. */
export type Scalar =
  | { readonly is: 'number'; readonly from: number; readonly to: number }
  | { readonly is: 'whole'; readonly from: number; readonly to: number }
  /** `true` or `false`. */
  | { readonly is: 'bool' }
  /** A string that is not empty. */
  | { readonly is: 'string' }
  /** A list of strings that are not empty. */
  | { readonly is: 'strings' }
  /** `[D, H, W]`: a whole number from 1 for each of at most three spatial axes. */
  | { readonly is: 'sizes' }
  /** `[D, H, W]`: a number of millimetres above 0 for each of three spatial axes. */
  | { readonly is: 'millimetres' }
  /** Names of axes, at least one: arguments without a name, or the list `[H, W]` as an argument with a name. */
  | { readonly is: 'axes' }
  /** Names of classes or regions, at least one: arguments without a name. A name that is not an identifier is a string. */
  | { readonly is: 'labels' }
  /** Numbers from 0, in brackets, of which one is above 0. */
  | { readonly is: 'numbers' }
  /** `[NAME: N, ...]`, or `[N, ...]` for all in order: positive weights, each stored with its name or with null. */
  | { readonly is: 'weights' }
  /** `A .. B` with A at most B, or A alone for `A .. A`; stored as `from` and `to` beside the word's kind. */
  | {
      readonly is: 'range';
      readonly from: number;
      readonly to: number;
      /** Whether A is below B. */ readonly apart?: true;
    }
  /** `NAME: [CLASS, ...], ...`: named lists of names, at least one, each of at least one; in place of named arguments. */
  | { readonly is: 'unions' };

/** Bounds of a voxel size in millimetres. */
export const [smallestSize, largestSize] = [1e-3, 1e3];

export type ScalarKind = Scalar['is'];

/** A place of a protocol where a value is written: a scalar, one of some words, or either. */
export interface Place {
  readonly doc: string;
  readonly scalar?: Scalar;
  readonly words?: Words;
  /** As it is stored. Absent: required. */
  readonly default?: unknown;
}

/** An argument without a name; `text` stands for it in messages. */
export interface Positional extends Place {
  readonly field: string;
  readonly text: string;
}

/** An argument with a name. */
export interface Argument extends Place {
  /** Stands for a scalar in messages. */
  readonly text?: string;
}

export interface Word {
  readonly doc: string;
  readonly takes?: Positional;
  readonly named?: Readonly<Record<string, Argument>>;
  /** What is stored instead of the word and its arguments. */
  readonly becomes?: unknown;
}

export type Words = Readonly<Record<string, Word>>;

/**
 * An entry: one value, a sum of weighted words (`sum`), a list of words or a lone one (`items`), words by input
 * (`sources`), or one of its words for all channels or one for each, `[CHANNEL: WORD, ...]` (`byChannel`).
 */
export interface EntryWords extends Place {
  readonly sum?: true;
  readonly byChannel?: true;
  readonly items?: Words;
  readonly sources?: Words;
}

const most = 2 ** 31;
/** Numbers above 0. */
const positive = { is: 'number', from: Number.MIN_VALUE } as const;
const whole = { is: 'whole', from: 1, to: most } as const;

const chance = {
  text: 'P',
  doc: 'Probability that a patch is changed.',
  scalar: { is: 'number', from: 0, to: 1 },
  default: 1,
} as const;

const perChannel = {
  text: 'P',
  doc: 'Probability that each channel of such a patch is changed.',
  scalar: { is: 'number', from: 0, to: 1 },
  default: 1,
} as const;

function along(doc: string) {
  return { text: '[AXIS, ...]', doc, scalar: { is: 'axes' }, default: null } as const;
}

/** Drawn uniformly between its bounds. */
function drawn<From extends number, To extends number>(text: string, doc: string, from: From, to: To) {
  return { field: 'range', text, doc, scalar: { is: 'range', from, to } } as const;
}
/** The arguments of a step of postprocessing that say what its components are. */
const componentChoices = {
  components: {
    doc: 'What the components are components of.',
    default: 'each',
    words: {
      each: { doc: 'Each class on its own.' },
      union: { doc: 'All of these classes together.' },
    },
  },
  connectivity: {
    doc: 'What neighbouring voxels of a component share.',
    default: 'corners',
    words: {
      faces: { doc: 'A face: 6 neighbours, 4 in one slice.' },
      edges: { doc: 'A face or an edge: 18 neighbours, 8 in one slice.' },
      corners: { doc: 'A face, an edge or a corner: 26 neighbours, 8 in one slice.' },
    },
  },
} as const;

const componentClasses = {
  field: 'classes',
  text: 'CLASS, ...',
  doc: 'The classes or regions. Defaults to all except the background.',
  scalar: { is: 'labels' },
  default: null,
} as const;

const classes = {
  doc: 'The classes to average over.',
  default: 'foreground',
  words: {
    foreground: { doc: 'All classes except the background; all regions.' },
    all: { doc: 'All classes.' },
  },
} as const;

const smooth = {
  text: 'N',
  doc: 'Added to the numerator and denominator.',
  scalar: { is: 'number', from: 0, to: 1e9 },
  default: 1,
} as const;

const over = {
  doc: 'The voxels of a sum.',
  default: 'case',
  words: {
    case: { doc: 'Those of one case; the loss is the mean over cases.' },
    batch: { doc: "Those of all cases of a batch together, as in nnU-Net's `batch_dice`." },
  },
} as const;

const weights = {
  text: '[CLASS: N, ...]',
  doc: 'Weights of classes (or regions) in the mean, by name or for all of them in order. A class that is not named weighs 1.',
  scalar: { is: 'weights' },
  default: null,
} as const;

const initialRate = {
  text: 'RATE',
  doc: 'Initial learning rate (required).',
  scalar: { ...positive, to: 1e3 },
} as const;

const finalRate = {
  text: 'RATE',
  doc: 'The final learning rate.',
  scalar: { is: 'number', from: 0, to: 1e3 },
  default: 0,
} as const;

const rateFactor = {
  text: 'F',
  doc: 'The factor.',
  scalar: { ...positive, to: 1 },
  default: 0.1,
} as const;

function decay<Default extends number>(doc: string, usual: Default) {
  return { text: 'D', doc, scalar: { is: 'number', from: 0, to: 1e3 }, default: usual } as const;
}

const clipNorm = {
  text: 'N',
  doc: 'Maximum global gradient norm. Defaults to no clipping.',
  scalar: { ...positive, to: 1e9 },
  default: null,
} as const;

const betas = {
  beta1: {
    text: 'B',
    doc: 'Decay rate of the first moment.',
    scalar: { is: 'number', from: 0, to: 0.999999 },
    default: 0.9,
  },
  beta2: {
    text: 'B',
    doc: 'Decay rate of the second moment.',
    scalar: { is: 'number', from: 0, to: 0.9999999 },
    default: 0.999,
  },
  epsilon: {
    text: 'E',
    doc: 'Added to the denominator for numerical stability.',
    scalar: { ...positive, to: 1 },
    default: 1e-8,
  },
} as const;

/** A column that describes cases. */
const column = {
  doc: 'A column of `cases.csv`, or of a CSV of paths.',
  takes: { field: 'name', text: '"NAME"', doc: 'The name of the column.', scalar: { is: 'string' } },
} as const;

export const entryWords = {
  data: {
    doc: 'The data set that the protocol is for. Defaults to any data set.',
    default: null,
    words: {
      named: {
        doc: 'A data set in any layout, identified by name.',
        takes: {
          field: 'name',
          text: '"NAME"',
          doc: 'The name of the data set: the one in `dataset.json`, or of its folder or CSV.',
          scalar: { is: 'string' },
        },
      },
      msd: {
        doc: 'The same as `named`, for a data set of the Medical Segmentation Decathlon.',
        takes: {
          field: 'name',
          text: '"NAME"',
          doc: 'The name of the data set: the one in `dataset.json`, or of its folder.',
          scalar: { is: 'string' },
        },
      },
    },
  },
  split: {
    doc: 'How cases are divided into training and validation.',
    default: { kind: 'kfold', folds: 5, seed: 12345, group: null, stratify: null },
    words: {
      kfold: {
        doc: 'K-fold split: each fold is held out once for validation.',
        takes: {
          field: 'folds',
          text: 'FOLDS',
          doc: 'The number of folds.',
          scalar: { is: 'whole', from: 2, to: 1000 },
        },
        named: {
          seed: {
            text: 'N',
            doc: 'Random seed of the split.',
            scalar: { is: 'whole', from: 0, to: most },
            default: 12345,
          },
          group: {
            doc: 'Keeps cases with the same value, such as the scans of a patient, in one fold.',
            default: null,
            words: { none: { doc: 'Split case by case.', becomes: null }, column },
          },
          stratify: {
            doc: 'Spreads the cases of each value, such as a site, evenly over the folds.',
            default: null,
            words: { none: { doc: 'Do not stratify.', becomes: null }, column },
          },
        },
      },
      file: {
        doc: "Folds from a file in the format of nnU-Net's `splits_final.json`: a list with `train` and `val` for each fold.",
        takes: {
          field: 'path',
          text: '"FILE"',
          doc: 'Path of the file, relative to the folder of the data set.',
          scalar: { is: 'string' },
        },
        named: {
          folds: {
            text: 'FOLDS',
            doc: 'The number of folds that the file must contain.',
            scalar: { is: 'whole', from: 1, to: 1000 },
            default: 5,
          },
        },
      },
      cases: {
        doc: 'A fixed split by case name.',
        named: {
          train: { text: '["..."]', doc: 'Names of the training cases.', scalar: { is: 'strings' } },
          validation: { text: '["..."]', doc: 'Names of the validation cases.', scalar: { is: 'strings' } },
        },
      },
    },
  },
  patch: {
    doc: 'How training patches are sampled (required).',
    words: {
      random: {
        doc: 'A patch at a random position.',
        takes: {
          field: 'size',
          text: '[D, H, W]',
          doc: 'Patch size in voxels along each axis.',
          scalar: { is: 'sizes' },
        },
        named: {
          foreground: {
            doc: 'How patches with foreground are favoured.',
            default: null,
            words: {
              none: { doc: 'Use the first patch.', becomes: null },
              redraw: {
                doc: 'Draw patches until one contains enough foreground or the maximum number of draws is reached.',
                takes: { field: 'draws', text: 'DRAWS', doc: 'The maximum number of draws.', scalar: whole },
                named: {
                  above: {
                    text: 'VOXELS',
                    doc: 'A patch needs more foreground voxels than this.',
                    scalar: { is: 'whole', from: 0, to: most },
                    default: 0,
                  },
                },
              },
              share: {
                doc:
                  'Centre this share of the patches of a batch, its last ones, on a voxel of a random foreground class of the case. ' +
                  'As in nnU-Net, `batch * (1 - SHARE)` is rounded to give the number of other patches; if none would be ' +
                  'centred, each patch is with this probability.',
                takes: {
                  field: 'share',
                  text: 'SHARE',
                  doc: 'The share, from 0 to 1; 0.33 in nnU-Net.',
                  scalar: { is: 'number', from: 0, to: 1 },
                },
              },
            },
          },
        },
      },
    },
  },
  orient: {
    doc: 'The order and direction of the axes that the network sees.',
    default: 'as_stored',
    words: {
      as_stored: { doc: 'As in the file: `[D, H, W]` are its z, y and x axes.' },
      ras: {
        doc: 'x, y and z run towards right, anterior and superior. Masks are written in the order of the image.',
      },
    },
  },
  spacing: {
    doc: 'The voxel size that cases are resampled to. Masks are written on the grid of the image.',
    default: { kind: 'as_stored' },
    words: {
      as_stored: { doc: 'The voxel size of each case.' },
      median: {
        doc: 'The median voxel size of the training cases, as nnU-Net chooses it: if one axis is more than 3 times coarser than the others and has less than a third of their voxels, the 10th percentile along that axis.',
      },
      fixed: {
        doc: 'One voxel size for all cases.',
        takes: {
          field: 'size',
          text: '[D, H, W]',
          doc: 'Voxel size in millimetres along each axis, after `orient`.',
          scalar: { is: 'millimetres' },
        },
      },
    },
  },
  resample: {
    doc: 'How values between voxels are computed if `spacing` changes the voxel size. Above an anisotropy of 3 the coarsest axis is resampled separately, by nearest neighbour, as in nnU-Net.',
    default: { kind: 'interpolate', images: 'cubic', labels: 'linear' },
    words: {
      interpolate: {
        doc: 'Interpolate images and labels.',
        named: {
          images: {
            doc: 'Interpolation of images, after normalisation.',
            default: 'cubic',
            words: {
              cubic: { doc: 'Cubic B-spline, clipped to the range of what is resampled.' },
              linear: { doc: 'Linear interpolation.' },
            },
          },
          labels: {
            doc: 'Interpolation of labels.',
            default: 'linear',
            words: {
              linear: { doc: 'Interpolate the mask of each label; a label is present where its mask is at least 0.5.' },
              nearest: { doc: 'The label of the nearest voxel.' },
            },
          },
        },
      },
    },
  },
  normalize: {
    doc: 'How intensities are normalised: one word for all channels, or one for each, as `[CT: ct, PET: zscore(all)]`.',
    default: { kind: 'zscore', over: 'nonzero' },
    byChannel: true,
    words: {
      zscore: {
        doc: 'Subtract the mean of each channel of a case and divide by its standard deviation.',
        takes: {
          field: 'over',
          text: 'VOXELS',
          doc: 'The voxels used for the mean and standard deviation.',
          default: 'nonzero',
          words: { nonzero: { doc: 'Voxels other than 0.' }, all: { doc: 'All voxels.' } },
        },
      },
      ct: {
        doc: 'Clip to the 0.5 and 99.5 % percentiles of the foreground of the training cases, subtract its mean and divide by its standard deviation, as in nnU-Net. Each case weighs the same.',
      },
      minmax: { doc: 'Scale the range of each channel of a case to 0 .. 1.' },
      percentiles: {
        doc: 'Clip each channel of a case to two of its percentiles, over all voxels, and scale these to 0 .. 1.',
        takes: {
          field: 'range',
          text: 'A .. B',
          doc: 'The lower and the upper percentile.',
          scalar: { is: 'range', from: 0, to: 100, apart: true },
        },
      },
      none: { doc: 'Use intensities as stored.' },
    },
  },
  augment: {
    doc:
      'Augmentations of each training patch, in order. `rotate`, `zoom` and `elastic` come first, wherever they are ' +
      'listed: together they are one linear interpolation, which reads from the whole case.',
    default: [],
    items: {
      rotate: {
        doc: 'Rotate about the centre by a random angle for each axis, in voxels, whatever their spacing.',
        takes: drawn('A .. B', 'The angle in degrees.', -180, 180),
        named: {
          about: along('The axes to rotate about. A 2-D patch has only one. Defaults to all axes.'),
          chance,
        },
      },
      zoom: {
        doc: 'Magnify by a random factor, the same along all axes; below 1, shrink. The extent that is read is drawn uniformly.',
        takes: drawn('A .. B', 'The factor.', 0.1, 10),
        named: { axes: along('The axes to zoom. Defaults to all axes.'), chance },
      },
      elastic: {
        doc:
          'Move the points of a coarse grid at random, and the voxels between them by cubic interpolation ' +
          '(Ronneberger et al. 2015).',
        takes: drawn(
          'A .. B',
          'The standard deviation of the displacements along each axis, in voxels, drawn once per patch.',
          0,
          1000,
        ),
        named: {
          spacing: {
            text: 'VOXELS',
            doc: 'The distance between the points of the grid.',
            scalar: { is: 'number', from: 2, to: 1e4 },
            default: 16,
          },
          axes: along('The axes along which voxels are displaced. Defaults to all axes.'),
          chance,
        },
      },
      flip: {
        doc: 'Flip each of the axes, with probability 1/2 by default.',
        takes: { field: 'axes', text: 'AXIS, ...', doc: 'The axes to flip.', scalar: { is: 'axes' } },
        named: { chance: { ...chance, doc: 'Probability that each of the axes is flipped.', default: 0.5 } },
      },
      scale: {
        doc: 'Multiply intensities by a random factor, drawn once per patch.',
        takes: drawn('A .. B', 'The factor.', -1e9, 1e9),
        named: { chance },
      },
      shift: {
        doc: 'Add a random offset to intensities, drawn once per patch.',
        takes: drawn('A .. B', 'The offset.', -1e9, 1e9),
        named: { chance },
      },
      noise: {
        doc: 'Add Gaussian noise to every voxel.',
        takes: drawn('DEVIATION', 'The standard deviation of the noise, or its range, drawn once per patch.', 0, 1e6),
        named: { chance },
      },
      blur: {
        doc: 'Blur with a Gaussian; its standard deviation is drawn for each channel and axis.',
        takes: drawn('A .. B', 'The standard deviation in voxels.', 0, 100),
        named: { chance, per_channel: perChannel },
      },
      brightness: {
        doc: 'Multiply intensities by a random factor, drawn for each channel.',
        takes: drawn('A .. B', 'The factor: from A to 1 or from 1 to B, with equal probability.', 0, 1000),
        named: { chance, per_channel: perChannel },
      },
      contrast: {
        doc: 'Multiply the differences from the mean of a channel by a random factor and clip to the range that the channel had.',
        takes: drawn('A .. B', 'The factor: from A to 1 or from 1 to B, with equal probability.', 0, 1000),
        named: { chance, per_channel: perChannel },
      },
      low_resolution: {
        doc: 'Sample a channel at fewer points (nearest) and interpolate it back (linear).',
        takes: drawn('A .. B', 'The number of points as a fraction of the size, drawn for each channel.', 0.01, 1),
        named: { axes: along('The axes with fewer points. Defaults to all axes.'), chance, per_channel: perChannel },
      },
      gamma: {
        doc: 'Raise the intensities of a channel, scaled to 0 .. 1, to a random power, drawn for each channel.',
        takes: drawn('A .. B', 'The power: from A to 1 or from 1 to B, with equal probability.', 0.01, 100),
        named: {
          invert: {
            text: 'P',
            doc: 'Probability that intensities are negated before and after.',
            scalar: { is: 'number', from: 0, to: 1 },
            default: 0,
          },
          statistics: {
            doc: 'Whether the mean and standard deviation of the channel are restored.',
            default: 'kept',
            words: { kept: { doc: 'They are restored.' }, free: { doc: 'They are not.' } },
          },
          chance,
          per_channel: perChannel,
        },
      },
      mask: {
        doc: 'Set voxels that were 0 in every channel before intensities were changed back to 0: those outside a head.',
      },
      nnunet: {
        doc:
          'The augmentations of nnU-Net, for the shape of the patch: `rotate`, `zoom`, `noise`, `blur`, `brightness`, ' +
          '`contrast`, `low_resolution`, `gamma` inverted and not, `flip` and `mask`.',
      },
    },
  },
  loss: {
    doc: 'The loss to minimise: a sum of optionally weighted terms (required).',
    sum: true,
    words: {
      dice: {
        doc: 'Soft Dice loss: 1 minus the mean of `(2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth)` over classes.',
        named: {
          smooth,
          classes,
          over,
          denominator: {
            doc: 'What the denominator sums.',
            default: 'sums',
            words: {
              sums: { doc: 'The probabilities: `sum(p) + sum(t)`.' },
              squares: { doc: 'Their squares: `sum(p^2) + sum(t)` (Milletari et al. 2016).' },
            },
          },
          weights,
        },
      },
      generalized_dice: {
        doc:
          'Generalised Dice loss (Sudre et al. 2017): `1 - (2 sum_c w_c sum(p t) + smooth) / (sum_c w_c (sum(p) + sum(t)) + smooth)`; ' +
          'a class without voxels gets the largest weight of the others.',
        named: {
          volume: {
            doc: 'How the weight of a class depends on its number of voxels.',
            default: 'square',
            words: {
              square: { doc: '`1 / sum(t)^2`.' },
              simple: { doc: '`1 / sum(t)`.' },
              uniform: { doc: 'All classes weigh 1.' },
            },
          },
          smooth,
          classes: { ...classes, doc: 'The classes to sum over.' },
          over,
          weights: { ...weights, doc: `${weights.doc} They multiply the weights by volume.` },
        },
      },
      tversky: {
        doc:
          'Tversky loss (Salehi et al. 2017): 1 minus the mean of `(TP + smooth) / (TP + alpha FP + beta FN + smooth)` over ' +
          'classes, with `TP = sum(p t)`, `FP = sum(p) - TP` and `FN = sum(t) - TP`. With `alpha: 0.5, beta: 0.5` it is the Dice loss.',
        named: {
          alpha: {
            text: 'A',
            doc: 'The weight of false positives.',
            scalar: { is: 'number', from: 0, to: 1e3 },
            default: 0.3,
          },
          beta: {
            text: 'B',
            doc: 'The weight of false negatives.',
            scalar: { is: 'number', from: 0, to: 1e3 },
            default: 0.7,
          },
          smooth,
          classes,
          over,
          weights,
        },
      },
      cross_entropy: {
        doc: 'Mean cross entropy over voxels; binary if the output has regions.',
        named: {
          weights: {
            ...weights,
            doc: `${weights.doc} The sum is divided by the weights of all voxels, as in PyTorch.`,
          },
        },
      },
      focal: {
        doc: 'Focal loss (Lin et al. 2017): the mean over voxels of `-alpha_t (1 - p_t)^gamma log p_t`.',
        named: {
          gamma: {
            text: 'N',
            doc: 'The exponent that reduces the weight of voxels that are already predicted well; 0 gives the cross entropy.',
            scalar: { is: 'number', from: 0, to: 100 },
            default: 2,
          },
          alpha: {
            text: 'A',
            doc: 'The weight of foreground classes, or of voxels inside a region; others weigh `1 - alpha`. All weigh 1 by default.',
            scalar: { is: 'number', from: 0, to: 1 },
            default: null,
          },
          weights: { ...weights, doc: `${weights.doc} The sum is divided by the weights of all voxels.` },
        },
      },
    },
  },
  deep: {
    doc:
      'Deep supervision: weights of the prediction and its auxiliary ones, the finest first: a word, or one number for each, as ' +
      '`[1, 0.5, 0.25, 0]`. They are scaled to sum to 1.',
    default: 'halving',
    scalar: { is: 'numbers' },
    words: {
      halving: { doc: 'Proportional to 1, 1/2, 1/4, ...' },
      nnunet: {
        doc: 'Proportional to 1, 1/2, 1/4, ..., and 0 for the coarsest prediction if there are several, as in nnU-Net.',
      },
      equal: { doc: 'Equal weights.' },
    },
  },
  freeze: {
    doc:
      'Weights that training leaves unchanged: their ids, as in `unet report --weights`, in which `*` is any text. They get no update and no ' +
      'weight decay. A batch norm with frozen statistics uses its running ones.',
    default: [],
    scalar: { is: 'strings' },
  },
  optimizer: {
    doc: 'The optimiser (required).',
    words: {
      adamw: {
        doc: 'AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019).',
        named: {
          lr: initialRate,
          weight_decay: decay('Weight decay, multiplied by the learning rate.', 0.01),
          clip_norm: clipNorm,
          ...betas,
        },
      },
      adam: {
        doc: 'Adam (Kingma & Ba 2015), as in PyTorch.',
        named: {
          lr: initialRate,
          weight_decay: decay('Weight decay, added to the gradient.', 0),
          clip_norm: clipNorm,
          ...betas,
        },
      },
      sgd: {
        doc: 'Stochastic gradient descent with momentum, as in PyTorch.',
        named: {
          lr: initialRate,
          momentum: {
            text: 'M',
            doc: 'Momentum: the velocity is `momentum * velocity + gradient`.',
            scalar: { is: 'number', from: 0, to: 0.999999 },
            default: 0,
          },
          nesterov: { doc: 'Whether to use Nesterov momentum.', scalar: { is: 'bool' }, default: false },
          weight_decay: decay('Weight decay, added to the gradient.', 0),
          clip_norm: clipNorm,
        },
      },
    },
  },
  schedule: {
    doc: 'Learning rate schedule, in effect after the warm-up.',
    default: { kind: 'constant' },
    words: {
      constant: { doc: 'A constant learning rate.' },
      cosine: {
        doc: 'Cosine decay: `to + (lr - to) * (1 + cos(pi t / T)) / 2`.',
        named: { to: finalRate },
      },
      poly: {
        doc: 'Polynomial decay, as in nnU-Net: `lr * (1 - t / T) ^ power`.',
        named: { power: { text: 'P', doc: 'The exponent.', scalar: { is: 'number', from: 0, to: 100 }, default: 0.9 } },
      },
      step: {
        doc: 'Multiply the rate by a factor each time this number of epochs is over.',
        takes: { field: 'every', text: 'EPOCHS', doc: 'Number of epochs at each rate.', scalar: whole },
        named: { by: rateFactor },
      },
      multistep: {
        doc: 'Multiply the rate by a factor after each of the given epochs.',
        takes: {
          field: 'at',
          text: '[EPOCH, ...]',
          doc: 'Numbers of completed epochs after which the rate changes.',
          scalar: { is: 'numbers' },
        },
        named: { by: rateFactor },
      },
      restarts: {
        doc: 'Cosine decay with warm restarts (SGDR, Loshchilov & Hutter 2017).',
        takes: { field: 'first', text: 'EPOCHS', doc: 'Length of the first cycle in epochs.', scalar: whole },
        named: {
          factor: {
            text: 'N',
            doc: 'Each cycle is this many times longer than the one before.',
            scalar: { is: 'number', from: 1, to: 100 },
            default: 1,
          },
          to: finalRate,
        },
      },
    },
  },
  warmup: {
    doc: 'How the learning rate rises before the schedule begins; the schedule then covers the remaining steps.',
    default: null,
    words: {
      none: { doc: 'No warm-up.', becomes: null },
      linear: {
        doc: 'The rate rises linearly from a fraction of it.',
        takes: { field: 'steps', text: 'STEPS', doc: 'Number of steps of the warm-up.', scalar: whole },
        named: {
          from: {
            text: 'F',
            doc: 'The fraction of the rate at the first step.',
            scalar: { is: 'number', from: 0, to: 1 },
            default: 0.1,
          },
        },
      },
    },
  },
  average: {
    doc: 'Weights that are validated, selected, exported and used for prediction.',
    default: null,
    words: {
      none: { doc: 'Those of the last step.', becomes: null },
      ema: {
        doc: 'The exponential moving average of the weights over the steps, running statistics included.',
        takes: {
          field: 'decay',
          text: 'D',
          doc: 'The average is `D * average + (1 - D) * weights` after each step; after the first one it is the weights.',
          scalar: { is: 'number', from: 0, to: 0.9999999 },
        },
      },
    },
  },
  epochs: { doc: 'Length of the training in epochs; an epoch is one patch from every training case.', scalar: whole },
  steps: { doc: 'Length of the training in steps, instead of `epochs`.', scalar: whole },
  batch: { doc: 'Batch size in patches.', scalar: whole, default: 1 },
  accumulate: {
    doc: 'Number of batches whose gradients are averaged for each step.',
    scalar: whole,
    default: 1,
  },
  validate: {
    doc: 'How whole cases are predicted.',
    default: { kind: 'sliding_window', overlap: 0.5, blend: 'gaussian', region: 'all', mirror: null, every: 1 },
    words: {
      sliding_window: {
        doc: 'Sliding-window inference: overlapping patches, blended where they overlap.',
        named: {
          overlap: {
            text: 'N',
            doc: 'Overlap of adjacent patches as a fraction of the patch size.',
            scalar: { is: 'number', from: 0, to: 0.95 },
            default: 0.5,
          },
          blend: {
            doc: 'How overlapping predictions are weighted.',
            default: 'gaussian',
            words: { gaussian: { doc: 'More weight at the centre of a patch.' }, constant: { doc: 'Equal weights.' } },
          },
          region: {
            doc: 'Where windows are placed.',
            default: 'all',
            words: {
              all: { doc: 'In the whole volume.' },
              nonzero: {
                doc: 'In the box of voxels that are not 0, as stored, in any channel; outside it is background.',
              },
            },
          },
          mirror: {
            doc: 'Test-time augmentation: average the logits over all combinations of mirrored axes.',
            default: null,
            words: {
              none: { doc: 'Predict each window once.', becomes: null },
              axes: {
                doc: 'Predict each window 2^n times, mirrored along each combination of n axes.',
                takes: { field: 'axes', text: 'AXIS, ...', doc: 'The axes to mirror.', scalar: { is: 'axes' } },
              },
            },
          },
          every: {
            text: 'EPOCHS',
            doc: 'Number of epochs between validations; the last epoch is always validated.',
            default: 1,
            scalar: whole,
            words: { never: { doc: 'Do not validate.', becomes: null } },
          },
        },
      },
    },
  },
  postprocess: {
    doc:
      'Components to remove from predicted masks, in order, wherever a mask is scored or written. Removed voxels become background; ' +
      'probabilities are unchanged.',
    default: [],
    items: {
      largest: {
        doc: 'Keep the component with the most voxels; the first one if several have as many.',
        takes: componentClasses,
        named: componentChoices,
      },
      at_least: {
        doc: 'Remove components that are smaller than a size.',
        takes: componentClasses,
        named: {
          size: { text: 'N', doc: 'The smallest size that is kept (required).', scalar: { ...positive, to: 1e9 } },
          unit: {
            doc: 'The unit of the size (required).',
            words: { mm3: { doc: 'Cubic millimetres.' }, voxels: { doc: 'Voxels of the image.' } },
          },
          ...componentChoices,
        },
      },
    },
  },
  select: {
    doc: 'Which checkpoint is used after training.',
    default: { kind: 'last' },
    words: {
      last: { doc: 'The checkpoint after the last step.' },
      best: {
        doc: 'The checkpoint with the best validation score.',
        takes: {
          field: 'metric',
          text: 'METRIC',
          doc: 'The metric to maximise.',
          words: { mean_dice: { doc: 'The mean Dice score.' } },
        },
      },
    },
  },
  report: {
    doc: 'The measures to report, and unions of classes to report them for. They do not affect training: `unet study run` scores finished jobs again from their weights if measures are added. Dice is always reported.',
    default: [
      { kind: 'dice' },
      { kind: 'iou' },
      { kind: 'sensitivity' },
      { kind: 'specificity' },
      { kind: 'precision' },
      { kind: 'hd95' },
    ],
    items: {
      dice: { doc: 'Dice score: `2 TP / (2 TP + FP + FN)`.' },
      iou: { doc: 'Intersection over union: `TP / (TP + FP + FN)`.' },
      sensitivity: { doc: 'Sensitivity (recall): `TP / (TP + FN)`.' },
      specificity: { doc: 'Specificity: `TN / (TN + FP)`.' },
      precision: { doc: 'Precision: `TP / (TP + FP)`.' },
      hd95: {
        doc: '95 % Hausdorff distance in mm: the larger of the two directed percentiles between surface voxels, as in MONAI and Metrics Reloaded. MedPy and DeepMind define it differently.',
      },
      nsd: {
        doc: 'Normalised surface Dice: the share of both surfaces that lies within a tolerance of the other, weighted by area as DeepMind defines it.',
        takes: {
          field: 'tolerance',
          text: 'MM',
          doc: 'The tolerance in mm.',
          scalar: { ...positive, to: 1000 },
        },
      },
      assd: {
        doc: 'Average symmetric surface distance in mm: the mean over the surface voxels of both masks, pooled as in MedPy and MONAI.',
      },
      lesions: {
        doc: 'Lesion-wise Dice and HD95 of BraTS 2023, for volumes.',
        takes: {
          field: 'challenge',
          text: 'CHALLENGE',
          doc: 'The challenge whose constants are used.',
          words: {
            gli: { doc: 'Adult glioma: dilation 3, lesions of at most 50 mm3 are not counted.' },
            men: { doc: 'Meningioma: dilation 1, at most 50 mm3.' },
            met: { doc: 'Metastases: dilation 1, at most 2 mm3.' },
          },
        },
      },
      volume: { doc: 'Volumes in ml: predicted, reference, and their difference.' },
      calibration: { doc: 'Reliability diagram and expected calibration error.' },
      regions: {
        doc: 'Named unions of classes, for an output of classes. All measures are reported for them too.',
        takes: {
          field: 'unions',
          text: 'NAME: [CLASS, ...], ...',
          doc: 'The name of each union and its classes.',
          scalar: { is: 'unions' },
        },
      },
    },
  },
  identify: {
    doc: "Where each identifier input's value comes from. Inputs that are not listed receive no value.",
    default: [],
    words: { none: { doc: 'No input receives a value.', becomes: [] } },
    sources: {
      column: {
        doc: 'A column of `cases.csv`, next to `dataset.json`.',
        takes: { field: 'name', text: '"NAME"', doc: 'The name of the column.', scalar: { is: 'string' } },
      },
      hash: {
        doc: 'A hash of a name.',
        takes: {
          field: 'of',
          text: 'case',
          doc: 'The name to hash.',
          words: { case: { doc: 'The name of the case.' } },
        },
        becomes: { kind: 'hash_case' },
      },
      none: { doc: 'The input receives no value.', becomes: null },
    },
  },
} as const satisfies Readonly<Record<string, EntryWords>>;

export type EntryName = keyof typeof entryWords;

export const entryNames = Object.keys(entryWords) as readonly EntryName[];

export function isEntryName(name: string): name is EntryName {
  return Object.hasOwn(entryWords, name);
}

/** Returns whether a place takes words, none of which takes arguments: then the name of the word is what is stored. */
export function takesNamesOnly(words: Words): boolean {
  return Object.values(words).every(({ takes, named }) => takes === undefined && named === undefined);
}

/** Returns the name under which an argument is stored: `weightDecay` for `weight_decay`. */
export function fieldOf(argument: string): string {
  return argument.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Returns a word among others by its name. */
export function wordOf(words: Words | undefined, name: string): Word | undefined {
  return words !== undefined && Object.hasOwn(words, name) ? words[name] : undefined;
}

/** Returns an argument of a word by its name, or the one without a name. */
export function argumentOf(word: Word | undefined, name: string | undefined): Argument | undefined {
  if (name === undefined) return word?.takes;
  return word?.named !== undefined && Object.hasOwn(word.named, name) ? word.named[name] : undefined;
}
