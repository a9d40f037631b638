/** onnxruntime writes nothing below the user's home and prints nothing, whoever loads it. Runs the build. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(path.join(tmpdir(), 'unet-quiet-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const at = (file: string): string => JSON.stringify(path.join(root, file));
const imports = `import { createRequire } from 'node:module';
const require = createRequire(${at('dist/runtime/index.js')});
`;
/** Long enough for the library's own thread to write its files. */
const wait = 'await new Promise((resolve) => setTimeout(resolve, 600));\n';

/** Runs a program in a home of its own. @returns what it printed, and the files it left in its home */
async function runAtHome(name: string, program: string, environment: NodeJS.ProcessEnv = {}) {
  const home = path.join(scratch, name);
  const file = path.join(scratch, `${name}.mjs`);
  writeFileSync(file, imports + program + wait);
  // Nothing else of the environment: onnxruntime collects nothing where it recognises continuous integration.
  const env = { PATH: process.env['PATH'], HOME: home, XDG_CACHE_HOME: path.join(home, 'cache'), ...environment };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: root, env });
  const files = readdirSync(scratch).includes(name) ? readdirSync(home, { recursive: true }).map(String) : [];
  return { stdout, stderr, files };
}

const bySelf = "require('onnxruntime-node/dist/binding.js').initOrt();\n";
const engine = `const { selectEngine } = await import(${at('dist/runtime/engine/engines.js')});
console.log((await selectEngine('onnx')).name);
`;

describe.concurrent('onnxruntime', () => {
  it('alone leaves the files of its usage data', async () => {
    const { files, stderr } = await runAtHome('alone', bySelf);
    expect(stderr).toBe('');
    expect(files.filter((name) => /deviceid|\.db$/.test(name))).not.toEqual([]);
  });

  it('as an engine leaves no file at home', async () => {
    expect(await runAtHome('engine', engine)).toEqual({ stdout: 'onnx\n', stderr: '', files: [] });
  });

  it('in a program that imports the runtime and loads it itself leaves none either', async () => {
    const program = `await import(${at('dist/runtime/index.js')});\n${bySelf}`;
    expect(await runAtHome('program', program)).toEqual({ stdout: '', stderr: '', files: [] });
  });

  const inWorker = `const { Worker, isMainThread } = await import('node:worker_threads');
if (isMainThread) new Worker(new URL(import.meta.url));
else {
  const { engineStatus } = await import(${at('dist/runtime/engine/engines.js')});
  const { available, detail } = await engineStatus('onnx');
  console.log(available, detail);
}
`;

  it('in a worker inherits it from the main thread', async () => {
    const program = `await import(${at('dist/runtime/index.js')});\n${inWorker}`;
    expect(await runAtHome('worker', program)).toEqual({
      stdout: expect.stringMatching(/^true ONNX Runtime/) as string,
      stderr: '',
      files: [],
    });
  });

  it('in a worker that cannot turn it off is not loaded, and the remedy is named', async () => {
    const { stdout, files } = await runAtHome('alone-in-worker', inWorker);
    expect(stdout).toMatch(/^false in a worker thread.*ORT_DISABLE_TELEMETRY=1/);
    expect(files).toEqual([]);
  });

  it('throws its errors and prints nothing', async () => {
    const program = `const { GraphBuilder } = await import(${at('dist/onnx/builder.js')});
const { cpuEngine } = await import(${at('dist/onnx/target.js')});
const { createSession } = await import(${at('dist/runtime/engine/onnx/session.js')});
const { native } = await import(${at('dist/runtime/engine/onnx/native.js')});
const builder = new GraphBuilder(cpuEngine);
const values = builder.input('values', [3], 'float32');
const index = builder.input('index', [1], 'int32');
const picked = builder.node('Gather', [values, index], { shape: [1], type: 'float32' }, { axis: 0 });
const session = createSession(builder.finish([picked]), { arena: false, spinning: false });
const tensor = (data, type) => native().newTensor(type, data, [data.length]);
try {
  const feeds = { values: tensor(new Float32Array(3), 'float32'), index: tensor(Int32Array.of(9), 'int32') };
  session.run(feeds, { [picked.name]: tensor(new Float32Array(1), 'float32') });
} catch (error) {
  console.log('thrown', error.message);
}
`;
    const { stdout, stderr } = await runAtHome('failing', program);
    expect(stdout).toMatch(/^thrown .*out of data bounds/);
    expect(stderr).toBe('');
  });
});
