/**
 * The folder of a `tf.LayersModel` in the format of tfjs: `model.json` with topology and manifest, weights in shards of
 * 4 MiB. Its layers are the runtime's, so programs that load it must import the runtime.
 */
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../errors/user-error.js';
import { removeAtExit } from '../files/remove-at-exit.js';
import { GENERATOR } from '../files/marker.js';
import { asWriteError } from '../files/atomic-file.js';

const shardBytes = 4 * 2 ** 20;

/** Names of the files in such a folder. */
const ours = /^(model\.json|group1-shard\d+of\d+\.bin)$/;

async function artifactsOf(model: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  if (saved === undefined) throw new Error('tfjs did not save the model');
  return saved;
}

/** Every file of the folder by its name. */
async function filesOf(model: tf.LayersModel): Promise<Map<string, string | Uint8Array>> {
  const { weightData, weightSpecs, ...artifacts } = await artifactsOf(model);
  const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData ?? []));
  const count = Math.max(1, Math.ceil(bytes.length / shardBytes));
  const shards = Array.from({ length: count }, (_, index): [string, Uint8Array] => [
    `group1-shard${index + 1}of${count}.bin`,
    bytes.subarray(index * shardBytes, (index + 1) * shardBytes),
  ]);
  const json = {
    format: artifacts.format,
    generatedBy: artifacts.generatedBy,
    convertedBy: artifacts.convertedBy,
    modelTopology: artifacts.modelTopology,
    userDefinedMetadata: artifacts.userDefinedMetadata,
    weightsManifest: [{ paths: shards.map(([name]) => name), weights: weightSpecs }],
  };
  return new Map<string, string | Uint8Array>([['model.json', JSON.stringify(json)], ...shards]);
}

/**
 * Writes a model as a folder, atomically: created next to its destination and renamed. A model written this way before
 * is replaced.
 * @param metadata stored in `model.json`; `getUserDefinedMetadata()` of the loaded model returns it
 * @throws UserError UNET6054 for a folder with other content, UNET6058 if the system refuses
 */
export async function writeLayersModel(folder: string, model: tf.LayersModel, metadata: object): Promise<void> {
  await refuseOtherFiles(folder);
  model.setUserDefinedMetadata({ generator: GENERATOR, ...metadata });
  const files = await filesOf(model);
  const made = `${path.resolve(folder)}.${process.pid}.tmp`;
  const former = `${made}.former`;
  const keep = removeAtExit(made);
  try {
    await mkdir(made);
    for (const [name, data] of files) await writeFile(path.join(made, name), data);
    const replaces = await rename(folder, former).then(
      () => true,
      () => false,
    );
    await rename(made, folder).catch(async (error: unknown) => {
      if (replaces) await rename(former, folder);
      throw error;
    });
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw asWriteError(error, folder);
  } finally {
    keep();
  }
  await rm(former, { recursive: true, force: true });
}

/**
 * Rejects a folder that contains files other than those of a `tf.LayersModel`, because a model replaces its folder as a
 * whole.
 * @throws UserError UNET6054
 */
export async function refuseOtherFiles(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return ['.'];
    throw asWriteError(error, folder);
  });
  if (entries.every((name) => ours.test(name))) return;
  throw new UserError('UNET6054', `\`${folder}\` already exists and is not empty.`, 'Choose another folder.');
}

/**
 * An IO handler with which `tf.loadLayersModel` loads the model in a local folder; tfjs does not have one of its own
 * for that.
 * @throws the system's error for a missing file, when the model is loaded
 */
export function modelFolder(folder: string): tf.io.IOHandler {
  return {
    load: async () => {
      const { weightsManifest, ...json } = JSON.parse(
        await readFile(path.join(folder, 'model.json'), 'utf8'),
      ) as tf.io.ModelJSON;
      const shards: Uint8Array[] = [];
      for (const { paths } of weightsManifest) {
        for (const name of paths) shards.push(await readFile(path.join(folder, name)));
      }
      const weightData = new Uint8Array(Buffer.concat(shards)).buffer;
      return { ...json, weightSpecs: weightsManifest.flatMap(({ weights }) => weights), weightData };
    },
  };
}
