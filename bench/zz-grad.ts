import { lowerSpec } from '../test/compiler/lowered.js';
import { emitJavaScript } from '../compiler/emit/tfjs/emit-javascript.js';
import { emitTfjs } from '../compiler/emit/tfjs/emit-tfjs.js';
import { weightsOf } from '../compiler/ir/ir.js';
import { importModule } from '../runtime/run/load-module.js';
import { importedProtocol } from '../runtime/run/imported-protocol.js';
import { selectEngine } from '../runtime/engine/engines.js';
import { lintGradients } from '../runtime/study/gradient-lint.js';
import { lintPatch } from '../compiler/study/lint-patch.js';
import * as tf from '@tensorflow/tfjs';
const engine = process.argv[2]!;
await selectEngine(engine);
const dal={width:'8',neck:'16'};
for (const [f,k] of [['dalight3d.unet',dal],['ablations/no-csa.unet',dal],['ablations/no-identifier-norm.unet',dal],['ablations/no-sepconv.unet',dal],['ablations/no-ssfb.unet',dal],['unet3d.unet',{width:'8'}],['attention-unet3d.unet',{width:'8'}],['residual-unet3d.unet',{width:'8'}],['vnet3d.unet',{width:'8'}],['unet2d-2015.unet',{width:'4'}],['unet-plus-plus.unet',{}],['engine-check.unet',{}]] as const) {
  for (const ir of lowerSpec(f, k as any)) {
    const patch = lintPatch(ir);
    const t = performance.now();
    const before = tf.memory().numTensors;
    const module = await importModule(emitJavaScript(emitTfjs(ir)));
    const r = await lintGradients(module, {protocol: importedProtocol(patch, []), patch, fallbacks: new Set(weightsOf(ir).filter(w=>w.fallback).map(w=>w.id))});
    console.log(f, patch.join('x'), ((performance.now()-t)/1000).toFixed(2)+'s', 'trials', r.trials, 'leak', tf.memory().numTensors-before, 'fallbacks', r.fallbacks.length);
    for (const x of r.idle) console.log('   ', x.cause, x.id, x.params);
  }
}
