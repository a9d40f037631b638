import type { Engine } from '../runtime/engine/engines.js';
import { onNotice } from '../runtime/engine/notices.js';
import type { Run } from '../runtime/run/run-folder.js';
import type { TrainingEvent, ValidationScore } from '../runtime/training/events.js';
import { cautionText } from './cautions.js';
import { duration, progressBar } from './progress.js';
import { barText, canRedraw, statusLine } from './status-line.js';
import { isQuiet, note, tell } from './terminal.js';

/**
 * Shows a training while it runs: a progress bar on a terminal, one line per epoch in a log. Everything goes to
 * standard error.
 */
export interface TrainingDisplay {
  show(event: TrainingEvent): void;
  /** Prints a line. */
  say(line: string): void;
  stop(): void;
}

/** Seconds between two lines about steps in a log. */
const logSeconds = 15;

export function trainingDisplay(run: Run, engine: Engine): TrainingDisplay {
  const { watchesTest = false } = run;
  const { model, patch, fold, seed } = run.info;
  const watched =
    run.protocol.validate.every === null ? '' : ' (monitored during training, but not used to select anything)';
  const use = watchesTest ? `for testing${watched}` : 'for validation';
  const cases = `${run.split.train.length} cases for training, ${run.split.validation.length} ${use}`;
  const where = fold === null ? '' : `, fold ${fold}`;
  say(`${model} at ${(patch ?? []).join(' × ')} on ${engine.description}: ${cases}${where}, seed ${seed}.`);
  const milestone = (event: TrainingEvent): string | undefined => milestoneText(event, watchesTest);
  const display = canRedraw(process.stderr) && !isQuiet() ? onTerminal(milestone) : inLog(milestone);
  onNotice((text) => display.say(text));
  return display;
}

function say(line: string): void {
  note(`${line}\n`);
}

function warn(line: string): void {
  tell(`${line}\n`);
}

function scoreText({ dice, mean }: ValidationScore): string {
  const number = (value: number | null): string => (value === null ? 'undecided' : value.toFixed(4));
  const classes = Object.entries(dice).map(([name, value]) => `${name} ${number(value)}`);
  return `mean Dice ${number(mean)} (${classes.join(', ')})`;
}

/** Lines that both displays print. */
function milestoneText(event: TrainingEvent, watchesTest: boolean): string | undefined {
  if (event.kind === 'validating')
    return `epoch ${event.epoch}, step ${event.step}: ${watchesTest ? 'scoring the test cases' : 'validating'} on whole volumes`;
  if (event.kind === 'validation')
    return `epoch ${event.epoch}, step ${event.step}: ${watchesTest ? 'test cases' : 'validation'} ${scoreText(event.score)}${event.best ? ', best so far' : ''}`;
  if (event.kind === 'caution') return cautionText(event.caution).trimEnd();
  if (event.kind === 'no checkpoint') return 'The run has no checkpoint yet and starts from the first step.';
  if (event.kind === 'done' && event.status === 'interrupted')
    return `stopped after step ${event.step}; use --resume to continue`;
  return undefined;
}

type Milestone = (event: TrainingEvent) => string | undefined;

function onTerminal(milestone: Milestone): TrainingDisplay {
  const status = statusLine();
  return {
    show: (event) => {
      const { kind } = event;
      if (kind === 'preparing') {
        const { done, total, id } = event;
        return status.show(`preparing cases ${barText(done, total)} ${done}/${total}  ${id}`);
      }
      if (kind !== 'step') {
        const line = milestone(event);
        if (line !== undefined) status.print(line);
        return;
      }
      const { step, total, loss, secondsLeft, memory } = event;
      const left = secondsLeft === undefined ? '?' : duration(secondsLeft * 1000);
      status.show(
        `training ${barText(step, total)} ${step}/${total}  loss ${loss.toFixed(4)}  ${left} left  ${memory} MiB`,
      );
    },
    say: (line) => status.print(line),
    stop: () => status.stop(),
  };
}

function inLog(milestone: Milestone): TrainingDisplay {
  const preparing = progressBar('preparing cases');
  let last = 0;
  return {
    show: (event) => {
      const line = milestone(event);
      if (line !== undefined)
        return event.kind === 'validating' || event.kind === 'validation' ? say(line) : warn(line);
      const now = Date.now();
      if (event.kind === 'preparing') return preparing.update(event.done, event.total, event.id);
      if (event.kind !== 'step') return;
      if (event.step < event.total && now - last < logSeconds * 1000) return;
      last = now;
      const left = event.secondsLeft === undefined ? '' : `, ${duration(event.secondsLeft * 1000)} left`;
      say(
        `step ${event.step}/${event.total}, epoch ${event.epoch}/${event.epochs}: loss ${event.loss.toFixed(4)}, ${event.seconds.toFixed(2)} s per step${left}, ${event.memory} MiB`,
      );
    },
    say: warn,
    stop: () => undefined,
  };
}
