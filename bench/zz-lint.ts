import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openProgram, ownModels, bindModel, lower } from '../compiler/program/program.js';
import { lintRow } from '../compiler/study/lint-row.js';
const host = { readFile: (p: string) => (existsSync(p) ? readFileSync(p) : undefined), resolve: (f: string, t: string) => resolve(dirname(f), t) };
const files = [...readdirSync('specs'), ...readdirSync('specs/ablations').map(f=>'ablations/'+f)].filter(f=>f.endsWith('.unet'));
for (const f of files) {
  const program = openProgram(host, resolve('specs', f))!;
  for (const d of ownModels(program)) {
    const l = lower(program, bindModel(program, d)!);
    const row = {name: d.name.name, network: l.network!, unreached: l.unreached};
    const t = performance.now();
    const found = lintRow(row, {rows: [row], identify: [{input:'site', source:{kind:'column',name:'site'}}]});
    console.log(f, d.name.name, l.network!.ops.length, (performance.now()-t).toFixed(1)+'ms');
    for (const x of found) console.log('   ', x.severity, x.kind, x.text, x.kind==='cancelled' ? x.ids.join(' ').slice(0,300):'');
  }
}
