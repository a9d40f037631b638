import { it } from 'vitest';
import { writeFileSync, mkdirSync } from 'node:fs';
import { lowerSpec } from '/work/w-codegen/test/compiler/lowered.js';
import { emitTfjs } from '/work/w-codegen/compiler/emit/tfjs/emit-tfjs.js';
it('gen', () => {
  mkdirSync('/tmp/gen', { recursive: true });
  for (const f of ['dalight3d','unet3d','attention-unet3d','residual-unet3d','unet-plus-plus','unet2d-2015','unetr','vnet3d','engine-check','ablations/no-csa','ablations/no-ssfb','ablations/no-sepconv','ablations/no-identifier-norm'])
    for (const n of lowerSpec(f + '.unet')) writeFileSync(`/tmp/gen/${f.replace('/','-')}.ts`, emitTfjs(n));
});
