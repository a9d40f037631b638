/** What may be said at one place of a protocol: what it is for, and the words that may stand there. */
export interface Sayable {
  readonly doc: string;
  readonly words?: Words;
}

/** A word and what may stand between its parentheses. */
export interface Word {
  readonly doc: string;
  /** Its arguments without a name: one, unless it may be left out or there may be many. */
  readonly takes?: Sayable & { readonly text: string; readonly optional?: true; readonly many?: true };
  /** Its arguments by name, each of which may be left out as far as the words go. */
  readonly named?: Readonly<Record<string, Sayable>>;
}

export type Words = Readonly<Record<string, Word>>;

/** An entry; `items` are the words in its list, where it is one. */
export interface EntryWords extends Sayable {
  readonly items?: Words;
}

/**
 * Every word of every entry of a protocol, with its arguments: what entries are read by, and what an editor completes
 * and explains.
 */
export const entryWords = {
  data: {
    doc: 'The data set it is for; any where left out.',
    words: {
      msd: {
        doc: 'A data set in the form of the Medical Segmentation Decathlon, by the name of its folder.',
        takes: { text: '"NAME"', doc: 'The name of the data set.' },
      },
    },
  },
  split: {
    doc: 'Which cases are trained on and which are validated on; `kfold(5, seed: 12345)` where left out.',
    words: {
      kfold: {
        doc: 'So many folds, each validated on by what is trained on the others.',
        takes: { text: 'FOLDS', doc: 'How many folds, from 2 to 1000.' },
        named: { seed: { doc: 'What the folds are drawn with; 12345 where left out.' } },
      },
      cases: {
        doc: 'Cases by their names.',
        named: { train: { doc: 'Names of cases that are trained on.' }, validation: { doc: 'Names of the others.' } },
      },
    },
  },
  patch: {
    doc: 'What is cut out of a case for a step of training.',
    words: {
      random: {
        doc: 'A patch at a random place.',
        takes: { text: '[D, H, W]', doc: 'Its voxels along each axis.' },
        named: {
          foreground: {
            doc: 'Whether patches without foreground are drawn again; `none` where left out.',
            words: {
              none: { doc: 'The first patch is taken.' },
              redraw: {
                doc: 'Patches are drawn until one holds enough foreground, or the draws are used up.',
                takes: { text: 'DRAWS', doc: 'Most patches that are drawn, from 1.' },
                named: { above: { doc: 'Voxels of foreground that are not yet enough; 0 where left out.' } },
              },
            },
          },
        },
      },
    },
  },
  normalize: {
    doc: 'How intensities are brought to one scale; `zscore(nonzero)` where left out.',
    words: {
      zscore: {
        doc: 'Each channel of a case less its mean, over its deviation.',
        takes: {
          text: 'VOXELS',
          doc: 'The voxels that mean and deviation are of.',
          optional: true,
          words: { nonzero: { doc: 'The voxels that are not 0.' }, all: { doc: 'All voxels.' } },
        },
      },
      none: { doc: 'Intensities are as they are stored.' },
    },
  },
  augment: {
    doc: 'What is done to each patch in training, in order; nothing where left out.',
    items: {
      flip: {
        doc: 'Each of the axes reversed with probability 1/2.',
        takes: { text: 'AXIS, ...', doc: 'Axes of the patch.', many: true },
      },
      scale: {
        doc: 'Intensities times a number drawn from a range, one for each patch.',
        takes: { text: 'A .. B', doc: 'The range.' },
      },
      shift: {
        doc: 'A number drawn from a range added to intensities, one for each patch.',
        takes: { text: 'A .. B', doc: 'The range.' },
      },
      noise: {
        doc: 'Gaussian noise added to every voxel.',
        takes: { text: 'DEVIATION', doc: 'The deviation of the noise.' },
      },
    },
  },
  loss: {
    doc: 'What training makes small: a sum, each term perhaps with a weight before it.',
    words: {
      dice: {
        doc: '1 less the mean of `(2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth)` over classes.',
        named: {
          smooth: { doc: 'What is added above and below; 1 where left out.' },
          classes: {
            doc: 'The classes the mean is over; `foreground` where left out.',
            words: {
              foreground: { doc: 'All classes but the background; all regions.' },
              all: { doc: 'All classes.' },
            },
          },
        },
      },
      cross_entropy: { doc: 'The mean over voxels; binary where the output has regions.' },
    },
  },
  deep: {
    doc: 'How auxiliary predictions weigh, by level; the weights sum to 1. `halving` where left out.',
    words: { halving: { doc: '1, 1/2, 1/4, ...' }, equal: { doc: 'All alike.' } },
  },
  optimizer: {
    doc: 'How weights follow their gradients.',
    words: {
      adamw: {
        doc: 'AdamW: Adam whose weight decay is apart from the gradient (Loshchilov & Hutter 2019).',
        named: {
          lr: { doc: 'The learning rate, before the schedule; needed.' },
          weight_decay: {
            doc: 'What a step takes off each weight, as a part of it, times the rate; 0.01 where left out.',
          },
          clip_norm: { doc: 'The largest norm of all gradients together; no clipping where left out.' },
          beta1: { doc: 'Decay of the mean of gradients; 0.9 where left out.' },
          beta2: { doc: 'Decay of the mean of their squares; 0.999 where left out.' },
          epsilon: { doc: 'What is added to the root of the squares; 1e-8 where left out.' },
        },
      },
    },
  },
  schedule: {
    doc: 'How the learning rate changes over the training; `constant` where left out.',
    words: {
      constant: { doc: 'It does not.' },
      cosine: {
        doc: 'Half a cosine down to a rate.',
        named: { to: { doc: 'The rate at the end; 0 where left out.' } },
      },
      poly: {
        doc: 'The rate times `(1 - t / T) ^ power`.',
        named: { power: { doc: 'The power; 0.9 where left out.' } },
      },
    },
  },
  epochs: { doc: 'How long is trained; an epoch is one patch of every training case.' },
  steps: { doc: 'How long is trained, in steps.' },
  batch: { doc: 'Patches in a step; 1 where left out.' },
  validate: {
    doc: 'How cases are predicted whole; as written where left out.',
    words: {
      sliding_window: {
        doc: 'Patches side by side over the case, blended where they overlap.',
        named: {
          overlap: { doc: 'The part of a patch that the next one covers again; 0.5 where left out.' },
          blend: {
            doc: 'How predictions weigh where patches overlap; `gaussian` where left out.',
            words: { gaussian: { doc: 'More at the centre of a patch.' }, constant: { doc: 'All alike.' } },
          },
          every: {
            doc: 'Epochs between validations, and after the last; 1 where left out.',
            words: { never: { doc: 'Validation is left out.' } },
          },
        },
      },
    },
  },
  select: {
    doc: 'Which weights are kept; `last` where left out.',
    words: {
      last: { doc: 'Those after the last step.' },
      best: {
        doc: 'Those that were best in validation.',
        takes: {
          text: 'METRIC',
          doc: 'By what.',
          words: { mean_dice: { doc: 'The mean Dice score.' } },
        },
      },
    },
  },
  identify: {
    doc: "Where each identifier input's value comes from; an input that is not listed is given none.",
    words: { none: { doc: 'No input is given a value.' } },
    items: {
      column: {
        doc: 'A column of `cases.csv`, which stands beside `dataset.json`.',
        takes: { text: '"NAME"', doc: 'The name of the column.' },
      },
      hash: {
        doc: 'A number made of a name.',
        takes: { text: 'case', doc: 'Whose name.', words: { case: { doc: 'The name of the case.' } } },
      },
      none: { doc: 'The input is given no value.' },
    },
  },
} as const satisfies Readonly<Record<string, EntryWords>>;

export type EntryName = keyof typeof entryWords;

export function isEntryName(name: string): name is EntryName {
  return Object.hasOwn(entryWords, name);
}

/** A word among others, by its name. */
export function wordOf(words: Words | undefined, name: string): Word | undefined {
  return words !== undefined && Object.hasOwn(words, name) ? words[name] : undefined;
}

/** What is said of an argument that has a name, or of those that have none. */
export function argumentOf(word: Word | undefined, name: string | undefined): Sayable | undefined {
  if (name === undefined) return word?.takes;
  return word?.named !== undefined && Object.hasOwn(word.named, name) ? word.named[name] : undefined;
}

/** `kfold(FOLDS, seed:)`: a word with all that it takes. */
export function wordText(name: string, { takes, named = {} }: Word): string {
  const taken = [...(takes === undefined ? [] : [takes.text]), ...Object.keys(named).map((each) => `${each}:`)];
  return taken.length === 0 ? name : `${name}(${taken.join(', ')})`;
}
