/** Prepares the first case of a data set in a process of its own: `node --import tsx prepare-case.ts DATA CACHE`. */
import { openPrepared } from '../../../runtime/data/cache.js';
import { openDataset } from '../../../runtime/data/dataset.js';

const [data = '', cache = ''] = process.argv.slice(2);
const dataset = await openDataset(data);
process.stdout.write('.');
await openPrepared(cache, dataset, dataset.cases[0]!);
