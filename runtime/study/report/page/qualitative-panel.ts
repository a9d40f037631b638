import { breakable, markup, type Content, type Markup } from '../../../../text/markup.js';
import { downloadLink, downloads, enlargeable } from '../../../../text/page/embedded-file.js';
import { parseSlice, type CaseSlice } from '../../../pictures/case-slice.js';
import { SLICE_RULE } from '../../../pictures/choose-slice.js';
import { drawSlice, sliceColours, type Layer } from '../../../pictures/slice-picture.js';
import { caseDice } from '../../case-dice.js';
import type { RunEvidence, StudyEvidence } from '../../evidence.js';
import { formatMetric } from '../format-figure.js';
import type { StudyReport } from '../report.js';
import { CHOICE_RULE, chosenCases, type ChosenCase } from './case-scores.js';
import { fileLink } from './evidence-links.js';
import { drawPanelSheet, type PanelCell, type PanelRow } from './panel-sheet.js';

/** Returns the bytes of a file by its path in the study's folder; undefined if it does not exist. */
export type ReadFile = (path: string) => Uint8Array | undefined;

/** A network's slice of a case, with its Dice. */
interface Predicted {
  readonly variant: string;
  readonly slice: CaseSlice | undefined;
  readonly dice: string;
  /** The run's picture of the whole case, relative to the study's folder. */
  readonly overlay: string | undefined;
}

function ownFile(files: Readonly<Record<string, string>>, id: string): string | undefined {
  return Object.hasOwn(files, id) ? files[id] : undefined;
}

function predictedBy(variant: string, id: string, runs: readonly RunEvidence[], read: ReadFile): Predicted {
  const own = runs.filter((run) => run.variant === variant);
  const find = (files: (run: RunEvidence) => Readonly<Record<string, string>>): string | undefined =>
    own.map((run) => ownFile(files(run), id)).find((path) => path !== undefined);
  const path = find(({ slices }) => slices);
  const bytes = path === undefined ? undefined : read(path);
  const dice = formatMetric('dice', caseDice(own).get(id));
  return { variant, slice: bytes && parseSlice(bytes), dice, overlay: find(({ overlays }) => overlays) };
}

/** `axial slice 75 (of 0 to 154), channel FLAIR` */
function placeText({ plane, slice, slices, channel }: CaseSlice): string {
  return `${plane} slice ${slice} (of 0 to ${slices - 1}), channel ${channel}`;
}

function cellOf(slice: CaseSlice | undefined, layer: Layer, description: string, note: string): PanelCell {
  return { picture: slice && drawSlice(slice, layer), description, note };
}

/** A case as a row of the panel: the image, the truth once, and what each network predicts. */
function rowOf({ rule, id }: ChosenCase, predicted: readonly Predicted[]): PanelRow {
  const shared = predicted.find(({ slice }) => slice !== undefined)?.slice;
  const place = shared === undefined ? 'no slices' : placeText(shared);
  const [left, right, top, bottom] = shared?.edges ?? ['', '', '', ''];
  return {
    title: `${id}, ${rule} case`,
    place: shared === undefined ? place : `${place}; left ${left}, right ${right}, top ${top}, bottom ${bottom}`,
    cells: [
      cellOf(shared, 'none', `${id} (${rule} case): the image, ${place}.`, ''),
      cellOf(shared, 'truth', `${id} (${rule} case): the ground truth over the image, ${place}.`, ''),
      ...predicted.map(({ variant, slice, dice }) =>
        cellOf(
          slice,
          'prediction',
          `${id} (${rule} case): the prediction of ${variant}, ${place}; Dice ${dice}.`,
          `Dice ${dice}`,
        ),
      ),
    ],
  };
}

function cellMarkup({ picture, description, note }: PanelCell, overlay: string | undefined): Markup {
  const content: Content = picture
    ? enlargeable({
        source: { type: 'image/png', content: picture.png },
        description,
        width: picture.width,
        height: picture.height,
        enlarged: 'window',
      })
    : markup`<p class="absent">no picture</p>`;
  const link = overlay !== undefined && markup` <a href="${fileLink(overlay)}">3 planes</a>`;
  return markup`<div>${content}<p>${note}${link}</p></div>`;
}

/**
 * The pictures of the chosen cases as one panel: a row for each case; the image, the truth and every network in columns.
 * Empty if the base has no scores for the first seed.
 */
export function qualitativePanel({ rows }: StudyReport, evidence: StudyEvidence, read: ReadFile): Markup | undefined {
  const cases = chosenCases(evidence);
  if (cases.length === 0) return undefined;
  const [seed] = evidence.record.seeds;
  const runs = evidence.runs.filter((run) => run.seed === seed);
  const predicted = cases.map(({ id }) => rows.map(({ variant }) => predictedBy(variant, id, runs, read)));
  const panel = cases.map((chosen, index) => rowOf(chosen, predicted[index]!));
  const heads = ['image', 'ground truth', ...rows.map(({ variant }) => variant)];
  const lines = panel.map(
    ({ title, place, cells }, row) =>
      markup`<div class="chosen"><strong>${title}</strong> <small>${place}</small></div>${cells.map((cell, column) => cellMarkup(cell, predicted[row]![column - 2]?.overlay))}\n`,
  );
  const known = predicted.flat().find(({ slice }) => slice !== undefined)?.slice;
  const colours = known === undefined ? [] : sliceColours(known);
  const swatches = colours.map(
    ({ name, colour }) =>
      markup`<li><span class="swatch" style="background: rgb(${colour.join(', ')})"></span>${name}</li>`,
  );
  const sheet = drawPanelSheet(heads, panel, colours);
  const file = { name: 'pictures.svg', type: 'image/svg+xml', content: sheet } as const;
  return markup`<figure><div class="scroll" role="region" aria-label="Pictures of cases" tabindex="0"><div class="pictures" style="--columns: ${heads.length}">${heads.map((head) => markup`<h4>${breakable(head)}</h4>`)}
${lines}</div></div><ul class="key">${swatches}</ul>
<figcaption>Cases: ${CHOICE_RULE}. Slices: ${SLICE_RULE}. Predictions are those of seed ${String(seed)}; Dice is that of the whole case. Click a picture to enlarge it.</figcaption></figure>
${downloads([downloadLink(file, 'SVG')])}`;
}
