import type { OpCase } from '../op-case.js';
import { axes } from './axes.js';
import { convolutions } from './convolutions.js';
import { elementwise } from './elementwise.js';
import { training } from './training.js';
import { windows } from './windows.js';

/** Cases for every operation of the language, and for what a training step adds to them. */
export const OP_CASES: readonly OpCase[] = [...convolutions, ...windows, ...elementwise, ...axes, ...training];
