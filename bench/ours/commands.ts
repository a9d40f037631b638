import { z } from 'zod';

const count = z.int().positive();

/** What our side can be asked; see `bench/peer/main.py` for what they mean. */
export const commandSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('threads'), count }),
  z.strictObject({
    do: z.literal('build'),
    engine: z.string(),
    /** File of the generated JavaScript. */
    module: z.string(),
    /** Written: the first weights as safetensors, under `names`. */
    weights: z.string(),
    /** From our ids to the names in that file. */
    names: z.record(z.string(), z.string()),
  }),
  z.strictObject({ do: z.literal('batch'), file: z.string() }),
  z.strictObject({ do: z.literal('step'), count }),
  z.strictObject({
    do: z.literal('predict'),
    volume: z.string(),
    shape: z.array(count),
    patch: count,
    overlap: z.number(),
    out: z.string().optional(),
  }),
  z.strictObject({ do: z.literal('rss') }),
  z.strictObject({ do: z.literal('memory') }),
]);

export type Command = z.infer<typeof commandSchema>;
export type CommandOf<Name extends Command['do']> = Extract<Command, { do: Name }>;
