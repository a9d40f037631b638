/**
 * The interface between the data part of the runtime and training, prediction and evaluation. Arrays are row-major;
 * spatial axes are [D, H, W] = the file's [z, y, x], channels first.
 */
import type { Preparation } from './preparation-types.js';
import type { ModelDescription } from '../../contract/model-description.js';
import type { Protocol } from '../../contract/protocol.js';
import type { Box } from './box.js';
import type { VoxelFacts } from './voxel-facts.js';

/** A dense float32 array with its shape. */
export interface FloatTensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A dense array of label values with its shape. */
export interface LabelTensor {
  readonly data: Uint8Array;
  readonly shape: readonly number[];
}

/** One case of a data set. Paths are absolute and inside the data set's folder. */
export interface DataCase {
  readonly id: string;
  /** One file of all channels, or one per channel in the order of the data set's modalities. */
  readonly images: readonly string[];
  /** Absent for a case without ground truth. */
  readonly label?: string;
  /** The case's row of `cases.csv`, or the columns of a CSV of paths that are not files; empty if there is none. */
  readonly columns: Readonly<Record<string, string>>;
}

/** A label value of a data set with its name. */
export interface DataLabel {
  readonly name: string;
  readonly value: number;
}

/** A named union of label values that a data set declares. */
export interface DataRegion {
  readonly name: string;
  readonly values: readonly number[];
}

/** The layouts of data sets that are read, in their order of precedence. */
export type LayoutName = 'decathlon' | 'nnunet' | 'csv' | 'brats' | 'images';

/** A data set in any layout: the channels, labels and cases that were found. */
export interface Dataset {
  /** Absolute path of the folder that holds the data set. */
  readonly dir: string;
  readonly layout: LayoutName;
  /** Other layouts that the folder also matches; `layout` precedes them. */
  readonly alsoMatches: readonly LayoutName[];
  /** What the files do not state and the layout assumes, as sentences. */
  readonly assumptions: readonly string[];
  /** The files that describe the data set (`dataset.json`, `cases.csv`), absolute; the first one lists the classes. */
  readonly descriptions: readonly string[];
  readonly name: string;
  /** In the order of the images' channels. */
  readonly modalities: readonly string[];
  /** In increasing order; empty if nothing states them, which only unlabelled cases may leave open. */
  readonly labels: readonly DataLabel[];
  /** Unions of labels, if the data set declares classes that overlap (nnU-Net's regions); else empty. */
  readonly regions: readonly DataRegion[];
  /** The label value of voxels that were not annotated. */
  readonly ignore?: number;
  /** Labelled cases, sorted by id. */
  readonly cases: readonly DataCase[];
  /** Cases without a label, sorted by id. */
  readonly unlabelled: readonly DataCase[];
  /** Columns of `cases.csv`, or of a CSV of paths, that describe cases. */
  readonly columns: readonly string[];
}

/** The mapping of a network's inputs and labels to a data set. */
export interface Matching {
  /** For each image input: channel k of the network is channel `channels[k]` of the file. */
  readonly images: readonly { readonly input: string; readonly channels: readonly number[] }[];
  /**
   * 256 entries, from a label file's value to the value in `Batch.target`: the network's class index (`classes`), or
   * the value itself (`regions`, whose labels list the data set's values). 255 if the data set has no such value.
   */
  readonly targets: Uint8Array;
  /** 256 entries, the inverse: from a value in `Batch.target` (a predicted class) to the data set's label value. */
  readonly values: Uint8Array;
}

/** The position of a volume's voxels in space, and the data needed to write another volume with the same geometry. */
export interface Geometry {
  /** [D, H, W] in voxels. */
  readonly shape: readonly [number, number, number];
  /** Size of a voxel along [D, H, W] in millimetres: the lengths of the affine's columns. The axes are perpendicular. */
  readonly spacing: readonly [number, number, number];
  /**
   * Row-major 4 x 4, from (x, y, z, 1) voxel indices to (right, anterior, superior) in millimetres: sform, else qform,
   * else pixdim alone.
   */
  readonly affine: readonly number[];
  /** Anatomical directions of the file's x, y, z axes, such as `RAS`. */
  readonly orientation: string;
  /** The fields of the source header that are copied to written volumes. */
  readonly header: SpatialHeader;
  /** Assumptions because the header is contradictory or incomplete. */
  readonly warnings: readonly HeaderWarning[];
}

/** A problem in a header that does not make the file unusable. */
export interface HeaderWarning {
  readonly code: string;
  /** Identifies the kind of problem across cases; `fault` contains the numbers of one. */
  readonly kind: 'spacing' | 'transforms' | 'orientation' | 'unit' | 'voxel size' | 'bits' | 'extra bytes';
  /** The end of a sentence that begins with the file. */
  readonly fault: string;
  readonly help: string;
}

/** The spatial fields of a NIfTI-1 header as stored in the file, not corrected, in the unit given by `units`. */
export interface SpatialHeader {
  /** qfac and the sizes along x, y, z. */
  readonly pixdim: readonly [number, number, number, number];
  readonly qformCode: number;
  readonly sformCode: number;
  /** quatern b, c, d, then qoffset x, y, z. */
  readonly quaternion: readonly [number, number, number, number, number, number];
  /** srow x, y, z: 12 numbers. */
  readonly rows: readonly number[];
  /** xyzt_units: the unit of length in the low three bits (1 metre, 2 millimetre, 3 micrometre; else unknown). */
  readonly units: number;
}

/** The normalised inputs of a case on a grid other than its image's. */
export interface RegriddedCase {
  /** As `LoadedCase.inputs`, on the network's grid. */
  readonly inputs: Readonly<Record<string, FloatTensor>>;
  /** As `LoadedCase.nonzero`, on the network's grid. */
  readonly nonzero: Box;
  /** Returns probabilities [labels, D, H, W] on the network's grid to the image's. */
  readonly restore: (probabilities: FloatTensor) => FloatTensor;
}

/** A whole normalised case on the grid of its image, ready for a sliding window. */
export interface LoadedCase {
  readonly id: string;
  /** By image input: [C, D, H, W], channels in the network's order. */
  readonly inputs: Readonly<Record<string, FloatTensor>>;
  /** What the network sees instead of `inputs`, if the protocol reorients or resamples cases. */
  readonly regridded?: RegriddedCase;
  /** [D, H, W], with values as in `Batch.target`; absent for an unlabelled case. */
  readonly label?: LabelTensor;
  readonly geometry: Geometry;
  /** The voxels that are not 0 in any channel that the network reads, before normalisation; sizes of 0 if none is. */
  readonly nonzero: Box;
  /** Statistics of its files before normalisation. */
  readonly voxels: VoxelFacts;
}

/** One training batch, N cases with a patch each. */
export interface Batch {
  readonly step: number;
  /** The ids of its N cases. */
  readonly cases: readonly string[];
  /** By image input: [N, C, ...spatial]. */
  readonly inputs: Readonly<Record<string, FloatTensor>>;
  /** By identifier input: N values, -1 for none. */
  readonly identifiers: Readonly<Record<string, Int32Array>>;
  /** [N, ...spatial]: class indices, or the data set's label values if the output has regions. */
  readonly target: LabelTensor;
}

/** The inputs that determine the batches of a training. */
export interface LoaderOptions {
  readonly dataset: Dataset;
  readonly description: ModelDescription;
  readonly matching: Matching;
  /** The entries used. */
  readonly protocol: Preparation & Pick<Protocol, 'patch' | 'augment' | 'batch' | 'identify'>;
  readonly seed: number;
  /** Ids of the training cases; their order does not matter. */
  readonly cases: readonly string[];
  /** Values of each identifier input by case id; defaults to `protocol.identify` over the whole data set. */
  readonly identification?: Identification;
  /**
   * Folder of prepared cases, created if missing and shared between runs; defaults to `defaultCacheDirectory()`. Null
   * to decode files at each use.
   */
  readonly cacheDirectory?: string | null;
  /** Worker threads; defaults to one for every four cores, at least one. 0: all work is done in the calling thread. */
  readonly workers?: number;
  /** Batches prepared ahead; defaults to 2 per worker. */
  readonly prefetch?: number;
  /** Batches at or after this step are not prepared ahead. */
  readonly endStep?: number;
}

/** A source of training batches. */
export interface Loader {
  /** An epoch uses each training case once: ceil(cases / batch) steps, the last of which may contain fewer cases. */
  readonly batchesPerEpoch: number;
  /**
   * The batch of a step (from 0), independent of earlier requests; later steps are prepared ahead.
   * @throws UserError for invalid data, with case and file
   */
  batch(step: number): Promise<Batch>;
  /** Milliseconds spent so far waiting for requested batches. */
  readonly waitedMs: number;
  /**
   * Active worker threads; 0: batches are created in the calling thread, because no worker was requested or could be
   * started.
   */
  readonly threads: number;
  /** Stops the workers. Pending batches are rejected. */
  close(): Promise<void>;
}

/** Values of the identifier inputs over a data set. */
export interface Identification {
  /** By identifier input. */
  readonly inputs: Readonly<Record<string, IdentifierValues>>;
}

/** Values of one identifier input. */
export interface IdentifierValues {
  /** `column`: from `cases.csv`; `hash_case`: contains no information beyond the case's name; `none`: always -1. */
  readonly source: 'column' | 'hash_case' | 'none';
  /**
   * The column's values by index, sorted; empty for other sources. Must be kept in the run folder: it is part of the
   * network.
   */
  readonly names: readonly string[];
  /** By case id; -1 for none. */
  readonly byCase: Readonly<Record<string, number>>;
  /** By case id: a column's value as in `cases.csv`, `''` for none; empty for other sources. */
  readonly written: Readonly<Record<string, string>>;
  /** Values that are not in the `names` of the run; their cases have -1. */
  readonly unknown: readonly string[];
}

/** Training and validation ids of a fold, each sorted. */
export interface Split {
  readonly train: readonly string[];
  readonly validation: readonly string[];
}
