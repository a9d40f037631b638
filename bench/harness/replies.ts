/** What sides answer to the commands of the line protocol; `bench/peer/main.py` and `bench/ours/main.ts` describe them. */
import { z } from 'zod';

/** The first line that a side prints: its backend. */
export const helloReply = z.object({ name: z.string() });
export const threadsReply = z.object({ threads: z.number() });
export const buildReply = z.object({ parameters: z.number() });
/** Of our side also what runs the kernels, in words, and which engine was chosen. */
export const oursBuildReply = buildReply.extend({ engine: z.string(), engineName: z.string() });
export const batchReply = z.object({});
/** Of each step: its seconds, and the loss before it. */
export const stepReply = z.object({ seconds: z.array(z.number()), losses: z.array(z.number()) });
export const predictReply = z.object({ seconds: z.number(), windows: z.number() });
/** Of our side: resident memory now, in bytes, and how many tensors tfjs holds. */
export const memoryReply = z.object({ resident: z.number(), tensors: z.number() });
export const rssReply = z.object({ bytes: z.number().nullable() });
/** What our side adds to those two. */
export const oursStepReply = stepReply.extend({ processorSeconds: z.array(z.number()) });
export const oursPredictReply = predictReply.extend({ processorSeconds: z.number() });
