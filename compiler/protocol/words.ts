/** One position in a protocol: its description and the words allowed there. */
export interface Sayable {
  readonly doc: string;
  readonly words?: Words;
}

/** A word and its arguments. */
export interface Word {
  readonly doc: string;
  /** Its positional arguments: exactly one, unless `optional` or `many`. */
  readonly takes?: Sayable & { readonly text: string; readonly optional?: true; readonly many?: true };
  /** Its named arguments. */
  readonly named?: Readonly<Record<string, Sayable>>;
}

export type Words = Readonly<Record<string, Word>>;

/** An entry; `items` are the words allowed in its list, if it is one. */
export interface EntryWords extends Sayable {
  readonly items?: Words;
}

/**
 * Every word of every protocol entry with its arguments, used to parse entries and by editors to complete and
 * explain them.
 */
export const entryWords = {
  data: {
    doc: 'The data set that the protocol is for. Defaults to any data set.',
    words: {
      msd: {
        doc: 'A data set in the format of the Medical Segmentation Decathlon, identified by the name of its folder.',
        takes: { text: '"NAME"', doc: 'The name of the data set.' },
      },
    },
  },
  split: {
    doc: 'How cases are divided into training and validation. Defaults to `kfold(5, seed: 12345)`.',
    words: {
      kfold: {
        doc: 'K-fold split: each fold is held out once for validation.',
        takes: { text: 'FOLDS', doc: 'The number of folds, between 2 and 1000.' },
        named: { seed: { doc: 'Random seed of the split. Defaults to 12345.' } },
      },
      cases: {
        doc: 'A fixed split by case name.',
        named: {
          train: { doc: 'Names of the training cases.' },
          validation: { doc: 'Names of the validation cases.' },
        },
      },
    },
  },
  patch: {
    doc: 'How training patches are sampled.',
    words: {
      random: {
        doc: 'A patch at a random position.',
        takes: { text: '[D, H, W]', doc: 'Patch size in voxels along each axis.' },
        named: {
          foreground: {
            doc: 'Whether to redraw patches without foreground. Defaults to `none`.',
            words: {
              none: { doc: 'Use the first patch.' },
              redraw: {
                doc: 'Draw patches until one contains enough foreground or the maximum number of draws is reached.',
                takes: { text: 'DRAWS', doc: 'Maximum number of draws, at least 1.' },
                named: { above: { doc: 'A patch needs more foreground voxels than this. Defaults to 0.' } },
              },
            },
          },
        },
      },
    },
  },
  normalize: {
    doc: 'How intensities are normalised. Defaults to `zscore(nonzero)`.',
    words: {
      zscore: {
        doc: 'Subtract the mean of each channel of a case and divide by its standard deviation.',
        takes: {
          text: 'VOXELS',
          doc: 'The voxels used for the mean and standard deviation.',
          optional: true,
          words: { nonzero: { doc: 'Voxels other than 0.' }, all: { doc: 'All voxels.' } },
        },
      },
      none: { doc: 'Use intensities as stored.' },
    },
  },
  augment: {
    doc: 'Augmentations applied to each training patch, in order. Defaults to none.',
    items: {
      flip: {
        doc: 'Flip each of the axes with probability 1/2.',
        takes: { text: 'AXIS, ...', doc: 'The axes to flip.', many: true },
      },
      scale: {
        doc: 'Multiply intensities by a random factor, drawn once per patch.',
        takes: { text: 'A .. B', doc: 'The range of the uniform distribution.' },
      },
      shift: {
        doc: 'Add a random offset to intensities, drawn once per patch.',
        takes: { text: 'A .. B', doc: 'The range of the uniform distribution.' },
      },
      noise: {
        doc: 'Add Gaussian noise to every voxel.',
        takes: { text: 'DEVIATION', doc: 'Standard deviation of the noise.' },
      },
    },
  },
  loss: {
    doc: 'The loss to minimise: a sum of optionally weighted terms.',
    words: {
      dice: {
        doc: 'Soft Dice loss: 1 minus the mean of `(2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth)` over classes.',
        named: {
          smooth: { doc: 'Added to the numerator and denominator. Defaults to 1.' },
          classes: {
            doc: 'The classes to average over. Defaults to `foreground`.',
            words: {
              foreground: { doc: 'All classes except the background; all regions.' },
              all: { doc: 'All classes.' },
            },
          },
        },
      },
      cross_entropy: { doc: 'Mean cross entropy over voxels; binary cross entropy if the output has regions.' },
    },
  },
  deep: {
    doc: 'Deep supervision: weights of the auxiliary predictions by level, which sum to 1. Defaults to `halving`.',
    words: { halving: { doc: 'Proportional to 1, 1/2, 1/4, ...' }, equal: { doc: 'Equal weights.' } },
  },
  optimizer: {
    doc: 'The optimizer.',
    words: {
      adamw: {
        doc: 'AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019).',
        named: {
          lr: { doc: 'Initial learning rate (required).' },
          weight_decay: {
            doc: 'Weight decay, multiplied by the learning rate. Defaults to 0.01.',
          },
          clip_norm: { doc: 'Maximum global gradient norm. Defaults to no clipping.' },
          beta1: { doc: 'Decay rate of the first moment. Defaults to 0.9.' },
          beta2: { doc: 'Decay rate of the second moment. Defaults to 0.999.' },
          epsilon: { doc: 'Added to the denominator for numerical stability. Defaults to 1e-8.' },
        },
      },
    },
  },
  schedule: {
    doc: 'Learning rate schedule. Defaults to `constant`.',
    words: {
      constant: { doc: 'A constant learning rate.' },
      cosine: {
        doc: 'Cosine decay.',
        named: { to: { doc: 'Final learning rate. Defaults to 0.' } },
      },
      poly: {
        doc: 'Polynomial decay: the learning rate times `(1 - t / T) ^ power`.',
        named: { power: { doc: 'The exponent. Defaults to 0.9.' } },
      },
    },
  },
  epochs: { doc: 'Length of the training in epochs; an epoch is one patch from every training case.' },
  steps: { doc: 'Length of the training in steps.' },
  batch: { doc: 'Batch size in patches. Defaults to 1.' },
  validate: {
    doc: 'How whole cases are predicted. Defaults to the form shown.',
    words: {
      sliding_window: {
        doc: 'Sliding-window inference: overlapping patches, blended where they overlap.',
        named: {
          overlap: { doc: 'Overlap of adjacent patches as a fraction of the patch size. Defaults to 0.5.' },
          blend: {
            doc: 'How overlapping predictions are weighted. Defaults to `gaussian`.',
            words: { gaussian: { doc: 'More weight at the centre of a patch.' }, constant: { doc: 'Equal weights.' } },
          },
          every: {
            doc: 'Number of epochs between validations; the last epoch is always validated. Defaults to 1.',
            words: { never: { doc: 'Do not validate.' } },
          },
        },
      },
    },
  },
  select: {
    doc: 'Which checkpoint is used after training. Defaults to `last`.',
    words: {
      last: { doc: 'The checkpoint after the last step.' },
      best: {
        doc: 'The checkpoint with the best validation score.',
        takes: {
          text: 'METRIC',
          doc: 'The metric to maximise.',
          words: { mean_dice: { doc: 'The mean Dice score.' } },
        },
      },
    },
  },
  identify: {
    doc: "Where each identifier input's value comes from. Inputs that are not listed receive no value.",
    words: { none: { doc: 'No input receives a value.' } },
    items: {
      column: {
        doc: 'A column of `cases.csv`, next to `dataset.json`.',
        takes: { text: '"NAME"', doc: 'The name of the column.' },
      },
      hash: {
        doc: 'A hash of a name.',
        takes: { text: 'case', doc: 'The name to hash.', words: { case: { doc: 'The name of the case.' } } },
      },
      none: { doc: 'The input receives no value.' },
    },
  },
} as const satisfies Readonly<Record<string, EntryWords>>;

export type EntryName = keyof typeof entryWords;

export function isEntryName(name: string): name is EntryName {
  return Object.hasOwn(entryWords, name);
}

/** Returns the word with this name, if there is one. */
export function wordOf(words: Words | undefined, name: string): Word | undefined {
  return words !== undefined && Object.hasOwn(words, name) ? words[name] : undefined;
}

/** Returns the description of a named argument, or of the positional ones. */
export function argumentOf(word: Word | undefined, name: string | undefined): Sayable | undefined {
  if (name === undefined) return word?.takes;
  return word?.named !== undefined && Object.hasOwn(word.named, name) ? word.named[name] : undefined;
}

/** Returns a word with its arguments: `kfold(FOLDS, seed:)`. */
export function wordText(name: string, { takes, named = {} }: Word): string {
  const taken = [...(takes === undefined ? [] : [takes.text]), ...Object.keys(named).map((each) => `${each}:`)];
  return taken.length === 0 ? name : `${name}(${taken.join(', ')})`;
}
