import type { BuildOptions } from 'esbuild';

export const options: BuildOptions & { readonly outfile: string };
