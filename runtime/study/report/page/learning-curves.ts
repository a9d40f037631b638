import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { markup, type Markup } from '../../../../text/markup.js';
import type { MetricsLine } from '../../../training/events.js';
import type { StudyEvidence } from '../../evidence.js';
import type { StudyReport } from '../report.js';
import { counted } from '../../../../text/count.js';
import { horizontalAxis, verticalAxis } from './axis.js';
import { figure } from '../../../../text/page/page.js';
import { downloads } from '../../../../text/page/embedded-file.js';
import { chart, chartLink, nameHeight, nameLines, nameText, PAGE } from './chart.js';
import type { Drawing } from './standalone-chart.js';
import { meanCurve, type BandPoint } from './mean-curve.js';

interface Panel {
  readonly name: string;
  readonly kind: string;
  readonly runs: number;
  readonly band: readonly BandPoint[];
}

interface Quantity {
  readonly title: string;
  /** Name of the file that its panels are saved in. */
  readonly name: string;
  /** A sentence for the caption. */
  readonly remark?: string;
  readonly of: (line: MetricsLine) => number | null | undefined;
  /** Whether the scale begins at zero. */
  readonly fromZero: boolean;
}

/**
 * A study that selects nothing has no validation cases; its runs score their test cases during training and store the
 * scores under the same name.
 */
function quantitiesOf({ protocol }: StudyEvidence): readonly Quantity[] {
  const selects = protocol.protocol.select.kind === 'best';
  return [
    { title: 'Training loss', name: 'training-loss', of: ({ loss }) => loss, fromZero: false },
    {
      name: 'dice-during-training',
      title: selects ? 'Validation Dice' : 'Dice of the test cases during training',
      remark: ` Mean over the cases of a fold for each class, then over classes.${selects ? '' : ' Monitored only; it is not used to select anything.'}`,
      of: ({ validation }) => validation?.mean,
      fromZero: true,
    },
  ];
}

/** Width of a digit of a tick's label. */
const DIGIT = 6.5;

const WIDTHS = { narrow: 164, wide: 320 };

function panelsOf({ rows }: StudyReport, { runs }: StudyEvidence, { of }: Quantity): Panel[] {
  const panels = rows.map(({ variant, kind }) => {
    const curves = runs
      .filter((run) => run.variant === variant)
      .map(({ curve }) =>
        curve.flatMap((each) => {
          const value = of(each);
          return value === null || value === undefined ? [] : [[each.step, value] as const];
        }),
      )
      .filter((curve) => curve.length > 0);
    return { name: variant, kind, runs: curves.length, band: meanCurve(curves) };
  });
  return panels.filter(({ band }) => band.length > 0);
}

interface Scales {
  readonly steps: readonly [number, number];
  readonly values: readonly [number, number];
}

function scalesOf(panels: readonly Panel[], fromZero: boolean): Scales {
  const points = panels.flatMap(({ band }) => band);
  const low = Math.min(...points.map((point) => point.low));
  return {
    steps: [0, Math.max(...points.map(({ step }) => step))],
    values: [fromZero ? Math.min(0, low) : low, Math.max(...points.map((point) => point.high))],
  };
}

function draw(panel: Panel, base: Panel | undefined, { steps, values }: Scales, width: number): Drawing {
  const narrow = width === WIDTHS.narrow;
  const height = narrow ? 130 : 190;
  const [top, bottom] = [8, height - 24];
  const y = scaleLinear(values, [bottom, top]).nice(5);
  const ticks = { scale: y, ticks: y.ticks(5), format: y.tickFormat(5) };
  const longest = Math.max(...ticks.ticks.map((tick) => ticks.format(tick).length));
  const room = { left: Math.max(32, 8 + DIGIT * longest), right: width - 12, top, bottom };
  const x = scaleLinear(steps, [room.left, room.right]).nice(narrow ? 3 : 5);
  const middle = line<BandPoint>(
    ({ step }) => x(step),
    ({ mean }) => y(mean),
  ).digits(1);
  const band = area<BandPoint>(
    ({ step }) => x(step),
    ({ low }) => y(low),
    ({ high }) => y(high),
  ).digits(1);
  const across = {
    scale: x,
    ticks: x.ticks(narrow ? 3 : 5),
    format: (value: number) => value.toLocaleString('en-US'),
  };
  return {
    height,
    body: markup`${verticalAxis(ticks, room)}${horizontalAxis(across, { ...room, top: room.bottom })}<path class="band ${panel.kind}" d="${band(panel.band)}"/>${base && markup`<path class="reference" d="${middle(base.band)}"/>`}<path class="curve ${panel.kind}" d="${middle(panel.band)}"/>`,
  };
}

/** A panel with what it is drawn with: the base's mean for reference, and the scales of all panels. */
interface PanelContext {
  readonly base: Panel | undefined;
  readonly scales: Scales;
}

function drawIn({ base, scales }: PanelContext, panel: Panel, width: number): Drawing {
  return draw(panel, panel === base ? undefined : base, scales, width);
}

function panelFigure(panel: Panel, context: PanelContext, title: string): Markup {
  const last = panel.band.at(-1)!;
  const label = `${title} of ${panel.name} by step: mean ${last.mean.toFixed(3)} at step ${last.step}, from ${last.low.toFixed(3)} to ${last.high.toFixed(3)}.`;
  return markup`<div class="panel"><h4>${panel.name}</h4>${chart(label, (width) => drawIn(context, panel, width), WIDTHS)}<p>${counted(panel.runs, 'run')}</p></div>`;
}

/** All panels as one drawing, each below its name. */
function drawSheet(panels: readonly Panel[], context: PanelContext): Drawing {
  const across = Math.floor(PAGE.wide / WIDTHS.wide);
  const names = panels.map(({ name }) => nameLines(name, WIDTHS.wide - 12));
  const head = Math.max(...names.map(nameHeight)) + 8;
  const drawings = panels.map((panel) => drawIn(context, panel, WIDTHS.wide));
  const step = head + 16 + Math.max(...drawings.map(({ height }) => height));
  const body = drawings.map((drawing, index) => {
    const [x, y] = [(index % across) * WIDTHS.wide, Math.floor(index / across) * step];
    return markup`<g transform="translate(${x} ${y})">${nameText(names[index]!, 0, nameHeight(names[index]!) - 3)}<g transform="translate(0 ${head})">${drawing.body}</g></g>`;
  });
  return { height: Math.ceil(panels.length / across) * step, body };
}

/**
 * Training loss and Dice of the cases scored during training, by step, with one panel per row; empty if no run has
 * finished.
 */
export function learningCurves(report: StudyReport, evidence: StudyEvidence): Markup | undefined {
  const { base } = report.study;
  const figures = quantitiesOf(evidence).flatMap((quantity) => {
    const panels = panelsOf(report, evidence, quantity);
    if (panels.length === 0) return [];
    const { title, name, remark, fromZero } = quantity;
    const context = { base: panels.find((panel) => panel.name === base), scales: scalesOf(panels, fromZero) };
    const grid = markup`<div class="panels">${panels.map((panel) => panelFigure(panel, context, title))}</div>`;
    const caption = markup`${title} by training step: mean over the runs of a row; the band spans their minimum and maximum. Dashed: mean of ${base}. Values between the measurements of a run are interpolated linearly.${remark}`;
    const link = chartLink(name, drawSheet(panels, context), PAGE.wide);
    return [markup`<h3>${title}</h3>${figure(grid, caption)}${downloads([link])}`];
  });
  return figures.length === 0 ? undefined : markup`${figures}`;
}
