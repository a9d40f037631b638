import { drawOverlay } from '../../../../runtime/pictures/overlay.js';
import { renderPng } from '../../../../text/render-png.js';
import { ellipsoid } from '../../metrics/support.js';

/** A picture as a run leaves it, of a small phantom. */
export function makeOverlay(): Promise<Uint8Array> {
  const shape = [40, 48, 44] as const;
  const of = (centre: readonly [number, number, number], size: number): Uint8Array =>
    ellipsoid(shape, [...centre], [1, 1, 1], size);
  const head = of([20, 24, 22], 330);
  const [edema, core] = [of([17, 20, 14], 60), of([17, 20, 14], 12)];
  const truth = edema.map((value, at) => value + core[at]!);
  const picture = drawOverlay({
    image: { data: Float32Array.from(head, (inside, at) => inside * (50 + (at % 17))), shape: [1, ...shape] },
    truth: { data: truth, shape },
    prediction: { data: of([18, 21, 14], 50), shape },
    labels: ['background', 'edema', 'enhancing tumour'].map((name, value) => ({ name, values: [value] })),
    spacing: [1, 1, 1],
    orientation: 'RAS',
    title: 'BRATS_001',
  });
  return renderPng(picture, 1);
}
