import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((file) => `test/${file.replaceAll('\\', '/')}`)
  .filter((file) => file.endsWith('.test.ts'));

const fastRooms =
  /^test\/(text|grammar|compiler|specs|docs|zoo\/index|runtime\/(data|inference|metrics|pictures|study\/report|study\/statistics)|runtime\/(network|weights|protocol|random)|runtime\/files\/(file-error|safetensors))/;
const computing =
  /^test\/(compiler\/emit\/(onnx|tfjs)\/|docs\/(from-pytorch|language-runs|tutorial)|specs\/activations|runtime\/(data\/cache|inference\/model-predictor|study\/report\/browser))/;

/** Tests that neither load TensorFlow.js nor start the command line. */
const quick = files.filter((file) => fastRooms.test(file) && !computing.test(file));

/** The files that take longest, longest first. */
const long = [
  'cli/study',
  'parity/narrow',
  'parity/full',
  'runtime/engine/onnx/specs',
  'docs/tutorial',
  'runtime/study/resume',
  'parity/finite-differences',
  'cli/train',
].map((name) => `/test/${name}.test.ts`);

/** Starts the long files first, so that both workers end together; a fresh clone knows no durations. */
class LongFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications);
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = long.findIndex((file) => moduleId.endsWith(file));
      return place === -1 ? long.length : place;
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

const timeouts = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    // Not in the projects, where it would outweigh `--maxWorkers`.
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    projects: [
      // The projects run in the order of their names.
      {
        test: {
          ...timeouts,
          name: 'full',
          include: files.filter((file) => !quick.includes(file)),
          // The built command runs as Node runs it.
          server: { deps: { external: [/\/dist\//] } },
        },
      },
      // A process reads the modules of the compiler once for all files that it runs.
      {
        test: {
          ...timeouts,
          name: 'quick',
          include: quick,
          isolate: false,
          setupFiles: ['test/without-tensorflow.ts'],
        },
      },
    ],
  },
});
