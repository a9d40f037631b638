import { resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { emitJavaScript } from '../../../../compiler/emit/tfjs/emit-javascript.js';
import { emitTfjs } from '../../../../compiler/emit/tfjs/emit-tfjs.js';
import { weightsOf, type Network } from '../../../../compiler/ir/ir.js';
import { markConditionalUse } from '../../../../compiler/ir/passes/mark-conditional-use.js';
import { verify } from '../../../../compiler/ir/verify.js';
import { evaluate } from '../../../../compiler/shape/size.js';
import * as runtime from '../../../../runtime/index.js';
import { lowerSpec } from '../../lowered.js';
import { allKinds, hostile, hostileNames } from './all-kinds.js';
import { generate } from './generated.js';

const root = resolve(import.meta.dirname, '../../../..');

/** What `tsc --strict` says of the modules, in a project that has only the runtime. */
function typeErrors(modules: ReadonlyMap<string, string>): readonly string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    noUncheckedIndexedAccess: true,
    baseUrl: root,
    paths: { 'unet-lang/runtime': ['runtime/index.ts'] },
    types: ['node'],
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => modules.has(name) || disk.fileExists(name),
    readFile: (name) => modules.get(name) ?? disk.readFile(name),
    getSourceFile: (name, version) => {
      const text = modules.get(name);
      return text === undefined ? disk.getSourceFile(name, version) : ts.createSourceFile(name, text, version);
    },
  };
  const program = ts.createProgram([...modules.keys()], options, host);
  const sources = [...modules.keys()].map((name) => program.getSourceFile(name));
  return sources
    .flatMap((source) => [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)])
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

/** A module as the TypeScript compiler prints it: without types, laid out in one way. */
function printed(text: string): string {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  return ts.transpileModule(text, { compilerOptions: options }).outputText;
}

/** Networks that between them have everything a generated module may hold. */
const every = [
  allKinds(),
  hostile(),
  ...['dalight3d', 'attention-unet3d', 'vnet3d', 'unetr', 'unet-plus-plus', 'unet2d-2015'].flatMap((name) =>
    lowerSpec(`${name}.unet`),
  ),
].map((network) => ({ name: network.name, network }));

/** The weights as a built model is to describe them. */
function described(network: Network): readonly runtime.WeightDescription[] {
  return weightsOf(markConditionalUse(network)).map(({ id, shape, initial, trainable, statistic, usedWhen }) => ({
    ...{ id, shape, initial, trainable },
    ...(statistic === undefined ? {} : { statistic }),
    ...(usedWhen === undefined ? {} : { usedWhen }),
  }));
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('emitTfjs', () => {
  it('gives modules that compile under --strict', { timeout: 120_000 }, () => {
    const networks = [
      allKinds(),
      hostile(),
      ...['dalight3d.unet', 'unetr.unet', 'unet-plus-plus.unet'].flatMap((file) => lowerSpec(file)),
    ];
    const modules = new Map(
      networks.map((network, index) => [resolve(root, `test/compiler/generated${index}.ts`), emitTfjs(network)]),
    );
    const broken = resolve(root, 'test/compiler/broken.ts');
    modules.set(broken, emitTfjs(allKinds()).replace('out: 4', 'out: "4"'));
    // One program: most of its time goes to the types of the runtime.
    const errors = typeErrors(modules);
    expect(errors.filter((error) => !error.startsWith(broken))).toEqual([]);
    expect(errors.join()).toMatch(/not assignable/);
  });

  it('gives the same bytes every time, without dates or paths', () => {
    const text = emitTfjs(allKinds());
    expect(emitTfjs(allKinds())).toBe(text);
    expect(text).not.toMatch(/20\d\d-|\/work|\/home|\r/);
    expect(text).toMatch(/[^ ]\n$/);
    expect(text).not.toMatch(/ \n/);
  });

  it('builds the model of the network: output shapes, weight ids, weight shapes', () => {
    const network = allKinds();
    expect(verify(network)).toEqual([]);
    const { build, description } = generate(network);
    const model = build({ seed: 3 });
    expect(runtime.describeWeights(model, description)).toEqual(described(network));
    expect(model.name).toBe('Every kind');
    const weights = [...runtime.weightsOf(model)].map(([id, { shape }]) => [id, shape]);
    const expected = weightsOf(network).map(({ id, shape }) => [id, shape]);
    expect(Object.fromEntries(weights)).toEqual(Object.fromEntries(expected));
    const frozen = runtime.weightsOf(model).get('level1.frozen.weight');
    expect(frozen?.trainable).toBe(false);
    model.dispose();
  });

  it('gives every tensor the shape the IR says, at a patch that halves and at one that does not', () => {
    const network = allKinds();
    const { build } = generate(network);
    const model = build();
    for (const patch of [
      new Map([
        ['D', 8],
        ['H', 6],
      ]),
      new Map([
        ['D', 7],
        ['H', 9],
      ]),
    ]) {
      // A layer that is applied again has several outputs; its first is compared, and that of every other layer.
      const ops = network.ops.filter(({ kind, sharedWith }) => kind !== 'input' && sharedWith === undefined);
      const outputs = ops.map(({ id }) => model.getLayer(id).getOutputAt(0) as tf.SymbolicTensor);
      const probe = tf.model({ inputs: model.inputs, outputs });
      const [depth = 0, height = 0] = patch.values();
      const scan = runtime.toPhysical(tf.randomNormal([2, 2, depth, height]));
      const results = probe.apply([scan, tf.tensor1d([1, -1], 'int32')]) as tf.Tensor[];
      ops.forEach(({ id, shape, batched }, index) => {
        const sizes = shape.map(({ size }) => evaluate(size, patch));
        const result = results[index];
        expect([id, result && runtime.fromPhysical(result).shape]).toEqual([id, [batched ? 2 : 1, ...sizes]]);
        expect(result?.isNaN().any().dataSync()[0]).toBe(0);
      });
    }
    model.dispose();
  });

  it('gives a model that can be saved, loaded and summarised', async () => {
    const model = generate(allKinds()).build({ seed: 3 });
    let saved: tf.io.ModelArtifacts = {};
    await model.save(
      tf.io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
      }),
    );
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
    const feeds = [runtime.toPhysical(tf.randomNormal([1, 2, 8, 6])), tf.tensor1d([2], 'int32')];
    const [before, after] = [model, loaded].map((each) => (each.apply(feeds) as tf.Tensor[]).map((x) => x.arraySync()));
    expect(after).toEqual(before);
    const lines: string[] = [];
    loaded.summary(undefined, undefined, (line: string) => lines.push(line));
    expect(lines.join('\n')).toContain('head.mask.conv');
    model.dispose();
    loaded.dispose();
  });

  it('writes one layer for a shared conv and applies it twice', () => {
    const text = emitTfjs(allKinds());
    expect(text).toMatch(/const level1OnceLayer = unet\.shared\(\(at, x\) =>/);
    expect(text.match(/= level1OnceLayer\(/g)).toHaveLength(2);
  });

  it('leaves defaults out and says each stage with its shape', () => {
    const text = emitTfjs(allKinds());
    expect(text).toContain('// Stage encoder.level1: 4 x floor(D / 2) x floor(H / 2)');
    expect(text).toMatch(/unet\.conv\("level1\.frozen", \{\s+out: 8,\s+kernel: 1,[^}]*\}[^}]*\},\s+trainable: false,/);
    expect(text).toMatch(/unet\s+\.instanceNorm\("level0\.instance_norm", { epsilon: 0\.001, affine: false }\)/);
    expect(text).toContain(' *   width = 4');
  });
});

describe('hostile names', () => {
  it('stay data: the module builds, and every name comes back as it was', () => {
    const network = hostile();
    const ids: string[] = [];
    const recorder = new Proxy(
      {},
      {
        get: (_, name: string) =>
          name === 'finish'
            ? () => ({})
            : (...given: readonly unknown[]) => {
                ids.push(given.find((each) => typeof each === 'string') ?? '');
                return { on: () => ({}) };
              },
      },
    );
    const { build, description } = generate(network, recorder);
    build();
    expect(ids).toEqual(network.ops.map(({ id }) => id));
    expect(description.name).toBe(network.name);
    expect(description.inputs[0]).toMatchObject({ name: hostileNames[1], channels: hostileNames });
    expect(description.outputs[0]?.labels.map(({ name }) => name)).toEqual(hostileNames.slice(0, 4));
  });

  it('leave code and comments without anything that acts', () => {
    const text = emitTfjs(hostile());
    expect(text).not.toMatch(/[\u2028\u2029\u202E\r]/);
    const source = ts.createSourceFile('model.ts', text, ts.ScriptTarget.ES2022);
    const kinds = source.statements.map((statement) => ts.SyntaxKind[statement.kind]);
    expect(kinds).toEqual(['ImportDeclaration', 'ImportDeclaration', 'FunctionDeclaration', 'FirstStatement']);
    for (const line of text.split('\n')) expect(line).not.toMatch(/^\s*\/\/+\s*@/);
  });
});

describe('emitJavaScript', () => {
  it('keeps the header and drops the types', () => {
    const script = emitJavaScript(allKinds());
    expect(script).toMatch(/^\/\*\*\n \* Every kind: /);
    expect(script).toContain('export function build(options = {})');
    expect(script).not.toContain('@tensorflow/tfjs');
    expect(script).not.toContain('\r');
  });

  it.each(every)('is the TypeScript of $name without its types', ({ network }) => {
    expect(printed(emitJavaScript(network))).toBe(printed(emitTfjs(network)));
  });
});
