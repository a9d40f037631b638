import { markup, type Content, type Markup } from '../../../../text/markup.js';
import { counted } from '../../../../text/count.js';
import { definitionList } from '../../../../text/page/page.js';
import type { ReportEnvironment, StudyReport } from '../report.js';

/** `2026-11-30 20:25 UTC` */
function timeText(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

function machineText({ processor, cores, memory, system, jobs }: ReportEnvironment['machines'][number]): string {
  return `${processor}, ${counted(cores, 'core')}, ${(memory / 1024).toFixed(1)} GiB of memory, ${system} (${counted(jobs, 'job')})`;
}

/** When, where and with what the jobs ran, as recorded by each of them; empty before one has finished. */
export function environmentList({ environment, protocol }: StudyReport): Markup | undefined {
  const { finished, machines, versions } = environment;
  if (finished === null) return undefined;
  const [first, last] = finished.map(timeText);
  const all = Object.entries(versions).map(([name, own]) => `${name} ${own.join(' and ')}`);
  const lines = machines.map((machine) => markup`<div>${machineText(machine)}</div>`);
  const entries: (readonly [string, Content])[] = [
    ['date', first === last ? `jobs finished at ${first}` : `jobs finished from ${first} to ${last}`],
    ['versions', all.join(', ')],
    ['engine', protocol.engine.name],
    [machines.length === 1 ? 'machine' : 'machines', lines],
  ];
  return markup`<h3>When, where and with what</h3>\n${definitionList(entries)}`;
}

/** The same in one line: `30 November 2026, unet-lang 0.1.0`. */
export function environmentLine({ environment: { finished, versions } }: StudyReport): string {
  if (finished === null) return '';
  const date = new Date(finished[1]).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  const own = versions['unet-lang'];
  return own === undefined ? date : `${date}, unet-lang ${own.join(' and ')}`;
}
