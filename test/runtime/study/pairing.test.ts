/** Paired randomness: what rows of a study share, whatever their architectures. */
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeStudy } from '../../../cli/study/make-study.js';
import { compileStudy } from '../../../cli/study/open-study-spec.js';
import { planStudy } from '../../../cli/study/plan-study.js';
import { openDataset } from '../../../runtime/data/dataset.js';
import { createLoader } from '../../../runtime/data/loader.js';
import type { Batch, Dataset } from '../../../runtime/data/types.js';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { matchRun } from '../../../runtime/run/match-run.js';
import { rowModule } from '../../../cli/study/work-on-job.js';
import { buildNetwork } from '../../../runtime/run/open-network.js';
import type { StudyJob } from '../../../runtime/study/evidence.js';
import { jobsOf } from '../../../runtime/study/jobs.js';
import { foldOf, openJob } from '../../../runtime/study/open-job.js';
import type { StudyFolder } from '../../../runtime/study/study-folder.js';
import { scratch } from '../../cli/run-unet.js';
import { makeStudyData, tinyModels } from '../../cli/tiny-study.js';
import { writeSpec } from '../../cli/tiny.js';

const study = `study Pairs { protocol: Steps, seeds: 1 .. 2, folds: 0 .. 1, base: Tiny, variants: [Slim, Wide] }\n`;
let dataset: Dataset;
let data: string;

beforeAll(async () => {
  process.env['UNET_CACHE'] = path.join(scratch(), 'cache');
  data = await makeStudyData();
  dataset = await openDataset(data);
});

async function studyOf(name: string, text: string): Promise<StudyFolder> {
  const file = writeSpec(`${name}.unet`, text);
  const compiled = compileStudy(file, undefined);
  const engine = await selectEngine('cpu');
  const plan = await planStudy(compiled, { file, data, dataset, engine, jobs: 1, threads: 1 });
  const { study, lock } = await makeStudy(path.join(scratch(), name), plan);
  lock.release();
  return study;
}

/** What a job's training is fed, and the weights it starts from: its run opened as a worker does. */
async function startOf(folder: StudyFolder, job: StudyJob) {
  const module = await rowModule(folder, job);
  const { run, lock, fold } = await openJob(folder, job, dataset, module.description);
  const network = buildNetwork(run, module);
  const match = matchRun(run, network.description, dataset);
  const loader = await createLoader({
    dataset,
    description: network.description,
    protocol: { ...run.protocol, ...match.preparation },
    seed: run.info.seed,
    cases: run.split.train,
    workers: 0,
    ...match,
  });
  try {
    const batches: Batch[] = [];
    // Three epochs.
    for (let step = 0; step < 6; step++) batches.push(await loader.batch(step));
    const weights = network.weights.map(({ id, variable }) => {
      return { id: `${id} ${variable.shape.join('x')}`, values: [...variable.dataSync()] };
    });
    return { batches, weights: new Map(weights.map(({ id, values }) => [id, values])), fold, split: run.split };
  } finally {
    await loader.close();
    lock.release();
  }
}

it('rows of a seed and fold see the same batches in the same order and start from the same shared weights', async () => {
  const folder = await studyOf('pairs', tinyModels + study);
  const jobs = jobsOf(folder.record).filter(({ fold }) => fold === 0);
  const of = (variant: string, seed: number): StudyJob =>
    jobs.find((job) => job.variant === variant && job.seed === seed)!;
  const base = await startOf(folder, of('Tiny', 1));
  expect(new Set(base.batches.flatMap(({ cases }) => cases)).size).toBe(2);
  const slim = await startOf(folder, of('Slim', 1));
  const wide = await startOf(folder, of('Wide', 1));
  for (const { batches, split } of [slim, wide]) {
    expect(batches).toEqual(base.batches);
    expect(split).toEqual(base.split);
  }
  // Without `extra` the kernels of 4 x 4 x 27 and 4 x 4 values and the bias of 4 are left: all of the network.
  expect([...slim.weights.values()].flat()).toHaveLength(452);
  for (const [id, values] of slim.weights) expect(values).toEqual(base.weights.get(id));
  // At another width the bias alone has its shape; its bound follows from the channels before it, 4 and 6.
  const shared = [...wide.weights].filter(([id]) => base.weights.has(id));
  expect(shared.map(([id]) => id)).toEqual([expect.stringMatching(/bias 4$/)]);
  const [id, values] = shared[0]!;
  const expected = base.weights.get(id)!.map((value) => value * Math.sqrt(4 / 6));
  values.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 6));
  const other = await startOf(folder, of('Tiny', 2));
  expect(other.split).toEqual(base.split);
  // Each step anew: other augmentations, not the same ones in another order.
  const texts = new Set(base.batches.map(({ inputs }) => inputs['scan']!.data.join()));
  expect(texts.size).toBe(6);
  for (const { inputs } of other.batches) expect(texts.has(inputs['scan']!.data.join())).toBe(false);
  for (const [id, values] of other.weights) expect(values).not.toEqual(base.weights.get(id));
});

it('all rows and seeds of a fold have its split, and none is trained or selected on test cases', async () => {
  const selecting = tinyModels
    .replace('kfold(2', 'kfold(4')
    .replace('every: never', 'every: 1')
    .replace('select: last', 'select: best(mean_dice)');
  const folder = await studyOf('selecting', selecting + study);
  const splits = new Map<number, string>();
  for (const job of jobsOf(folder.record)) {
    const { description } = await rowModule(folder, job);
    const { run, lock } = await openJob(folder, job, dataset, description);
    lock.release();
    const { train, validation, test } = foldOf(folder, job);
    expect(run.split).toEqual({ train, validation });
    expect([...train, ...validation, ...test].sort()).toEqual(dataset.cases.map(({ id }) => id));
    const text = JSON.stringify(run.split);
    expect(splits.get(job.fold) ?? text).toBe(text);
    splits.set(job.fold, text);
  }
  expect(new Set(splits.values()).size).toBe(2);
});
