import { markup, type Content, type Markup } from '../../../../text/markup.js';
import { caseDice } from '../../case-dice.js';
import type { StudyEvidence } from '../../evidence.js';
import { formatMetric } from '../format-figure.js';
import type { StudyReport } from '../report.js';
import { CHOICE_RULE, chosenCases, type ChosenCase } from './case-scores.js';

/** Returns the bytes of a picture by its path in the study's folder; undefined if it does not exist. */
export type ReadOverlay = (path: string) => Uint8Array | undefined;

function picture(bytes: Uint8Array, alternative: string): Markup {
  const source = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
  return markup`<img src="${source}" alt="${alternative}">`;
}

/** One network's picture of a case, or the reason why there is none. */
function overlayOf(variant: string, { id, rule }: ChosenCase, evidence: StudyEvidence, read: ReadOverlay): Markup {
  const [seed] = evidence.record.seeds;
  const runs = evidence.runs.filter((run) => run.variant === variant && run.seed === seed);
  const path = runs.flatMap(({ overlays }) => (Object.hasOwn(overlays, id) ? [overlays[id]!] : []))[0];
  const bytes = path === undefined ? undefined : read(path);
  const dice = formatMetric('dice', caseDice(runs).get(id));
  const alternative = `Slices of case ${id} (${rule}): the image, the truth as outlines and the prediction of ${variant} as filled areas; Dice ${dice}.`;
  const content: Content = bytes ? picture(bytes, alternative) : markup`<p class="absent">no picture</p>`;
  return markup`<figure>${content}<figcaption><strong>${variant}</strong><br>${id}, ${rule} case, seed ${String(seed)}: Dice ${dice}</figcaption></figure>\n`;
}

/** Pictures of the chosen cases by every network; empty if the base has no scores for the first seed. */
export function overlays({ rows, study }: StudyReport, evidence: StudyEvidence, read: ReadOverlay): Markup | undefined {
  const cases = chosenCases(evidence);
  if (cases.length === 0) return undefined;
  const groups = cases.map(
    (
      chosen,
    ) => markup`<h3>The ${chosen.rule} case: ${chosen.id} <small>Dice ${formatMetric('dice', chosen.dice)} by ${study.base}</small></h3>
<div class="overlays" role="region" aria-label="Pictures of ${chosen.id}" tabindex="0">${rows.map(({ variant }) => overlayOf(variant, chosen, evidence, read))}</div>\n`,
  );
  return markup`<p>Chosen by a fixed rule: ${CHOICE_RULE}.</p>\n${groups}`;
}
